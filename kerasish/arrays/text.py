"""Text in arrays: NumPy arrays of Python's str, which live on the host, whatever the device."""

import numpy

from kerasish.arrays import dtypes
from kerasish.errors import DTypeError, explain


def is_text(value):
    """Whether a value is an array of str, bytes, or objects of which the first is such."""
    if not isinstance(value, numpy.ndarray) or value.dtype.kind not in dtypes.TEXT_KINDS:
        return False
    return value.dtype.kind != "O" or not value.size or isinstance(value.flat[0], (str, bytes))


def to_text(value):
    """Array of dtype object whose elements are str; bytes are read as UTF-8.

    Bytes that are no UTF-8 become surrogates, from which `encoded` makes the same bytes again.

    Args:
        value: array, str, bytes, or nested lists of them. An array of str objects is returned
            as it is.

    Raises:
        DTypeError: something else among the elements.

    Example:
        >>> to_text([b"caf\\xc3\\xa9", "tea"]).tolist()
        ['café', 'tea']
    """
    is_array = isinstance(value, numpy.ndarray)
    array = value if is_array else numpy.asarray(value, dtype=object)
    if array.dtype.kind in "UT":
        return array.astype(object)
    if array.dtype.kind == "S":
        array = array.astype(object)
    kinds = set(map(type, array.flat)) if array.dtype.kind == "O" else {array.dtype.type}
    if kinds <= {str}:
        return array
    if not all(issubclass(kind, (str, bytes)) for kind in kinds):
        raise DTypeError(
            explain(
                "text",
                "an array of text holds something else",
                received=f" {sorted(kind.__name__ for kind in kinds)}",
                expected="str or bytes, in rows of one length",
            )
        )
    decoded = [_decoded(item) for item in array.flat]
    return numpy.array(decoded, dtype=object).reshape(array.shape)


def _decoded(item):
    return item.decode("utf-8", "surrogateescape") if isinstance(item, bytes) else str(item)


def encoded(array):
    """List of the bytes (UTF-8) of each element of an array of str, in row-major order."""
    return [item.encode("utf-8", "surrogateescape") for item in array.flat]
