"""Callback: the moments of training at which user code can run, all of them doing nothing."""

from kerasish.errors import explain

# The order in which callbacks run at every moment, whatever their places in the list; those of one
# role keep the order of the list. Whoever stops, changes weights or adds to the logs comes before
# those who judge by the logs, these before those who write them down; saving comes when the state
# of the others is that of the finished epoch, and last of all who keeps the state of everybody.
ROLES = ("guard", "schedule", "weights", "custom", "control", "record", "display", "save", "backup")


class Callback:
    """Base of all callbacks; override the hooks that you need.

    `epoch` and `batch` count from 0; `logs` is a dict from metric name to float, shared by the
    callbacks of one moment, so that what one adds is seen by those after it.

    Attributes:
        model: the model that is trained.
        params: dict with "verbose", "epochs" and "steps".
        role: str, one of `ROLES`: when the callback runs among others. "custom" unless set.
        reads_batch_logs: bool. Whether the batch hooks look at `logs`. Where no callback does, the
            metrics stay on the device until the end of the epoch.

    Example:
        >>> class Count(Callback):
        ...     batches = 0
        ...     def on_train_batch_end(self, batch, logs=None):
        ...         self.batches += 1
        >>> count = Count()
        >>> count.on_train_batch_end(0, {"loss": 0.5})
        >>> count.batches
        1

    Source: Keras 3 names; `role`, `reads_batch_logs`, `get_state` and `set_state` are additions.
    """

    role = "custom"
    reads_batch_logs = True
    params = None
    _model = None

    def __init__(self):
        self.params = None
        self._model = None

    def set_params(self, params):
        """Take the dict of facts on the run."""
        self.params = params

    def set_model(self, model):
        """Take the model."""
        self._model = model

    @property
    def model(self):
        """The model that is trained."""
        return self._model

    def uses_hook(self, hook):
        """Whether a batch hook does anything for this callback; it is not called otherwise."""
        own = getattr(self, hook)
        return getattr(own, "__func__", own) is not getattr(Callback, hook)

    def only_counts_batches(self, phase):
        """Whether the batch hooks of "train", "test" or "predict" do no more than count for now.

        Then the end of the last batch is the only one that is told.
        """
        return False

    def get_state(self):
        """Dict of plain values and arrays from which `set_state` continues exactly."""
        return {}

    def set_state(self, state):
        """Continue from `get_state()`; called after `on_train_begin`.

        Args:
            state: dict.

        Raises:
            ValueError: keys that this callback does not know.
        """
        if state:
            raise ValueError(
                explain(type(self).__name__, "it keeps no state", received=sorted(state))
            )

    def on_train_begin(self, logs=None):
        """`fit` starts."""

    def on_train_end(self, logs=None):
        """`fit` ends, be it by an error; `logs` are those of the last finished epoch."""

    def on_train_interrupted(self):
        """A signal ends `fit` after the present step; `on_train_end` follows."""

    def on_epoch_begin(self, epoch, logs=None):
        """An epoch starts."""

    def on_epoch_end(self, epoch, logs=None):
        """An epoch ends, its validation included."""

    def on_batch_begin(self, batch, logs=None):
        """Older name of `on_train_batch_begin`."""

    def on_batch_end(self, batch, logs=None):
        """Older name of `on_train_batch_end`."""

    def on_train_batch_begin(self, batch, logs=None):
        """A training batch starts."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch, logs=None):
        """A training batch ends; `logs` hold the means of the epoch so far."""
        self.on_batch_end(batch, logs)

    def on_test_begin(self, logs=None):
        """`evaluate`, or the validation of an epoch, starts."""

    def on_test_end(self, logs=None):
        """`evaluate`, or the validation of an epoch, ends."""

    def on_test_batch_begin(self, batch, logs=None):
        """A batch of `evaluate` starts."""

    def on_test_batch_end(self, batch, logs=None):
        """A batch of `evaluate` ends."""

    def on_predict_begin(self, logs=None):
        """`predict` starts."""

    def on_predict_end(self, logs=None):
        """`predict` ends."""

    def on_predict_batch_begin(self, batch, logs=None):
        """A batch of `predict` starts."""

    def on_predict_batch_end(self, batch, logs=None):
        """A batch of `predict` ends; `logs` hold its "outputs"."""


def restore(callback, state, *names):
    """Set the named attributes of a callback from a state dict that must hold just these.

    Raises:
        ValueError: other keys.
    """
    if set(state) != set(names):
        raise ValueError(
            explain(
                type(callback).__name__,
                "the state is not one of this callback",
                received=sorted(state),
                expected=str(sorted(names)),
            )
        )
    for name in names:
        setattr(callback, name, state[name])
