"""Names of element types, and the one promotion rule of the package.

Promotion follows the lattice that Keras and JAX share: bool < int < float, the width of an integer
never widens a float (int64 with float32 is float32), and Python scalars are weak (they take the
other operand's type, or floatx when a float meets an integer).
"""

import functools

import numpy

from kerasish.config import settings
from kerasish.errors import DTypeError, explain, nearest

BOOL = ("bool",)
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
SIGNED = ("int8", "int16", "int32", "int64")
FLOAT = ("bfloat16", "float16", "float32", "float64")
COMPLEX = ("complex64", "complex128")
TEXT_KINDS = "OUST"  # of NumPy's dtypes: objects, str, bytes, and str of variable width
ALLOWED = (*BOOL, *UNSIGNED, *SIGNED, *FLOAT, *COMPLEX, "string")

_names = {}  # numpy dtype -> name
_arrays = {}  # name -> numpy dtype

_ALIASES = {"float": "float32", "int": "int32", "half": "float16", "double": "float64"}
_PYTHON = {bool: "bool", int: "int32", str: "string", complex: "complex64"}


def name_of(dtype):
    """Name of an array's dtype (fast: one dictionary lookup once seen)."""
    try:
        return _names[dtype]
    except KeyError:
        name = "string" if dtype.kind in TEXT_KINDS else dtype.name
        _names[dtype] = name
        return name


def standardize(dtype):
    """Name of any dtype-like: a name, a NumPy dtype or type, a Python type, None (floatx).

    Raises:
        DTypeError: not a known element type.

    Example:
        >>> standardize(float), standardize("int64"), standardize(None)
        ('float32', 'int64', 'float32')
    """
    if dtype is None:
        return settings.floatx
    if isinstance(dtype, str) and dtype in ALLOWED:
        return str.__str__(dtype)  # of a subclass of str, which may print in another way, the name
    if dtype is float:
        return settings.floatx
    if isinstance(dtype, type) and dtype in _PYTHON:
        return _PYTHON[dtype]
    if isinstance(dtype, str) and dtype in _ALIASES:
        return _ALIASES[dtype]
    if hasattr(dtype, "name") and dtype.name in ALLOWED:  # numpy, ml_dtypes, TensorFlow-like
        return dtype.name
    try:
        name = name_of(numpy.dtype(dtype))
    except TypeError:
        name = None
    if name not in ALLOWED:
        raise DTypeError(
            explain("dtype", "unknown element type", received=dtype, fix=nearest(dtype, ALLOWED))
        )
    return name


def to_numpy(dtype):
    """The NumPy dtype of a name; bfloat16 comes from ml_dtypes."""
    try:
        return _arrays[dtype]
    except (KeyError, TypeError):
        name = standardize(dtype)
        _arrays[name] = found = _make(name)
        return found


def _make(name):
    if name == "bfloat16":
        # Imported on first use: it costs a tenth of numpy's own import and most runs never need it.
        import ml_dtypes

        return numpy.dtype(ml_dtypes.bfloat16)
    return numpy.dtype(object if name == "string" else name)


def is_float(dtype):
    """Whether a dtype name is a real floating type."""
    return dtype in FLOAT


def is_differentiable(dtype):
    """Whether gradients flow through tensors of this dtype name."""
    return dtype in FLOAT or dtype in COMPLEX


def is_integer(dtype):
    """Whether a dtype name is a signed or unsigned integer."""
    return dtype in SIGNED or dtype in UNSIGNED


_BITS = {name: int("".join(filter(str.isdigit, name)) or 1) for name in ALLOWED}


def result_type(*dtypes):
    """Dtype that operands promote to.

    Args:
        *dtypes: names; `int`, `float`, `bool` and `complex` (the Python types) stand for scalars.

    Returns:
        str.

    Example:
        >>> result_type("int64", "float32"), result_type("int32", float), result_type("uint8", int)
        ('float32', 'float32', 'uint8')
    """
    return _result_type(dtypes, settings.floatx)


@functools.lru_cache(maxsize=4096)
def _result_type(dtypes, floatx):
    strong = [standardize(d) for d in dtypes if d not in (int, float, complex, bool)]
    weak = [d for d in dtypes if d in (int, float, complex, bool)]
    if not strong:
        order = {bool: 0, int: 1, float: 2, complex: 3}
        top = max(weak, key=order.__getitem__)
        return {bool: "bool", int: "int32", float: floatx, complex: "complex64"}[top]
    result = functools.reduce(_join, strong)
    if weak and result == "string":
        raise _mixed_error(dtypes)
    for scalar in weak:
        if scalar is complex and result not in COMPLEX:
            result = "complex128" if result == "float64" else "complex64"
        elif scalar is float and result not in FLOAT + COMPLEX:
            result = floatx
        elif scalar is int and result == "bool":
            result = "int32"
    return result


def _mixed_error(dtypes):
    return DTypeError(explain("dtype", "text and numbers do not mix", received=dtypes))


def _join(a, b):
    if a == b:
        return a
    if "string" in (a, b):
        raise _mixed_error((a, b))
    for family in (COMPLEX, FLOAT):
        inside = [d for d in (a, b) if d in family]
        if len(inside) == 2:
            if set(inside) == {"bfloat16", "float16"}:
                return "float32"
            return max(inside, key=_BITS.__getitem__)
        if len(inside) == 1:
            other = b if inside[0] == a else a
            if family is COMPLEX and other == "float64":
                return "complex128"
            return inside[0]
    if a == "bool" or b == "bool":
        return b if a == "bool" else a
    same_sign = (a in SIGNED) == (b in SIGNED)
    if same_sign:
        return max(a, b, key=_BITS.__getitem__)
    unsigned, signed = (a, b) if a in UNSIGNED else (b, a)
    bits = max(_BITS[signed], _BITS[unsigned] * 2)
    # No integer holds both uint64 and int64: like the lattice, fall to the default float.
    return f"int{bits}" if bits <= 64 else settings.floatx
