"""Rounded and guarded division of elements, remainders, and choices that step over NaN."""

from kerasish.core.primitive import elementwise_spec, primitive, promote_floats
from kerasish.core.structural import convert_to_tensor
from kerasish.ops.arithmetic import divide, multiply, negative, subtract, without_bool
from kerasish.ops.comparison import equal
from kerasish.ops.selection import where


@primitive(
    spec=elementwise_spec,
    tags=("elementwise",),
    promotes=True,
    ufunc="floor_divide",
    name="floor_divide",
)
def _floor_divide(xp, x1, x2, /, out=None):
    """`floor_divide` of numbers that are not bool."""
    return xp.floor_divide(x1, x2, out=out)


def floor_divide(x1, x2):
    """Quotient rounded down, elementwise: `floor(x1 / x2)`.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        tensor of the broadcast shape and promoted dtype.

    Derivative: none (zero almost everywhere).

    Example:
        >>> floor_divide([7, -7], 2).tolist()
        [3, -4]

    Source: Keras 3 names and defaults.
    """
    return _floor_divide(without_bool(x1), without_bool(x2))


@primitive(
    spec=elementwise_spec,
    vjp=(lambda g: g, lambda g, x1, x2: negative(multiply(g, _floor_divide(x1, x2)))),
    tags=("elementwise",),
    promotes=True,
    ufunc="remainder",
    name="mod",
)
def _mod(xp, x1, x2, /, out=None):
    """`mod` of numbers that are not bool."""
    return xp.remainder(x1, x2, out=out)


def mod(x1, x2):
    """Remainder with the sign of the divisor: `x1 - floor(x1 / x2) * x2`.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        tensor of the broadcast shape and promoted dtype.

    Example:
        >>> mod([7, -7], 3).tolist()
        [1, 2]

    Source: Keras 3 names and defaults.
    """
    return _mod(without_bool(x1), without_bool(x2))


@primitive(
    spec=elementwise_spec,
    vjp=(lambda g: g, lambda g, x1, x2, y: divide(multiply(g, subtract(y, x1)), x2)),
    tags=("elementwise",),
    promotes=True,
    ufunc="fmod",
    name="fmod",
)
def _fmod(xp, x1, x2, /, out=None):
    """`fmod` of numbers that are not bool."""
    return xp.fmod(x1, x2, out=out)


def fmod(x1, x2):
    """Remainder with the sign of the dividend: `x1 - trunc(x1 / x2) * x2`.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        tensor of the broadcast shape and promoted dtype.

    Example:
        >>> fmod([7, -7], 3).tolist()
        [1, -1]

    Source: Keras 3 names and defaults.
    """
    return _fmod(without_bool(x1), without_bool(x2))


@primitive(
    spec=elementwise_spec,
    vjp=(
        lambda g, x1, y: where(equal(x1, y), g, 0.0),
        lambda g, x1, y: where(equal(x1, y), 0.0, g),
    ),
    tags=("elementwise",),
    promotes=True,
    ufunc="fmax",
)
def fmax(xp, x1, x2, /, out=None):
    """The larger of two, elementwise; the other one where one is NaN.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        tensor of the broadcast shape and promoted dtype.

    Derivative: goes to the larger; at ties all of it to `x1`.

    Example:
        >>> fmax([1.0, float("nan")], 3.0).tolist()
        [3.0, 3.0]

    Source: Keras 3 names and defaults.
    """
    return xp.fmax(x1, x2, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=(
        lambda g, x1, y: where(equal(x1, y), g, 0.0),
        lambda g, x1, y: where(equal(x1, y), 0.0, g),
    ),
    tags=("elementwise",),
    promotes=True,
    ufunc="fmin",
)
def fmin(xp, x1, x2, /, out=None):
    """The smaller of two, elementwise; the other one where one is NaN.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        tensor of the broadcast shape and promoted dtype.

    Derivative: goes to the smaller; at ties all of it to `x1`.

    Example:
        >>> fmin([1.0, float("nan")], 3.0).tolist()
        [1.0, 3.0]

    Source: Keras 3 names and defaults.
    """
    return xp.fmin(x1, x2, out=out)


def divide_no_nan(x1, x2):
    """Quotient, elementwise, that is 0 where the divisor is 0.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        float tensor of the broadcast shape.

    Example:
        >>> divide_no_nan([3.0, 2.0], [2.0, 0.0]).tolist()
        [1.5, 0.0]

    Source: Keras 3 names and defaults.
    """
    x1, x2 = promote_floats(x1, x2)
    if isinstance(x2, (int, float)):
        x2 = convert_to_tensor(x2, x1.dtype)
    is_zero = equal(x2, 0)
    return where(is_zero, 0.0, divide(x1, where(is_zero, 1.0, x2)))


@primitive(
    spec=elementwise_spec, tags=("elementwise",), promotes=True, floats=True, ufunc="heaviside"
)
def heaviside(xp, x1, x2, /, out=None):
    """Step function of `x1`: 0 below zero, 1 above, `x2` at zero.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        tensor of the broadcast shape and promoted dtype.

    Derivative: none (zero almost everywhere).

    Example:
        >>> heaviside([-1.0, 0.0, 2.0], 0.5).tolist()
        [0.0, 0.5, 1.0]

    Source: Keras 3 names and defaults.
    """
    return xp.heaviside(x1, x2, out=out)


__all__ = [
    "divide_no_nan",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "heaviside",
    "mod",
]
