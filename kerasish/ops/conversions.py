"""Between tensors, arrays and element types: copies, bit views, casts that saturate."""

import numpy

from kerasish.arrays import device as devices
from kerasish.arrays import dtypes
from kerasish.arrays.conversion import to_array
from kerasish.core.primitive import as_input, primitive
from kerasish.core.structural import cast
from kerasish.core.tensor import Tensor
from kerasish.errors import ShapeError, explain
from kerasish.ops.rounding import clip, nan_to_num


def convert_to_numpy(x):
    """NumPy array of a tensor, variable or array-like.

    Args:
        x: tensor or array-like.

    Returns:
        NumPy array, on the host; the caller's own.

    Raises:
        SymbolicValueError: a traced tensor or an `Input`, which has no values.

    Example:
        >>> convert_to_numpy([1.0, 2.0]).tolist()
        [1.0, 2.0]

    Source: Keras 3 names and defaults.
    """
    if isinstance(x, Tensor) or hasattr(x, "_as_tensor"):
        return numpy.array(x.numpy())
    return numpy.array(devices.to_host(to_array(x)))


def is_tensor(x):
    """Whether a value is a tensor (also a symbolic one); variables and arrays are not.

    Args:
        x: any value.

    Returns:
        bool.

    Example:
        >>> is_tensor([1.0])
        False

    Source: Keras 3 names and defaults.
    """
    return isinstance(x, Tensor)


@primitive(spec=lambda x: x.with_shape(x.shape), vjp=lambda g: g, name="copy")
def _copy(xp, x, /):
    return x.copy()


def copy(x):
    """The same values in memory of their own.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape and dtype.

    Example:
        >>> copy([1, 2]).tolist()
        [1, 2]

    Source: Keras 3 names and defaults.
    """
    return _copy(x)


def _view_shape(shape, old, new):
    if old == new or not shape:
        return shape
    n = shape[-1]
    return (*shape[:-1], None if n is None else n * old // new)


def _itemsize(dtype):
    return dtypes.to_numpy(dtype).itemsize


@primitive(
    spec=lambda x, dtype: x.with_dtype(dtype).with_shape(
        _view_shape(x.shape, _itemsize(x.dtype), _itemsize(dtype))
    ),
    tags=("view",),
    name="view",
)
def _view(xp, x, /, dtype="float32"):
    return (xp.ascontiguousarray(x) if x.ndim else x).view(dtypes.to_numpy(dtype))


def view(x, dtype=None):
    """The same bits read as another element type; the last axis grows or shrinks to fit.

    Args:
        x: tensor.
        dtype: dtype-like; that of `x` when None.

    Returns:
        tensor.

    Raises:
        ShapeError: the bits of the last axis do not fill whole elements.

    Derivative: none.

    Example:
        >>> view(numpy.array([1.0], "float32"), "int32").tolist()
        [1065353216]

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    dtype = x.dtype if dtype is None else dtypes.standardize(dtype)
    old, new = _itemsize(x.dtype), _itemsize(dtype)
    last = x.shape[-1] if x.shape else 1
    if (old != new and not x.shape) or (last is not None and last * old % new):
        raise ShapeError(
            explain(
                "ops.view", f"the last axis does not fill whole elements of {dtype}", received=x
            )
        )
    return _view(x, dtype=dtype)


def saturate_cast(x, dtype):
    """Cast in which numbers out of the range of the new type become its ends.

    Args:
        x: tensor.
        dtype: dtype-like.

    Returns:
        tensor of the same shape; NaN becomes 0 in an integer type.

    Example:
        >>> saturate_cast([-5, 300], "uint8").tolist()
        [0, 255]

    Source: Keras 3 names and defaults.
    """
    x, dtype = as_input(x), dtypes.standardize(dtype)
    if dtype == "bool" or x.dtype in ("bool", dtype):
        return cast(x, dtype)
    low, high = _range(dtype)
    from_low, from_high = _range(x.dtype)
    low, high = max(low, from_low), min(high, from_high)
    if dtypes.is_float(x.dtype):
        high = _float_below(high, x.dtype)
        low = -_float_below(-low, x.dtype) if low < 0 else low
        if dtypes.is_integer(dtype):
            x = nan_to_num(x, nan=0.0)
    return cast(clip(x, low, high), dtype)


def _range(dtype):
    if dtypes.is_integer(dtype):
        info = numpy.iinfo(dtype)
        return int(info.min), int(info.max)
    if dtype == "bfloat16":  # the exponents of float32, and eight bits of precision
        return -3.3895313892515355e38, 3.3895313892515355e38
    info = numpy.finfo(dtype)
    return float(info.min), float(info.max)


def _float_below(number, dtype):
    """Largest number of a float type that is not above an integer."""
    wide = "float32" if dtype == "bfloat16" else dtype
    if number > _range(wide)[1]:
        return _range(wide)[1]
    found = numpy.asarray(number, wide)
    if int(found) > number:
        found = numpy.nextafter(found, numpy.asarray(0, wide))
    if dtype == "bfloat16":  # cut the bits that bfloat16 lacks, toward zero
        found = (found.view("uint32") & numpy.uint32(0xFFFF0000)).view("float32")
    return float(found)


__all__ = [
    "convert_to_numpy",
    "copy",
    "is_tensor",
    "saturate_cast",
    "view",
]
