"""Hyperbolic functions of elements and their inverses."""

from kerasish.core.primitive import elementwise_spec, primitive
from kerasish.core.structural import add
from kerasish.ops.arithmetic import divide, multiply, square, subtract
from kerasish.ops.exponential import rsqrt, sqrt


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, x: multiply(g, cosh(x)),
    tags=("elementwise",),
    floats=True,
    ufunc="sinh",
)
def sinh(xp, x, /, out=None):
    """Hyperbolic sine.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> sinh([0.0]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    return xp.sinh(x, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, x: multiply(g, sinh(x)),
    tags=("elementwise",),
    floats=True,
    ufunc="cosh",
)
def cosh(xp, x, /, out=None):
    """Hyperbolic cosine.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> cosh([0.0]).tolist()
        [1.0]

    Source: Keras 3 names and defaults.
    """
    return xp.cosh(x, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, y: multiply(g, subtract(1.0, square(y))),
    tags=("elementwise",),
    floats=True,
    ufunc="tanh",
)
def tanh(xp, x, /, out=None):
    """Hyperbolic tangent.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> tanh([0.0]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    return xp.tanh(x, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, x: multiply(g, rsqrt(add(square(x), 1.0))),
    tags=("elementwise",),
    floats=True,
    ufunc="arcsinh",
)
def arcsinh(xp, x, /, out=None):
    """Inverse hyperbolic sine.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> arcsinh([0.0]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    return xp.arcsinh(x, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, x: divide(g, multiply(sqrt(subtract(x, 1.0)), sqrt(add(x, 1.0)))),
    tags=("elementwise",),
    floats=True,
    ufunc="arccosh",
)
def arccosh(xp, x, /, out=None):
    """Inverse hyperbolic cosine, of `x >= 1`.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> arccosh([1.0]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    return xp.arccosh(x, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, x: divide(g, subtract(1.0, square(x))),
    tags=("elementwise",),
    floats=True,
    ufunc="arctanh",
)
def arctanh(xp, x, /, out=None):
    """Inverse hyperbolic tangent, of `|x| < 1`.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> arctanh([0.0]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    return xp.arctanh(x, out=out)


__all__ = [
    "arccosh",
    "arcsinh",
    "arctanh",
    "cosh",
    "sinh",
    "tanh",
]
