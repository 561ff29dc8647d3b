"""Variance, moments and the logarithm of a sum of exponentials: reductions made of others."""

from kerasish.core.spec import normalize_axes
from kerasish.core.structural import add, cast, stop_gradient
from kerasish.ops.arithmetic import square, subtract
from kerasish.ops.axes import squeeze
from kerasish.ops.comparison import isfinite
from kerasish.ops.exponential import exp, log, sqrt
from kerasish.ops.extremes import max
from kerasish.ops.precision import widened
from kerasish.ops.selection import where
from kerasish.ops.totals import mean, standard_axis, sum


def var(x, axis=None, keepdims=False):
    """Variance over axes: the mean of the squared distance from the mean.

    Args:
        x: tensor; integers become floatx.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        float tensor.

    Accuracy: two passes; float16 and bfloat16 are calculated in float32.

    Example:
        >>> var([1.0, 3.0]).item()
        1.0

    Source: Keras 3 names and defaults.
    """
    wide, dtype = widened(x)
    distance = subtract(wide, mean(wide, axis, keepdims=True))
    return cast(mean(square(distance), axis, keepdims), dtype)


def std(x, axis=None, keepdims=False):
    """Standard deviation over axes: the square root of the variance.

    Args:
        x: tensor; integers become floatx.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        float tensor.

    Example:
        >>> std([1.0, 3.0]).item()
        1.0

    Source: Keras 3 names and defaults.
    """
    wide, dtype = widened(x)
    return cast(sqrt(var(wide, axis, keepdims)), dtype)


def moments(x, axes, keepdims=False, synchronized=False):
    """Mean and variance over axes.

    Args:
        x: tensor; integers become floatx.
        axes: int or tuple of ints.
        keepdims: bool. Keep the reduced axes with size 1.
        synchronized: only False; there is one replica.

    Returns:
        tuple (mean, variance) of float tensors.

    Raises:
        NotImplementedError: `synchronized` is true.

    Accuracy: float16 and bfloat16 are calculated in float32 and limited to the range of the dtype.

    Example:
        >>> [m.item() for m in moments([1.0, 3.0], 0)]
        [2.0, 1.0]

    Source: Keras 3 names and defaults.
    """
    if synchronized:
        raise NotImplementedError(
            "ops.moments: synchronized=True needs several replicas, of which there is one"
        )
    wide, dtype = widened(x)
    centre = mean(wide, axes, keepdims=True)
    variance = mean(square(subtract(wide, centre)), axes, keepdims)
    if not keepdims:
        centre = squeeze(centre, normalize_axes(standard_axis(axes), len(wide.shape)))
    return cast(centre, dtype), cast(variance, dtype)


def logsumexp(x, axis=None, keepdims=False):
    """Logarithm of a sum of exponentials over axes: `log(sum(exp(x)))`, without overflow.

    Args:
        x: tensor; integers become floatx.
        axis: int, tuple of ints, or None for all axes.
        keepdims: bool. Keep the reduced axes with size 1.

    Returns:
        float tensor; minus infinity for no elements.

    Example:
        >>> logsumexp([1000.0, -1000.0]).item()
        1000.0

    Source: Keras 3 names and defaults.
    """
    wide, dtype = widened(x)
    highest = stop_gradient(max(wide, axis, keepdims=True, initial=float("-inf")))
    shift = where(isfinite(highest), highest, 0.0)
    total = add(log(sum(exp(subtract(wide, shift)), axis, keepdims=True)), shift)
    if not keepdims:
        total = squeeze(total, normalize_axes(standard_axis(axis), len(wide.shape)))
    return cast(total, dtype)


__all__ = [
    "logsumexp",
    "moments",
    "std",
    "var",
]
