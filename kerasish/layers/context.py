"""What a running layer call knows of the calls around it: training phase and root layer."""

import threading


class CallContext(threading.local):
    """State of this thread's current call.

    Attributes:
        root: the outermost layer being called, or None.
        training: bool or None, as given to an enclosing call.
    """

    root = None
    training = None


context = CallContext()
