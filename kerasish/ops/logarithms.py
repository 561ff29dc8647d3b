"""Logarithms to other bases, and forms of exp, log and sqrt that do not overflow."""

import math

from kerasish.core.primitive import elementwise_spec, primitive
from kerasish.core.structural import add
from kerasish.ops.arithmetic import divide, multiply, subtract
from kerasish.ops.comparison import isfinite
from kerasish.ops.exponential import exp, exp2
from kerasish.ops.remainders import divide_no_nan
from kerasish.ops.selection import where


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, x: divide(g, add(x, 1.0)),
    tags=("elementwise",),
    floats=True,
    ufunc="log1p",
)
def log1p(xp, x, /, out=None):
    """`log(1 + x)`, exact for small `x`.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> log1p([0.0]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    return xp.log1p(x, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, x: divide(g, multiply(x, math.log(2))),
    tags=("elementwise",),
    floats=True,
    ufunc="log2",
)
def log2(xp, x, /, out=None):
    """Logarithm to base 2.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> log2([8.0]).tolist()
        [3.0]

    Source: Keras 3 names and defaults.
    """
    return xp.log2(x, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, x: divide(g, multiply(x, math.log(10))),
    tags=("elementwise",),
    floats=True,
    ufunc="log10",
)
def log10(xp, x, /, out=None):
    """Logarithm to base 10.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> log10([1.0]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    return xp.log10(x, out=out)


def _share(g, x, y, exponential):
    """Share of one term in a log-sum: exponential(x - y), and a half where the sum is infinite."""
    is_finite = isfinite(y)
    share = exponential(subtract(x, where(is_finite, y, 0.0)))
    return multiply(g, where(is_finite, share, 0.5))


@primitive(
    spec=elementwise_spec,
    vjp=(lambda g, x1, y: _share(g, x1, y, exp), lambda g, x2, y: _share(g, x2, y, exp)),
    tags=("elementwise",),
    promotes=True,
    floats=True,
    ufunc="logaddexp",
)
def logaddexp(xp, x1, x2, /, out=None):
    """Logarithm of a sum of exponentials: `log(exp(x1) + exp(x2))`, without overflow.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        float tensor of the broadcast shape.

    Example:
        >>> logaddexp([1000.0], [0.0]).tolist()
        [1000.0]

    Source: Keras 3 names and defaults.
    """
    return xp.logaddexp(x1, x2, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=(lambda g, x1, y: _share(g, x1, y, exp2), lambda g, x2, y: _share(g, x2, y, exp2)),
    tags=("elementwise",),
    promotes=True,
    floats=True,
    ufunc="logaddexp2",
)
def logaddexp2(xp, x1, x2, /, out=None):
    """Logarithm to base 2 of a sum of powers: `log2(2**x1 + 2**x2)`, without overflow.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        float tensor of the broadcast shape.

    Example:
        >>> logaddexp2([1000.0], [0.0]).tolist()
        [1000.0]

    Source: Keras 3 names and defaults.
    """
    return xp.logaddexp2(x1, x2, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=(
        lambda g, x1, y: multiply(g, divide_no_nan(x1, y)),
        lambda g, x2, y: multiply(g, divide_no_nan(x2, y)),
    ),
    tags=("elementwise",),
    promotes=True,
    floats=True,
    ufunc="hypot",
)
def hypot(xp, x1, x2, /, out=None):
    """Length of a right triangle's hypotenuse: `sqrt(x1**2 + x2**2)`, without overflow.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        float tensor of the broadcast shape.

    Derivative: 0 where both are 0.

    Example:
        >>> hypot([3.0], [4.0]).tolist()
        [5.0]

    Source: Keras 3 names and defaults.
    """
    return xp.hypot(x1, x2, out=out)


__all__ = [
    "hypot",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logaddexp2",
]
