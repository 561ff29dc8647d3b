"""Callbacks that set the learning rate: by epoch, or when a metric stops improving."""

import inspect

from kerasish import registry
from kerasish.callbacks.callback import Callback, restore
from kerasish.callbacks.monitor import MonitorCallback
from kerasish.callbacks.progress_bar import announce
from kerasish.errors import explain


def _parts(optimizer):
    """[(name in the logs, name in messages, optimizer)], several for a MultiOptimizer."""
    if not hasattr(optimizer, "optimizers"):
        return [("learning_rate", "", optimizer)]
    return [(f"learning_rate_{o.name}", f" of {o.name}", o) for o in optimizer.optimizers]


def log_rates(optimizer, logs):
    """Add the learning rate, or those of the parts of a MultiOptimizer, to logs."""
    for key, _, part in _parts(optimizer):
        logs[key] = float(part.learning_rate)


@registry.register("callbacks")
class LearningRateScheduler(Callback):
    """Set the learning rate at the start of each epoch; it is logged as "learning_rate".

    Args:
        schedule: function from (epoch, learning rate now), or from the epoch alone, to float.
        verbose: 0 or 1 (print the rate).

    Raises:
        TypeError: at an epoch's start, the function returns no number.

    Example:
        >>> halve = LearningRateScheduler(lambda epoch, rate: rate / 2 if epoch else rate)
        >>> halve.schedule(1, 0.5)
        0.25

    Source: Keras 3 names and defaults.
    """

    role = "schedule"

    def __init__(self, schedule, verbose=0):
        super().__init__()
        self.schedule, self.verbose = schedule, verbose
        self._takes_rate = _takes_two_arguments(schedule)

    def on_epoch_begin(self, epoch, logs=None):
        """Set the rate."""
        for _, name, part in _parts(self.model.optimizer):
            rate = float(part.learning_rate)
            new = self.schedule(epoch, rate) if self._takes_rate else self.schedule(epoch)
            if isinstance(new, (bool, str)) or not hasattr(new, "__float__"):
                raise TypeError(
                    explain(
                        "LearningRateScheduler", "the schedule must return a float", received=new
                    )
                )
            part.learning_rate = float(new)
            if self.verbose > 0:
                announce(f"Epoch {epoch + 1}: the learning rate{name} is {float(new):.6g}")

    def on_epoch_end(self, epoch, logs=None):
        """Log the rate."""
        log_rates(self.model.optimizer, logs)


def _takes_two_arguments(function):
    """Whether (epoch, rate) can be passed; True where the function does not tell."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # built in C
        return True
    try:
        signature.bind(0, 0.0)
    except TypeError:
        return False
    return True


@registry.register("callbacks")
class ReduceLROnPlateau(MonitorCallback):
    """Multiply the learning rate by `factor` after `patience` epochs without an improvement.

    The rate is logged as "learning_rate".

    Args:
        monitor: str. Name of the metric.
        factor: float below 1.
        patience: int. Epochs to wait.
        verbose: 0 or 1 (print changes).
        mode: "min", "max" or "auto".
        min_delta: float. Smaller changes are no improvement.
        cooldown: int. Epochs after a change in which nothing is counted.
        min_lr: float. Lowest rate.

    Raises:
        ValueError: factor >= 1, an unknown mode or argument; at the first epoch's end, a metric
            that is not logged.

    Example:
        >>> ReduceLROnPlateau("val_loss", factor=0.5, patience=2).factor
        0.5

    Source: Keras 3 names and defaults.
    """

    role = "control"

    def __init__(self, monitor="val_loss", factor=0.1, patience=10, verbose=0, mode="auto",
                 min_delta=1e-4, cooldown=0, min_lr=0.0, **kwargs):  # fmt: skip
        super().__init__(monitor, mode, min_delta=min_delta)
        if kwargs:
            raise ValueError(
                explain("ReduceLROnPlateau", "unknown argument", received=sorted(kwargs))
            )
        if factor >= 1.0:
            raise ValueError(
                explain("ReduceLROnPlateau", "factor must be below 1", received=factor)
            )
        self.factor, self.patience, self.verbose = factor, patience, verbose
        self.cooldown, self.min_lr = cooldown, min_lr
        self._reset()

    def _reset(self):
        self.best, self.wait, self.cooldown_counter, self._was_logged = None, 0, 0, False

    def on_train_begin(self, logs=None):
        """Forget an earlier `fit`."""
        self._reset()

    def in_cooldown(self):
        """Whether a change was made so recently that nothing is counted."""
        return self.cooldown_counter > 0

    def on_epoch_end(self, epoch, logs=None):
        """Log the rate, compare the metric with its best value, and lower the rate."""
        logs = {} if logs is None else logs
        log_rates(self.model.optimizer, logs)
        value = self.monitored(epoch, logs)
        if value is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self.is_improvement(value, self.best):
            self.best, self.wait = value, 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and self._lower_rates(epoch):
                self.cooldown_counter, self.wait = self.cooldown, 0

    def _lower_rates(self, epoch):
        """Multiply the rates that are above the lowest one; returns whether there were any."""
        lowered = False
        for _, name, part in _parts(self.model.optimizer):
            old = float(part.learning_rate)
            # Stored as float32, the lowest rate itself may come back a little above `min_lr`.
            if old <= self.min_lr * (1 + 1e-6):
                continue
            part.learning_rate = new = max(old * self.factor, self.min_lr)
            lowered = True
            if self.verbose > 0:
                announce(f"Epoch {epoch + 1}: the learning rate{name} is lowered to {new:.6g}")
        return lowered

    def get_state(self):
        """Best value, and how long it has been waited."""
        names = ("best", "cooldown_counter", "wait", "_was_logged")
        return {name: getattr(self, name) for name in names}

    def set_state(self, state):
        """Continue from `get_state()`."""
        restore(self, state, "best", "cooldown_counter", "wait", "_was_logged")
