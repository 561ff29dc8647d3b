"""Arithmetic on elements: differences, products, quotients, larger and smaller, signs."""

from kerasish.core.primitive import as_input, elementwise_spec, primitive
from kerasish.core.structural import cast
from kerasish.ops.comparison import greater_equal, less_equal
from kerasish.ops.selection import where


def without_bool(x):
    """`x`, as int32 if it is bool, which NumPy cannot calculate with."""
    if isinstance(x, (bool, int, float)):
        return int(x) if isinstance(x, bool) else x
    x = as_input(x)
    return cast(x, "int32") if x.dtype == "bool" else x


@primitive(
    spec=elementwise_spec,
    vjp=(lambda g: g, lambda g: negative(g)),
    tags=("elementwise",),
    promotes=True,
    ufunc="subtract",
)
def subtract(xp, x1, x2, /, out=None):
    """Difference, elementwise: `x1 - x2`.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        tensor of the broadcast shape and promoted dtype.

    Example:
        >>> subtract([3.0, 2.0], 1.0).tolist()
        [2.0, 1.0]

    Source: Keras 3 names and defaults.
    """
    return xp.subtract(x1, x2, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=(lambda g, x2: multiply(g, x2), lambda g, x1: multiply(g, x1)),
    tags=("elementwise",),
    promotes=True,
    ufunc="multiply",
)
def multiply(xp, x1, x2, /, out=None):
    """Product, elementwise: `x1 * x2`.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        tensor of the broadcast shape and promoted dtype.

    Example:
        >>> multiply([3.0, 2.0], 2.0).tolist()
        [6.0, 4.0]

    Source: Keras 3 names and defaults.
    """
    return xp.multiply(x1, x2, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=(lambda g, x2: divide(g, x2), lambda g, y, x2: negative(multiply(g, divide(y, x2)))),
    tags=("elementwise",),
    promotes=True,
    floats=True,
    ufunc="divide",
)
def divide(xp, x1, x2, /, out=None):
    """Quotient, elementwise: `x1 / x2`; integers become floatx.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        tensor of the broadcast shape and promoted dtype.

    Example:
        >>> divide([3, 2], 2).tolist()
        [1.5, 1.0]

    Source: Keras 3 names and defaults.
    """
    return xp.divide(x1, x2, out=out)


def true_divide(x1, x2):
    """Quotient, elementwise: another name of `divide`.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        float tensor of the broadcast shape.

    Example:
        >>> true_divide([3, 2], 2).tolist()
        [1.5, 1.0]

    Source: Keras 3 names and defaults.
    """
    return divide(x1, x2)


@primitive(
    spec=elementwise_spec,
    vjp=(
        lambda g, x1, x2: where(greater_equal(x1, x2), g, 0.0),
        lambda g, x1, x2: where(greater_equal(x1, x2), 0.0, g),
    ),
    tags=("elementwise",),
    promotes=True,
    ufunc="maximum",
)
def maximum(xp, x1, x2, /, out=None):
    """The larger of two, elementwise; NaN where either is NaN.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        tensor of the broadcast shape and promoted dtype.

    Derivative: goes to the larger; at ties all of it to `x1`.

    Example:
        >>> maximum([1.0, 5.0], 3.0).tolist()
        [3.0, 5.0]

    Source: Keras 3 names and defaults.
    """
    return xp.maximum(x1, x2, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=(
        lambda g, x1, x2: where(less_equal(x1, x2), g, 0.0),
        lambda g, x1, x2: where(less_equal(x1, x2), 0.0, g),
    ),
    tags=("elementwise",),
    promotes=True,
    ufunc="minimum",
)
def minimum(xp, x1, x2, /, out=None):
    """The smaller of two, elementwise; NaN where either is NaN.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        tensor of the broadcast shape and promoted dtype.

    Derivative: goes to the smaller; at ties all of it to `x1`.

    Example:
        >>> minimum([1.0, 5.0], 3.0).tolist()
        [1.0, 3.0]

    Source: Keras 3 names and defaults.
    """
    return xp.minimum(x1, x2, out=out)


@primitive(
    spec=elementwise_spec, vjp=lambda g: negative(g), tags=("elementwise",), ufunc="negative"
)
def negative(xp, x, /, out=None):
    """Negated values: `-x`.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape and dtype.

    Example:
        >>> negative([1.0, -2.0]).tolist()
        [-1.0, 2.0]

    Source: Keras 3 names and defaults.
    """
    return xp.negative(x, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, x: multiply(g, sign(x)),
    tags=("elementwise",),
    ufunc="absolute",
)
def absolute(xp, x, /, out=None):
    """Absolute value: `|x|`.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape and dtype.

    Derivative: sign(x), 0 at 0.

    Example:
        >>> absolute([1.0, -2.0]).tolist()
        [1.0, 2.0]

    Source: Keras 3 names and defaults.
    """
    return xp.absolute(x, out=out)


def abs(x):
    """Absolute value: another name of `absolute`.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape and dtype.

    Example:
        >>> abs([1.0, -2.0]).tolist()
        [1.0, 2.0]

    Source: Keras 3 names and defaults.
    """
    return absolute(x)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, x: multiply(g, sign(x)),
    tags=("elementwise",),
    floats=True,
    ufunc="absolute",
)
def fabs(xp, x, /, out=None):
    """Absolute value as a float: `|x|`.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Derivative: sign(x), 0 at 0.

    Example:
        >>> fabs([1, -2]).tolist()
        [1.0, 2.0]

    Source: Keras 3 names and defaults.
    """
    return xp.absolute(x, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), ufunc="sign")
def sign(xp, x, /, out=None):
    """Sign: -1, 0 or 1.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape and dtype.

    Derivative: none (zero almost everywhere).

    Example:
        >>> sign([3.0, 0.0, -2.0]).tolist()
        [1.0, 0.0, -1.0]

    Source: Keras 3 names and defaults.
    """
    return xp.sign(x, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, x: multiply(multiply(g, 2.0), x),
    tags=("elementwise",),
    ufunc="square",
    name="square",
)
def _square(xp, x, /, out=None):
    """`square` of numbers that are not bool."""
    return xp.square(x, out=out)


def square(x):
    """Square: `x * x`.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape; int32 for bool.

    Example:
        >>> square([3.0]).tolist()
        [9.0]

    Source: Keras 3 names and defaults.
    """
    return _square(without_bool(x))


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, y: negative(multiply(g, _square(y))),
    tags=("elementwise",),
    floats=True,
    ufunc="reciprocal",
)
def reciprocal(xp, x, /, out=None):
    """Reciprocal: `1 / x`.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tensor of the same shape.

    Example:
        >>> reciprocal([4.0]).tolist()
        [0.25]

    Source: Keras 3 names and defaults.
    """
    return xp.reciprocal(x, out=out)


__all__ = [
    "abs",
    "absolute",
    "divide",
    "fabs",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "reciprocal",
    "sign",
    "square",
    "subtract",
    "true_divide",
]
