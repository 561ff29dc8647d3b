"""DType: names of element types that print and answer as TensorFlow's do."""

import numpy

from kerasish.arrays import dtypes as names

_CPP = {"float16": "half", "float32": "float", "float64": "double"}  # what errors call them


class DType(str):
    """Element type: a str of its name, so that it serves wherever a dtype name does.

    Example:
        >>> float32, float32.as_numpy_dtype, float32.is_floating, float32 == "float32"
        (tf.float32, <class 'numpy.float32'>, True, True)

    Source: TensorFlow `tf.DType`.
    """

    __slots__ = ()

    @property
    def name(self):
        """Name, such as "float32"."""
        return str.__str__(self)

    @property
    def as_numpy_dtype(self):
        """NumPy's scalar type; `object` for text."""
        return numpy.object_ if self.name == "string" else names.to_numpy(self.name).type

    @property
    def base_dtype(self):
        """The type itself: there are no reference types."""
        return self

    @property
    def real_dtype(self):
        """Type of the real part of a complex number; the type itself otherwise."""
        real = {"complex64": "float32", "complex128": "float64"}.get(self.name)
        return self if real is None else as_dtype(real)

    @property
    def is_floating(self):
        """Whether it is a real floating type."""
        return names.is_float(self.name)

    @property
    def is_integer(self):
        """Whether it is a signed or unsigned integer type."""
        return names.is_integer(self.name)

    @property
    def is_complex(self):
        """Whether it is a complex type."""
        return self.name in names.COMPLEX

    @property
    def is_bool(self):
        """Whether it is `tf.bool`."""
        return self.name == "bool"

    @property
    def is_unsigned(self):
        """Whether it is an unsigned integer type."""
        return self.name in names.UNSIGNED

    @property
    def size(self):
        """Bytes of an element; 1 for text, as in TensorFlow."""
        return 1 if self.name == "string" else names.to_numpy(self.name).itemsize

    @property
    def min(self):
        """Least number of the type."""
        return self._limits().min

    @property
    def max(self):
        """Greatest number of the type."""
        return self._limits().max

    def _limits(self):
        if self.is_floating:
            return numpy.finfo(self.as_numpy_dtype)
        if self.is_integer:
            return numpy.iinfo(self.as_numpy_dtype)
        raise TypeError(f"Cannot find the limits of {self}.")

    def is_compatible_with(self, other):
        """Whether it is the same type as a dtype-like."""
        return self == other

    def __eq__(self, other):
        if isinstance(other, str):
            return str.__eq__(self, other)
        try:
            return other is not None and self.name == names.standardize(other)
        except TypeError:
            return False

    def __ne__(self, other):
        return not self == other

    __hash__ = str.__hash__

    def __reduce__(self):
        return as_dtype, (self.name,)

    def __repr__(self):
        return f"tf.{self.name}"

    def __str__(self):
        return f"<dtype: {self.name!r}>"


_ALL = {name: DType(name) for name in names.ALLOWED}


def as_dtype(type_value):
    """DType of a dtype-like.

    Args:
        type_value: DType, name, NumPy dtype or type, or Python type.

    Returns:
        DType.

    Raises:
        TypeError: no element type.

    Example:
        >>> as_dtype("int64"), as_dtype(float)
        (tf.int64, tf.float32)
    """
    if type(type_value) is DType:
        return type_value
    if type_value is None:
        raise TypeError("Cannot convert the argument `type_value`: None to a TensorFlow DType.")
    return _ALL[names.standardize(type_value)]


def shown(dtype):
    """Name that TensorFlow's errors give a type: `float` for float32, `double` for float64."""
    return _CPP.get(dtype, dtype)[:]


bool = _ALL["bool"]
bfloat16, half, float16 = _ALL["bfloat16"], _ALL["float16"], _ALL["float16"]
float32, float64, double = _ALL["float32"], _ALL["float64"], _ALL["float64"]
int8, int16, int32, int64 = (_ALL[f"int{bits}"] for bits in (8, 16, 32, 64))
uint8, uint16, uint32, uint64 = (_ALL[f"uint{bits}"] for bits in (8, 16, 32, 64))
complex64, complex128, string = _ALL["complex64"], _ALL["complex128"], _ALL["string"]

DTYPES = ("bool bfloat16 half float16 float32 float64 double int8 int16 int32 int64 uint8 uint16 "
          "uint32 uint64 complex64 complex128 string")  # fmt: skip

__all__ = ["DType", "as_dtype", *DTYPES.split()]
