"""Bits and divisors of integers; nothing here has a derivative."""

from kerasish.core.primitive import elementwise_spec, primitive


@primitive(spec=elementwise_spec, tags=("elementwise",), promotes=True, ufunc="bitwise_and")
def bitwise_and(xp, x, y, /, out=None):
    """Bits that are set in both.

    Args:
        x: integer or bool tensor.
        y: integer or bool tensor.

    Returns:
        tensor of the broadcast shape.

    Example:
        >>> bitwise_and([6], [3]).tolist()
        [2]

    Source: Keras 3 names and defaults.
    """
    return xp.bitwise_and(x, y, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), promotes=True, ufunc="bitwise_or")
def bitwise_or(xp, x, y, /, out=None):
    """Bits that are set in one or both.

    Args:
        x: integer or bool tensor.
        y: integer or bool tensor.

    Returns:
        tensor of the broadcast shape.

    Example:
        >>> bitwise_or([6], [3]).tolist()
        [7]

    Source: Keras 3 names and defaults.
    """
    return xp.bitwise_or(x, y, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), promotes=True, ufunc="bitwise_xor")
def bitwise_xor(xp, x, y, /, out=None):
    """Bits that are set in exactly one.

    Args:
        x: integer or bool tensor.
        y: integer or bool tensor.

    Returns:
        tensor of the broadcast shape.

    Example:
        >>> bitwise_xor([6], [3]).tolist()
        [5]

    Source: Keras 3 names and defaults.
    """
    return xp.bitwise_xor(x, y, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), ufunc="invert")
def bitwise_invert(xp, x, /, out=None):
    """Every bit flipped.

    Args:
        x: integer or bool tensor.

    Returns:
        tensor of the same shape and dtype.

    Example:
        >>> bitwise_invert([0]).tolist()
        [-1]

    Source: Keras 3 names and defaults.
    """
    return xp.invert(x, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), promotes=True, ufunc="left_shift")
def bitwise_left_shift(xp, x, y, /, out=None):
    """Bits of `x` moved up by `y` places: `x * 2**y`.

    Args:
        x: integer or bool tensor.
        y: integer or bool tensor.

    Returns:
        tensor of the broadcast shape.

    Example:
        >>> bitwise_left_shift([1], [3]).tolist()
        [8]

    Source: Keras 3 names and defaults.
    """
    return xp.left_shift(x, y, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), promotes=True, ufunc="right_shift")
def bitwise_right_shift(xp, x, y, /, out=None):
    """Bits of `x` moved down by `y` places: `floor(x / 2**y)`.

    Args:
        x: integer or bool tensor.
        y: integer or bool tensor.

    Returns:
        tensor of the broadcast shape.

    Example:
        >>> bitwise_right_shift([8], [3]).tolist()
        [1]

    Source: Keras 3 names and defaults.
    """
    return xp.right_shift(x, y, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), promotes=True, ufunc="gcd")
def gcd(xp, x1, x2, /, out=None):
    """Greatest common divisor.

    Args:
        x1: integer or bool tensor.
        x2: integer or bool tensor.

    Returns:
        tensor of the broadcast shape.

    Example:
        >>> gcd([12], [18]).tolist()
        [6]

    Source: Keras 3 names and defaults.
    """
    return xp.gcd(x1, x2, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), promotes=True, ufunc="lcm")
def lcm(xp, x1, x2, /, out=None):
    """Least common multiple.

    Args:
        x1: integer or bool tensor.
        x2: integer or bool tensor.

    Returns:
        tensor of the broadcast shape.

    Example:
        >>> lcm([4], [6]).tolist()
        [12]

    Source: Keras 3 names and defaults.
    """
    return xp.lcm(x1, x2, out=out)


def bitwise_not(x):
    """Another name of `bitwise_invert`.

    Args:
        x: integer tensor.

    Returns:
        tensor of the same shape.

    Example:
        >>> bitwise_not([0]).tolist()
        [-1]

    Source: Keras 3 names and defaults.
    """
    return bitwise_invert(x)


def left_shift(x, y):
    """Another name of `bitwise_left_shift`.

    Args:
        x: integer tensor.
        y: integer tensor.

    Returns:
        tensor of the broadcast shape.

    Example:
        >>> left_shift([1], [3]).tolist()
        [8]

    Source: Keras 3 names and defaults.
    """
    return bitwise_left_shift(x, y)


def right_shift(x, y):
    """Another name of `bitwise_right_shift`.

    Args:
        x: integer tensor.
        y: integer tensor.

    Returns:
        tensor of the broadcast shape.

    Example:
        >>> right_shift([8], [3]).tolist()
        [1]

    Source: Keras 3 names and defaults.
    """
    return bitwise_right_shift(x, y)


__all__ = [
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "gcd",
    "lcm",
    "left_shift",
    "right_shift",
]
