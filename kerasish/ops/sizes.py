"""Sizes: reading shapes, reshaping and broadcasting, also to sizes known at run time only."""

import operator

from kerasish.arrays import dtypes
from kerasish.core.modes import apply
from kerasish.core.primitive import as_input, primitive
from kerasish.core.structural import broadcast_to as broadcast_static
from kerasish.core.structural import (
    reshape_like,
    reshape_static,
    size_of,
    sum_to_like,
)
from kerasish.core.tensor import Tensor
from kerasish.errors import ShapeError, explain

# ---- reading shapes --------------------------------------------------------------------------


def shape(x):
    """Sizes of a tensor: ints where they are known, scalar int32 tensors where they are not.

    Args:
        x: tensor.

    Returns:
        tuple.

    Example:
        >>> shape([[1, 2, 3]])
        (1, 3)

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    sizes = x.shape
    if None not in sizes:
        return sizes
    return tuple(size_of(x, axes=(i,)) if n is None else n for i, n in enumerate(sizes))


def ndim(x):
    """Number of axes.

    Args:
        x: tensor.

    Returns:
        int.

    Example:
        >>> ndim([[1, 2, 3]])
        2

    Source: Keras 3 names and defaults.
    """
    return len(as_input(x).shape)


def size(x):
    """Number of elements: an int where it is known, else a scalar int32 tensor.

    Args:
        x: tensor.

    Returns:
        int or tensor.

    Example:
        >>> size([[1, 2, 3]])
        3

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    known = x.spec.size
    return size_of(x, axes=None) if known is None else known


def dtype(x):
    """Name of the element type.

    Args:
        x: tensor or array.

    Returns:
        str.

    Example:
        >>> dtype([1.0])
        'float32'

    Source: Keras 3 names and defaults.
    """
    return dtypes.standardize(x.dtype) if hasattr(x, "dtype") else as_input(x).dtype


# ---- sizes that may be tensors ---------------------------------------------------------------


def split_sizes(sizes):
    """Shape given by a user, in two parts: static sizes, and those known only at run time.

    Args:
        sizes: int, tensor, or sequence of ints and scalar tensors.

    Returns:
        tuple of ints with None at the sizes to come, list of the symbolic tensors for them.
    """
    if isinstance(sizes, Tensor) or hasattr(sizes, "_as_tensor"):
        sizes = list(sizes) if len(sizes.shape) else [sizes]
    elif not isinstance(sizes, (tuple, list)) and not hasattr(sizes, "__len__"):
        sizes = [sizes]
    pattern, late = [], []
    for n in sizes:
        if isinstance(n, Tensor) and n.is_symbolic:
            pattern.append(None)
            late.append(n)
        elif n is None:
            raise ShapeError(
                explain("shape", "a size is None", received=tuple(sizes),
                        fix="ops.shape(x)[i] gives a size that is known at run time, -1 infers it")
            )  # fmt: skip
        else:
            pattern.append(operator.index(n))
    return tuple(pattern), late


def fill_sizes(pattern, late):
    """The shape, once the late sizes are arrays of a running program."""
    late = iter(late)
    return tuple([int(next(late)) if n is None else n for n in pattern])


@primitive(
    spec=lambda x, *sizes, pattern: x.with_shape(pattern),
    joint_vjp=lambda g, x_like, sizes: [reshape_like(g, x_like), *[None] * len(sizes)],
    tags=("view",),
)
def reshape_to_sizes(xp, x, /, *sizes, pattern=()):
    """`x` in a shape of which some sizes are known at run time only."""
    return x.reshape(fill_sizes(pattern, sizes))


def reshape(x, newshape):
    """The same elements, in row-major order, in another shape.

    Args:
        x: tensor.
        newshape: int or tuple of ints; one may be -1, to be inferred. Sizes from `ops.shape` may be
            scalar tensors.

    Returns:
        tensor of that shape.

    Raises:
        ShapeError: another number of elements.

    Example:
        >>> reshape([1, 2, 3, 4], (2, -1)).tolist()
        [[1, 2], [3, 4]]

    Source: Keras 3 names and defaults.
    """
    if type(x) is not Tensor:
        x = as_input(x)
    if type(newshape) is tuple and all(type(n) is int for n in newshape):
        return apply(_RESHAPE, (x,), {"shape": newshape})
    pattern, late = split_sizes(newshape)
    if len(late) == 1 and -1 not in pattern and 0 not in pattern:
        pattern, late = tuple(-1 if n is None else n for n in pattern), []
    if late:
        if -1 in pattern:
            return _reshape_inferring(x, pattern, late)
        return reshape_to_sizes(x, *late, pattern=pattern)
    return reshape_static(x, shape=pattern)


_RESHAPE = reshape_static.operation


@primitive(
    spec=lambda x, *sizes, pattern: x.with_shape([None if n == -1 else n for n in pattern]),
    joint_vjp=lambda g, x_like, sizes: [reshape_like(g, x_like), *[None] * len(sizes)],
    tags=("view",),
    name="reshape_inferring",
)
def _reshape_inferring_primitive(xp, x, /, *sizes, pattern=()):
    return x.reshape(fill_sizes(pattern, sizes))


def _reshape_inferring(x, pattern, late):
    return _reshape_inferring_primitive(x, *late, pattern=pattern)


@primitive(
    spec=lambda x, *sizes, pattern: x.with_shape(pattern),
    joint_vjp=lambda g, x_like, sizes: [sum_to_like(g, x_like), *[None] * len(sizes)],
    tags=("view",),
)
def broadcast_to_sizes(xp, x, /, *sizes, pattern=()):
    """`broadcast_to` a shape of which some sizes are known at run time only."""
    return xp.broadcast_to(x, fill_sizes(pattern, sizes))


def broadcast_to(x, shape):
    """Repeat `x` along new and size-1 axes until it has `shape` (no copy is made).

    Args:
        x: tensor.
        shape: tuple of ints, or of scalar tensors from `ops.shape`.

    Returns:
        tensor of that shape.

    Raises:
        ShapeError: the shapes do not broadcast.

    Example:
        >>> broadcast_to([1, 2], (2, 2)).tolist()
        [[1, 2], [1, 2]]

    Source: Keras 3 names and defaults.
    """
    pattern, late = split_sizes(shape)
    if late:
        return broadcast_to_sizes(x, *late, pattern=pattern)
    return broadcast_static(x, shape=pattern)


def ravel(x):
    """The elements in row-major order, on one axis.

    Args:
        x: tensor.

    Returns:
        tensor of one axis.

    Example:
        >>> ravel([[1, 2], [3, 4]]).tolist()
        [1, 2, 3, 4]

    Source: Keras 3 names and defaults.
    """
    return reshape(x, (-1,))


__all__ = [
    "broadcast_to",
    "dtype",
    "ndim",
    "ravel",
    "reshape",
    "shape",
    "size",
]
