"""Norms of vectors and matrices."""

import math

from kerasish.core.primitive import as_float_input
from kerasish.core.spec import normalize_axes
from kerasish.core.structural import cast
from kerasish.errors import ShapeError, explain
from kerasish.ops.arithmetic import absolute, square
from kerasish.ops.axes import expand_dims, moveaxis, squeeze
from kerasish.ops.comparison import not_equal
from kerasish.ops.exponential import power, sqrt
from kerasish.ops.extremes import max, min
from kerasish.ops.spectra import singular_values
from kerasish.ops.totals import standard_axis, sum


def norm(x, ord=None, axis=None, keepdims=False):
    """Norm of vectors (one axis) or matrices (two axes).

    Args:
        x: tensor; integers become floatx.
        ord: None for the root of the sum of squares; for vectors any number, `inf` or `-inf`; for
            matrices "fro", "nuc", 1, -1, 2, -2, `inf` or `-inf`.
        axis: int for vectors, pair of ints for matrices, None for the whole tensor (all elements as
            one vector where `ord` is None).
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        float tensor.

    Raises:
        ValueError: an `ord` that does not exist, or numbers of axes that do not fit.

    Example:
        >>> norm([3.0, 4.0]).item()
        5.0

    Source: Keras 3 names and defaults.
    """
    x = as_float_input(x)
    axes = standard_axis(axis)
    if axes is None and ord is None:
        axes = tuple(range(len(x.shape)))
        return sqrt(sum(square(x), axes, keepdims))
    axes = tuple(range(len(x.shape))) if axes is None else axes
    axes = (axes,) if isinstance(axes, int) else axes
    if len(axes) == 1:
        return _vector_norm(x, ord, axes[0], keepdims)
    if len(axes) == 2:
        return _matrix_norm(x, ord, axes, keepdims)
    raise ShapeError(
        explain("ops.norm", "a norm of this ord goes over one axis or two", received=(ord, axis))
    )


def _vector_norm(x, ord, axis, keepdims):
    if ord is None or ord == 2:
        return sqrt(sum(square(x), axis, keepdims))
    if isinstance(ord, str):
        raise _unknown(ord, "vectors")
    if ord == math.inf:
        return max(absolute(x), axis, keepdims)
    if ord == -math.inf:
        return min(absolute(x), axis, keepdims)
    if ord == 0:
        return sum(cast(not_equal(x, 0.0), x.dtype), axis, keepdims)
    if ord == 1:
        return sum(absolute(x), axis, keepdims)
    return power(sum(power(absolute(x), float(ord)), axis, keepdims), 1.0 / ord)


def _matrix_norm(x, ord, axes, keepdims):
    if ord in (None, "fro"):
        return sqrt(sum(square(x), axes, keepdims))
    rows, columns = (a % len(x.shape) for a in axes)
    if ord in (1, -1, math.inf, -math.inf):
        summed, rest = (rows, columns) if ord in (1, -1) else (columns, rows)
        totals = sum(absolute(x), summed, keepdims=True)
        result = (max if ord > 0 else min)(totals, rest, keepdims=True)
    elif ord in (2, -2, "nuc"):
        values = singular_values(moveaxis(x, (rows, columns), (-2, -1)))
        reduction = sum if ord == "nuc" else max if ord == 2 else min
        result = reduction(values, -1)
        return expand_dims(result, normalize_axes(axes, len(x.shape))) if keepdims else result
    else:
        raise _unknown(ord, "matrices")
    return result if keepdims else squeeze(result, (rows, columns))


def _unknown(ord, kind):
    return ShapeError(explain("ops.norm", f"there is no such norm of {kind}", received=ord))


__all__ = ["norm"]
