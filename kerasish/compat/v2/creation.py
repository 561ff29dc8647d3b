"""Making tensors of Python values, and functions whose arguments are no row of a table."""

import time

import numpy

import kerasish.compat.v2.errors as errors
from kerasish import ops
from kerasish.compat.v2.calling import converted
from kerasish.compat.v2.conversion import cast_to, dtype_or, is_tensor, static, to_plain
from kerasish.compat.v2.tensors import face, faces, plain
from kerasish.core.tensor import Tensor as PlainTensor


def constant(value, dtype=None, shape=None, name="Const"):
    """Tensor of a number, array or nested list.

    Args:
        value: number, text, array or nested lists of equal lengths; floats become float32 and
            whole numbers int32 unless NumPy or `dtype` says otherwise.
        dtype: dtype-like or None.
        shape: sequence of int or None; a single value is repeated.
        name: ignored.

    Returns:
        Tensor.

    Raises:
        TypeError: numbers that do not go into `dtype`, or another number of values than `shape`.
        ValueError: lists of unequal lengths.

    Example:
        >>> constant([1, 2])
        <tf.Tensor: shape=(2,), dtype=int32, numpy=array([1, 2], dtype=int32)>
        >>> print(constant(2.5, shape=(1, 2)))
        tf.Tensor([[2.5 2.5]], shape=(1, 2), dtype=float32)
    """
    made = plain(to_plain(value, dtype=dtype_or(dtype, None)))
    if shape is not None:
        shape = static(shape)
        size = int(numpy.prod(shape, dtype=int))
        if made.size == 1:
            made = ops.broadcast_to(ops.reshape(made, ()), shape)
        elif made.size == size:
            made = ops.reshape(made, shape)
        else:
            raise TypeError(
                f"Eager execution of tf.constant with unsupported shape. Tensor {value!r} has "
                f"{made.size} elements, but got `shape` {shape} with {size} elements)."
            )
    return face(made)


def convert_to_tensor(value, dtype=None, dtype_hint=None, name=None):
    """Tensor of anything like one; a tensor of another dtype than asked for is a ValueError.

    Args:
        value: tensor, variable, array, number, text or nested lists.
        dtype: dtype-like or None.
        dtype_hint: dtype-like or None, taken where it fits.
        name: ignored.

    Returns:
        Tensor.

    Raises:
        ValueError: a tensor of another dtype.
    """
    made = to_plain(value, dtype=dtype_or(dtype, None), hint=dtype_or(dtype_hint, None))
    return face(made._as_tensor() if not isinstance(made, PlainTensor) else made)


def range(start, limit=None, delta=1, dtype=None, name="range"):
    """Numbers from `start` to before `limit`, by steps of `delta`; `range(limit)` starts at 0.

    Args:
        start, limit, delta: numbers or tensors without axes.
        dtype: dtype-like or None.
        name: ignored.

    Returns:
        Tensor.
    """
    start, limit = (0, start) if limit is None else (start, limit)
    values = [v if not is_tensor(v) or v.is_symbolic else v.numpy() for v in (start, limit, delta)]
    if dtype is None:
        found = {str.__str__(to_plain(v).dtype) for v in values}
        order = ("float64", "float32", "int64", "int32")
        dtype = next((d for d in order if d in found), "int32")
        is_weak = [type(v) in (int, float) for v in values]
        strong = [v.dtype for v, weak in zip(values, is_weak, strict=True) if not weak]
        if strong and not any(type(v) is float for v in values):
            dtype = str(strong[0]) if not is_tensor(strong[0]) else dtype
    return face(ops.arange(*values, dtype=dtype_or(dtype, None)))


def fill(dims, value, name=None):
    """Tensor of a shape filled with one value.

    Args:
        dims: sequence of int.
        value: number or tensor without axes.
        name: ignored.

    Returns:
        Tensor.
    """
    return face(ops.broadcast_to(plain(to_plain(value)), static(dims)))


def einsum(equation, *inputs, **kwargs):
    """Sums of products in Einstein's notation.

    Args:
        equation: str, such as "ij,jk->ik".
        *inputs: tensors of one dtype.
        **kwargs: `optimize` and `name` are accepted.

    Returns:
        Tensor.
    """
    tensors = converted("Einsum", list(inputs))
    with errors.named("Einsum"):
        return face(cast_to(ops.einsum(equation, *tensors), tensors[0].dtype))


def meshgrid(*args, indexing="xy", name=None):
    """Coordinates of a grid from those of its axes.

    Args:
        *args: tensors of one axis.
        indexing: "xy" or "ij".
        name: ignored.

    Returns:
        list of tensors.
    """
    tensors = converted("Meshgrid", list(args), is_mixed=True)
    return list(faces(list(ops.meshgrid(*tensors, indexing=indexing))))


def is_tensor_like(x):
    """Whether a value is a tensor or variable.

    Args:
        x: any value.

    Returns:
        bool.
    """
    return is_tensor(x)


def no_op(name=None):
    """Nothing.

    Args:
        name: ignored.
    """


def group(*inputs, name=None):
    """Nothing: operations run when they are called.

    Args:
        *inputs: results of operations.
        name: ignored.
    """


def get_static_value(tensor, partial=False):
    """The value of a tensor as a NumPy array, or None inside a trace.

    Args:
        tensor: tensor.
        partial: ignored.

    Returns:
        array or None.
    """
    return None if tensor.is_symbolic else tensor.numpy()


def broadcast_static_shape(shape_x, shape_y):
    """Shape that two shapes broadcast to.

    Args:
        shape_x, shape_y: shapes.

    Returns:
        TensorShape.
    """
    return type(shape_x)(numpy.broadcast_shapes(tuple(shape_x), tuple(shape_y)))


def timestamp(name=None):
    """Seconds since 1970, as a float64 tensor.

    Args:
        name: ignored.

    Returns:
        Tensor.
    """
    return constant(time.time(), dtype="float64")
