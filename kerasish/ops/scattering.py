"""Writing to chosen places of a copy: scatter, scatter_update, slice and slice_update."""

import operator

from kerasish.core.primitive import as_input, primitive
from kerasish.core.structural import cast
from kerasish.core.structural import full_like as fill_like
from kerasish.core.tensor import Tensor
from kerasish.errors import GradientError, ShapeError, explain
from kerasish.ops.arithmetic import divide, multiply
from kerasish.ops.comparison import equal
from kerasish.ops.items import assign_item, assign_places, get_item, places_among_zeros, take_places
from kerasish.ops.remainders import floor_divide, mod
from kerasish.ops.sizes import split_sizes
from kerasish.ops.splitting import unstack

_builtin_slice = slice  # the public function of this name is Keras's

# ---- scatter ---------------------------------------------------------------------------------


def scatter(indices, values, shape):
    """Zeros with values added at the given places; values for the same place are summed.

    Args:
        indices: integer tensor (..., depth): each last axis is the start of an index.
        values: tensor of shape `indices.shape[:-1] + shape[depth:]`.
        shape: tuple of ints. Shape of the result.

    Returns:
        tensor of the dtype of `values`.

    Raises:
        ShapeError: shapes that do not fit, or an index out of range.

    Example:
        >>> scatter([[0], [2], [2]], [1.0, 2.0, 3.0], (3,)).tolist()
        [1.0, 0.0, 5.0]

    Source: Keras 3 names and defaults.
    """
    shape = tuple(operator.index(n) for n in shape)
    return places_among_zeros(as_input(values), unstack(indices, axis=-1), shape)


def _share_rule(g, x, updates, places, y, reduction, needs):
    """The cotangent goes to whoever attains the extreme, shared equally; a product has no rule."""
    if reduction == "mul":
        raise GradientError(
            explain("ops.scatter_update", 'reduction "mul" has no derivative', fix='use "add"')
        )
    kept = cast(equal(x, y), g.dtype)
    chosen = cast(equal(updates, take_places(y, places)), g.dtype)
    share = divide(g, add_places(kept, chosen, places))
    return [
        multiply(share, kept),
        multiply(take_places(share, places), chosen),
        *[None] * len(places),
    ]


@primitive(
    spec=lambda x, updates, *places, reduction: x.with_shape(x.shape),
    joint_vjp=_share_rule,
    name="scatter_extreme",
)
def _scatter_extreme(xp, x, updates, /, *places, reduction="max"):
    whole = x.copy()
    scatter_to = {"max": xp.scatter_max, "min": xp.scatter_min, "mul": xp.scatter_multiply}
    scatter_to[reduction](whole, places, updates)
    return whole


@primitive(
    spec=lambda x, updates, *places: x.with_shape(x.shape),
    joint_vjp=lambda g, places: [g, take_places(g, places), *[None] * len(places)],
    name="add_places",
)
def _add_places(xp, x, updates, /, *places):
    whole = x.copy()
    xp.scatter_add(whole, places, updates)
    return whole


def add_places(x, updates, places):
    """`x` with updates added where `places`, one index tensor for each leading axis, say."""
    return _add_places(x, updates, *places)


_REDUCTIONS = (None, "add", "max", "min", "mul")


def scatter_update(inputs, indices, updates, reduction=None):
    """Copy of a tensor with elements or slices replaced, or combined with updates.

    Args:
        inputs: tensor.
        indices: integer tensor (..., depth): each last axis is the start of an index.
        updates: tensor of shape `indices.shape[:-1] + inputs.shape[depth:]`.
        reduction: None to replace (of several updates the last one stays), "add", "max", "min" or
            "mul".

    Returns:
        tensor of the shape and dtype of `inputs`.

    Raises:
        ValueError: unknown reduction, or shapes that do not fit.

    Derivative: "max" and "min" share it equally among ties; none for "mul".

    Example:
        >>> scatter_update([1.0, 2.0, 3.0], [[1]], [9.0]).tolist()
        [1.0, 9.0, 3.0]

    Source: Keras 3 names and defaults.
    """
    if reduction not in _REDUCTIONS:
        raise ShapeError(
            explain("ops.scatter_update", "unknown reduction", received=reduction,
                    expected=str(_REDUCTIONS))
        )  # fmt: skip
    inputs = as_input(inputs)
    updates, places = cast(updates, inputs.dtype), unstack(indices, axis=-1)
    if reduction is None:
        return assign_places(inputs, updates, places)
    if reduction == "add":
        return add_places(inputs, updates, places)
    return _scatter_extreme(inputs, updates, *places, reduction=reduction)


# ---- slices ----------------------------------------------------------------------------------


def _window(starts, sizes):
    return tuple([_builtin_slice(int(s), int(s) + n) for s, n in zip(starts, sizes, strict=True)])


def _window_rule(g, x_like, starts):
    return [_update_window(fill_like(x_like, 0, g.dtype), g, *starts), None, *[None] * len(starts)]


@primitive(
    spec=lambda x, like, *starts, sizes: x.with_shape(like.shape if sizes is None else sizes),
    joint_vjp=_window_rule,
    tags=("view",),
)
def window_at(xp, x, like, /, *starts, sizes=None):
    """Part of `x` of static sizes, or of those of `like`, from starts known at run time only."""
    return x[_window(starts, like.shape if sizes is None else sizes)]


def _update_window_rule(g, updates_like, starts):
    zeros = fill_like(updates_like, 0, g.dtype)
    if None in updates_like.shape:
        part = window_at(g, updates_like, *starts, sizes=None)
    else:
        part = window_at(g, None, *starts, sizes=tuple(updates_like.shape))
    return [_update_window(g, zeros, *starts), part, *[None] * len(starts)]


@primitive(
    spec=lambda x, updates, *starts: x.with_shape(x.shape),
    joint_vjp=_update_window_rule,
    name="update_window",
)
def _update_window(xp, x, updates, /, *starts):
    whole = x.copy()
    whole[_window(starts, updates.shape)] = updates
    return whole


def _starts(start_indices):
    """Starts as ints and symbolic tensors, and whether all are ints."""
    pattern, late = split_sizes(start_indices)
    late_ones = iter(late)
    return [next(late_ones) if s is None else s for s in pattern], not late


def slice(inputs, start_indices, shape):
    """Part of a tensor from a corner, of a given shape.

    Args:
        inputs: tensor.
        start_indices: tuple with an int or scalar tensor for each axis.
        shape: tuple of ints. Shape of the part.

    Returns:
        tensor of that shape.

    Raises:
        ShapeError: the part reaches beyond the tensor.

    Example:
        >>> slice([[1, 2, 3], [4, 5, 6]], (0, 1), (2, 2)).tolist()
        [[2, 3], [5, 6]]

    Source: Keras 3 names and defaults.
    """
    inputs = as_input(inputs)
    starts, are_static = _starts(start_indices)
    sizes = tuple(operator.index(n) for n in shape)
    _check_window("ops.slice", inputs, starts, sizes)
    if are_static:
        return get_item(inputs, _window(starts, sizes))
    return window_at(inputs, None, *starts, sizes=sizes)


def _check_window(where, inputs, starts, sizes):
    fits = len(starts) == len(sizes) == len(inputs.shape) and all(
        isinstance(s, Tensor) or n is None or (s >= 0 and s + m <= n)
        for s, m, n in zip(starts, sizes, inputs.shape, strict=True)
    )
    if not fits:
        raise ShapeError(
            explain(where, "the part reaches beyond the tensor",
                    received=f" start {tuple(starts)}, shape {sizes} in {tuple(inputs.shape)}")
        )  # fmt: skip


def slice_update(inputs, start_indices, updates):
    """Copy of a tensor with the part at a corner replaced.

    Args:
        inputs: tensor.
        start_indices: tuple with an int or scalar tensor for each axis.
        updates: tensor with as many axes.

    Returns:
        tensor of the shape and dtype of `inputs`.

    Raises:
        ShapeError: the part reaches beyond the tensor.

    Example:
        >>> slice_update([1, 2, 3], (1,), [9, 9]).tolist()
        [1, 9, 9]

    Source: Keras 3 names and defaults.
    """
    inputs = as_input(inputs)
    updates = cast(updates, inputs.dtype)
    starts, are_static = _starts(start_indices)
    if None in updates.shape or not are_static:
        return _update_window(inputs, updates, *[as_input(s) for s in starts])
    _check_window("ops.slice_update", inputs, starts, tuple(updates.shape))
    return assign_item(inputs, updates, _window(starts, updates.shape))


def unravel_index(indices, shape):
    """Index along each axis from the index into the flattened elements.

    Args:
        indices: integer tensor.
        shape: tuple of ints.

    Returns:
        tuple with a tensor for each axis.

    Example:
        >>> [i.tolist() for i in unravel_index([1, 5], (2, 3))]
        [[0, 1], [1, 2]]

    Source: Keras 3 names and defaults.
    """
    rest, places = as_input(indices), []
    for n in reversed(tuple(shape)):
        places.append(mod(rest, n))
        rest = floor_divide(rest, n)
    return tuple(reversed(places))


__all__ = [
    "scatter",
    "scatter_update",
    "slice",
    "slice_update",
    "unravel_index",
]
