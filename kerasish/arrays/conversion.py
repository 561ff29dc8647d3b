"""Arrays of what is like one: lists, numbers, arrays of other libraries, with Keras's dtypes."""

import numpy

from kerasish.arrays import device as devices
from kerasish.arrays import dtypes, text
from kerasish.config import settings
from kerasish.errors import DTypeError, explain


def own_array(value, dtype=None):
    """Array on the current device with the values of an array-like, in memory of its own.

    The caller may go on writing into an array of theirs; a tensor must not see it.
    """
    array = to_array(value, dtype)
    sent = devices.current().send(array)
    return sent.copy() if sent is array and _may_share(array, value) else sent


def _may_share(array, value):
    if array is value:
        return True
    if isinstance(value, numpy.ndarray) and isinstance(array, numpy.ndarray):
        return numpy.may_share_memory(array, value)
    return devices.is_array(value) or _is_foreign(value)


def _is_foreign(value):
    return hasattr(value, "__array__") or hasattr(value, "__dlpack__")


def to_array(value, dtype=None):
    """Array of an array-like with Keras's default dtypes; it may be the caller's own memory."""
    if dtype == "string":
        return text.to_text(value)
    if isinstance(value, numpy.ndarray):
        array = numpy.asarray(value)  # a matrix or masked array would compute in its own way
    elif devices.is_array(value):
        array = value
    elif _is_foreign(value):
        array = _from_foreign(value)
    else:
        array = _from_python(value, dtype)
    name = dtypes.name_of(array.dtype)
    if name not in dtypes.ALLOWED or name == "string":
        raise DTypeError(
            explain(
                "convert_to_tensor",
                "cannot make a tensor of numbers",
                received=value,
                expected="numbers, an array, or nested lists of equal lengths",
            )
        )
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    return array if dtype is None else array.astype(dtypes.to_numpy(dtype), copy=False)


def _from_foreign(value):
    """Array of another library's, by NumPy's protocol, else by DLPack."""
    is_on_host = not hasattr(value, "__dlpack_device__") or value.__dlpack_device__()[0] == _HOST
    if is_on_host and hasattr(value, "__array__"):
        return numpy.asarray(value)
    return (devices.cpu if is_on_host else devices.current()).xp.from_dlpack(value)


_HOST = 1  # DLPack's number of the CPU


def _from_python(value, dtype):
    try:
        array = numpy.asarray(value)
    except ValueError as error:
        raise DTypeError(
            explain("convert_to_tensor", "lists of unequal lengths", received=value, fix=str(error))
        ) from None
    if dtype is None and array.dtype == numpy.float64:
        if not _has_float64(value):
            return array.astype(dtypes.to_numpy(settings.floatx))
    if dtype is None and array.dtype == numpy.int64:
        small = numpy.iinfo(numpy.int32)
        if array.size == 0 or (array.min() >= small.min and array.max() <= small.max):
            return array.astype(numpy.int32)
    return array


def _has_float64(value):
    """Whether a list holds float64 values of NumPy's or ours, whose precision the user chose."""
    if isinstance(value, (list, tuple)):
        return any(_has_float64(v) for v in value)
    return getattr(value, "dtype", None) == "float64"
