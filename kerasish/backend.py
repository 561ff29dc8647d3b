"""`kerasish.backend`: what user code of Keras asks its backend for."""

from kerasish.arrays import dtypes
from kerasish.config import (
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from kerasish.core import names
from kerasish.switches import backend
from kerasish.utils import clear_session
from kerasish.utils.tensors import is_keras_tensor, standardize_dtype

__all__ = [
    "backend",
    "clear_session",
    "epsilon",
    "floatx",
    "get_uid",
    "image_data_format",
    "is_float_dtype",
    "is_int_dtype",
    "is_keras_tensor",
    "result_type",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "standardize_dtype",
]


def get_uid(prefix=""):
    """Number of the next use of a prefix, from 1; `clear_session` starts again.

    Args:
        prefix: str.

    Returns:
        int.

    Example:
        >>> first = get_uid("example_prefix")
        >>> get_uid("example_prefix") - first
        1
    """
    return names.count(f"uid of {prefix}")


def is_float_dtype(dtype):
    """Whether a dtype is a real floating type; `dtype` is a name, or a NumPy dtype."""
    return dtypes.is_float(dtypes.standardize(dtype))


def is_int_dtype(dtype):
    """Whether a dtype is a signed or unsigned integer; `dtype` is a name, or a NumPy dtype."""
    return dtypes.is_integer(dtypes.standardize(dtype))


def result_type(*dtypes):
    """Dtype that operands of these dtypes promote to.

    Args:
        *dtypes: names, NumPy dtypes, or Python's int, float, bool and complex for scalars.

    Returns:
        str.

    Example:
        >>> result_type("int32", float)
        'float32'
    """
    return _promoted(*dtypes)


_promoted = dtypes.result_type
