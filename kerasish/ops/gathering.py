"""Gathering by index along an axis, and its opposite, adding to the places an index names."""

import math

from kerasish.core.primitive import as_input, primitive
from kerasish.core.spec import normalize_axis
from kerasish.core.structural import broadcast_like, cast
from kerasish.core.tensor import Tensor
from kerasish.ops.sizes import reshape

# ---- take ------------------------------------------------------------------------------------


def _take_spec(x, indices, axis):
    return x.with_shape([*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]])


def _take_rule(g, x_like, indices, axis):
    return add_rows(g, indices, x_like, axis)


@primitive(spec=_take_spec, vjp=(_take_rule, None), name="take")
def _take(xp, x, indices, /, axis=0, out=None):
    if out is None or xp.is_gpu:
        return x.take(indices, axis=axis, out=out)
    n = x.shape[axis]
    if indices.size and (indices.max() >= n or indices.min() < -n):
        raise IndexError(f"an index is out of range for axis {axis} of size {n}")
    # With a buffer, NumPy's own check would go through another copy.
    return x.take(indices, axis=axis, out=out, mode="wrap")


def add_rows(g, indices, like, axis):
    """Zeros of the shape of `like`, to which `g` is added at the indices along an axis."""
    if None in like.shape:
        return _add_rows(g, indices, like, axis=axis, shape=None)
    return _add_rows(g, indices, None, axis=axis, shape=tuple(like.shape))


def _rows_spec(g, indices, like, axis, shape):
    return g.with_shape(like.shape if shape is None else shape)


@primitive(
    spec=_rows_spec, vjp=(lambda g, indices, axis: _take(g, indices, axis=axis),), name="add_rows"
)
def _add_rows(xp, g, indices, like=None, /, axis=0, shape=None):
    shape = tuple(like.shape) if shape is None else shape
    before, n, after = math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :])
    rows = g.reshape(before, indices.size, after)
    flat = indices.reshape(-1)
    whole = xp.zeros((before, n, after), g.dtype)
    if g.size == 0:
        return whole.reshape(shape)
    flat = xp.where(flat < 0, flat + n, flat)
    if xp.is_gpu:
        xp.scatter_add(whole, (slice(None), flat), rows)
    else:
        _add_sorted(xp, whole, flat, rows)
    return whole.reshape(shape)


def _add_sorted(xp, whole, flat, rows):
    """Sum runs of equal indices after sorting: many times faster than adding one by one."""
    order = xp.argsort(flat, kind="stable")
    ordered = flat[order]
    is_first = xp.ones(ordered.shape, bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    starts = xp.nonzero(is_first)[0]
    wide = xp.float32 if rows.dtype.itemsize == 2 else rows.dtype
    sums = xp.add.reduceat(rows[:, order], starts, axis=1, dtype=wide)
    whole[:, ordered[starts]] = sums.astype(whole.dtype, copy=False)


def take(x, indices, axis=None):
    """Slices of a tensor at the given indices along an axis.

    Args:
        x: tensor.
        indices: integer tensor of any shape; negative ones count from the end.
        axis: int, or None to index the flattened elements.

    Returns:
        tensor of shape `x.shape[:axis] + indices.shape + x.shape[axis + 1:]`.

    Raises:
        ShapeError: an index out of range (on the CPU; a GPU does not check).

    Derivative: an element that is taken twice receives both cotangents.

    Example:
        >>> take([10, 20, 30], [2, 0]).tolist()
        [30, 10]

    Source: Keras 3 names and defaults.
    """
    if type(x) is not Tensor:
        x = as_input(x)
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    return _take(x, _as_indices(indices), axis=normalize_axis(axis, len(x.shape), "ops.take"))


def _as_indices(indices):
    indices = as_input(indices)
    if indices.dtype not in ("int32", "int64"):
        indices = cast(indices, "int32")
    return indices


# ---- take_along_axis -------------------------------------------------------------------------


def _along_spec(x, indices, axis):
    shape = [
        n if i == axis else (_joint(m, n))
        for i, (m, n) in enumerate(zip(x.shape, indices.shape, strict=True))
    ]
    return x.with_shape(shape)


def _joint(m, n):
    return n if m == 1 else m if n == 1 or n is None else n


def _along_rule(g, x_like, indices, axis):
    return add_along_axis(g, broadcast_like(indices, g), x_like, axis)


@primitive(spec=_along_spec, vjp=(_along_rule, None), name="take_along_axis")
def _take_along_axis(xp, x, indices, /, axis=0):
    return xp.take_along_axis(x, indices, axis)


def add_along_axis(g, indices, like, axis):
    """Zeros of the shape of `like`, to which `g` is added at an index per element along an axis."""
    if None in like.shape:
        return _add_along_axis(g, indices, like, axis=axis, shape=None)
    return _add_along_axis(g, indices, None, axis=axis, shape=tuple(like.shape))


@primitive(
    spec=_rows_spec,
    vjp=(lambda g, indices, axis: _take_along_axis(g, indices, axis=axis),),
    name="add_along_axis",
)
def _add_along_axis(xp, g, indices, like=None, /, axis=0, shape=None):
    shape = like.shape if shape is None else shape
    # An axis of size 1 in `like` was broadcast: its places are summed by the walk.
    sizes = [shape[axis] if i == axis else n for i, n in enumerate(g.shape)]
    whole = xp.zeros(sizes, g.dtype)
    places = []
    for i, n in enumerate(g.shape):
        if i == axis:
            places.append(xp.where(indices < 0, indices + shape[axis], indices))
        else:
            places.append(xp.arange(n).reshape([-1 if j == i else 1 for j in range(g.ndim)]))
    xp.scatter_add(whole, tuple(places), g)
    extra = tuple(i for i, n in enumerate(shape) if n == 1 and sizes[i] != 1)
    return whole.sum(axis=extra, keepdims=True) if extra else whole


def take_along_axis(x, indices, axis=None):
    """For each place, the element that an index names along an axis.

    Args:
        x: tensor.
        indices: integer tensor with as many axes as `x`; other sizes broadcast.
        axis: int, or None to index the flattened elements.

    Returns:
        tensor of the shape of `indices`, broadcast.

    Raises:
        ShapeError: an index out of range, or other numbers of axes.

    Example:
        >>> take_along_axis([[10, 20], [30, 40]], [[1], [0]], axis=1).tolist()
        [[20], [30]]

    Source: Keras 3 names and defaults.
    """
    x, indices = as_input(x), _as_indices(indices)
    if axis is None:
        x, indices, axis = reshape(x, (-1,)), reshape(indices, (-1,)), 0
    axis = normalize_axis(axis, len(x.shape), "ops.take_along_axis")
    return _take_along_axis(x, indices, axis=axis)


__all__ = [
    "take",
    "take_along_axis",
]
