"""A model reduced to what callbacks see, and a training loop reduced to their hooks."""

import numpy as np

from kerasish import Variable, ops
from kerasish.callbacks import CallbackList
from kerasish.optimizers import SGD


class FakeModel:
    """Two weights; `save` and `save_weights` write the value of the first to a file."""

    def __init__(self, optimizer=None):
        self.variables = [Variable(0.0, name="a"), Variable([0.0, 0.0], name="b")]
        self.optimizer = optimizer or SGD(0.5)
        self.stop_training = False
        self.metrics, self.metrics_names = [], ["loss"]
        self.saved = []

    def get_weights(self):
        return [v.numpy() for v in self.variables]

    def set_weights(self, weights):
        for variable, value in zip(self.variables, weights, strict=True):
            variable.assign(value)

    def _write(self, path):
        self.saved.append(path)
        with open(path, "w", encoding="utf-8") as file:
            file.write(str(float(self.variables[0])))

    def save(self, path, overwrite=True):
        self._write(path)

    def save_weights(self, path, overwrite=True):
        self._write(path)


class Metric:
    def __init__(self, name, direction):
        self.name, self._direction = name, direction


def run(callbacks, epochs, logs_of, *, model=None, steps=2, first_epoch=0, fail_at=None,
        states_at=None, states=None, **params):  # fmt: skip
    """Train a FakeModel whose weights after epoch i are all i + 1; returns the model.

    Args:
        callbacks: list.
        epochs: int.
        logs_of: function from epoch to the logs at its end.
        fail_at: epoch in which a batch raises RuntimeError.
        states_at: epoch after which the states of the callbacks are stored in `states`.
        states: dict to store them in, or to continue from where `states_at` is None.
    """
    model = model or FakeModel()
    model.stop_training = False
    params = {"verbose": 0, "epochs": epochs, "steps": steps, **params}
    calls = CallbackList(callbacks, add_history=True, model=model, **params)
    calls.on_train_begin()
    if states and states_at is None:
        calls.set_state(states)
    logs = {}
    try:
        for epoch in range(first_epoch, epochs):
            calls.on_epoch_begin(epoch)
            for batch in range(steps):
                calls.on_train_batch_begin(batch)
                if epoch == fail_at and batch == steps - 1:
                    raise RuntimeError("the step failed")
                value = ops.convert_to_tensor(np.float32(epoch + (batch + 1) / steps))
                model.variables[0].assign(value)
                model.variables[1].assign(ops.stack([value, value]))
                calls.on_train_batch_end(batch, {"loss": logs_of(epoch).get("loss", 1.0)})
                if model.stop_training:
                    break
            logs = logs_of(epoch)
            calls.on_epoch_end(epoch, logs)
            if states_at == epoch:
                states.update(calls.get_state())
            if model.stop_training:
                break
    finally:
        calls.on_train_end(logs)
    return model
