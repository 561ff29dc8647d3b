"""What TensorFlow makes tensors of: its defaults, and which numbers go into which dtype."""

import numpy

from kerasish.arrays import dtypes
from kerasish.arrays.conversion import own_array
from kerasish.arrays.text import is_text
from kerasish.compat.v2.element_types import as_dtype
from kerasish.core.inputs import holds_tensor, stack_tensors
from kerasish.core.structural import cast
from kerasish.core.tensor import SymbolicTensor, Tensor

_KINDS = "biufcO"  # NumPy's kinds, from the narrowest; O is text
_TAKES = {"bool": "b", "string": "O"}  # kinds of Python values that a dtype takes


def is_tensor(value):
    """Whether a value is a tensor or a variable."""
    return isinstance(value, Tensor) or hasattr(value, "_as_tensor")


def to_plain(value, dtype=None, hint=None):
    """Tensor or variable as it is; anything else as a tensor, by TensorFlow's rules.

    Args:
        value: tensor, variable, array, number, text or nested lists of them.
        dtype: dtype name or None. What it must become; a tensor of another dtype is refused.
        hint: dtype name or None. What it becomes where it can.

    Raises:
        TypeError: Python numbers that do not go into `dtype`.
        ValueError: a tensor of another dtype, or lists of unequal lengths.
    """
    if is_tensor(value):
        if dtype is not None and value.dtype != dtype:
            raise ValueError(
                f"Tensor conversion requested dtype {dtype[:]} for Tensor with dtype "
                f"{value.dtype[:]}: {value!r}"
            )
        return value
    if isinstance(value, range):
        value = list(value)
    if holds_tensor(value):
        return stack_tensors(value, dtype or _dtype_inside(value))
    wanted = dtype or hint
    if isinstance(value, (numpy.ndarray, numpy.generic)):
        kind = "string" if is_text(numpy.asarray(value)) else wanted
        return Tensor(own_array(numpy.asarray(value), kind))
    array = _array_of(value)
    if wanted is None:
        wanted = {"O": "string", "c": "complex128"}.get(array.dtype.kind)
    elif not _takes(wanted, array):
        if dtype is not None:
            raise TypeError(f"Cannot convert {value!r} to EagerTensor of dtype {dtype[:]}")
        wanted = "string" if array.dtype.kind == "O" else None
    return Tensor(own_array(value, wanted))


def _dtype_inside(value):
    for item in value:
        found = item.dtype if is_tensor(item) else None
        if found is None and holds_tensor(item):
            found = _dtype_inside(item)
        if found is not None:
            return str.__str__(found)
    return None


def _array_of(value):
    try:
        array = numpy.asarray(value)
    except ValueError:
        raise ValueError("Can't convert non-rectangular Python sequence to Tensor.") from None
    if array.dtype.kind in "OUS":
        is_words = array.dtype.kind != "O" or is_text(array)
        if not is_words:
            raise ValueError(
                f"Attempt to convert a value ({value!r}) with an unsupported type "
                f"({type(value)}) to a Tensor."
            )
        return numpy.empty(array.shape, object)
    return array


def _takes(wanted, array):
    kind = array.dtype.kind
    if array.size == 0:
        return True
    if wanted in _TAKES:
        return kind == _TAKES[wanted]
    own = dtypes.to_numpy(wanted).kind
    own = "f" if own == "V" else own  # bfloat16
    if kind in "bO":
        return False
    return _KINDS.index(kind) <= _KINDS.index(own) or (kind == "i" and own == "u")


def static(value):
    """An argument that is no tensor of the graph: sizes and axes as ints and tuples."""
    if isinstance(value, (list, tuple)):
        return tuple([static(item) for item in value])
    if isinstance(value, (numpy.ndarray, numpy.integer)):
        return static(value.tolist())
    if isinstance(value, SymbolicTensor):
        return tuple(value) if value.ndim == 1 and value.shape[0] is not None else value
    if is_tensor(value):
        return static(value.numpy().tolist())
    return value


def dtype_or(dtype, default):
    """Plain name of a dtype-like, or the default for None."""
    return default if dtype is None else as_dtype(dtype).name


def cast_to(x, dtype):
    """`x` in a dtype, as a plain operation."""
    return x if x.dtype == dtype else cast(x, dtype)
