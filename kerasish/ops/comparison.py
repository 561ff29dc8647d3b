"""Comparisons, logic and classification of numbers; the results are bool and have no derivative."""

from kerasish.core.primitive import elementwise_spec, primitive


@primitive(spec=elementwise_spec, tags=("elementwise",), promotes=True, ufunc="equal")
def equal(xp, x1, x2, /, out=None):
    """Whether elements are equal: `x1 == x2`.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        bool tensor of the broadcast shape.

    Example:
        >>> equal([1, 2], 2).tolist()
        [False, True]

    Source: Keras 3 names and defaults.
    """
    return xp.equal(x1, x2, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), promotes=True, ufunc="not_equal")
def not_equal(xp, x1, x2, /, out=None):
    """Whether elements differ: `x1 != x2`.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        bool tensor of the broadcast shape.

    Example:
        >>> not_equal([1, 2], 2).tolist()
        [True, False]

    Source: Keras 3 names and defaults.
    """
    return xp.not_equal(x1, x2, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), promotes=True, ufunc="less")
def less(xp, x1, x2, /, out=None):
    """Whether elements of the first are smaller: `x1 < x2`.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        bool tensor of the broadcast shape.

    Example:
        >>> less([1, 2], 2).tolist()
        [True, False]

    Source: Keras 3 names and defaults.
    """
    return xp.less(x1, x2, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), promotes=True, ufunc="less_equal")
def less_equal(xp, x1, x2, /, out=None):
    """Whether elements of the first are smaller or equal: `x1 <= x2`.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        bool tensor of the broadcast shape.

    Example:
        >>> less_equal([1, 2], 2).tolist()
        [True, True]

    Source: Keras 3 names and defaults.
    """
    return xp.less_equal(x1, x2, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), promotes=True, ufunc="greater")
def greater(xp, x1, x2, /, out=None):
    """Whether elements of the first are larger: `x1 > x2`.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        bool tensor of the broadcast shape.

    Example:
        >>> greater([1, 2], 2).tolist()
        [False, False]

    Source: Keras 3 names and defaults.
    """
    return xp.greater(x1, x2, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), promotes=True, ufunc="greater_equal")
def greater_equal(xp, x1, x2, /, out=None):
    """Whether elements of the first are larger or equal: `x1 >= x2`.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        bool tensor of the broadcast shape.

    Example:
        >>> greater_equal([1, 2], 2).tolist()
        [False, True]

    Source: Keras 3 names and defaults.
    """
    return xp.greater_equal(x1, x2, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), promotes=True, ufunc="logical_and")
def logical_and(xp, x1, x2, /, out=None):
    """Whether both are true (not zero), elementwise.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        bool tensor of the broadcast shape.

    Example:
        >>> logical_and([True, False], True).tolist()
        [True, False]

    Source: Keras 3 names and defaults.
    """
    return xp.logical_and(x1, x2, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), promotes=True, ufunc="logical_or")
def logical_or(xp, x1, x2, /, out=None):
    """Whether one or both are true (not zero), elementwise.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        bool tensor of the broadcast shape.

    Example:
        >>> logical_or([True, False], True).tolist()
        [True, True]

    Source: Keras 3 names and defaults.
    """
    return xp.logical_or(x1, x2, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), promotes=True, ufunc="logical_xor")
def logical_xor(xp, x1, x2, /, out=None):
    """Whether exactly one is true (not zero), elementwise.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.

    Returns:
        bool tensor of the broadcast shape.

    Example:
        >>> logical_xor([True, False], True).tolist()
        [False, True]

    Source: Keras 3 names and defaults.
    """
    return xp.logical_xor(x1, x2, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), ufunc="logical_not")
def logical_not(xp, x, /, out=None):
    """Whether elements are false (zero).

    Args:
        x: tensor.

    Returns:
        bool tensor of the same shape.

    Example:
        >>> logical_not([True, False]).tolist()
        [False, True]

    Source: Keras 3 names and defaults.
    """
    return xp.logical_not(x, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), ufunc="isfinite")
def isfinite(xp, x, /, out=None):
    """Whether elements are neither infinite nor NaN.

    Args:
        x: tensor.

    Returns:
        bool tensor of the same shape.

    Example:
        >>> isfinite([1.0, float("inf")]).tolist()
        [True, False]

    Source: Keras 3 names and defaults.
    """
    return xp.isfinite(x, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), ufunc="isinf")
def isinf(xp, x, /, out=None):
    """Whether elements are plus or minus infinity.

    Args:
        x: tensor.

    Returns:
        bool tensor of the same shape.

    Example:
        >>> isinf([1.0, float("inf")]).tolist()
        [False, True]

    Source: Keras 3 names and defaults.
    """
    return xp.isinf(x, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), ufunc="isnan")
def isnan(xp, x, /, out=None):
    """Whether elements are NaN.

    Args:
        x: tensor.

    Returns:
        bool tensor of the same shape.

    Example:
        >>> isnan([1.0, float("inf")]).tolist()
        [False, False]

    Source: Keras 3 names and defaults.
    """
    return xp.isnan(x, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",))
def isposinf(xp, x, /, out=None):
    """Whether elements are plus infinity.

    Args:
        x: tensor.

    Returns:
        bool tensor of the same shape.

    Example:
        >>> isposinf([1.0, float("inf")]).tolist()
        [False, True]

    Source: Keras 3 names and defaults.
    """
    return xp.logical_and(xp.isinf(x), x > 0, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",))
def isneginf(xp, x, /, out=None):
    """Whether elements are minus infinity.

    Args:
        x: tensor.

    Returns:
        bool tensor of the same shape.

    Example:
        >>> isneginf([1.0, float("inf")]).tolist()
        [False, False]

    Source: Keras 3 names and defaults.
    """
    return xp.logical_and(xp.isinf(x), x < 0, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",), ufunc="signbit")
def signbit(xp, x, /, out=None):
    """Whether the sign bit is set: negative numbers and -0.0.

    Args:
        x: tensor.

    Returns:
        bool tensor of the same shape.

    Example:
        >>> signbit([-1.0, -0.0, 2.0]).tolist()
        [True, True, False]

    Source: Keras 3 names and defaults.
    """
    return xp.signbit(x, out=out)


@primitive(spec=elementwise_spec, tags=("elementwise",))
def isreal(xp, x, /):
    """Whether the imaginary part is zero.

    Args:
        x: tensor.

    Returns:
        bool tensor of the same shape.

    Example:
        >>> isreal([1.0, 2.0]).tolist()
        [True, True]

    Source: Keras 3 names and defaults.
    """
    return xp.isreal(x)


@primitive(spec=elementwise_spec, tags=("elementwise",), promotes=True)
def isclose(xp, x1, x2, /, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Whether elements agree: `|x1 - x2| <= atol + rtol * |x2|`.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.
        rtol: float. Relative tolerance.
        atol: float. Absolute tolerance.
        equal_nan: bool. Whether NaN agrees with NaN.

    Returns:
        bool tensor of the broadcast shape.

    Example:
        >>> isclose([1.0, 2.0], [1.0, 2.1]).tolist()
        [True, False]

    Source: Keras 3 names and defaults.
    """
    return xp.isclose(x1, x2, rtol=rtol, atol=atol, equal_nan=equal_nan)


__all__ = [
    "equal",
    "greater",
    "greater_equal",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "isreal",
    "less",
    "less_equal",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "not_equal",
    "signbit",
]
