"""Extremes over axes: the largest and smallest elements, and where they are."""

from kerasish.core.primitive import as_input, primitive
from kerasish.core.spec import TensorSpec
from kerasish.core.structural import cast
from kerasish.ops.arithmetic import divide, maximum, multiply, subtract
from kerasish.ops.comparison import equal
from kerasish.ops.totals import reduced_shape, restore_axes, standard_axis, sum


def _extreme_spec(x, axis, keepdims, initial):
    return x.with_shape(reduced_shape(x, axis, keepdims))


def _extreme_rule(g, x, y, axis, keepdims):
    """The cotangent, shared equally among the elements that attain the extreme."""
    chosen = cast(equal(x, restore_axes(y, x, axis, keepdims)), g.dtype)
    ties = sum(chosen, axis, keepdims=True)
    share = divide(restore_axes(g, x, axis, keepdims), maximum(ties, 1.0))
    return multiply(chosen, share)


def _extreme(xp, x, axis, keepdims, initial, out, reduction, pair):
    if initial is None:
        return getattr(x, reduction)(axis=axis, keepdims=keepdims, out=out)
    if x.size == 0:
        shape = reduced_shape(_sizes_of(x), axis, keepdims)
        if out is None:
            return xp.full(shape, initial, x.dtype)
        out[...] = initial
        return out
    found = getattr(x, reduction)(axis=axis, keepdims=keepdims, out=out)
    return pair(found, x.dtype.type(initial), out=out)


def _sizes_of(x):
    return TensorSpec(x.shape, "float32")


@primitive(spec=_extreme_spec, vjp=_extreme_rule, name="max")
def _max(xp, x, /, axis=None, keepdims=False, initial=None, out=None):
    return _extreme(xp, x, axis, keepdims, initial, out, "max", xp.maximum)


def max(x, axis=None, keepdims=False, initial=None):
    """Largest element over axes; NaN if one is NaN.

    Args:
        x: tensor.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.
        initial: number or None. The least result, also that of no elements.

    Returns:
        tensor of the dtype of `x`.

    Raises:
        ShapeError: there are no elements and no `initial`.

    Derivative: shared equally among equal largest elements.

    Example:
        >>> max([[1.0, 2.0], [3.0, 4.0]], axis=0).tolist()
        [3.0, 4.0]

    Source: Keras 3 names and defaults.
    """
    return _max(x, axis=standard_axis(axis), keepdims=keepdims, initial=initial)


@primitive(spec=_extreme_spec, vjp=_extreme_rule, name="min")
def _min(xp, x, /, axis=None, keepdims=False, initial=None, out=None):
    return _extreme(xp, x, axis, keepdims, initial, out, "min", xp.minimum)


def min(x, axis=None, keepdims=False, initial=None):
    """Smallest element over axes; NaN if one is NaN.

    Args:
        x: tensor.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.
        initial: number or None. The largest result, also that of no elements.

    Returns:
        tensor of the dtype of `x`.

    Raises:
        ShapeError: there are no elements and no `initial`.

    Derivative: shared equally among equal smallest elements.

    Example:
        >>> min([[1.0, 2.0], [3.0, 4.0]], axis=0).tolist()
        [1.0, 2.0]

    Source: Keras 3 names and defaults.
    """
    return _min(x, axis=standard_axis(axis), keepdims=keepdims, initial=initial)


def amax(x, axis=None, keepdims=False):
    """Largest element over axes: another name of `max`.

    Args:
        x: tensor.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        tensor of the dtype of `x`.

    Example:
        >>> amax([1.0, 2.0]).item()
        2.0

    Source: Keras 3 names and defaults.
    """
    return max(x, axis, keepdims)


def amin(x, axis=None, keepdims=False):
    """Smallest element over axes: another name of `min`.

    Args:
        x: tensor.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        tensor of the dtype of `x`.

    Example:
        >>> amin([1.0, 2.0]).item()
        1.0

    Source: Keras 3 names and defaults.
    """
    return min(x, axis, keepdims)


def ptp(x, axis=None, keepdims=False):
    """Largest minus smallest element over axes.

    Args:
        x: tensor.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        tensor of the dtype of `x`.

    Example:
        >>> ptp([1.0, 5.0]).item()
        4.0

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    return subtract(max(x, axis, keepdims), min(x, axis, keepdims))


def _index_spec(x, axis, keepdims):
    return TensorSpec(reduced_shape(x, axis, keepdims), "int32")


@primitive(spec=_index_spec, name="argmax")
def _argmax(xp, x, /, axis=None, keepdims=False):
    return x.argmax(axis=axis, keepdims=keepdims).astype(xp.int32)


def argmax(x, axis=None, keepdims=False):
    """Index of the largest element along an axis, the first of equal ones.

    Args:
        x: tensor.
        axis: int, or None for the index into the flattened elements.
        keepdims: bool. Keep the axis with size 1.

    Returns:
        int32 tensor.

    Raises:
        ShapeError: the axis has no elements.

    Example:
        >>> argmax([[1, 5], [7, 2]], axis=1).tolist()
        [1, 0]

    Source: Keras 3 names and defaults.
    """
    return _argmax(x, axis=standard_axis(axis), keepdims=keepdims)


@primitive(spec=_index_spec, name="argmin")
def _argmin(xp, x, /, axis=None, keepdims=False):
    return x.argmin(axis=axis, keepdims=keepdims).astype(xp.int32)


def argmin(x, axis=None, keepdims=False):
    """Index of the smallest element along an axis, the first of equal ones.

    Args:
        x: tensor.
        axis: int, or None for the index into the flattened elements.
        keepdims: bool. Keep the axis with size 1.

    Returns:
        int32 tensor.

    Raises:
        ShapeError: the axis has no elements.

    Example:
        >>> argmin([[1, 5], [7, 2]], axis=1).tolist()
        [0, 1]

    Source: Keras 3 names and defaults.
    """
    return _argmin(x, axis=standard_axis(axis), keepdims=keepdims)


__all__ = [
    "amax",
    "amin",
    "argmax",
    "argmin",
    "max",
    "min",
    "ptp",
]
