"""SwapEMAWeights: evaluates and saves with the optimizer's moving averages of the weights."""

from kerasish import registry
from kerasish.callbacks.callback import Callback, restore
from kerasish.errors import explain


@registry.register("callbacks")
class SwapEMAWeights(Callback):
    """Exchange weights and their moving averages, during `evaluate` and `predict`.

    With `swap_on_epoch` also from the end of an epoch to the start of the next one, so that what
    ModelCheckpoint saves then are the averages.

    Args:
        swap_on_epoch: bool.

    Raises:
        ValueError: at the first exchange, the optimizer has not been made with `use_ema=True`.

    Example:
        >>> SwapEMAWeights(swap_on_epoch=True).swap_on_epoch
        True

    Source: Keras 3 names and defaults.
    """

    role = "weights"

    def __init__(self, swap_on_epoch=False):
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._kept = None  # the weights themselves, while the model holds the averages

    def _pairs(self):
        """All (variable, average), of the optimizers inside wrappers, too."""
        optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
        parts = getattr(optimizer, "optimizers", [optimizer])
        if not any(part.use_ema for part in parts):
            raise ValueError(
                explain(
                    "SwapEMAWeights",
                    "the optimizer keeps no moving averages",
                    received=optimizer,
                    fix="make it with use_ema=True",
                )
            )
        return [pair for part in parts for pair in part.averaged_pairs()]

    def _show_averages(self):
        if self._kept is None:
            pairs = self._pairs()
            self._kept = [variable.numpy() for variable, _ in pairs]
            for variable, average in pairs:
                variable.assign(average)

    def _put_back(self):
        if self._kept is not None:
            for (variable, _), value in zip(self._pairs(), self._kept, strict=True):
                variable.assign(value)
            self._kept = None

    def on_train_begin(self, logs=None):
        """Forget an earlier `fit`, which has left the averages in the model."""
        self._kept = None

    def on_epoch_begin(self, epoch, logs=None):
        """Train on the weights."""
        self._put_back()

    def on_epoch_end(self, epoch, logs=None):
        """Show the averages to the callbacks that follow."""
        if self.swap_on_epoch:
            self._show_averages()

    def on_test_begin(self, logs=None):
        """Evaluate the averages."""
        self._show_averages()

    def on_test_end(self, logs=None):
        """Put the weights back."""
        self._put_back()

    def on_predict_begin(self, logs=None):
        """Predict with the averages."""
        self._show_averages()

    def on_predict_end(self, logs=None):
        """Put the weights back."""
        self._put_back()

    def get_state(self):
        """The weights themselves, while the model holds the averages."""
        return {"_kept": self._kept}

    def set_state(self, state):
        """Continue from `get_state()`."""
        restore(self, state, "_kept")
