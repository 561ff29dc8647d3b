"""Averages by weight and by rank: average, median, quantile, percentile."""

import numpy

from kerasish.core.primitive import as_float_input
from kerasish.core.spec import normalize_axes
from kerasish.core.structural import add, broadcast_like, cast, convert_to_tensor, count, size_of
from kerasish.errors import ShapeError, explain
from kerasish.ops.arithmetic import divide, maximum, multiply, subtract
from kerasish.ops.axes import expand_dims, transpose
from kerasish.ops.comparison import isnan, logical_not
from kerasish.ops.gathering import take, take_along_axis
from kerasish.ops.precision import widened
from kerasish.ops.rounding import ceil, floor, round
from kerasish.ops.selection import where
from kerasish.ops.sizes import reshape, shape
from kerasish.ops.sorting import sort
from kerasish.ops.totals import mean, standard_axis, sum
from kerasish.ops.truth import any

_METHODS = ("linear", "lower", "higher", "midpoint", "nearest")


def average(x, axis=None, weights=None):
    """Weighted mean over axes: `sum(x * weights) / sum(weights)`.

    Args:
        x: tensor; integers become floatx.
        axis: int, tuple of ints, or None for all axes.
        weights: tensor of the shape of `x`, or a vector along `axis`; None weighs all alike.

    Returns:
        float tensor.

    Raises:
        ShapeError: weights of another shape.

    Example:
        >>> average([1.0, 4.0], weights=[2.0, 1.0]).item()
        2.0

    Source: Keras 3 names and defaults.
    """
    x = as_float_input(x)
    if weights is None:
        return mean(x, axis)
    weights = as_float_input(weights)
    if len(weights.shape) != len(x.shape):
        if len(weights.shape) != 1 or not isinstance(axis, int):
            raise ShapeError(
                explain("ops.average", "weights need the shape of x, or one axis and an int axis",
                        received=(tuple(x.shape), tuple(weights.shape), axis))
            )  # fmt: skip
        place = normalize_axes(axis, len(x.shape), "ops.average")[0]
        weights = reshape(weights, [-1 if i == place else 1 for i in range(len(x.shape))])
    total = sum(broadcast_like(weights, x), axis)
    return divide(sum(multiply(x, weights), axis), total)


def _line_up(x, axis):
    """`x` with the reduced axes flattened into the last one, and how to restore them."""
    axes = normalize_axes(standard_axis(axis), len(x.shape), "ops.quantile")
    kept = [i for i in range(len(x.shape)) if i not in axes]
    sizes = shape(x)
    merged = transpose(x, (*kept, *axes))
    n = count(x, axes)
    merged = reshape(merged, (*[sizes[i] for i in kept], n if isinstance(n, int) else -1))
    return merged, axes


def quantile(x, q, axis=None, method="linear", keepdims=False):
    """Values below which given parts of the elements lie.

    Args:
        x: tensor; integers become floatx.
        q: number or vector from 0 to 1.
        axis: int, tuple of ints, or None for all axes.
        method: "linear", "lower", "higher", "midpoint" or "nearest": what to do between elements.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        float tensor; a vector `q` gives a first axis. NaN where an element is NaN.

    Raises:
        ValueError: unknown method.

    Example:
        >>> quantile([1.0, 2.0, 3.0], 0.5).item()
        2.0

    Source: Keras 3 names and defaults.
    """
    _check_method(method, "ops.quantile")
    wide, dtype = widened(x)
    q = convert_to_tensor(q, wide.dtype)
    merged, axes = _line_up(wide, axis)
    ordered = sort(merged, axis=-1)
    n = ordered.shape[-1]
    n = size_of(ordered, axes=(len(ordered.shape) - 1,)) if n is None else n
    last = subtract(cast(n, wide.dtype), 1.0)
    position = multiply(reshape(q, (-1,)), last)
    result = _between(ordered, position, method)
    result = where(any(isnan(merged), axis=-1, keepdims=True), float("nan"), result)
    return cast(_arranged(result, q, axes, keepdims), dtype)


def _arranged(result, q, axes, keepdims):
    """Quantiles along the last axis in the form that is asked for."""
    # The quantiles come first, as a new axis if q is a vector.
    order = (len(result.shape) - 1, *range(len(result.shape) - 1))
    result = transpose(result, order)
    if keepdims:
        result = expand_dims(result, tuple(a + 1 for a in axes))
    if not q.shape:
        result = reshape(result, shape(result)[1:])
    return result


def _check_method(method, where):
    if method not in _METHODS:
        raise ShapeError(explain(where, "unknown method", received=method, expected=str(_METHODS)))


def _between(ordered, position, method):
    low, high = floor(position), ceil(position)
    if method == "nearest":
        return take(ordered, cast(round(position), "int32"), axis=-1)
    below = take(ordered, cast(low, "int32"), axis=-1)
    if method == "lower":
        return below
    above = take(ordered, cast(high, "int32"), axis=-1)
    if method == "higher":
        return above
    part = 0.5 if method == "midpoint" else subtract(position, low)
    return add(below, multiply(subtract(above, below), part))


def nanquantile(x, q, axis=None, method="linear", keepdims=False):
    """Values below which given parts of the elements lie that are not NaN.

    Args:
        x: tensor; integers become floatx.
        q: number or vector from 0 to 1.
        axis: int, tuple of ints, or None for all axes.
        method: as in `quantile`.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        float tensor; a vector `q` gives a first axis. NaN where all is NaN.

    Raises:
        ValueError: unknown method.

    Example:
        >>> nanquantile([1.0, float("nan"), 3.0], 0.5).item()
        2.0

    Source: Keras 3 names and defaults.
    """
    _check_method(method, "ops.nanquantile")
    wide, dtype = widened(x)
    q = convert_to_tensor(q, wide.dtype)
    merged, axes = _line_up(wide, axis)
    # NaN is sorted to the end, so each row has its elements in front and its own last position.
    ordered = sort(merged, axis=-1)
    present = sum(cast(logical_not(isnan(merged)), wide.dtype), axis=-1, keepdims=True)
    position = multiply(reshape(q, (-1,)), maximum(subtract(present, 1.0), 0.0))
    low, high, middle = (cast(f(position), "int32") for f in (floor, ceil, round))
    if method == "nearest":
        result = take_along_axis(ordered, middle, axis=-1)
    else:
        below = take_along_axis(ordered, low, axis=-1)
        above = take_along_axis(ordered, high, axis=-1)
        part = {"lower": 0.0, "higher": 1.0, "midpoint": 0.5}.get(method)
        part = subtract(position, floor(position)) if part is None else part
        result = add(below, multiply(subtract(above, below), part))
    return cast(_arranged(result, q, axes, keepdims), dtype)


def nanpercentile(x, q, axis=None, method="linear", keepdims=False):
    """Values below which given percentages of the elements lie that are not NaN.

    Args:
        x: tensor; integers become floatx.
        q: number or vector from 0 to 100.
        axis: int, tuple of ints, or None for all axes.
        method: as in `quantile`.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        float tensor; a vector `q` gives a first axis.

    Example:
        >>> nanpercentile([1.0, float("nan"), 3.0], 50).item()
        2.0

    Source: Keras 3 names and defaults.
    """
    return nanquantile(x, _as_part(q), axis, method, keepdims)


def nanmedian(x, axis=None, keepdims=False):
    """Middle element over axes of what is not NaN, or the mean of the two in the middle.

    Args:
        x: tensor; integers become floatx.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        float tensor; NaN where all is NaN.

    Example:
        >>> nanmedian([1.0, float("nan"), 3.0]).item()
        2.0

    Source: Keras 3 names and defaults.
    """
    return nanquantile(x, 0.5, axis, "linear", keepdims)


def _as_part(q):
    """Percentages as parts of one, in full precision where they are plain numbers."""
    return divide(q, 100.0) if hasattr(q, "dtype") else numpy.asarray(q) / 100.0


def percentile(x, q, axis=None, method="linear", keepdims=False):
    """Values below which given percentages of the elements lie.

    Args:
        x: tensor; integers become floatx.
        q: number or vector from 0 to 100.
        axis: int, tuple of ints, or None for all axes.
        method: as in `quantile`.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        float tensor; a vector `q` gives a first axis.

    Example:
        >>> percentile([1.0, 2.0, 3.0], 50).item()
        2.0

    Source: Keras 3 names and defaults.
    """
    return quantile(x, _as_part(q), axis, method, keepdims)


def median(x, axis=None, keepdims=False):
    """Middle element over axes, or the mean of the two in the middle.

    Args:
        x: tensor; integers become floatx.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        float tensor; NaN where an element is NaN.

    Example:
        >>> median([3.0, 1.0, 2.0]).item()
        2.0

    Source: Keras 3 names and defaults.
    """
    return quantile(x, 0.5, axis, "linear", keepdims)


__all__ = [
    "average",
    "median",
    "nanmedian",
    "nanpercentile",
    "nanquantile",
    "percentile",
    "quantile",
]
