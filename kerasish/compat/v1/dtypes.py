"""TensorFlow's dtype objects: `float32.name`, `as_numpy_dtype`, `as_dtype("float32")`."""

import numpy

from kerasish.arrays import dtypes as core_dtypes
from kerasish.errors import explain

_ENUM_NAMES = {"float32": "float", "float64": "double", "int32": "int32"}


class DType(str):
    """An element type; a str, so that everything in kerasish takes it.

    Example:
        >>> as_dtype("float32"), str(as_dtype("float32")), as_dtype("int32").is_integer
        (tf.float32, "<dtype: 'float32'>", True)
    """

    __slots__ = ()

    @property
    def name(self):
        """Its name as a plain str."""
        return str.__str__(self)

    @property
    def enum_name(self):
        """The name that error texts of TensorFlow use: "float" for float32."""
        return _ENUM_NAMES.get(self.name, self.name)

    @property
    def base_dtype(self):
        """Itself: variables have no reference types here."""
        return self

    @property
    def as_numpy_dtype(self):
        """The NumPy scalar type."""
        return numpy.object_ if self.name == "string" else core_dtypes.to_numpy(self.name).type

    @property
    def is_floating(self):
        """Whether it is a real floating point type."""
        return core_dtypes.is_float(self.name)

    @property
    def is_complex(self):
        """Whether it is a complex type."""
        return self.name.startswith("complex")

    @property
    def is_integer(self):
        """Whether it is a signed or unsigned integer type."""
        return self.name.startswith(("int", "uint"))

    @property
    def is_bool(self):
        """Whether it is bool."""
        return self.name == "bool"

    @property
    def min(self):
        """Least value."""
        return _limits(self).min

    @property
    def max(self):
        """Greatest value."""
        return _limits(self).max

    @property
    def size(self):
        """Bytes of one element."""
        return numpy.dtype(self.as_numpy_dtype).itemsize

    def is_compatible_with(self, other):
        """Whether it is the same type."""
        return self == as_dtype(other)

    def __repr__(self):
        return f"tf.{self.name}"

    def __str__(self):
        return f"<dtype: {self.name!r}>"

    def __format__(self, spec):
        return format(str(self), spec)


def _limits(dtype):
    info = numpy.iinfo if dtype.is_integer else numpy.finfo
    return info(dtype.as_numpy_dtype)


_NAMES = (
    "float16", "float32", "float64", "bfloat16", "int8", "int16", "int32", "int64",
    "uint8", "uint16", "uint32", "uint64", "bool", "complex64", "complex128", "string",
)  # fmt: skip
TYPES = {name: DType(name) for name in _NAMES}
_ALIASES = {"half": "float16", "float": "float32", "double": "float64"}


def as_dtype(value):
    """DType of a DType, name, Python type or NumPy type.

    Raises:
        TypeError: no such type.
    """
    if isinstance(value, DType):
        return value
    if value is str or value is bytes:
        return TYPES["string"]
    if value is float:
        return TYPES["float32"]
    if value is int:
        return TYPES["int32"]
    if isinstance(value, str):
        name = _ALIASES.get(value, value).removesuffix("_ref")
    else:
        try:
            kind = numpy.dtype(value)
        except TypeError:
            kind = None
        name = None if kind is None else "string" if kind.kind in "OSU" else kind.name
    if name not in TYPES:
        raise TypeError(
            explain("tf.as_dtype", "cannot convert the value to a DType", received=value)
        )
    return TYPES[name]
