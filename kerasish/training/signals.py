"""Signals during `fit`: the first ends training after the current step, a second one at once."""

import signal
import threading

_WATCHED = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM") if hasattr(signal, name))


class StopSignals:
    """Context that notes SIGINT and SIGTERM instead of letting them interrupt a step.

    When one has come, the handlers from before are in charge again, so that another signal acts
    at once; `deliver` hands the first one on to them. In threads other than the main one, where
    Python allows no handlers, and for ignored signals nothing changes.

    Args:
        on_signal: callable of no arguments, called when the first signal comes.

    Attributes:
        received: int, number of the signal, or None.

    Example:
        >>> with StopSignals(lambda: print("stopping")) as signals:
        ...     signal.raise_signal(signal.SIGTERM)
        stopping
        >>> signals.received == signal.SIGTERM
        True
    """

    def __init__(self, on_signal):
        self._on_signal = on_signal
        self._handlers = {}
        self.received = None

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            for number in _WATCHED:
                before = signal.getsignal(number)
                if before is not None and before != signal.SIG_IGN:  # None: set outside of Python
                    self._handlers[number] = before
                    signal.signal(number, self._note)
        return self

    def __exit__(self, *exc_info):
        self._give_back()

    def _note(self, number, frame):
        self._give_back()
        self.received = number
        self._on_signal()

    def _give_back(self):
        while self._handlers:
            signal.signal(*self._handlers.popitem())

    def deliver(self):
        """Let the handlers from before act: by default KeyboardInterrupt, or the process ends."""
        if self.received is not None:
            signal.raise_signal(self.received)
