"""Rounding and limiting of elements."""

from kerasish.core.modes import apply
from kerasish.core.primitive import elementwise_spec, primitive, same_spec
from kerasish.core.tensor import Tensor
from kerasish.ops.arithmetic import without_bool
from kerasish.ops.comparison import (
    greater,
    greater_equal,
    isfinite,
    less,
    less_equal,
    logical_and,
)
from kerasish.ops.delivery import deliver
from kerasish.ops.selection import where


def _copy(xp, x, out):
    return deliver(x.copy(), out)


_LARGEST_BFLOAT16 = (2 - 2**-7) * 2.0**127


@primitive(spec=elementwise_spec, tags=("elementwise",), floats=True, ufunc="floor")
def floor(xp, x, /, out=None):
    """Largest integer not above, as a float.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Derivative: none (zero almost everywhere).

    Example:
        >>> floor([1.5, -1.5]).tolist()
        [1.0, -2.0]

    Source: Keras 3 names and defaults.
    """
    return xp.floor(x, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), floats=True, ufunc="ceil")
def ceil(xp, x, /, out=None):
    """Smallest integer not below, as a float.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Derivative: none (zero almost everywhere).

    Example:
        >>> ceil([1.5, -1.5]).tolist()
        [2.0, -1.0]

    Source: Keras 3 names and defaults.
    """
    return xp.ceil(x, out=out)


@primitive(spec=same_spec, tags=("elementwise",), name="trunc")
def trunc(xp, x, /, out=None):
    """The fraction cut off: rounding toward zero.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape and dtype.

    Derivative: none (zero almost everywhere).

    Example:
        >>> trunc([1.5, -1.5]).tolist()
        [1.0, -1.0]

    Source: Keras 3 names and defaults.
    """
    return xp.trunc(x, out=out) if x.dtype.kind in "fV" else _copy(xp, x, out)


@primitive(spec=same_spec, tags=("elementwise",))
def round(xp, x, /, decimals=0, out=None):
    """Rounding to a number of decimals; halves go to the even neighbour.

    Args:
        x: tensor.
        decimals: int. Negative ones round to tens, hundreds, ...

    Returns:
        tensor of the same shape and dtype.

    Derivative: none (zero almost everywhere).

    Example:
        >>> round([0.5, 1.5, 2.34]).tolist()
        [0.0, 2.0, 2.0]

    Source: Keras 3 names and defaults.
    """
    if decimals == 0:
        return xp.rint(x, out=out) if x.dtype.kind in "fV" else _copy(xp, x, out)
    return deliver(xp.round(x, decimals), out)


@primitive(
    spec=elementwise_spec,
    vjp=(
        lambda g, x, x_min, x_max: where(_is_inside(x, x_min, x_max), g, 0.0),
        lambda g, x, x_min: where(less(x, x_min), g, 0.0),
        lambda g, x, x_max: where(greater(x, x_max), g, 0.0),
    ),
    tags=("elementwise",),
    promotes=True,
    name="clip",
)
def _clip(xp, x, x_min, x_max, /, out=None):
    return xp.minimum(xp.maximum(x, x_min, out=out), x_max, out=out)


def _is_inside(x, x_min, x_max):
    return logical_and(greater_equal(x, x_min), less_equal(x, x_max))


def clip(x, x_min, x_max):
    """Values limited to a range: `minimum(maximum(x, x_min), x_max)`.

    Args:
        x: tensor.
        x_min: tensor or scalar.
        x_max: tensor or scalar.

    Returns:
        tensor of the broadcast shape and promoted dtype; int32 for bool.

    Derivative: 1 inside the range and at both ends, 0 outside.

    Example:
        >>> clip([-1.0, 0.5, 3.0], 0.0, 1.0).tolist()
        [0.0, 0.5, 1.0]

    Source: Keras 3 names and defaults.
    """
    if type(x) is Tensor and x._array.dtype.kind == "f":
        if type(x_min) in (int, float) and type(x_max) in (int, float):
            return apply(_clip.operation, (x, x_min, x_max), {})  # by far the most frequent call
    return _clip(without_bool(x), x_min, x_max)


@primitive(spec=same_spec, vjp=lambda g, x: where(isfinite(x), g, 0.0), tags=("elementwise",))
def nan_to_num(xp, x, /, nan=0.0, posinf=None, neginf=None):
    """NaN and infinities replaced by numbers.

    Args:
        x: tensor.
        nan: float. Replaces NaN.
        posinf: float or None. Replaces infinity; None is the largest number of the dtype.
        neginf: float or None. Replaces minus infinity; None is the smallest number.

    Returns:
        tensor of the same shape and dtype.

    Derivative: 0 where a value was replaced.

    Example:
        >>> nan_to_num([float("nan"), 2.0]).tolist()
        [0.0, 2.0]

    Source: Keras 3 names and defaults.
    """
    if x.dtype.kind == "V":  # bfloat16, which has a range of its own
        largest = _LARGEST_BFLOAT16
        return xp.nan_to_num(
            x.astype(xp.float32),
            nan=nan,
            posinf=largest if posinf is None else posinf,
            neginf=-largest if neginf is None else neginf,
        ).astype(x.dtype)
    return xp.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


__all__ = [
    "ceil",
    "clip",
    "floor",
    "nan_to_num",
    "round",
    "trunc",
]
