"""Run: where a `fit` is, and everything from which another process continues it bit for bit."""

import random as python_random

import numpy

from kerasish.core.rng import global_seed_generator
from kerasish.errors import CheckpointError, explain
from kerasish.training.epochs import Place
from kerasish.training.step import logs_to_floats

_FORMAT = 1


class Run(Place):
    """The position and state of one call of `fit`.

    Args:
        model: the model in training.
        step: CompiledStep of its `train_step`.
        data: adapter of the training data.
        calls: CallbackList.
        epoch: int. First epoch.

    Attributes:
        epoch: int. Epochs that are finished, those before `initial_epoch` included.
        batch: int. Batches done in the epoch after these.
        logs: dict. What the last step of that epoch reported, or its metrics at the end.
        last_logs: dict. Logs of the last finished epoch.
        is_resumed: bool. The state came from an earlier process.
        is_complete: bool. All epochs are done, or a callback has ended training.
    """

    def __init__(self, model, step, data, calls, epoch=0):
        super().__init__()
        self.model, self.step, self.data, self.calls = model, step, data, calls
        self.epoch, self.last_logs = epoch, {}
        self.is_resumed = self.is_complete = False

    def get_state(self):
        """Nested dict of plain values, arrays and the variables themselves."""
        generator = numpy.random.get_state()
        return {
            "format": _FORMAT,
            "epoch": self.epoch,
            "batch": self.batch,
            "logs": logs_to_floats(self.logs),
            "last_logs": dict(self.last_logs),
            "stop_training": bool(self.model.stop_training) and self.is_between_epochs,
            "data": self.data.get_state(),
            "callbacks": self.calls.get_state(),
            "random": {"python": python_random.getstate(), "numpy": generator},
            "variables": [[v.path, v] for v in self._variables()],
        }

    @property
    def is_between_epochs(self):
        """Whether no epoch is half done."""
        return self.batch == 0

    def set_state(self, state):
        """Continue from `get_state()`: everything fits and is taken, or nothing is changed.

        Model, optimizer and metrics are built on the form of a batch where they are not yet.

        Raises:
            CheckpointError: the state of another model, optimizer or version.
            DataError: of other data. ValueError: of other callbacks.
        """
        if state.get("format") != _FORMAT:
            raise CheckpointError(
                explain("resuming", "a state of another version", received=state.get("format"))
            )
        self._build()
        variables = self._variables()
        _check_variables(state["variables"], variables)
        self.data.set_state(state["data"])
        self.calls.set_state(state["callbacks"])
        for variable, (_, value) in zip(variables, state["variables"], strict=True):
            variable.assign(value)
        python_random.setstate(state["random"]["python"])
        numpy.random.set_state(state["random"]["numpy"])
        self.epoch, self.batch = state["epoch"], state["batch"]
        self.logs, self.last_logs = state["logs"], state["last_logs"]
        self.model.stop_training = state["stop_training"]
        self.is_resumed = True

    def _build(self):
        """Make all variables of a step, without running one."""
        self.step.prepare(self.data.first_batch())
        if self.model.optimizer is not None:
            self.model.optimizer.build(self.model.trainable_variables)

    def _variables(self):
        """Every variable that a step reads or writes, each once, in an order that repeats."""
        model = self.model
        found = [*model.variables]
        if model.optimizer is not None:
            found += model.optimizer.variables
        found += [v for metric in model.metrics for v in metric.variables]
        for trace in self.step.traces[:1]:
            found += trace.graph.captured_variables
        found.append(global_seed_generator().state)
        return list({id(v): v for v in found}.values())


def _check_variables(saved, variables):
    shapes = [(tuple(numpy.shape(value)), numpy.asarray(value).dtype.name) for _, value in saved]
    own = [(tuple(v.shape), v.dtype) for v in variables]
    if shapes == own:
        return
    first = next(
        (i for i, (a, b) in enumerate(zip(shapes, own, strict=False)) if a != b),
        min(len(own), len(shapes)),
    )
    raise CheckpointError(
        explain(
            "resuming",
            f"the state is that of another model or optimizer: variable {first} differs",
            received=f" {_described(saved[first][0], shapes[first])}"
            if first < len(saved)
            else f" no more than {len(saved)} variables",
            expected=_described(variables[first].path, own[first])
            if first < len(own)
            else f"{len(own)} variables",
            fix="build and compile the model as in the run to be continued, or start anew in "
            "another folder",
        )
    )


def _described(path, kind):
    return f"{path!r} of shape {kind[0]}, {kind[1]}"
