"""Learning rate schedules: functions of the step number that an optimizer calls at every step."""

import math

from kerasish import identifiers, ops
from kerasish.config import settings
from kerasish.errors import explain
from kerasish.registry import register
from kerasish.saving.serialization import serialize_keras_object

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "serialize",
]


@register("schedules")
class LearningRateSchedule:
    """Base of all schedules: a callable from the step number to the learning rate.

    Example:
        >>> class Halving(LearningRateSchedule):
        ...     def __call__(self, step):
        ...         return 0.5 ** ops.cast(step, "float32")
        >>> Halving()(3).item()
        0.125

    Source: Keras 3 names and defaults.
    """

    def __call__(self, step):
        """Learning rate at a step.

        Args:
            step: int or int tensor (). Number of steps made before.

        Returns:
            float tensor ().
        """
        raise NotImplementedError(explain(type(self).__name__, "__call__(self, step) is missing"))

    def get_config(self):
        """Dict of the constructor's arguments."""
        raise NotImplementedError(
            explain(
                type(self).__name__,
                "saving needs get_config()",
                fix="return the constructor's arguments as a dict",
            )
        )

    @classmethod
    def from_config(cls, config):
        """A schedule from `get_config()`."""
        return cls(**config)


def _check_steps(where, name, steps):
    if not steps > 0:
        raise ValueError(explain(where, f"{name} must be positive", received=steps))


def _number(value):
    return ops.cast(value, settings.floatx)


@register("schedules")
class ExponentialDecay(LearningRateSchedule):
    """`initial_learning_rate * decay_rate ** (step / decay_steps)`.

    Args:
        initial_learning_rate: float.
        decay_steps: int > 0. Steps in which the rate is multiplied by `decay_rate` once.
        decay_rate: float.
        staircase: bool. Round `step / decay_steps` down.
        name: str.

    Raises:
        ValueError: decay_steps <= 0.

    Example:
        >>> ExponentialDecay(1.0, decay_steps=10, decay_rate=0.5)(20).item()
        0.25

    Source: Keras 3 names and defaults.
    """

    def __init__(self, initial_learning_rate, decay_steps, decay_rate, staircase=False,
                 name="ExponentialDecay"):  # fmt: skip
        _check_steps(name, "decay_steps", decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps, self.decay_rate = decay_steps, decay_rate
        self.staircase, self.name = staircase, name

    def __call__(self, step):
        """Learning rate at a step: float tensor ()."""
        periods = _number(step) / self.decay_steps
        periods = ops.floor(periods) if self.staircase else periods
        return _number(self.initial_learning_rate) * ops.power(_number(self.decay_rate), periods)

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }


@register("schedules")
class PiecewiseConstantDecay(LearningRateSchedule):
    """`values[0]` up to and including step `boundaries[0]`, then `values[1]`, and so on.

    Args:
        boundaries: list of increasing numbers.
        values: list of floats, one more.
        name: str.

    Raises:
        ValueError: not one value more than boundaries.

    Example:
        >>> schedule = PiecewiseConstantDecay([10], [1.0, 0.5])
        >>> schedule(10).item(), schedule(11).item()
        (1.0, 0.5)

    Source: Keras 3 names and defaults.
    """

    def __init__(self, boundaries, values, name="PiecewiseConstant"):
        if len(boundaries) != len(values) - 1 or not boundaries:
            received = f" {len(boundaries)} boundaries, {len(values)} values"
            raise ValueError(
                explain(name, "needs one value more than boundaries", received=received)
            )
        self.boundaries, self.values, self.name = boundaries, values, name

    def __call__(self, step):
        """Learning rate at a step: float tensor ()."""
        step = ops.convert_to_tensor(step)
        rate = _number(self.values[0])
        for boundary, value in zip(self.boundaries, self.values[1:], strict=True):
            rate = ops.where(step > boundary, _number(value), rate)
        return rate

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {"boundaries": self.boundaries, "values": self.values, "name": self.name}


@register("schedules")
class PolynomialDecay(LearningRateSchedule):
    """From the initial to the end rate: `(initial - end) * (1 - step / decay_steps)**power + end`.

    Args:
        initial_learning_rate: float.
        decay_steps: int > 0. The end rate holds from there on.
        end_learning_rate: float.
        power: float.
        cycle: bool. Start again: decay over the next multiple of `decay_steps`.
        name: str.

    Raises:
        ValueError: decay_steps <= 0.

    Example:
        >>> PolynomialDecay(1.0, decay_steps=10, end_learning_rate=0.0)(5).item()
        0.5

    Source: Keras 3 names and defaults.
    """

    def __init__(self, initial_learning_rate, decay_steps, end_learning_rate=0.0001, power=1.0,
                 cycle=False, name="PolynomialDecay"):  # fmt: skip
        _check_steps(name, "decay_steps", decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps, self.end_learning_rate = decay_steps, end_learning_rate
        self.power, self.cycle, self.name = power, cycle, name

    def __call__(self, step):
        """Learning rate at a step: float tensor ()."""
        step, span = _number(step), _number(self.decay_steps)
        if self.cycle:
            span = span * ops.maximum(ops.ceil(step / span), 1.0)
        else:
            step = ops.minimum(step, span)
        initial, end = _number(self.initial_learning_rate), _number(self.end_learning_rate)
        return (initial - end) * ops.power(1 - step / span, _number(self.power)) + end

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "end_learning_rate": self.end_learning_rate,
            "power": self.power,
            "cycle": self.cycle,
            "name": self.name,
        }


@register("schedules")
class InverseTimeDecay(LearningRateSchedule):
    """`initial_learning_rate / (1 + decay_rate * step / decay_steps)`.

    Args:
        initial_learning_rate: float.
        decay_steps: number > 0.
        decay_rate: float.
        staircase: bool. Round `step / decay_steps` down.
        name: str.

    Raises:
        ValueError: decay_steps <= 0.

    Example:
        >>> InverseTimeDecay(1.0, decay_steps=1, decay_rate=0.5)(2).item()
        0.5

    Source: Keras 3 names and defaults.
    """

    def __init__(self, initial_learning_rate, decay_steps, decay_rate, staircase=False,
                 name="InverseTimeDecay"):  # fmt: skip
        _check_steps(name, "decay_steps", decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps, self.decay_rate = decay_steps, decay_rate
        self.staircase, self.name = staircase, name

    def __call__(self, step):
        """Learning rate at a step: float tensor ()."""
        periods = _number(step) / self.decay_steps
        periods = ops.floor(periods) if self.staircase else periods
        return _number(self.initial_learning_rate) / (1 + self.decay_rate * periods)

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }


@register("schedules")
class CosineDecay(LearningRateSchedule):
    """Half a cosine from a start rate down to `alpha` times it, after an optional linear warmup.

    `start * ((1 - alpha) * (1 + cos(pi * step / decay_steps)) / 2 + alpha)`, where start is the
    initial rate; with a warmup, it is `warmup_target`, and steps count from the warmup's end.

    Args:
        initial_learning_rate: float.
        decay_steps: int > 0. Without the warmup.
        alpha: float. End rate as a share of the start.
        name: str.
        warmup_target: float or None (no warmup).
        warmup_steps: int.

    Raises:
        ValueError: decay_steps <= 0.

    Example:
        >>> round(CosineDecay(1.0, decay_steps=10)(5).item(), 6)
        0.5

    Source: Loshchilov and Hutter, 2017; Keras 3 names and defaults.
    """

    def __init__(self, initial_learning_rate, decay_steps, alpha=0.0, name="CosineDecay",
                 warmup_target=None, warmup_steps=0):  # fmt: skip
        _check_steps(name, "decay_steps", decay_steps)
        self.initial_learning_rate, self.decay_steps = initial_learning_rate, decay_steps
        self.alpha, self.name = alpha, name
        self.warmup_target, self.warmup_steps = warmup_target, warmup_steps

    def __call__(self, step):
        """Learning rate at a step: float tensor ()."""
        step, initial = _number(step), _number(self.initial_learning_rate)
        if self.warmup_target is None:
            return self._decayed(initial, ops.minimum(step, self.decay_steps))
        target = _number(self.warmup_target)
        warming = (target - initial) * (step / max(self.warmup_steps, 1)) + initial
        after = ops.clip(step - self.warmup_steps, 0, self.decay_steps)
        return ops.where(step < self.warmup_steps, warming, self._decayed(target, after))

    def _decayed(self, start, step):
        cosine = 0.5 * (1.0 + ops.cos(math.pi * (step / self.decay_steps)))
        return start * ((1 - self.alpha) * cosine + self.alpha)

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "alpha": self.alpha,
            "name": self.name,
            "warmup_target": self.warmup_target,
            "warmup_steps": self.warmup_steps,
        }


@register("schedules")
class CosineDecayRestarts(LearningRateSchedule):
    """Cosine decay that starts again and again, each time `t_mul` times as long.

    Args:
        initial_learning_rate: float.
        first_decay_steps: int > 0. Length of the first period.
        t_mul: float >= 1. Each period's length, in lengths of the one before.
        m_mul: float. Each period's start rate, in those of the one before.
        alpha: float. Lowest rate as a share of `initial_learning_rate`.
        name: str.

    Raises:
        ValueError: first_decay_steps <= 0.

    Example:
        >>> schedule = CosineDecayRestarts(1.0, first_decay_steps=2)
        >>> [round(schedule(i).item(), 4) for i in range(4)]
        [1.0, 0.5, 1.0, 0.8536]

    Source: Loshchilov and Hutter, 2017; Keras 3 names and defaults.
    """

    def __init__(self, initial_learning_rate, first_decay_steps, t_mul=2.0, m_mul=1.0, alpha=0.0,
                 name="SGDRDecay"):  # fmt: skip
        _check_steps(name, "first_decay_steps", first_decay_steps)
        self.initial_learning_rate, self.first_decay_steps = (
            initial_learning_rate,
            first_decay_steps,
        )
        self.t_mul, self.m_mul, self.alpha, self.name = t_mul, m_mul, alpha, name

    def __call__(self, step):
        """Learning rate at a step: float tensor ()."""
        periods = _number(step) / self.first_decay_steps
        if self.t_mul == 1.0:
            restarts = ops.floor(periods)
            fraction = periods - restarts
        else:
            # The first k periods last (t**k - 1) / (t - 1) lengths of the first one.
            ratio = _number(self.t_mul)
            restarts = ops.floor(ops.log(1.0 - periods * (1.0 - ratio)) / ops.log(ratio))
            length = ops.power(ratio, restarts)
            fraction = (periods - (1.0 - length) / (1.0 - ratio)) / length
        height = 0.5 * ops.power(_number(self.m_mul), restarts)
        cosine = height * (1.0 + ops.cos(math.pi * fraction))
        return _number(self.initial_learning_rate) * ((1 - self.alpha) * cosine + self.alpha)

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "first_decay_steps": self.first_decay_steps,
            "t_mul": self.t_mul,
            "m_mul": self.m_mul,
            "alpha": self.alpha,
            "name": self.name,
        }


def serialize(learning_rate_schedule):
    """Config of a schedule, for `deserialize`."""
    return serialize_keras_object(learning_rate_schedule)


def deserialize(config, custom_objects=None):
    """Schedule from its config; `custom_objects` maps names to classes."""
    return identifiers.from_config("schedules", config, custom_objects)
