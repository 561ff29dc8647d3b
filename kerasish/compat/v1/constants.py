"""Constants, and `convert_to_tensor`: values of Python and NumPy as tensors of a graph."""

import numpy

from kerasish import ops
from kerasish.arrays.text import is_text
from kerasish.compat.v1 import dtypes
from kerasish.compat.v1.shapes import TensorShape, sizes_of
from kerasish.compat.v1.tensors import FOLDED, Operation, Tensor, as_read, record_function
from kerasish.core import tree
from kerasish.core.tensor import Tensor as Value
from kerasish.errors import explain


class _Constant(Operation):
    """A value that is part of the graph."""

    def __init__(self, value, dtype, name):
        self.value = value
        small = value if value.size <= FOLDED and not dtype == "string" else None
        super().__init__("Const", (), None, name, [(value.shape, dtype, small)])
        self.is_host = dtype == "string"
        self._tensor = None if self.is_host else Value(value)

    def execute(self, frame, values):
        return self._tensor

    def call(self, arrays):
        """The array, for what runs in Python."""
        return (self.value,)


def constant(value, dtype=None, shape=None, name="Const", verify_shape=False):
    """A tensor of a fixed value.

    Args:
        value: number, text, array, or nested list of them.
        dtype: dtype-like; the value's own when None: float32 for Python floats, int32 for ints.
        shape: sequence of int; a single element is repeated to fill it.

    Raises:
        TypeError: the value is not of that dtype.
        ValueError: the value does not fill the shape.

    Example:
        >>> import kerasish.compat.v1 as tf
        >>> with tf.Graph().as_default():
        ...     tf.constant(0, shape=(2, 2))
        <tf.Tensor 'Const:0' shape=(2, 2) dtype=int32>

    Source: TensorFlow 1.
    """
    array = as_array(value, dtype)
    if shape is not None:
        shape = sizes_of(shape)
        if array.shape != shape:
            if array.size == 1:
                array = numpy.full(shape, array.reshape(()), array.dtype)
            elif array.size != numpy.prod(shape):
                raise ValueError(
                    explain("tf.constant", "the value does not fill the shape", received=shape,
                            expected=f"{array.size} elements")
                )  # fmt: skip
            array = array.reshape(shape)
    dtype = "string" if is_text(array) else array.dtype
    return _Constant(array, dtypes.as_dtype(dtype), name).output


def as_array(value, dtype=None):
    """NumPy array of a value, by TensorFlow's rules: Python floats are float32, ints int32.

    Raises:
        TypeError: Python numbers that are not of that dtype.
    """
    dtype = None if dtype is None else dtypes.as_dtype(dtype)
    if dtype == "string" or (dtype is None and is_text(value)):
        return _text_array(value)
    if isinstance(value, (numpy.ndarray, numpy.generic)) or hasattr(value, "_array"):
        array = numpy.array(value)
        return array if dtype is None else array.astype(dtype.as_numpy_dtype)
    array = numpy.array(value)
    if array.dtype.kind in "USO":
        if dtype is None and array.dtype.kind != "O":
            return _text_array(value)
        raise (TypeError if array.dtype.kind != "O" else ValueError)(
            explain("tf.constant", "the value is not made of numbers of one kind", received=value)
        )
    if dtype is None:
        kind = array.dtype.kind
        if kind == "i" and array.size and abs(array).max() > 2**31 - 1:
            return array
        wanted = {"f": "float32", "i": "int32", "b": "bool", "c": "complex128"}[kind]
        return array.astype(wanted)
    kinds = {"f": "fiub" if not array.size else "fiu", "i": "iu", "u": "iu", "b": "b", "c": "cfiu"}
    wanted = numpy.dtype(dtype.as_numpy_dtype)
    if array.size and array.dtype.kind not in kinds.get(wanted.kind, "fiu"):
        raise TypeError(f"Expected {dtype.name}, but got {value!r} of type "
                        f"'{type(value).__name__}'.")  # fmt: skip
    return array.astype(wanted)


def _text_array(value):
    array = numpy.array(value, dtype=object)
    encoded = [x.encode() if isinstance(x, str) else x for x in array.ravel().tolist()]
    result = numpy.empty(len(encoded), object)
    result[:] = encoded
    return result.reshape(array.shape)


def convert_to_tensor(value, dtype=None, name=None, preferred_dtype=None, dtype_hint=None):
    """A Tensor of a tensor, variable, array, number, or nested list of them.

    Raises:
        ValueError: a tensor of another dtype than `dtype`.
        TypeError: a value that is not of that dtype.

    Example:
        >>> import kerasish.compat.v1 as tf
        >>> with tf.Graph().as_default():
        ...     tf.convert_to_tensor([1, 2])
        <tf.Tensor 'Const:0' shape=(2,) dtype=int32>

    Source: TensorFlow 1.
    """
    dtype = None if dtype is None else dtypes.as_dtype(dtype)
    value = as_read(value)
    if isinstance(value, Tensor):
        if dtype is not None and value.dtype != dtype:
            raise ValueError(
                f"Tensor conversion requested dtype {dtype.name} for Tensor with dtype "
                f"{value.dtype.name}: {value}"
            )
        return value
    if isinstance(value, TensorShape):
        value = value.as_list()
    if _holds_tensor(value):
        return _packed(value, dtype, name)
    hint = dtype_hint if dtype_hint is not None else preferred_dtype
    if dtype is None and hint is not None:
        try:
            return constant(value, hint, name=name or "Const")
        except (TypeError, ValueError):
            return constant(value, name=name or "Const")
    return constant(value, dtype, name=name or "Const")


def _holds_tensor(value):
    return isinstance(value, (list, tuple)) and any(
        isinstance(v, Tensor) or hasattr(v, "_as_read") or _holds_tensor(v) for v in value
    )


def _packed(values, dtype, name):
    if dtype is None:
        leaves = [as_read(v) for v in tree.flatten(values)]
        dtype = next(v.dtype for v in leaves if isinstance(v, Tensor))
    parts = [convert_to_tensor(v, dtype) for v in values]
    return record_function("Pack", ops.stack, (parts,), {}, name or "stack")
