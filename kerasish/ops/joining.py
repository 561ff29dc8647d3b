"""Joining tensors along an axis and splitting them again."""

import operator

from kerasish.core.primitive import as_input, primitive, promote
from kerasish.core.spec import normalize_axis
from kerasish.core.structural import size_of
from kerasish.errors import ShapeError, explain
from kerasish.ops.axes import expand_dims
from kerasish.ops.items import get_item
from kerasish.ops.sizes import reshape


def _along(axis, part):
    return (*(slice(None),) * axis, part)


# ---- concatenate -----------------------------------------------------------------------------


def _concatenate_spec(*xs, axis):
    first = xs[0]
    sizes = list(first.shape)
    for x in xs[1:]:
        if len(x.shape) != len(sizes):
            raise ValueError("all inputs must have the same number of axes")
        for i, n in enumerate(x.shape):
            if i == axis:
                sizes[i] = None if None in (n, sizes[i]) else sizes[i] + n
            elif None not in (n, sizes[i]) and n != sizes[i]:
                raise ValueError(f"sizes along axis {i} differ: {sizes[i]} and {n}")
            elif sizes[i] is None:
                sizes[i] = n
    return first.with_shape(sizes)


def _concatenate_rule(g, xs_like, axis):
    sizes = [x.shape[axis] for x in xs_like]
    if None in sizes:
        parts = [size_of(x, axes=(axis,)) for x in xs_like]
        return [
            _part_of_joined(g, *parts, axis=axis, position=i, size=n) for i, n in enumerate(sizes)
        ]
    ends = _running(sizes)
    return [get_item(g, _along(axis, slice(e - n, e))) for n, e in zip(sizes, ends, strict=True)]


def _running(sizes):
    total, ends = 0, []
    for n in sizes:
        total += n
        ends.append(total)
    return ends


@primitive(spec=_concatenate_spec, joint_vjp=_concatenate_rule, name="concatenate")
def _concatenate(xp, /, *xs, axis=0, out=None):
    return xp.concatenate(xs, axis=axis, out=out)


def _part_spec(g, *sizes, axis, position, size):
    shape = list(g.shape)
    shape[axis] = size
    return g.with_shape(shape)


def _part_rule(g, sizes, axis, position, size):
    return [_part_among_zeros(g, *sizes, axis=axis, position=position), *[None] * len(sizes)]


@primitive(spec=_part_spec, joint_vjp=_part_rule, tags=("view",), name="part_of_joined")
def _part_of_joined(xp, g, /, *sizes, axis=0, position=0, size=None):
    start = sum([int(n) for n in sizes[:position]])
    return g[_along(axis, slice(start, start + int(sizes[position])))]


def _among_zeros_spec(g, *sizes, axis, position):
    shape = list(g.shape)
    shape[axis] = None
    return g.with_shape(shape)


def _among_zeros_rule(g, g_like, sizes, axis, position):
    part = _part_of_joined(g, *sizes, axis=axis, position=position, size=g_like.shape[axis])
    return [part, *[None] * len(sizes)]


@primitive(spec=_among_zeros_spec, joint_vjp=_among_zeros_rule, name="part_among_zeros")
def _part_among_zeros(xp, g, /, *sizes, axis=0, position=0):
    known = [int(n) for n in sizes]
    shape = list(g.shape)
    shape[axis] = sum(known)
    whole = xp.zeros(shape, g.dtype)
    start = sum(known[:position])
    whole[_along(axis, slice(start, start + known[position]))] = g
    return whole


def concatenate(xs, axis=0):
    """Tensors joined along an axis they have.

    Args:
        xs: list of tensors that agree in all other sizes.
        axis: int, or None to flatten them first.

    Returns:
        tensor of the promoted dtype.

    Raises:
        ShapeError: sizes that differ, or no tensors.

    Example:
        >>> concatenate([[1, 2], [3]]).tolist()
        [1, 2, 3]

    Source: Keras 3 names and defaults.
    """
    xs = _promoted(xs, "ops.concatenate")
    if axis is None:
        xs, axis = [reshape(x, (-1,)) for x in xs], 0
    if not xs[0].shape:
        raise ShapeError(
            explain("ops.concatenate", "scalars have no axis to join along", fix="use ops.stack")
        )
    return _concatenate(*xs, axis=normalize_axis(axis, len(xs[0].shape), "ops.concatenate"))


def _promoted(xs, where):
    xs = list(xs)
    if not xs:
        raise ShapeError(explain(where, "at least one tensor is needed", received=[]))
    return promote(*[as_input(x) for x in xs])


def append(x1, x2, axis=None):
    """Two tensors joined along an axis.

    Args:
        x1: tensor.
        x2: tensor.
        axis: int, or None to flatten both first.

    Returns:
        tensor.

    Example:
        >>> append([1, 2], [3]).tolist()
        [1, 2, 3]

    Source: Keras 3 names and defaults.
    """
    return concatenate([x1, x2], axis=axis)


# ---- stack -----------------------------------------------------------------------------------


def _stack_spec(*xs, axis):
    sizes = list(xs[0].shape)
    for x in xs[1:]:
        if len(x.shape) != len(sizes):
            raise ValueError("all inputs must have the same shape")
        for i, n in enumerate(x.shape):
            if None not in (n, sizes[i]) and n != sizes[i]:
                raise ValueError(f"all inputs must have the same shape: {tuple(sizes)}, {x.shape}")
            sizes[i] = n if sizes[i] is None else sizes[i]
    place = normalize_axis(axis, len(sizes) + 1, "ops.stack")
    return xs[0].with_shape([*sizes[:place], len(xs), *sizes[place:]])


def _stack_rule(g, xs_like, axis):
    place = normalize_axis(axis, len(xs_like[0].shape) + 1)
    return [get_item(g, _along(place, i)) for i in range(len(xs_like))]


@primitive(spec=_stack_spec, joint_vjp=_stack_rule, name="stack")
def _stack(xp, /, *xs, axis=0, out=None):
    return xp.stack(xs, axis=axis, out=out)


def stack(x, axis=0):
    """Tensors joined along a new axis.

    Args:
        x: list of tensors of one shape.
        axis: int. Position of the new axis in the result.

    Returns:
        tensor of the promoted dtype.

    Raises:
        ShapeError: shapes that differ, or no tensors.

    Example:
        >>> stack([[1, 2], [3, 4]], axis=1).tolist()
        [[1, 3], [2, 4]]

    Source: Keras 3 names and defaults.
    """
    return _stack(*_promoted(x, "ops.stack"), axis=operator.index(axis))


def hstack(xs):
    """Tensors joined along the second axis; vectors along their only one.

    Args:
        xs: list of tensors.

    Returns:
        tensor.

    Example:
        >>> hstack([[1, 2], [3]]).tolist()
        [1, 2, 3]

    Source: Keras 3 names and defaults.
    """
    xs = [_at_least(as_input(x), 1) for x in xs]
    return concatenate(xs, axis=0 if xs and len(xs[0].shape) == 1 else 1)


def vstack(xs):
    """Tensors joined along the first axis; vectors become rows.

    Args:
        xs: list of tensors.

    Returns:
        tensor of two axes or more.

    Example:
        >>> vstack([[1, 2], [3, 4]]).tolist()
        [[1, 2], [3, 4]]

    Source: Keras 3 names and defaults.
    """
    return concatenate([_at_least(as_input(x), 2) for x in xs], axis=0)


def dstack(xs):
    """Tensors joined along the third axis.

    Args:
        xs: list of tensors.

    Returns:
        tensor of three axes or more.

    Example:
        >>> dstack([[1, 2], [3, 4]]).tolist()
        [[[1, 3], [2, 4]]]

    Source: Keras 3 names and defaults.
    """
    return concatenate([_at_least(as_input(x), 3) for x in xs], axis=2)


def _at_least(x, ndim):
    missing = ndim - len(x.shape)
    if missing <= 0:
        return x
    if ndim == 3:
        return expand_dims(x, {1: 2, 2: (0, 2), 3: (0, 1, 2)}[missing])
    return expand_dims(x, tuple(range(missing)))


__all__ = [
    "append",
    "concatenate",
    "dstack",
    "hstack",
    "stack",
    "vstack",
]
