"""Circular functions of elements and their inverses."""

import math

from kerasish.core.primitive import as_float_input, elementwise_spec, primitive
from kerasish.core.structural import add
from kerasish.ops.arithmetic import absolute, divide, multiply, negative, square, subtract
from kerasish.ops.comparison import less
from kerasish.ops.exponential import rsqrt
from kerasish.ops.selection import where


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, x: multiply(g, cos(x)),
    tags=("elementwise",),
    floats=True,
    ufunc="sin",
)
def sin(xp, x, /, out=None):
    """Sine of an angle in radians.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> sin([0.0]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    return xp.sin(x, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, x: negative(multiply(g, sin(x))),
    tags=("elementwise",),
    floats=True,
    ufunc="cos",
)
def cos(xp, x, /, out=None):
    """Cosine of an angle in radians.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> cos([0.0]).tolist()
        [1.0]

    Source: Keras 3 names and defaults.
    """
    return xp.cos(x, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, y: multiply(g, add(square(y), 1.0)),
    tags=("elementwise",),
    floats=True,
    ufunc="tan",
)
def tan(xp, x, /, out=None):
    """Tangent of an angle in radians.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> tan([0.0]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    return xp.tan(x, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, x: multiply(g, rsqrt(subtract(1.0, square(x)))),
    tags=("elementwise",),
    floats=True,
    ufunc="arcsin",
)
def arcsin(xp, x, /, out=None):
    """Angle in radians whose sine is `x`.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> arcsin([0.0]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    return xp.arcsin(x, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, x: negative(multiply(g, rsqrt(subtract(1.0, square(x))))),
    tags=("elementwise",),
    floats=True,
    ufunc="arccos",
)
def arccos(xp, x, /, out=None):
    """Angle in radians whose cosine is `x`.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> arccos([1.0]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    return xp.arccos(x, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, x: divide(g, add(square(x), 1.0)),
    tags=("elementwise",),
    floats=True,
    ufunc="arctan",
)
def arctan(xp, x, /, out=None):
    """Angle in radians whose tangent is `x`.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> arctan([0.0]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    return xp.arctan(x, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=(
        lambda g, x1, x2: multiply(g, divide(x2, add(square(x1), square(x2)))),
        lambda g, x1, x2: negative(multiply(g, divide(x1, add(square(x1), square(x2))))),
    ),
    tags=("elementwise",),
    promotes=True,
    floats=True,
    ufunc="arctan2",
)
def arctan2(xp, x1, x2, /, out=None):
    """Angle in radians, from -pi to pi, of the point with ordinate `x1` and abscissa `x2`.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        float tensor of the broadcast shape.

    Example:
        >>> arctan2([0.0], [1.0]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    return xp.arctan2(x1, x2, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g: deg2rad(g),
    tags=("elementwise",),
    floats=True,
    ufunc="deg2rad",
)
def deg2rad(xp, x, /, out=None):
    """Degrees to radians: `x * pi / 180`.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> deg2rad([0.0]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    return xp.deg2rad(x, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g: rad2deg(g),
    tags=("elementwise",),
    floats=True,
    ufunc="rad2deg",
)
def rad2deg(xp, x, /, out=None):
    """Radians to degrees: `x * 180 / pi`.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> rad2deg([0.0]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    return xp.rad2deg(x, out=out)


def sinc(x):
    """Normalized cardinal sine: `sin(pi * x) / (pi * x)`, 1 at 0.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Derivative: exact; near 0 the series of the function is used.

    Example:
        >>> sinc([0.0]).tolist()
        [1.0]

    Source: Keras 3 names and defaults.
    """
    angle = multiply(as_float_input(x), math.pi)
    is_small = less(absolute(angle), 1e-2)
    squared = square(where(is_small, angle, 0.0))
    # 1 - a^2/6 + a^4/120 - a^6/5040: below one unit in the last place of float64 for |a| < 0.01.
    series = add(multiply(squared, -1 / 5040), 1 / 120)
    series = add(multiply(squared, add(multiply(squared, series), -1 / 6)), 1.0)
    safe = where(is_small, 1.0, angle)
    return where(is_small, series, divide(sin(safe), safe))


__all__ = [
    "arccos",
    "arcsin",
    "arctan",
    "arctan2",
    "cos",
    "deg2rad",
    "rad2deg",
    "sin",
    "sinc",
    "tan",
]
