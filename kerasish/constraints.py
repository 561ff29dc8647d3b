"""Constraints: functions of a weight that optimizers apply to it after every update."""

from kerasish import identifiers, ops
from kerasish.config import settings
from kerasish.registry import register
from kerasish.saving.serialization import serialize_keras_object

__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "serialize",
    "unit_norm",
]


@register("constraints")
class Constraint:
    """Base of all constraints: a callable from a weight to its allowed value.

    Example:
        >>> class AtMostOne(Constraint):
        ...     def __call__(self, w):
        ...         return ops.minimum(w, 1.0)
        >>> AtMostOne()(ops.array([0.5, 3.0])).tolist()
        [0.5, 1.0]

    Source: Keras 3 names and defaults.
    """

    def __call__(self, w):
        """Allowed value for a weight `w`: tensor of the same shape."""
        return w

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {}

    @classmethod
    def from_config(cls, config):
        """A constraint from `get_config()`."""
        return cls(**config)


def _norms(w, axis):
    return ops.sqrt(ops.sum(ops.square(w), axis=axis, keepdims=True))


@register("constraints", "max_norm")
class MaxNorm(Constraint):
    """Scale vectors down to a largest norm: `w * min(norm, max_value) / norm`.

    Args:
        max_value: float. Largest norm.
        axis: int or tuple. Axes that make up one vector: 0 for a Dense kernel (features, units),
            (0, 1, 2) for a Conv2D kernel.

    Example:
        >>> [round(v, 4) for v in MaxNorm(1.0)(ops.array([3.0, 4.0])).tolist()]
        [0.6, 0.8]

    Source: Srivastava et al., 2014; Keras 3 names and defaults.
    """

    def __init__(self, max_value=2, axis=0):
        self.max_value, self.axis = max_value, axis

    def __call__(self, w):
        """Allowed value for a weight `w`: tensor of the same shape."""
        norms = _norms(w, self.axis)
        return w * (ops.clip(norms, 0, self.max_value) / (settings.epsilon + norms))

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {"max_value": self.max_value, "axis": self.axis}


@register("constraints", "non_neg")
class NonNeg(Constraint):
    """No negative weights: `max(w, 0)`.

    Example:
        >>> NonNeg()(ops.array([-1.0, 2.0])).tolist()
        [0.0, 2.0]

    Source: Keras 3 names and defaults.
    """

    def __call__(self, w):
        """Allowed value for a weight `w`: tensor of the same shape."""
        return ops.maximum(w, 0)


@register("constraints", "unit_norm")
class UnitNorm(Constraint):
    """Vectors of norm 1: `w / norm`.

    Args:
        axis: int or tuple. Axes that make up one vector: 0 for a Dense kernel (features, units),
            (0, 1, 2) for a Conv2D kernel.

    Example:
        >>> [round(v, 4) for v in UnitNorm()(ops.array([3.0, 4.0])).tolist()]
        [0.6, 0.8]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, axis=0):
        self.axis = axis

    def __call__(self, w):
        """Allowed value for a weight `w`: tensor of the same shape."""
        return w / (settings.epsilon + _norms(w, self.axis))

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {"axis": self.axis}


@register("constraints", "min_max_norm")
class MinMaxNorm(Constraint):
    """Move norms into a range: `w * (rate * clip(norm, min, max) + (1 - rate) * norm) / norm`.

    Args:
        min_value: float. Smallest norm.
        max_value: float. Largest norm.
        rate: float from 0 to 1. 1 enforces the range, less moves towards it.
        axis: int or tuple. Axes that make up one vector: 0 for a Dense kernel (features, units),
            (0, 1, 2) for a Conv2D kernel.

    Example:
        >>> w = MinMaxNorm(min_value=1.0, max_value=2.0)(ops.array([0.3, 0.4]))
        >>> [round(v, 4) for v in w.tolist()]
        [0.6, 0.8]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, min_value=0.0, max_value=1.0, rate=1.0, axis=0):
        self.min_value, self.max_value = min_value, max_value
        self.rate, self.axis = rate, axis

    def __call__(self, w):
        """Allowed value for a weight `w`: tensor of the same shape."""
        norms = _norms(w, self.axis)
        allowed = ops.clip(norms, self.min_value, self.max_value)
        wanted = self.rate * allowed + (1 - self.rate) * norms
        # In this order a column of zeros stays zero in float16, where 1 / epsilon is infinite.
        return w * wanted / (settings.epsilon + norms)

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            "min_value": self.min_value,
            "max_value": self.max_value,
            "rate": self.rate,
            "axis": self.axis,
        }


max_norm, non_neg, unit_norm, min_max_norm = MaxNorm, NonNeg, UnitNorm, MinMaxNorm


def get(identifier):
    """Constraint named by a string ("non_neg"), a config, a class or itself; None stays None.

    Args:
        identifier: str, dict, class, callable or None.

    Returns:
        Constraint, any callable, or None.

    Raises:
        ValueError: an unknown name, or nothing callable.

    Example:
        >>> get("max_norm").get_config()
        {'max_value': 2, 'axis': 0}

    Source: Keras 3 names and defaults.
    """
    return identifiers.resolve("constraints", identifier)


def serialize(constraint):
    """Config of a constraint, for `deserialize`."""
    return serialize_keras_object(constraint)


def deserialize(config, custom_objects=None):
    """Constraint from its config.

    Args:
        config: dict with "class_name" and "config", or a name.
        custom_objects: dict from name to class or function.

    Returns:
        the constraint.
    """
    return identifiers.from_config("constraints", config, custom_objects)
