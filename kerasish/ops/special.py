"""The error function and its kin, a Bessel function, and steps between neighbouring numbers."""

import math

from kerasish.arrays.dtypes import is_integer
from kerasish.core.primitive import as_float_input, as_input, elementwise_spec, primitive, same_spec
from kerasish.core.structural import cast, convert_to_tensor
from kerasish.errors import DTypeError, explain
from kerasish.ops.arithmetic import divide, multiply, negative, square
from kerasish.ops.axes import expand_dims
from kerasish.ops.delivery import deliver
from kerasish.ops.exponential import exp, exp2
from kerasish.ops.totals import mean

_TWO_OVER_ROOT_PI = 2 / math.sqrt(math.pi)

# Giles's single-precision coefficients, highest power first, for w < 5 and w >= 5.
_ERFINV_NEAR = (2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
                -0.00125372503, -0.00417768164, 0.246640727, 1.50140941)  # fmt: skip
_ERFINV_FAR = (-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
               -0.0076224613, 0.00943887047, 1.00167406, 2.83297682)  # fmt: skip


def _polynomial(coefficients, x):
    total = coefficients[0]
    for c in coefficients[1:]:
        total = total * x + c
    return total


@primitive(
    spec=same_spec,
    vjp=lambda g, x: multiply(g, multiply(exp(negative(square(x))), _TWO_OVER_ROOT_PI)),
    tags=("elementwise",),
    floats=True,
)
def erf(xp, x, /, out=None):
    """Error function: `2 / sqrt(pi) * integral of exp(-t**2) from 0 to x`.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Accuracy: a few units in the last place (rational forms by W. J. Cody).

    Example:
        >>> erf([0.0]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    if x.dtype.kind == "V":
        return deliver(xp.erf(x.astype(xp.float32)).astype(x.dtype), out)
    return xp.erf(x, out=out)


@primitive(
    spec=same_spec,
    vjp=lambda g, y: multiply(g, divide(exp(square(y)), _TWO_OVER_ROOT_PI)),
    tags=("elementwise",),
    floats=True,
)
def erfinv(xp, x, /):
    """Inverse of the error function, of `|x| <= 1`.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape; infinite at -1 and 1, NaN beyond.

    Accuracy: a polynomial by M. Giles ("Approximating the erfinv function", 2012), refined by two
    Newton steps in float64.

    Example:
        >>> erfinv([0.0, 1.0]).tolist()
        [0.0, inf]

    Source: Keras 3 names and defaults.
    """
    wide = x.astype(xp.float64)
    inside = xp.abs(wide) < 1
    safe = xp.where(inside, wide, 0.0)
    w = -xp.log1p(-safe * safe)
    near = _polynomial(_ERFINV_NEAR, w - 2.5)
    far = _polynomial(_ERFINV_FAR, xp.sqrt(w) - 3)
    y = xp.where(w < 5, near, far) * safe
    for _ in range(2):
        y = y - (xp.erf(y) - safe) * xp.exp(y * y) / _TWO_OVER_ROOT_PI
    ends = xp.where(xp.abs(wide) == 1, wide * xp.inf, xp.nan)
    return xp.where(inside, y, ends).astype(x.dtype)


@primitive(
    spec=same_spec,
    vjp=lambda g, x: negative(multiply(g, multiply(exp(negative(square(x))), _TWO_OVER_ROOT_PI))),
    tags=("elementwise",),
    floats=True,
)
def erfc(xp, x, /, out=None):
    """Complement of the error function: `1 - erf(x)`, exact for large `x`.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Accuracy: a few units in the last place (rational forms by W. J. Cody).

    Example:
        >>> erfc([0.0]).tolist()
        [1.0]

    Source: Keras 3 names and defaults.
    """
    if x.dtype.kind == "V":
        return deliver(xp.erfc(x.astype(xp.float32)).astype(x.dtype), out)
    return xp.erfc(x, out=out)


_ANGLES = tuple(math.pi * (i + 0.5) / 256 for i in range(256))


def _i0_rule(g, x):
    # I0(x) is the mean of exp(x * cos(t)) over half a turn; the sum over equal steps converges
    # faster than any power of their number, and has derivatives of every order.
    cosines = convert_to_tensor([math.cos(t) for t in _ANGLES], x.dtype)
    terms = multiply(cosines, exp(multiply(expand_dims(x, -1), cosines)))
    return multiply(g, mean(terms, axis=-1))


@primitive(spec=same_spec, vjp=_i0_rule, tags=("elementwise",), floats=True)
def i0(xp, x, /):
    """Modified Bessel function of the first kind and order 0.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Derivative: by a sum of 256 terms, exact up to about |x| = 100.

    Example:
        >>> i0([0.0]).tolist()
        [1.0]

    Source: Keras 3 names and defaults.
    """
    wide = x if x.dtype.itemsize == 8 else x.astype(xp.float64)
    return xp.i0(wide).reshape(x.shape).astype(x.dtype)


@primitive(
    spec=elementwise_spec, tags=("elementwise",), promotes=True, floats=True, ufunc="nextafter"
)
def nextafter(xp, x1, x2, /, out=None):
    """The next number after `x1` in the direction of `x2`.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        float tensor of the broadcast shape.

    Derivative: none.

    Example:
        >>> nextafter([1.0], [2.0]).item() > 1.0
        True

    Source: Keras 3 names and defaults.
    """
    return xp.nextafter(x1, x2, out=out)


def ldexp(x1, x2):
    """Product with a power of two: `x1 * 2 ** x2`.

    Args:
        x1: tensor; integers become floatx.
        x2: integer tensor that broadcasts with `x1`.

    Returns:
        float tensor of the broadcast shape.

    Raises:
        DTypeError: `x2` is not of integers.

    Example:
        >>> ldexp([3.0], [2]).tolist()
        [12.0]

    Source: Keras 3 names and defaults.
    """
    x1, x2 = as_float_input(x1), as_input(x2)
    if not (is_integer(x2.dtype) or x2.dtype == "bool"):
        raise DTypeError(explain("ops.ldexp", "x2 must be of integers", received=x2.dtype))
    return multiply(x1, exp2(cast(x2, x1.dtype)))


__all__ = [
    "erf",
    "erfc",
    "erfinv",
    "i0",
    "ldexp",
    "nextafter",
]
