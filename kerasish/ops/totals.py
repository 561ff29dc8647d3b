"""Totals over axes: sum, mean and product, and what all reductions share.

Half-precision floats are accumulated in float32; small integers and bool in 32 bits.
"""

import math
import operator

from kerasish.arrays import dtypes
from kerasish.core.primitive import as_input, primitive
from kerasish.core.spec import TensorSpec, normalize_axes
from kerasish.core.structural import broadcast_like, cast, count
from kerasish.ops.arithmetic import divide, multiply
from kerasish.ops.axes import _expand_dims
from kerasish.ops.cumulative import products_of_others
from kerasish.ops.delivery import deliver
from kerasish.ops.sizes import reshape

# ---- shared parts ----------------------------------------------------------------------------


def standard_axis(axis):
    """Axis argument of a user as a static parameter: None, an int, or a tuple of ints."""
    if axis is None or type(axis) is int:
        return axis
    if hasattr(axis, "__len__"):
        return tuple([operator.index(a) for a in axis])
    return operator.index(axis)


def reduced_shape(x, axis, keepdims, where="axis"):
    """Shape that is left of a spec's after a reduction."""
    axes = normalize_axes(axis, x.ndim, where)
    if keepdims:
        return [1 if i in axes else n for i, n in enumerate(x.shape)]
    return [n for i, n in enumerate(x.shape) if i not in axes]


def restore_axes(g, x_like, axis, keepdims):
    """A reduction's output (or its cotangent) in a shape that broadcasts with the input."""
    if keepdims or axis is None:
        return g
    return _expand_dims(g, axis=normalize_axes(axis, len(x_like.shape)))


_SUM_DTYPES = {"bool": "int32", "int8": "int32", "int16": "int32", "uint8": "uint32",
               "uint16": "uint32"}  # fmt: skip
_WIDE = {"float16": "float32", "bfloat16": "float32"}


def _sum_spec(x, axis, keepdims):
    return TensorSpec(reduced_shape(x, axis, keepdims), _SUM_DTYPES.get(x.dtype, x.dtype))


def _mean_spec(x, axis, keepdims):
    return x.with_shape(reduced_shape(x, axis, keepdims))


def _accumulate(xp, x, axis, keepdims, out):
    """Sum in a dtype wide enough."""
    kind = x.dtype
    if kind.kind in "fc" and kind.itemsize >= 4:
        return x.sum(axis=axis, keepdims=keepdims, out=out)
    name = dtypes.name_of(kind)
    if name in _WIDE:
        wide = x.sum(axis=axis, dtype=xp.float32, keepdims=keepdims)
        return deliver(wide.astype(kind), out)
    whole = dtypes.to_numpy(_SUM_DTYPES.get(name, name))  # NumPy would go to 64 bits
    return x.sum(axis=axis, dtype=whole, keepdims=keepdims, out=out)


# ---- sum, mean, product ----------------------------------------------------------------------


@primitive(
    spec=_sum_spec,
    vjp=lambda g, x_like, axis, keepdims: broadcast_like(
        restore_axes(g, x_like, axis, keepdims), x_like
    ),
    name="sum",
)
def _sum(xp, x, /, axis=None, keepdims=False, out=None):
    return _accumulate(xp, x, axis, keepdims, out)


def sum(x, axis=None, keepdims=False):
    """Sum over axes.

    Args:
        x: tensor.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        tensor of the dtype of `x`; bool and integers below 32 bits give int32 or uint32.

    Accuracy: float16 and bfloat16 are accumulated in float32.

    Example:
        >>> sum([[1.0, 2.0], [3.0, 4.0]], axis=0).tolist()
        [4.0, 6.0]

    Source: Keras 3 names and defaults.
    """
    return _sum(x, axis=standard_axis(axis), keepdims=keepdims)


def _mean_rule(g, x_like, axis, keepdims):
    n = count(x_like, None if axis is None else normalize_axes(axis, len(x_like.shape)))
    if isinstance(n, int):
        g = multiply(g, 1.0 / n if n else math.nan)
    else:
        g = divide(g, n)
    return broadcast_like(restore_axes(g, x_like, axis, keepdims), x_like)


@primitive(spec=_mean_spec, vjp=_mean_rule, floats=True, name="mean")
def _mean(xp, x, /, axis=None, keepdims=False, out=None):
    is_half = x.dtype.itemsize == 2
    total = x.sum(
        axis=axis,
        dtype=xp.float32 if is_half else None,
        keepdims=keepdims,
        out=None if is_half else out,
    )
    n = x.size // total.size if total.size else 1
    if not is_half:
        return xp.true_divide(total, n, out=out)
    return deliver(xp.true_divide(total, n).astype(x.dtype), out)


def mean(x, axis=None, keepdims=False):
    """Arithmetic mean over axes; NaN of nothing.

    Args:
        x: tensor; integers become floatx.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        float tensor.

    Accuracy: float16 and bfloat16 are accumulated in float32.

    Example:
        >>> mean([[1.0, 2.0], [3.0, 4.0]], axis=0).tolist()
        [2.0, 3.0]

    Source: Keras 3 names and defaults.
    """
    return _mean(x, axis=standard_axis(axis), keepdims=keepdims)


@primitive(
    spec=_sum_spec,
    vjp=lambda g, x, axis, keepdims: multiply(
        restore_axes(g, x, axis, keepdims), products_of_others(x, axis)
    ),
    name="prod",
)
def _prod(xp, x, /, axis=0, keepdims=False):
    name = dtypes.name_of(x.dtype)
    wide = dtypes.to_numpy(_WIDE.get(name) or _SUM_DTYPES.get(name, name))
    total = x.prod(axis=axis, dtype=wide, keepdims=keepdims)
    return total.astype(x.dtype) if name in _WIDE else total


def prod(x, axis=None, keepdims=False, dtype=None):
    """Product over axes.

    Args:
        x: tensor.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.
        dtype: dtype-like. The elements are cast to it first.

    Returns:
        tensor of the dtype of `x`; bool and integers below 32 bits give int32 or uint32.

    Derivative: exact also where elements are 0.

    Example:
        >>> prod([[1.0, 2.0], [3.0, 4.0]], axis=0).tolist()
        [3.0, 8.0]

    Source: Keras 3 names and defaults.
    """
    x = as_input(x) if dtype is None else cast(x, dtype)
    axis = standard_axis(axis)
    if axis is None and not keepdims:
        return _prod(reshape(x, (-1,)), axis=0, keepdims=False)
    # One axis at a time, the last first, so that the numbers of those to come stay valid.
    for a in reversed(normalize_axes(axis, len(x.shape), "ops.prod")):
        x = _prod(x, axis=a, keepdims=keepdims)
    return x


__all__ = [
    "mean",
    "prod",
    "sum",
]
