"""History: the logs of all epochs, which `fit` returns."""

from kerasish import registry
from kerasish.callbacks.callback import Callback, restore


@registry.register("callbacks")
class History(Callback):
    """Keeps the logs of every epoch.

    Attributes:
        history: dict from metric name to list of values, one for each epoch that logged it.
        epoch: list of the numbers of the epochs of the last `fit`.

    Example:
        >>> history = History()
        >>> history.on_epoch_end(0, {"loss": 0.5})
        >>> history.history
        {'loss': [0.5]}

    Source: Keras 3 names and defaults.
    """

    role = "record"

    def __init__(self):
        super().__init__()
        self.history, self.epoch = {}, []

    def on_train_begin(self, logs=None):
        """Start the list of epochs again; the metrics of an earlier `fit` are kept."""
        self.epoch = []

    def on_epoch_end(self, epoch, logs=None):
        """Append the logs."""
        self.epoch.append(epoch)
        for key, value in (logs or {}).items():
            self.history.setdefault(key, []).append(value)

    def get_state(self):
        """Epochs and metrics so far."""
        history = {key: list(values) for key, values in self.history.items()}
        return {"epoch": list(self.epoch), "history": history}

    def set_state(self, state):
        """Continue from `get_state()`."""
        restore(self, state, "epoch", "history")
        self.epoch = list(self.epoch)
        self.history = {key: list(values) for key, values in self.history.items()}
