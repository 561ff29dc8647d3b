"""Truth over axes: any, all, and counting."""

from kerasish.core.primitive import primitive
from kerasish.core.spec import TensorSpec
from kerasish.ops.comparison import isclose
from kerasish.ops.totals import reduced_shape, standard_axis


def _bool_spec(x, axis, keepdims):
    return TensorSpec(reduced_shape(x, axis, keepdims), "bool")


@primitive(spec=_bool_spec, name="any")
def _any(xp, x, /, axis=None, keepdims=False):
    return (x != 0).any(axis=axis, keepdims=keepdims)


def any(x, axis=None, keepdims=False):
    """Whether one element at least is true (not zero), over axes.

    Args:
        x: tensor.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        bool tensor; False for no elements.

    Example:
        >>> any([[True, False], [False, False]], axis=1).tolist()
        [True, False]

    Source: Keras 3 names and defaults.
    """
    return _any(x, axis=standard_axis(axis), keepdims=keepdims)


@primitive(spec=_bool_spec, name="all")
def _all(xp, x, /, axis=None, keepdims=False):
    return (x != 0).all(axis=axis, keepdims=keepdims)


def all(x, axis=None, keepdims=False):
    """Whether every element is true (not zero), over axes.

    Args:
        x: tensor.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        bool tensor; True for no elements.

    Example:
        >>> all([[True, False], [True, True]], axis=1).tolist()
        [False, True]

    Source: Keras 3 names and defaults.
    """
    return _all(x, axis=standard_axis(axis), keepdims=keepdims)


@primitive(
    spec=lambda x, axis: TensorSpec(reduced_shape(x, axis, False), "int32"), name="count_nonzero"
)
def _count_nonzero(xp, x, /, axis=None):
    return (x != 0).sum(axis=axis, dtype=xp.int32)


def count_nonzero(x, axis=None):
    """How many elements are not zero, over axes.

    Args:
        x: tensor.
        axis: int, tuple of ints, or None for all axes.

    Returns:
        int32 tensor.

    Example:
        >>> count_nonzero([[1, 0], [2, 3]], axis=1).tolist()
        [1, 2]

    Source: Keras 3 names and defaults.
    """
    return _count_nonzero(x, axis=standard_axis(axis))


def allclose(x1, x2, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Whether all elements agree: `|x1 - x2| <= atol + rtol * |x2|`.

    Args:
        x1: tensor or scalar.
        x2: tensor or scalar that broadcasts with `x1`.
        rtol: float. Relative tolerance.
        atol: float. Absolute tolerance.
        equal_nan: bool. Whether NaN agrees with NaN.

    Returns:
        scalar bool tensor.

    Example:
        >>> bool(allclose([1.0, 2.0], [1.0, 2.0 + 1e-7]))
        True

    Source: Keras 3 names and defaults.
    """
    return all(isclose(x1, x2, rtol=rtol, atol=atol, equal_nan=equal_nan))


__all__ = [
    "all",
    "allclose",
    "any",
    "count_nonzero",
]
