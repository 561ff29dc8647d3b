"""ProgbarLogger: shows the progress of `fit`, `evaluate` and `predict`."""

from kerasish import registry
from kerasish.callbacks.callback import Callback
from kerasish.callbacks.progress_bar import ProgressBar, is_interactive


@registry.register("callbacks")
class ProgbarLogger(Callback):
    """Progress on standard output, by `verbose` of `fit`, `evaluate` or `predict`.

    1 draws a bar an epoch, with the metrics so far, at most ten times a second; 2 prints a line an
    epoch; "auto" is 1 on a terminal or in a notebook, else 2. Where lines cannot be redrawn, 1
    prints a line, too.

    Example:
        >>> logger = ProgbarLogger()
        >>> logger.set_params({"verbose": 2, "epochs": 2, "steps": 10})
        >>> logger.verbose
        2

    Source: Keras 3 names and defaults.
    """

    role = "display"
    reads_batch_logs = False  # it asks for them itself, when it is time to draw

    def __init__(self):
        super().__init__()
        self.verbose, self.epochs, self.target, self.seen = 1, 1, None, 0
        self._bar, self._is_fitting = None, False

    def set_params(self, params):
        """Take verbosity and number of steps."""
        super().set_params(params)
        verbose = params.get("verbose", "auto")
        self.verbose = (1 if is_interactive() else 2) if verbose == "auto" else int(verbose)
        self.epochs, self.target = params.get("epochs") or 1, params.get("steps")

    def only_counts_batches(self, phase):
        """Where no bar is drawn, the number of batches is all that matters."""
        is_idle = self._is_fitting and phase == "test"
        draws = self.verbose == 1 and is_interactive() and not is_idle
        return type(self) is ProgbarLogger and not draws

    def _open(self, label=""):
        self._close()
        self.seen = 0
        self._bar = ProgressBar(self.target, label, self.verbose)

    def _advance(self, batch, logs):
        self.seen = batch + 1
        if self._bar is not None:
            self._bar.advance(self.seen, logs)

    def _finish(self, logs):
        if self._bar is not None:
            self._bar.finish(self.seen, logs)
            self._bar = None
        if self.target is None:
            self.target = self.seen

    def _close(self):
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def on_train_begin(self, logs=None):
        """From here on validation is silent."""
        self._is_fitting = True

    def on_train_end(self, logs=None):
        """Leave a bar that an error has interrupted."""
        self._is_fitting = False
        self._close()

    def on_epoch_begin(self, epoch, logs=None):
        """Open the bar of an epoch."""
        self._open(f"Epoch {epoch + 1}/{self.epochs}" if self.epochs > 1 else "")

    def on_train_batch_end(self, batch, logs=None):
        """Advance."""
        self._advance(batch, logs)

    def on_epoch_end(self, epoch, logs=None):
        """Close the bar of an epoch."""
        self._finish(logs)

    def on_test_begin(self, logs=None):
        """Open the bar of `evaluate`."""
        if not self._is_fitting:
            self._open()

    def on_test_batch_end(self, batch, logs=None):
        """Advance."""
        if not self._is_fitting:
            self._advance(batch, logs)

    def on_test_end(self, logs=None):
        """Close the bar of `evaluate`."""
        if not self._is_fitting:
            self._finish(logs)

    def on_predict_begin(self, logs=None):
        """Open the bar of `predict`."""
        self._open()

    def on_predict_batch_end(self, batch, logs=None):
        """Advance."""
        self._advance(batch, None)

    def on_predict_end(self, logs=None):
        """Close the bar of `predict`."""
        self._finish(None)
