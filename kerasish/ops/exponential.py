"""Powers, roots, exponentials and the natural logarithm of elements."""

import math

from kerasish.core.primitive import as_input, elementwise_spec, primitive
from kerasish.core.structural import add, identity
from kerasish.ops.arithmetic import divide, multiply, square, subtract, without_bool
from kerasish.ops.comparison import equal, greater
from kerasish.ops.selection import where


def _base_rule(g, x1, x2):
    """d(x1 ** x2) / d x1, which is 0 where the exponent is 0 (also at x1 = 0)."""
    if isinstance(x2, (int, float)):
        return multiply(g, multiply(power(x1, x2 - 1), x2)) if x2 else multiply(g, 0.0)
    is_zero = equal(x2, 0)
    slope = multiply(x2, power(x1, where(is_zero, 1.0, subtract(x2, 1.0))))
    return multiply(g, where(is_zero, 0.0, slope))


def _exponent_rule(g, x1, y):
    """d(x1 ** x2) / d x2 = y * log(x1), and 0 where the base is not positive."""
    if isinstance(x1, (int, float)):
        return multiply(multiply(g, y), math.log(x1) if x1 > 0 else 0.0)
    is_positive = greater(x1, 0)
    return multiply(multiply(g, y), where(is_positive, log(where(is_positive, x1, 1.0)), 0.0))


@primitive(
    spec=elementwise_spec,
    vjp=(_base_rule, _exponent_rule),
    tags=("elementwise",),
    promotes=True,
    ufunc="power",
    name="power",
)
def _power(xp, x1, x2, /, out=None):
    """`power` of numbers that are not bool."""
    return xp.power(x1, x2, out=out)


def power(x1, x2):
    """Power, elementwise: `x1 ** x2`.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        tensor of the broadcast shape and promoted dtype; int32 for two bool.

    Derivative: by `x2` it is 0 where `x1 <= 0`.

    Example:
        >>> power([2.0, 3.0], 2).tolist()
        [4.0, 9.0]

    Source: Keras 3 names and defaults.
    """
    if type(x2) in (int, float):  # exact, and far faster than a general power
        if x2 == 2:
            return square(x1)
        if x2 == 1:
            return identity(as_input(x1))
        if x2 == 0.5:
            return sqrt(x1)
    return _power(without_bool(x1), without_bool(x2))


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, y: divide(multiply(g, 0.5), y),
    tags=("elementwise",),
    floats=True,
    ufunc="sqrt",
)
def sqrt(xp, x, /, out=None):
    """Square root.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> sqrt([4.0]).tolist()
        [2.0]

    Source: Keras 3 names and defaults.
    """
    return xp.sqrt(x, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, y: multiply(multiply(g, -0.5), multiply(y, square(y))),
    tags=("elementwise",),
    floats=True,
)
def rsqrt(xp, x, /, out=None):
    """Reciprocal square root: `1 / sqrt(x)`.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> rsqrt([4.0]).tolist()
        [0.5]

    Source: Keras 3 names and defaults.
    """
    return xp.divide(1, xp.sqrt(x, out=out), out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, y: divide(g, multiply(3.0, square(y))),
    tags=("elementwise",),
    floats=True,
    ufunc="cbrt",
)
def cbrt(xp, x, /, out=None):
    """Cube root.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> cbrt([-8.0]).tolist()
        [-2.0]

    Source: Keras 3 names and defaults.
    """
    return xp.cbrt(x, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, y: multiply(g, y),
    tags=("elementwise",),
    floats=True,
    ufunc="exp",
)
def exp(xp, x, /, out=None):
    """Exponential: `e ** x`.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> exp([0.0]).tolist()
        [1.0]

    Source: Keras 3 names and defaults.
    """
    return xp.exp(x, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, y: multiply(g, multiply(y, math.log(2))),
    tags=("elementwise",),
    floats=True,
    ufunc="exp2",
)
def exp2(xp, x, /, out=None):
    """Power of two: `2 ** x`.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> exp2([3.0]).tolist()
        [8.0]

    Source: Keras 3 names and defaults.
    """
    return xp.exp2(x, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, y: multiply(g, add(y, 1.0)),
    tags=("elementwise",),
    floats=True,
    ufunc="expm1",
)
def expm1(xp, x, /, out=None):
    """`exp(x) - 1`, exact for small `x`.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> expm1([0.0]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    return xp.expm1(x, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, x: divide(g, x),
    tags=("elementwise",),
    floats=True,
    ufunc="log",
)
def log(xp, x, /, out=None):
    """Natural logarithm.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> log([1.0]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    return xp.log(x, out=out)


__all__ = [
    "cbrt",
    "exp",
    "exp2",
    "expm1",
    "log",
    "power",
    "rsqrt",
    "sqrt",
]
