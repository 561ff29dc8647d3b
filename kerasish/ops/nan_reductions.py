"""Reductions that step over NaN."""

from kerasish.core.primitive import as_input
from kerasish.core.structural import cast
from kerasish.ops.arithmetic import divide, square, subtract
from kerasish.ops.comparison import isnan, logical_not
from kerasish.ops.cumulative import cumprod, cumsum
from kerasish.ops.exponential import sqrt
from kerasish.ops.extremes import argmax, argmin, max, min
from kerasish.ops.precision import widened
from kerasish.ops.selection import where
from kerasish.ops.totals import prod, sum
from kerasish.ops.truth import all

_NAN = float("nan")


def _filled(x, value):
    """`x` with NaN replaced, and where it was (None for integers, which have none)."""
    x = as_input(x)
    if not x.dtype.startswith(("float", "bfloat")):
        return x, None
    absent = isnan(x)
    return where(absent, value, x), absent


def nansum(x, axis=None, keepdims=False):
    """Sum over axes of what is not NaN.

    Args:
        x: tensor.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        tensor, as of `sum`; 0 where all is NaN.

    Example:
        >>> nansum([1.0, float("nan")]).item()
        1.0

    Source: Keras 3 names and defaults.
    """
    return sum(_filled(x, 0.0)[0], axis, keepdims)


def nanprod(x, axis=None, keepdims=False):
    """Product over axes of what is not NaN.

    Args:
        x: tensor.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        tensor, as of `prod`; 1 where all is NaN.

    Example:
        >>> nanprod([2.0, float("nan")]).item()
        2.0

    Source: Keras 3 names and defaults.
    """
    return prod(_filled(x, 1.0)[0], axis, keepdims)


def nancumsum(x, axis=None, dtype=None):
    """Running sum along an axis with NaN as 0.

    Args:
        x: tensor.
        axis: int, or None for the flattened elements.
        dtype: dtype-like. The elements are cast to it first.

    Returns:
        tensor, as of `cumsum`.

    Example:
        >>> nancumsum([1.0, float("nan"), 2.0]).tolist()
        [1.0, 1.0, 3.0]

    Source: Keras 3 names and defaults.
    """
    return cumsum(_filled(x, 0.0)[0], axis, dtype)


def nancumprod(x, axis=None, dtype=None):
    """Running product along an axis with NaN as 1.

    Args:
        x: tensor.
        axis: int, or None for the flattened elements.
        dtype: dtype-like. The elements are cast to it first.

    Returns:
        tensor, as of `cumprod`.

    Example:
        >>> nancumprod([2.0, float("nan"), 3.0]).tolist()
        [2.0, 2.0, 6.0]

    Source: Keras 3 names and defaults.
    """
    return cumprod(_filled(x, 1.0)[0], axis, dtype)


def _nan_extreme(reduction, x, axis, keepdims, value):
    filled, absent = _filled(x, value)
    found = reduction(filled, axis, keepdims)
    return found if absent is None else where(all(absent, axis, keepdims), _NAN, found)


def nanmax(x, axis=None, keepdims=False):
    """Largest element over axes that is not NaN.

    Args:
        x: tensor.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        tensor of the dtype of `x`; NaN where all is NaN.

    Example:
        >>> nanmax([1.0, float("nan")]).item()
        1.0

    Source: Keras 3 names and defaults.
    """
    return _nan_extreme(max, x, axis, keepdims, float("-inf"))


def nanmin(x, axis=None, keepdims=False):
    """Smallest element over axes that is not NaN.

    Args:
        x: tensor.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        tensor of the dtype of `x`; NaN where all is NaN.

    Example:
        >>> nanmin([1.0, float("nan")]).item()
        1.0

    Source: Keras 3 names and defaults.
    """
    return _nan_extreme(min, x, axis, keepdims, float("inf"))


def _nan_position(reduction, x, axis, keepdims, value):
    filled, absent = _filled(x, value)
    found = reduction(filled, axis, keepdims)
    return found if absent is None else where(all(absent, axis, keepdims), -1, found)


def nanargmax(x, axis=None, keepdims=False):
    """Index of the largest element along an axis that is not NaN.

    Args:
        x: tensor.
        axis: int, or None for the index into the flattened elements.
        keepdims: bool. Keep the axis with size 1.

    Returns:
        int32 tensor; -1 where all is NaN.

    Example:
        >>> nanargmax([float("nan"), 1.0]).item()
        1

    Source: Keras 3 names and defaults.
    """
    return _nan_position(argmax, x, axis, keepdims, float("-inf"))


def nanargmin(x, axis=None, keepdims=False):
    """Index of the smallest element along an axis that is not NaN.

    Args:
        x: tensor.
        axis: int, or None for the index into the flattened elements.
        keepdims: bool. Keep the axis with size 1.

    Returns:
        int32 tensor; -1 where all is NaN.

    Example:
        >>> nanargmin([float("nan"), 1.0]).item()
        1

    Source: Keras 3 names and defaults.
    """
    return _nan_position(argmin, x, axis, keepdims, float("inf"))


def nanmean(x, axis=None, keepdims=False):
    """Arithmetic mean over axes of what is not NaN.

    Args:
        x: tensor; integers become floatx.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        float tensor; NaN where all is NaN.

    Example:
        >>> nanmean([1.0, float("nan"), 3.0]).item()
        2.0

    Source: Keras 3 names and defaults.
    """
    wide, dtype = widened(x)
    present = logical_not(isnan(wide))
    total = sum(where(present, wide, 0.0), axis, keepdims)
    return cast(divide(total, sum(cast(present, wide.dtype), axis, keepdims)), dtype)


def nanvar(x, axis=None, keepdims=False):
    """Variance over axes of what is not NaN.

    Args:
        x: tensor; integers become floatx.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        float tensor; NaN where all is NaN.

    Example:
        >>> nanvar([1.0, float("nan"), 3.0]).item()
        1.0

    Source: Keras 3 names and defaults.
    """
    wide, dtype = widened(x)
    present = logical_not(isnan(wide))
    # NaN is taken out before the subtraction, else it would reach the derivative.
    distance = subtract(where(present, wide, 0.0), nanmean(wide, axis, keepdims=True))
    total = sum(square(where(present, distance, 0.0)), axis, keepdims)
    return cast(divide(total, sum(cast(present, wide.dtype), axis, keepdims)), dtype)


def nanstd(x, axis=None, keepdims=False):
    """Standard deviation over axes of what is not NaN.

    Args:
        x: tensor; integers become floatx.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        float tensor; NaN where all is NaN.

    Example:
        >>> nanstd([1.0, float("nan"), 3.0]).item()
        1.0

    Source: Keras 3 names and defaults.
    """
    wide, dtype = widened(x)
    return cast(sqrt(nanvar(wide, axis, keepdims)), dtype)


__all__ = [
    "nanargmax",
    "nanargmin",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmin",
    "nanprod",
    "nanstd",
    "nansum",
    "nanvar",
]
