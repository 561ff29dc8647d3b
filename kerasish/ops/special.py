"""The error function and its inverse."""

import math

from kerasish.core.primitive import primitive, same_spec
from kerasish.ops.arithmetic import divide, multiply, negative, square
from kerasish.ops.exponential import exp

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


def _deliver(xp, result, out):
    """`result`, written to `out` if the caller gave one."""
    if out is None:
        return result
    out[...] = result
    return out


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
        return _deliver(xp, xp.erf(x.astype(xp.float32)).astype(x.dtype), out)
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


__all__ = [
    "erf",
    "erfinv",
]
