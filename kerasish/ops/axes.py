"""Axes: adding, removing, reordering, reversing and rotating them."""

import operator

from kerasish.core.primitive import as_input, primitive, same_spec
from kerasish.core.spec import normalize_axes, normalize_axis
from kerasish.core.structural import reshape_like
from kerasish.core.tensor import Tensor
from kerasish.errors import ShapeError, explain


def _expanded_shape(x, axis):
    axes = normalize_axes(axis, x.ndim + len(axis), "ops.expand_dims")
    sizes = iter(x.shape)
    return [1 if i in axes else next(sizes) for i in range(x.ndim + len(axes))]


@primitive(
    spec=lambda x, axis: x.with_shape(_expanded_shape(x, axis)),
    vjp=lambda g, x_like: reshape_like(g, x_like),
    tags=("view",),
    name="expand_dims",
)
def _expand_dims(xp, x, /, axis=()):
    return x.reshape(_expanded_shape(x, axis))


def expand_dims(x, axis):
    """New axes of size 1.

    Args:
        x: tensor.
        axis: int or tuple of ints. Their positions in the result.

    Returns:
        tensor.

    Raises:
        ShapeError: axis out of range, or named twice.

    Example:
        >>> expand_dims([1, 2], 0).shape
        (1, 2)

    Source: Keras 3 names and defaults.
    """
    return _expand_dims(x, axis=axes_of(axis))


def axes_of(axis):
    """Tuple of ints from an int or a sequence of them."""
    return (
        tuple([operator.index(a) for a in axis])
        if hasattr(axis, "__len__")
        else (operator.index(axis),)
    )


def _squeezed_axes(x, axis):
    if axis is None:
        return tuple(i for i, n in enumerate(x.shape) if n == 1)
    axes = normalize_axes(axis, len(x.shape), "ops.squeeze")
    for a in axes:
        if x.shape[a] not in (1, None):
            raise ShapeError(
                explain("ops.squeeze", "only axes of size 1 can be removed",
                        received=f" axis {a} of shape {tuple(x.shape)}")
            )  # fmt: skip
    return axes


def _squeezed_shape(x, axis):
    axes = _squeezed_axes(x, axis)
    return [n for i, n in enumerate(x.shape) if i not in axes]


@primitive(
    spec=lambda x, axis: x.with_shape(_squeezed_shape(x, axis)),
    vjp=lambda g, x_like: reshape_like(g, x_like),
    tags=("view",),
    name="squeeze",
)
def _squeeze(xp, x, /, axis=None):
    return x.reshape(_squeezed_shape(x, axis))


def squeeze(x, axis=None):
    """Axes of size 1 removed.

    Args:
        x: tensor.
        axis: int, tuple of ints, or None for all axes of size 1.

    Returns:
        tensor.

    Raises:
        ShapeError: an axis of another size.

    Example:
        >>> squeeze([[1, 2]]).shape
        (2,)

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    # Inside a trace an unknown size may be 1 at run time, so the axes are fixed now.
    return _squeeze(x, axis=_squeezed_axes(x, None if axis is None else axes_of(axis)))


def _permutation(x, axes):
    if axes is None:
        return tuple(range(len(x.shape) - 1, -1, -1))
    if len(axes) != len(x.shape):
        raise ShapeError(
            explain("ops.transpose", "axes must name every axis once", received=axes,
                    expected=f"a permutation of {tuple(range(len(x.shape)))}")
        )  # fmt: skip
    return tuple([normalize_axis(a, len(x.shape), "ops.transpose") for a in axes])


def _transpose_rule(g, x_like, axes):
    order = _permutation(x_like, axes)
    return _transpose(g, axes=tuple(sorted(range(len(order)), key=order.__getitem__)))


@primitive(
    spec=lambda x, axes: x.with_shape([x.shape[a] for a in _permutation(x, axes)]),
    vjp=_transpose_rule,
    tags=("view",),
    name="transpose",
)
def _transpose(xp, x, /, axes=None):
    return x.transpose(axes)


def transpose(x, axes=None):
    """Axes in another order.

    Args:
        x: tensor.
        axes: tuple of ints, for each axis of the result its axis in `x`; None reverses them.

    Returns:
        tensor.

    Raises:
        ShapeError: not a permutation.

    Example:
        >>> transpose([[1, 2], [3, 4]]).tolist()
        [[1, 3], [2, 4]]

    Source: Keras 3 names and defaults.
    """
    return _transpose(x, axes=None if axes is None else axes_of(axes))


def swapaxes(x, axis1, axis2):
    """Two axes exchanged.

    Args:
        x: tensor.
        axis1: int.
        axis2: int.

    Returns:
        tensor.

    Example:
        >>> swapaxes([[1, 2], [3, 4]], 0, 1).tolist()
        [[1, 3], [2, 4]]

    Source: Keras 3 names and defaults.
    """
    if type(x) is not Tensor:
        x = as_input(x)
    order = list(range(len(x.shape)))
    axis1 = normalize_axis(axis1, len(order), "ops.swapaxes")
    axis2 = normalize_axis(axis2, len(order), "ops.swapaxes")
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return _transpose(x, axes=tuple(order))


def moveaxis(x, source, destination):
    """Axes moved to other positions; the rest keep their order.

    Args:
        x: tensor.
        source: int or tuple of ints.
        destination: int or tuple of as many ints.

    Returns:
        tensor.

    Raises:
        ShapeError: different numbers of axes.

    Example:
        >>> moveaxis([[[1], [2]]], 0, -1).shape
        (2, 1, 1)

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    n = len(x.shape)
    moved = [normalize_axis(a, n, "ops.moveaxis") for a in axes_of(source)]
    places = [normalize_axis(a, n, "ops.moveaxis") for a in axes_of(destination)]
    if len(moved) != len(places):
        raise ShapeError(
            explain("ops.moveaxis", "source and destination differ in length",
                    received=(source, destination))
        )  # fmt: skip
    order = [a for a in range(n) if a not in moved]
    for place, axis in sorted(zip(places, moved, strict=True)):
        order.insert(place, axis)
    return _transpose(x, axes=tuple(order))


@primitive(spec=same_spec, vjp=lambda g, axis: _flip(g, axis=axis), tags=("view",), name="flip")
def _flip(xp, x, /, axis=None):
    return xp.flip(x, axis)


def flip(x, axis=None):
    """Order of the elements reversed along axes.

    Args:
        x: tensor.
        axis: int, tuple of ints, or None for all.

    Returns:
        tensor of the same shape.

    Example:
        >>> flip([1, 2, 3]).tolist()
        [3, 2, 1]

    Source: Keras 3 names and defaults.
    """
    return _flip(x, axis=None if axis is None else axes_of(axis))


def flipud(x):
    """Order reversed along the first axis.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape.

    Example:
        >>> flipud([[1], [2]]).tolist()
        [[2], [1]]

    Source: Keras 3 names and defaults.
    """
    return flip(x, 0)


def fliplr(x):
    """Order reversed along the second axis.

    Args:
        x: tensor of two or more axes.

    Returns:
        tensor of the same shape.

    Example:
        >>> fliplr([[1, 2]]).tolist()
        [[2, 1]]

    Source: Keras 3 names and defaults.
    """
    return flip(x, 1)


@primitive(
    spec=same_spec,
    vjp=lambda g, shift, axis: _roll(g, shift=_opposite(shift), axis=axis),
    name="roll",
)
def _roll(xp, x, /, shift=0, axis=None):
    return xp.roll(x, shift, axis)


def _opposite(shift):
    return tuple(-s for s in shift) if isinstance(shift, tuple) else -shift


def roll(x, shift, axis=None):
    """Elements moved along axes; those that leave at one end come back at the other.

    Args:
        x: tensor.
        shift: int, or tuple of ints with one for each axis.
        axis: int, tuple of ints, or None to roll the flattened elements.

    Returns:
        tensor of the same shape.

    Example:
        >>> roll([1, 2, 3], 1).tolist()
        [3, 1, 2]

    Source: Keras 3 names and defaults.
    """
    shift = axes_of(shift) if hasattr(shift, "__len__") else operator.index(shift)
    axis = axis if axis is None or not hasattr(axis, "__len__") else axes_of(axis)
    return _roll(x, shift=shift, axis=axis)


def rot90(array, k=1, axes=(0, 1)):
    """Rotation by 90 degrees in the plane of two axes, from the first towards the second.

    Args:
        array: tensor of two or more axes.
        k: int. How many times.
        axes: tuple of two ints.

    Returns:
        tensor.

    Raises:
        ShapeError: not two different axes.

    Example:
        >>> rot90([[1, 2], [3, 4]]).tolist()
        [[2, 4], [1, 3]]

    Source: Keras 3 names and defaults.
    """
    array = as_input(array)
    first, second = (normalize_axis(a, len(array.shape), "ops.rot90") for a in axes)
    if first == second:
        raise ShapeError(explain("ops.rot90", "the two axes must differ", received=axes))
    turns = k % 4
    if turns == 0:
        return array
    if turns == 2:
        return flip(array, (first, second))
    if turns == 1:
        return swapaxes(flip(array, second), first, second)
    return flip(swapaxes(array, first, second), second)


__all__ = [
    "expand_dims",
    "flip",
    "fliplr",
    "flipud",
    "moveaxis",
    "roll",
    "rot90",
    "squeeze",
    "swapaxes",
    "transpose",
]
