"""Complex numbers: parts, conjugate, angle, and their form as pairs of real numbers.

Gradients flow through the parts of pairs of real tensors; complex tensors themselves have none.
"""

import math

from kerasish.arrays import dtypes
from kerasish.core.primitive import as_float_input, as_input, primitive, promote
from kerasish.core.spec import TensorSpec, broadcast_shapes
from kerasish.errors import DTypeError, GradientError, explain
from kerasish.ops.arithmetic import multiply
from kerasish.ops.comparison import isnan, signbit
from kerasish.ops.creation import zeros_like
from kerasish.ops.items import get_item
from kerasish.ops.joining import stack
from kerasish.ops.selection import where
from kerasish.ops.trigonometric import cos, sin

_REAL = {"complex64": "float32", "complex128": "float64"}
_COMPLEX = {"float64": "complex128"}


def _complex_of(dtype):
    return _COMPLEX.get(dtype, "complex64")


def _real_spec(z):
    return z.with_dtype(_REAL[z.dtype])


def _no_rule(g):
    raise GradientError(
        explain("complex tensors", "have no gradient", fix="calculate with pairs of real tensors")
    )


@primitive(spec=_real_spec, vjp=_no_rule, tags=("view",))
def real_part(xp, z, /):
    """Real part of a complex tensor."""
    return z.real


@primitive(spec=_real_spec, vjp=_no_rule, tags=("view",))
def imaginary_part(xp, z, /):
    """Imaginary part of a complex tensor."""
    return z.imag


@primitive(spec=_real_spec, vjp=_no_rule)
def angle_of_complex(xp, z, /):
    """Angle of a complex tensor."""
    return xp.angle(z)


@primitive(spec=lambda z: z.with_shape(z.shape), vjp=_no_rule)
def conjugate_of_complex(xp, z, /):
    """Conjugate of a complex tensor."""
    return xp.conj(z)


def _pair_spec(re, im):
    return TensorSpec(broadcast_shapes(re.shape, im.shape), _complex_of(re.dtype))


@primitive(spec=_pair_spec, vjp=(_no_rule, _no_rule), promotes=True)
def complex_of_pair(xp, re, im, /):
    """Complex tensor of real and imaginary parts."""
    wide = dtypes.to_numpy(_complex_of(dtypes.name_of(re.dtype)))
    return re.astype(wide) + 1j * im.astype(wide)


def _is_complex(x):
    return x.dtype in _REAL


def real(x):
    """Real part; a real tensor as it is.

    Args:
        x: tensor.

    Returns:
        real tensor of the same shape.

    Example:
        >>> real([1 + 2j]).tolist()
        [1.0]

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    return real_part(x) if _is_complex(x) else x


def imag(x):
    """Imaginary part; zeros for a real tensor.

    Args:
        x: tensor.

    Returns:
        real tensor of the same shape.

    Example:
        >>> imag([1 + 2j]).tolist()
        [2.0]

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    return imaginary_part(x) if _is_complex(x) else zeros_like(x)


def conj(x):
    """Complex conjugate; a real tensor as it is.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape and dtype.

    Example:
        >>> conj([1 + 2j]).tolist()
        [(1-2j)]

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    return conjugate_of_complex(x) if _is_complex(x) else x


def conjugate(x):
    """Complex conjugate: another name of `conj`.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape and dtype.

    Example:
        >>> conjugate([1 + 2j]).tolist()
        [(1-2j)]

    Source: Keras 3 names and defaults.
    """
    return conj(x)


def angle(x):
    """Angle in the complex plane, in radians; 0 or pi for real numbers.

    Args:
        x: tensor; integers become floatx.

    Returns:
        real tensor of the same shape.

    Example:
        >>> angle([1.0]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    x = as_float_input(x)
    if _is_complex(x):
        return angle_of_complex(x)
    half_turn = where(signbit(x), math.pi, zeros_like(x))
    return where(isnan(x), x, half_turn)


def view_as_complex(x):
    """Complex tensor of pairs of real numbers on the last axis.

    Args:
        x: float tensor (..., 2).

    Returns:
        complex tensor (...).

    Raises:
        DTypeError: not a float tensor whose last axis has size 2.

    Example:
        >>> view_as_complex([[1.0, 2.0]]).tolist()
        [(1+2j)]

    Source: Keras 3 names and defaults.
    """
    x = as_float_input(x)
    if _is_complex(x) or not x.shape or x.shape[-1] != 2:
        raise DTypeError(
            explain("ops.view_as_complex", "a float tensor with a last axis of size 2 is needed",
                    received=x)
        )  # fmt: skip
    return complex_of_pair(get_item(x, (..., 0)), get_item(x, (..., 1)))


def view_as_real(x):
    """Pairs of real and imaginary parts on a new last axis.

    Args:
        x: complex tensor.

    Returns:
        float tensor (..., 2).

    Example:
        >>> view_as_real([1 + 2j]).tolist()
        [[1.0, 2.0]]

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    return stack([real(x), imag(x)], axis=-1)


def polar(abs_, angle):
    """Complex tensor of absolute values and angles: `abs_ * exp(1j * angle)`.

    Args:
        abs_: float tensor.
        angle: float tensor, in radians.

    Returns:
        complex tensor of the broadcast shape.

    Example:
        >>> polar([2.0], [0.0]).tolist()
        [(2+0j)]

    Source: Keras 3 names and defaults.
    """
    abs_, angle = promote(as_float_input(abs_), as_float_input(angle))
    return complex_of_pair(multiply(abs_, cos(angle)), multiply(abs_, sin(angle)))


__all__ = [
    "angle",
    "conj",
    "conjugate",
    "imag",
    "polar",
    "real",
    "view_as_complex",
    "view_as_real",
]
