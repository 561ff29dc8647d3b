"""Regularizers: penalties on weights that layers add to the loss."""

import math
import numbers

from kerasish import identifiers, ops
from kerasish.errors import ShapeError, explain
from kerasish.registry import register
from kerasish.saving.serialization import serialize_keras_object

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]

_SMALLEST_SQUARE = 1e-12  # squared norm below which a row counts as this long: 0 stays 0


@register("regularizers")
class Regularizer:
    """Base of all regularizers: a callable from a weight to a scalar penalty.

    Example:
        >>> class Largest(Regularizer):
        ...     def __call__(self, x):
        ...         return ops.max(ops.abs(x))
        >>> Largest()(ops.array([1.0, -3.0])).item()
        3.0

    Source: Keras 3 names and defaults.
    """

    def __call__(self, x):
        """Penalty of a weight `x`: scalar tensor."""
        return 0.0

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
        """A regularizer from `get_config()`."""
        return cls(**config)


def _check_factor(where, name, value):
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or value < 0:
        raise ValueError(explain(where, f"{name} must be a finite number >= 0", received=value))
    return float(value)


@register("regularizers", "l1_l2")
class L1L2(Regularizer):
    """Sum of both penalties: `l1 * sum(|x|) + l2 * sum(x**2)`.

    Args:
        l1: float >= 0 or None (0).
        l2: float >= 0 or None (0).

    Raises:
        ValueError: a factor that is negative or not finite.

    Example:
        >>> L1L2(l1=1.0, l2=10.0)(ops.array([1.0, -2.0])).item()
        53.0

    Source: Keras 3 names and defaults.
    """

    def __init__(self, l1=0.0, l2=0.0):
        self.l1 = _check_factor("L1L2", "l1", 0.0 if l1 is None else l1)
        self.l2 = _check_factor("L1L2", "l2", 0.0 if l2 is None else l2)

    def __call__(self, x):
        """Penalty of a weight `x`: scalar tensor."""
        penalty = ops.zeros((), dtype=x.dtype)
        if self.l1:
            penalty = penalty + self.l1 * ops.sum(ops.abs(x))
        if self.l2:
            penalty = penalty + self.l2 * ops.sum(ops.square(x))
        return penalty

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {"l1": self.l1, "l2": self.l2}


@register("regularizers", "l1")
class L1(Regularizer):
    """Penalty `l1 * sum(|x|)`, which drives weights to exactly zero.

    Args:
        l1: float >= 0.

    Raises:
        ValueError: a factor that is negative or not finite.

    Example:
        >>> L1(0.5)(ops.array([1.0, -3.0])).item()
        2.0

    Source: Keras 3 names and defaults.
    """

    def __init__(self, l1=0.01):
        self.l1 = _check_factor("L1", "l1", 0.01 if l1 is None else l1)

    def __call__(self, x):
        """Penalty of a weight `x`: scalar tensor."""
        return self.l1 * ops.sum(ops.abs(x))

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {"l1": self.l1}


@register("regularizers", "l2")
class L2(Regularizer):
    """Penalty `l2 * sum(x**2)`, which keeps weights small.

    Args:
        l2: float >= 0.

    Raises:
        ValueError: a factor that is negative or not finite.

    Example:
        >>> L2(0.5)(ops.array([1.0, -3.0])).item()
        5.0

    Source: Keras 3 names and defaults.
    """

    def __init__(self, l2=0.01):
        self.l2 = _check_factor("L2", "l2", 0.01 if l2 is None else l2)

    def __call__(self, x):
        """Penalty of a weight `x`: scalar tensor."""
        return self.l2 * ops.sum(ops.square(x))

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {"l2": self.l2}


@register("regularizers", "orthogonal_regularizer")
class OrthogonalRegularizer(Regularizer):
    """Penalty on the angles between rows (or columns): mean of their absolute cosines.

    For n unit vectors u_i it is `factor * sum over i < j of |u_i . u_j| / (n (n - 1) / 2)`.

    Args:
        factor: float >= 0.
        mode: "rows" or "columns".

    Raises:
        ValueError: a factor that is negative or not finite, or an unknown mode.

    Example:
        >>> OrthogonalRegularizer(1.0)(ops.array([[1.0, 0.0], [0.0, 2.0]])).item()
        0.0

    Source: Keras 3 names and defaults.
    """

    def __init__(self, factor=0.01, mode="rows"):
        self.factor = _check_factor("OrthogonalRegularizer", "factor", factor)
        if mode not in ("rows", "columns"):
            raise ValueError(
                explain(
                    "OrthogonalRegularizer",
                    "unknown mode",
                    received=mode,
                    expected='"rows" or "columns"',
                )
            )
        self.mode = mode

    def __call__(self, inputs):
        """Penalty of a matrix: scalar tensor; ShapeError for any other rank."""
        if len(inputs.shape) != 2:
            raise ShapeError(
                explain(
                    "OrthogonalRegularizer",
                    "the weight must be a matrix",
                    received=tuple(inputs.shape),
                )
            )
        rows = ops.convert_to_tensor(inputs) if self.mode == "rows" else ops.transpose(inputs)
        square_norms = ops.sum(ops.square(rows), axis=1, keepdims=True)
        rows = rows / ops.sqrt(ops.maximum(square_norms, _SMALLEST_SQUARE))
        count = rows.shape[0]
        cosines = ops.matmul(rows, ops.transpose(rows)) * (1.0 - ops.eye(count, dtype=rows.dtype))
        num_pairs = max(count * (count - 1) / 2, 1)
        return self.factor * 0.5 * ops.sum(ops.abs(cosines)) / num_pairs

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {"factor": self.factor, "mode": self.mode}


l1, l2, l1_l2, orthogonal_regularizer = L1, L2, L1L2, OrthogonalRegularizer


def get(identifier):
    """Regularizer named by a string ("l2"), a config, a class or itself; None stays None.

    Args:
        identifier: str, dict, class, callable or None.

    Returns:
        Regularizer, any callable, or None.

    Raises:
        ValueError: an unknown name, or nothing callable.

    Example:
        >>> get("l1").get_config()
        {'l1': 0.01}

    Source: Keras 3 names and defaults.
    """
    return identifiers.resolve("regularizers", identifier)


def serialize(regularizer):
    """Config of a regularizer, for `deserialize`."""
    return serialize_keras_object(regularizer)


def deserialize(config, custom_objects=None):
    """Regularizer from its config.

    Args:
        config: dict with "class_name" and "config", or a name.
        custom_objects: dict from name to class or function.

    Returns:
        the regularizer.
    """
    return identifiers.from_config("regularizers", config, custom_objects)
