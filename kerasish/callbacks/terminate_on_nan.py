"""TerminateOnNaN: ends training at the first loss that is not finite."""

import math

from kerasish import registry
from kerasish.callbacks.callback import Callback
from kerasish.callbacks.progress_bar import announce
from kerasish.errors import explain


@registry.register("callbacks")
class TerminateOnNaN(Callback):
    """Stop when the loss of a batch is NaN or infinite.

    It reads the loss of every batch, which on a GPU means to wait for every batch.

    Args:
        raise_error: bool. Raise instead of ending `fit` in an orderly way.

    Raises:
        RuntimeError: with `raise_error`, at such a loss.

    Example:
        >>> TerminateOnNaN(raise_error=True).on_batch_end(3, {"loss": float("nan")})
        Traceback (most recent call last):
            ...
        RuntimeError: TerminateOnNaN: the loss of batch 3 is not finite. Received: nan (float).

    Source: Keras 3 names and defaults.
    """

    role = "guard"

    def __init__(self, raise_error=False):
        super().__init__()
        self.raise_error = raise_error

    def on_batch_end(self, batch, logs=None):
        """Look at the loss."""
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            problem = f"the loss of batch {batch} is not finite"
            raise RuntimeError(explain("TerminateOnNaN", problem, received=float(loss)))
        announce(f"Batch {batch}: the loss is {loss}, training stops")
        self.model.stop_training = True
