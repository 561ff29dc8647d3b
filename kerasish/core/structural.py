"""The few operations that the calculus itself needs: add, cast, and undoing or doing broadcasting.

Each `*_like` function takes the shape of another tensor. Where that shape is known it becomes a
static parameter; where it is not, the other tensor becomes an input that is read at run time.
"""

import math

import numpy

from kerasish.arrays import device as devices
from kerasish.arrays import dtypes
from kerasish.arrays.conversion import own_array
from kerasish.arrays.text import is_text
from kerasish.core.inputs import as_input, holds_tensor, stack_tensors
from kerasish.core.primitive import elementwise_spec, primitive
from kerasish.core.spec import TensorSpec, broadcast_shapes
from kerasish.core.tensor import Tensor, as_tensor


@primitive(
    spec=elementwise_spec,
    vjp=(lambda g: g, lambda g: g),
    tags=("elementwise",),
    promotes=True,
    ufunc="add",
)
def add(xp, x1, x2, /, out=None):
    """Sum, elementwise: `x1 + x2`.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        tensor of the broadcast shape and promoted dtype.

    Example:
        >>> add([1.0, 2.0], 1.0).tolist()
        [2.0, 3.0]

    Source: Keras 3 names and defaults.
    """
    return xp.add(x1, x2, out=out)


def _cast_rule(g, x_like):
    return cast(g, x_like.dtype)


@primitive(spec=lambda x, dtype: x.with_dtype(dtype), vjp=_cast_rule, tags=("view",), name="cast")
def _cast(xp, x, /, dtype="float32"):
    wanted = dtypes.to_numpy(dtype)
    if x.dtype.kind == "c" and wanted.kind not in "cb":
        x = x.real  # what astype does too, but with a warning
    return x.astype(wanted, copy=False)


def cast(x, dtype):
    """Values of `x` in another element type.

    Args:
        x: tensor.
        dtype: dtype-like. Float to integer truncates toward zero.

    Returns:
        tensor of the same shape; `x` itself where it has that dtype already.

    Example:
        >>> cast([1.7, -1.7], "int32").tolist()
        [1, -1]

    Source: Keras 3 names and defaults.
    """
    dtype = dtypes.standardize(dtype)
    if not hasattr(x, "_as_tensor"):
        x = as_input(x)
        if x.dtype == dtype:
            return x
    return _cast(x, dtype=dtype)


def convert_to_tensor(x, dtype=None, sparse=None, ragged=None):
    """Tensor of an array, number, nested list, variable or tensor.

    Args:
        x: array-like. Python floats become floatx, Python ints int32, arrays keep their dtype;
            text becomes a tensor of dtype "string".
        dtype: dtype-like or None.
        sparse: only False or None; there are no sparse tensors.
        ragged: only False or None.

    Returns:
        Tensor.

    Raises:
        DTypeError: not numbers, or lists of unequal lengths.

    Example:
        >>> convert_to_tensor([1, 2], dtype="float32")
        Tensor(shape=(2,), dtype=float32, value=[1., 2.])

    Source: Keras 3 names and defaults.
    """
    if sparse or ragged:
        raise ValueError("convert_to_tensor: sparse and ragged tensors are not supported")
    if isinstance(x, Tensor) or hasattr(x, "_as_tensor"):
        x = as_tensor(x)
        return x if dtype is None else cast(x, dtype)
    dtype = None if dtype is None else dtypes.standardize(dtype)
    if dtype is None and is_text(x):
        dtype = "string"
    return stack_tensors(x, dtype) if holds_tensor(x) else Tensor(own_array(x, dtype))


def _is_static(like):
    return None not in like.shape


def _sum_to(xp, g, shape):
    extra = g.ndim - len(shape)
    axes = tuple(range(extra)) + tuple(
        i + extra for i, n in enumerate(shape) if n == 1 and g.shape[i + extra] != 1
    )
    if axes:
        g = g.sum(axis=axes, keepdims=True)
    return g.reshape(shape)


@primitive(
    spec=lambda x, shape: x.with_shape(shape), vjp=lambda g, x_like: broadcast_like(g, x_like)
)
def sum_to(xp, x, /, shape=()):
    """Sum over the axes along which `shape` broadcasts to the shape of `x`."""
    return _sum_to(xp, x, shape)


@primitive(
    spec=lambda x, like: x.with_shape(like.shape),
    vjp=(lambda g, x_like: broadcast_like(g, x_like), None),
    tags=("view",),
)
def sum_to_shape_of(xp, x, like, /):
    """`sum_to` the shape that `like` has at run time."""
    return _sum_to(xp, x, like.shape)


def sum_to_like(x, like):
    """Undo broadcasting: sum `x` to the shape of `like`."""
    if _is_static(like):
        return x if x.shape == like.shape else sum_to(x, shape=like.shape)
    return x if x is like else sum_to_shape_of(x, like)


def _broadcast_spec(x, shape):
    if len(x.shape) > len(shape) or broadcast_shapes(x.shape, shape) != tuple(shape):
        raise ValueError(f"cannot broadcast {x.shape} to {tuple(shape)}")
    return x.with_shape(shape)


@primitive(
    spec=_broadcast_spec,
    vjp=lambda g, x_like: sum_to_like(g, x_like),
    tags=("view",),
    name="broadcast_to",
)
def broadcast_to(xp, x, /, shape=()):
    """Repeat `x` along new and size-1 axes until it has `shape` (no copy is made).

    Args:
        x: tensor.
        shape: tuple of int.

    Returns:
        tensor of that shape.

    Raises:
        ShapeError: the shapes do not broadcast.

    Example:
        >>> broadcast_to([1, 2], (2, 2)).tolist()
        [[1, 2], [1, 2]]

    Source: Keras 3 names and defaults.
    """
    return xp.broadcast_to(x, shape)


@primitive(
    spec=lambda x, like: x.with_shape(like.shape),
    vjp=(lambda g, x_like: sum_to_like(g, x_like), None),
    tags=("view",),
)
def broadcast_to_shape_of(xp, x, like, /):
    """`broadcast_to` the shape that `like` has at run time."""
    return xp.broadcast_to(x, like.shape)


def broadcast_like(x, like):
    """Repeat `x` to the shape of `like`."""
    if _is_static(like):
        return x if x.shape == like.shape else broadcast_to(x, shape=like.shape)
    return broadcast_to_shape_of(x, like)


def _reshape_spec(x, shape):
    if shape.count(-1) > 1:
        raise ValueError(f"only one size may be left out. Received: {tuple(shape)}")
    known = math.prod(n for n in shape if n != -1)
    if -1 in shape:
        total = x.size
        if total is not None and (known == 0 or total % known):
            raise ValueError(f"cannot reshape {x.shape} into {tuple(shape)}")
        missing = None if total is None else total // known
        if missing is None:
            missing = _inferred_size(x.shape, shape)
        return x.with_shape([missing if n == -1 else n for n in shape])
    if x.size is not None and x.size != known:
        raise ValueError(f"cannot reshape {x.shape} into {tuple(shape)}")
    return x.with_shape(shape)


def _inferred_size(old, new):
    """Size for -1 when the one unknown size of `old` may be it; None unless it must be."""
    return None if math.prod(n for n in old if n is not None) else 0


@primitive(
    spec=_reshape_spec,
    vjp=lambda g, x_like: reshape_like(g, x_like),
    tags=("view",),
    name="reshape_static",
)
def reshape_static(xp, x, /, shape=()):
    """`x` with the sizes `shape`, at most one of them -1, in row-major order."""
    return x.reshape(shape)


@primitive(
    spec=lambda x, like: x.with_shape(like.shape),
    vjp=(lambda g, x_like: reshape_like(g, x_like), None),
    tags=("view",),
)
def reshape_to_shape_of(xp, x, like, /):
    """`x` in the shape that `like` has at run time."""
    return x.reshape(like.shape)


def reshape_like(x, like):
    """`x` in the shape of `like`, which has as many elements."""
    if _is_static(like):
        return x if x.shape == like.shape else reshape_static(x, shape=like.shape)
    return reshape_to_shape_of(x, like)


@primitive(spec=lambda x, axes: TensorSpec((), "int32"))
def size_of(xp, x, /, axes=None):
    """Product of the sizes along `axes` (all for None), known when it runs."""
    sizes = x.shape if axes is None else [x.shape[a] for a in axes]
    return xp.asarray(math.prod(sizes), dtype=numpy.int32)


def count(x, axes=None):
    """Number of elements along axes: a Python int where the sizes are known, else a tensor."""
    sizes = x.shape if axes is None else [x.shape[a] for a in axes]
    if None in sizes:
        return size_of(x, axes=None if axes is None else tuple(axes))
    return math.prod(sizes)


@primitive(spec=lambda x, value, dtype: x.with_dtype(dtype or x.dtype), name="full_shape_of")
def _full_shape_of(xp, x, /, value=0.0, dtype=None):
    return xp.full(x.shape, value, dtypes.to_numpy(dtype) if dtype else x.dtype)


def full_like(x, value, dtype=None):
    """Tensor of the shape of `x` (tensor or Reference) filled with one Python number."""
    dtype = dtypes.standardize(dtype or x.dtype)
    if _is_static(x):
        here = devices.of(x._array) if type(x) is Tensor else devices.current()
        return Tensor(here.xp.full(x.shape, value, dtypes.to_numpy(dtype)))
    return _full_shape_of(x, value=value, dtype=dtype)


@primitive(spec=lambda x: x.with_shape(x.shape), vjp=lambda g: g, tags=("view", "same"))
def identity(xp, x, /):
    """`x` as a tensor of its own, with a key of its own."""
    return x


@primitive(spec=lambda x: x.with_shape(x.shape), tags=("elementwise",))
def duplicate(xp, x, /, out=None):
    """`x` in memory of its own; programs store values with it, after all derivatives."""
    if out is None:
        return xp.array(x)
    xp.copyto(out, x)
    return out


@primitive(spec=lambda x: x.with_shape(x.shape), tags=("view", "same"))
def stop_gradient(xp, variable, /):
    """`variable`, treated as a constant by differentiation.

    Args:
        variable: tensor.

    Returns:
        tensor of the same values.

    Example:
        >>> stop_gradient([1.0]).tolist()
        [1.0]

    Source: Keras 3 names and defaults.
    """
    return variable
