"""Indexing by NumPy's rules: reading parts of a tensor, and replacing them in a copy.

An index is split in two: a hashable pattern, and the tensors in it, which become inputs. So the
same operation serves `x[:, 0]`, `x[mask]` and `x[:n]` with sizes known at run time only.
"""

import operator
from typing import NamedTuple

import numpy

from kerasish.arrays import dtypes
from kerasish.core.primitive import as_input, primitive
from kerasish.core.spec import broadcast_shapes
from kerasish.core.structural import cast
from kerasish.core.tensor import Tensor, as_tensor
from kerasish.errors import ShapeError, explain


class _Slice(NamedTuple):
    """A slice in hashable form."""

    start: object
    stop: object
    step: object


class _Late:
    """Stands in a pattern for a tensor of the index."""

    def __repr__(self):
        return "tensor"


_LATE = _Late()


def split_index(index):
    """Any NumPy index as a hashable pattern and the list of tensors that belong in it.

    Raises:
        ShapeError: something that is no index.
    """
    parts = index if isinstance(index, tuple) else (index,)
    pattern, late = [], []
    for part in parts:
        if isinstance(part, slice):
            pattern.append(_Slice(*[_bound(b, late) for b in (part.start, part.stop, part.step)]))
        elif part is None or part is Ellipsis or type(part) is int:
            pattern.append(part)
        else:
            pattern.append(_position(part, late))
    return tuple(pattern), late


def _bound(bound, late):
    if bound is None or type(bound) is int:
        return bound
    if isinstance(bound, Tensor) and bound.is_symbolic:
        late.append(bound)
        return _LATE
    return operator.index(bound)


def _position(part, late):
    if isinstance(part, numpy.integer):
        return int(part)
    try:
        tensor = as_tensor(part) if not isinstance(part, bool) else as_tensor(numpy.asarray(part))
    except TypeError:
        tensor = None
    if tensor is not None and tensor.spec.size == 0 and isinstance(part, (list, tuple)):
        tensor = cast(tensor, "int32")  # an empty list has no dtype of its own
    if tensor is None or not (dtypes.is_integer(tensor.dtype) or tensor.dtype == "bool"):
        raise ShapeError(
            explain("index", "not usable as an index", received=part,
                    expected="int, slice, None, Ellipsis, or integer or bool tensors")
        )  # fmt: skip
    if not tensor.shape and not tensor.is_symbolic and tensor.dtype != "bool":
        return operator.index(tensor)
    late.append(tensor)
    return _LATE


def join_index(pattern, arrays):
    """The index for arrays, from a pattern and the arrays of its tensors."""
    arrays = iter(arrays)
    index = []
    for part in pattern:
        if type(part) is _Slice:
            index.append(slice(*[int(next(arrays)) if b is _LATE else b for b in part]))
        else:
            index.append(next(arrays) if part is _LATE else part)
    return tuple(index)


def _is_basic(pattern):
    return _LATE not in pattern


# ---- the shape of a part ---------------------------------------------------------------------


def _indexed_spec(x, *indices, pattern):
    """Shape of `x[index]`, without values."""
    consumed = sum(_axes_used(p, s) for p, s in _paired(pattern, indices))
    free = len(x.shape) - consumed
    if free < 0:
        raise IndexError(f"too many indices: {consumed} for shape {x.shape}")
    if Ellipsis not in pattern:
        pattern = (*pattern, Ellipsis)
    result, arrays, place, axis, scattered = [], [], None, 0, False
    last_was_array = False
    for part, spec in _paired(pattern, indices):
        is_array = part is _LATE or (type(part) is int and _LATE in pattern)
        if is_array:
            if place is None:
                place = len(result)
            elif not last_was_array:
                scattered = True
            arrays.append(_index_shape(part, spec))
            axis += _axes_used(part, spec)
        elif part is Ellipsis:
            result.extend(x.shape[axis : axis + free])
            axis += free
        elif part is None:
            result.append(1)
        elif type(part) is int:
            n = x.shape[axis]
            if n is not None and not -n <= part < n:
                raise IndexError(f"index {part} is out of bounds for axis {axis} with size {n}")
            axis += 1
        else:
            result.append(_sliced_size(part, x.shape[axis]))
            axis += 1
        last_was_array = is_array
    if arrays:
        found = broadcast_shapes(*arrays, where="index")
        place = 0 if scattered else place
        result[place:place] = found
    return x.with_shape(result)


def _paired(pattern, indices):
    """Each part with the spec of its tensor, or None (slices take theirs with them)."""
    specs = iter(indices)
    pairs = []
    for part in pattern:
        if type(part) is _Slice:
            for bound in part:
                if bound is _LATE:
                    next(specs)
            pairs.append((part, None))
        else:
            pairs.append((part, next(specs) if part is _LATE else None))
    return pairs


def _axes_used(part, spec):
    if part is None or part is Ellipsis:
        return 0
    return len(spec.shape) if spec is not None and spec.dtype == "bool" else 1


def _index_shape(part, spec):
    if spec is None:
        return ()
    return (None,) if spec.dtype == "bool" else spec.shape


def _sliced_size(part, n):
    if part == (None, None, None):
        return n
    if _LATE in part:
        return None
    if n is not None:
        return len(range(*slice(*part).indices(n)))
    return None


# ---- primitives ------------------------------------------------------------------------------


@primitive(
    spec=_indexed_spec,
    joint_vjp=lambda g, x_like, indices, pattern: [
        _embed(g, x_like, indices, pattern),
        *[None] * len(indices),
    ],
    tags=("view",),
    name="get_item",
)
def _get_item(xp, x, /, *indices, pattern=()):
    return x[join_index(pattern, indices)]


def _embed(g, x_like, indices, pattern):
    """Zeros of the shape of `x_like` with `g` added at an index: what a gradient of a part is."""
    shape = x_like.shape
    if None in shape:
        return _embed_item(g, x_like, *indices, pattern=pattern, shape=None)
    return _embed_item(g, None, *indices, pattern=pattern, shape=tuple(shape))


@primitive(
    spec=lambda g, like, *indices, pattern, shape: g.with_shape(like.shape if like else shape),
    joint_vjp=lambda g, indices, pattern: [
        _get_item(g, *indices, pattern=pattern),
        *[None] * (1 + len(indices)),
    ],
    name="embed_item",
)
def _embed_item(xp, g, like, /, *indices, pattern=(), shape=None):
    whole = xp.zeros(shape if like is None else like.shape, g.dtype)
    index = join_index(pattern, indices)
    if _is_basic(pattern) or _is_mask(index):
        whole[index] = g
    else:
        xp.scatter_add(whole, index, g)
    return whole


def _is_mask(index):
    """Whether no element can be selected twice."""
    return not any(getattr(part, "ndim", 0) and part.dtype.kind in "iu" for part in index)


def _assigned_spec(x, updates, *indices, pattern):
    part = _indexed_spec(x, *indices, pattern=pattern).shape
    extra = len(updates.shape) - len(part)
    fits = all(n in (1, None) for n in updates.shape[: max(0, extra)]) and all(
        n in (1, None, m) or m is None
        for n, m in zip(reversed(updates.shape), reversed(part), strict=False)
    )
    if not fits:
        raise ValueError(f"updates of shape {updates.shape} do not fit a part of shape {part}")
    return x.with_shape(x.shape)


@primitive(
    spec=_assigned_spec,
    joint_vjp=lambda g, x_like, indices, pattern, needs: [
        _assign_item(g, cast(0.0, g.dtype), *indices, pattern=pattern) if needs[0] else None,
        _get_item(g, *indices, pattern=pattern) if needs[1] else None,
        *[None] * len(indices),
    ],
    name="assign_item",
)
def _assign_item(xp, x, updates, /, *indices, pattern=()):
    whole = x.copy()
    whole[join_index(pattern, indices)] = updates
    return whole


# ---- public operations -----------------------------------------------------------------------


def get_item(x, key):
    """Part of a tensor, by NumPy's rules: `x[key]`.

    Args:
        x: tensor.
        key: int, slice, None, Ellipsis, integer or bool tensor, or a tuple of these.

    Returns:
        tensor.

    Raises:
        ShapeError: out of range, or not an index.

    Derivative: an element that is selected twice receives both cotangents.

    Example:
        >>> get_item([[1, 2], [3, 4]], (slice(None), 0)).tolist()
        [1, 3]

    Source: Keras 3 names and defaults.
    """
    if type(x) is not Tensor:
        x = as_input(x)
    pattern, late = split_index(key)
    return _get_item(x, *late, pattern=pattern)


def assign_item(x, updates, index):
    """Copy of a tensor with the part `x[index]` replaced.

    Args:
        x: tensor.
        updates: tensor that broadcasts to `x[index]`; cast to the dtype of `x`.
        index: as in `get_item`.

    Returns:
        tensor of the shape and dtype of `x`.

    Raises:
        ShapeError: shapes that do not fit, or an index out of range.

    Example:
        >>> assign_item([1, 2, 3], 0, slice(1, None)).tolist()
        [1, 0, 0]

    Source: NumPy's assignment `x[index] = updates`.
    """
    x = as_input(x)
    pattern, late = split_index(index)
    return _assign_item(x, cast(updates, x.dtype), *late, pattern=pattern)


# ---- places: one index tensor for each leading axis ------------------------------------------


def places_among_zeros(values, places, shape):
    """Zeros of a shape with values added at places."""
    return _embed_item(values, None, *places, pattern=(_LATE,) * len(places), shape=shape)


def take_places(x, places):
    """The elements or slices of `x` at places."""
    return _get_item(x, *places, pattern=(_LATE,) * len(places))


def assign_places(x, updates, places):
    """Copy of `x` with the elements or slices at places replaced."""
    return _assign_item(x, updates, *places, pattern=(_LATE,) * len(places))


# Variables reach these two by name.
_get_item.operation.public = lambda x, index: get_item(x, index)
_assign_item.operation.public = lambda x, updates, index: assign_item(x, updates, index)


__all__ = [
    "assign_item",
    "get_item",
]
