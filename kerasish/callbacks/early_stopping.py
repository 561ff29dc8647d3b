"""EarlyStopping: ends training when a metric no longer gets better."""

import numpy

from kerasish import registry
from kerasish.callbacks.callback import restore
from kerasish.callbacks.monitor import MonitorCallback
from kerasish.callbacks.progress_bar import announce


@registry.register("callbacks")
class EarlyStopping(MonitorCallback):
    """Stop after `patience` epochs in a row without an improvement.

    With `restore_best_weights` the model has the weights of its best epoch after training,
    whichever way training ended.

    Args:
        monitor: str. Name of the metric.
        min_delta: float. Smaller changes are no improvement.
        patience: int. Epochs to wait.
        verbose: 0 or 1 (print what is done).
        mode: "min", "max" or "auto".
        baseline: float or None. Improvements that do not beat it do not restart the waiting.
        restore_best_weights: bool.
        start_from_epoch: int. Epochs before it are not looked at.

    Raises:
        ValueError: an unknown mode; at the first epoch's end, a metric that is not logged.

    Example:
        >>> EarlyStopping("val_accuracy", patience=3, restore_best_weights=True).patience
        3

    Source: Keras 3 names and defaults.
    """

    role = "control"

    def __init__(self, monitor="val_loss", min_delta=0, patience=0, verbose=0, mode="auto",
                 baseline=None, restore_best_weights=False, start_from_epoch=0):  # fmt: skip
        super().__init__(monitor, mode, min_delta=min_delta)
        self.patience, self.verbose, self.baseline = patience, verbose, baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._reset()

    def _reset(self):
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best = self.best_weights = None
        self._was_logged = False

    def on_train_begin(self, logs=None):
        """Forget an earlier `fit`."""
        self._reset()

    def on_epoch_end(self, epoch, logs=None):
        """Compare the metric with its best value."""
        value = self.monitored(epoch, logs or {})
        if value is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self._keep_weights(epoch)
        self.wait += 1
        if self.is_improvement(value, self.best):
            self.best, self.best_epoch = value, epoch
            if self.restore_best_weights:
                self._keep_weights(epoch)
            if self.baseline is None or self.is_improvement(value, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def _keep_weights(self, epoch):
        self.best_weights, self.best_epoch = self.model.get_weights(), epoch

    def on_train_end(self, logs=None):
        """Give the model its best weights back."""
        if self.stopped_epoch > 0 and self.verbose > 0:
            announce(f"Epoch {self.stopped_epoch + 1}: no better {self.monitor}, training stops")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose > 0:
                announce(f"The model gets the weights of epoch {self.best_epoch + 1} back")
            self.model.set_weights(self.best_weights)

    def get_state(self):
        """Best value, its epoch and weights, and how long it has been waited."""
        weights = self.best_weights
        return {
            "best": self.best,
            "best_epoch": self.best_epoch,
            "best_weights": None if weights is None else [numpy.array(w) for w in weights],
            "stopped_epoch": self.stopped_epoch,
            "wait": self.wait,
            "_was_logged": self._was_logged,
        }

    def set_state(self, state):
        """Continue from `get_state()`."""
        restore(self, state, "best", "best_epoch", "best_weights", "stopped_epoch", "wait",
                "_was_logged")  # fmt: skip
