"""Normalizations: batch, layer, group and root-mean-square, and scaling to unit norm."""

from kerasish.config import settings
from kerasish.core.composite import composite
from kerasish.core.primitive import as_float_input, as_input, primitive
from kerasish.core.spec import normalize_axes, normalize_axis
from kerasish.core.structural import cast, count, reshape_like
from kerasish.errors import ShapeError, explain
from kerasish.ops.elementwise import abs as absolute
from kerasish.ops.elementwise import maximum, power, rsqrt, square
from kerasish.ops.reduction import mean
from kerasish.ops.reduction import sum as reduce_sum
from kerasish.ops.regrouping import split_axis
from kerasish.ops.shape import reshape

__all__ = [
    "batch_normalization",
    "batch_normalization_training",
    "group_normalization",
    "layer_normalization",
    "normalize",
    "rms_normalization",
]

_SMALL = ("float16", "bfloat16")


def _standardize_spec(x, axes, epsilon):
    reduced = x.with_shape([1 if i in axes else n for i, n in enumerate(x.shape)])
    return x, reduced, reduced


def _standardize_rule(g, x_like, y, axes, epsilon):
    gy, g_mean, g_variance = g
    normal, _, variance = y
    size = count(x_like, axes)
    inverse = rsqrt(variance + epsilon)
    # Few passes over the large tensors; everything else is one number for each group.
    level = reduce_sum(gy, axis=axes, keepdims=True) - g_mean / inverse
    slope = reduce_sum(gy * normal, axis=axes, keepdims=True) - g_variance * (2.0 / inverse**2)
    shift, slope = level * inverse / size, slope * inverse / size
    return (gy * inverse - shift - normal * slope,)


@primitive(spec=_standardize_spec, joint_vjp=_standardize_rule)
def standardize(xp, x, /, axes=(-1,), epsilon=1e-3):
    """`(x - mean) / sqrt(variance + epsilon)` over `axes`, with the mean and the variance kept."""
    average = x.mean(axis=axes, keepdims=True)
    y = x - average
    variance = xp.square(y).mean(axis=axes, keepdims=True)
    y /= xp.sqrt(variance + epsilon)
    return y, average, variance


def _widen(x):
    """16-bit floats in float32, in which sums over many elements keep their digits."""
    return cast(x, "float32") if x.dtype in _SMALL else x


def _along(vector, axis, ndim):
    """A vector laid along one axis, ready to broadcast."""
    if axis == ndim - 1:
        return vector
    return reshape(vector, (-1, *(1,) * (ndim - 1 - axis)))


@composite(name="batch_normalization")
def _batch_normalization(x, mean, variance, offset, scale, /, epsilon=1e-3):
    gain = rsqrt(variance + epsilon)
    if scale is not None:
        gain = gain * scale
    shift = -mean * gain
    if offset is not None:
        shift = shift + offset
    return x * gain + shift


def batch_normalization(x, mean, variance, axis, offset=None, scale=None, epsilon=1e-3):
    """Normalization by given statistics: `scale * (x - mean) / sqrt(variance + epsilon) + offset`.

    Args:
        x: float tensor.
        mean: tensor (channels,).
        variance: tensor (channels,).
        axis: int. The axis of the channels.
        offset: tensor (channels,) or None.
        scale: tensor (channels,) or None.
        epsilon: float.

    Returns:
        float tensor in the shape and dtype of `x`.

    Raises:
        ShapeError: `axis` is out of range.

    Example:
        >>> batch_normalization([[3.0]], [1.0], [4.0], axis=-1, epsilon=0.0).tolist()
        [[1.0]]

    Source: Ioffe and Szegedy, 2015; Keras 3 names and defaults.
    """
    x = as_float_input(x)
    ndim = len(x.shape)
    axis = normalize_axis(axis, ndim, "ops.batch_normalization")
    vectors = [v if v is None else as_input(v) for v in (mean, variance, offset, scale)]
    wide = _widen(x)
    vectors = [v if v is None else _along(cast(v, wide.dtype), axis, ndim) for v in vectors]
    y = _batch_normalization(wide, *vectors, epsilon=epsilon)
    return cast(y, x.dtype)


@composite(name="batch_normalization_training")
def _batch_normalization_training(x, gamma, beta, /, axes=(0,), epsilon=1e-3):
    y, average, variance = standardize(x, axes=axes, epsilon=epsilon)
    return _affine(y, gamma, beta), average, variance


def batch_normalization_training(x, gamma=None, beta=None, axis=-1, epsilon=1e-3):
    """Normalization by the statistics of this batch, which are returned too.

    Args:
        x: float tensor.
        gamma: tensor (channels,) or None. Factor.
        beta: tensor (channels,) or None. Offset.
        axis: int. The axis of the channels; the statistics are over all others.
        epsilon: float.

    Returns:
        tuple: normalized tensor in the shape and dtype of `x`, mean (channels,), variance
        (channels,); the statistics of 16-bit inputs are float32.

    Example:
        >>> y, mean, variance = batch_normalization_training([[1.0], [3.0]], epsilon=0.0)
        >>> y.tolist(), mean.tolist(), variance.tolist()
        ([[-1.0], [1.0]], [2.0], [1.0])

    Source: Ioffe and Szegedy, 2015, algorithm 1.
    """
    x = as_float_input(x)
    ndim = len(x.shape)
    axis = normalize_axis(axis, ndim, "ops.batch_normalization_training")
    axes = tuple(i for i in range(ndim) if i != axis)
    wide = _widen(x)
    vectors = [v if v is None else as_input(v) for v in (gamma, beta)]
    vectors = [v if v is None else _along(cast(v, wide.dtype), axis, ndim) for v in vectors]
    y, average, variance = _batch_normalization_training(wide, *vectors, axes=axes, epsilon=epsilon)
    return cast(y, x.dtype), reshape(average, (-1,)), reshape(variance, (-1,))


def _affine(y, gamma, beta):
    if gamma is not None:
        y = y * gamma
    return y if beta is None else y + beta


@composite(name="layer_normalization")
def _layer_normalization(x, gamma, beta, /, axes=(-1,), epsilon=1e-3):
    return _affine(standardize(x, axes=axes, epsilon=epsilon)[0], gamma, beta)


@composite(name="rms_normalization")
def _rms_normalization(x, scale, /, axes=(-1,), epsilon=1e-7):
    y = x * rsqrt(mean(x * x, axis=axes, keepdims=True) + epsilon)
    return y if scale is None else y * scale


def _weights_like(x, axes, weights, where):
    """Weights of the normalized axes, shaped to broadcast with `x`."""
    shape = tuple(x.shape[i] if i in axes else 1 for i in range(len(x.shape)))
    found = []
    for w in weights:
        if w is not None:
            w = cast(as_input(w), x.dtype)
            if len(w.shape) != len(x.shape) and axes != tuple(
                range(len(shape) - len(axes), len(shape))
            ):
                if None in shape:
                    raise ShapeError(
                        explain(where, "the normalized axes must have known sizes", received=x)
                    )
                w = reshape(w, shape)
        found.append(w)
    return found


def layer_normalization(x, gamma=None, beta=None, axis=-1, epsilon=None, **kwargs):
    """Normalization of each sample: `gamma * (x - mean) / sqrt(variance + epsilon) + beta`.

    Args:
        x: float tensor.
        gamma: tensor of the sizes of the normalized axes, or None.
        beta: the same.
        axis: int or sequence of int. Axes over which the statistics are taken.
        epsilon: float; `config.epsilon()` when None.
        **kwargs: `rms_scaling=True` divides by the root of the variance without subtracting the
            mean, as Keras's deprecated argument does.

    Returns:
        float tensor in the shape and dtype of `x`.

    Raises:
        TypeError: an unknown keyword.

    Example:
        >>> layer_normalization([1.0, 3.0], epsilon=0.0).tolist()
        [-1.0, 1.0]

    Source: Ba et al., 2016; Keras 3 names and defaults.
    """
    rms_scaling = kwargs.pop("rms_scaling", False)
    if kwargs:
        raise TypeError(
            explain("ops.layer_normalization", "unknown argument", received=sorted(kwargs))
        )
    x = as_float_input(x)
    axes = normalize_axes(axis, len(x.shape), "ops.layer_normalization")
    epsilon = settings.epsilon if epsilon is None else epsilon
    wide = _widen(x)
    gamma, beta = _weights_like(wide, axes, (gamma, beta), "ops.layer_normalization")
    if rms_scaling:
        _, _, variance = standardize(wide, axes=axes, epsilon=epsilon)
        return cast(_affine(wide * rsqrt(variance + epsilon), gamma, None), x.dtype)
    y = _layer_normalization(wide, gamma, beta, axes=axes, epsilon=epsilon)
    return cast(y, x.dtype)


def rms_normalization(x, scale=None, axis=-1, epsilon=None):
    """Division by the root mean square: `scale * x / sqrt(mean(x**2) + epsilon)`.

    Args:
        x: float tensor.
        scale: tensor of the sizes of the normalized axes, or None.
        axis: int or sequence of int.
        epsilon: float; `config.epsilon()` when None.

    Returns:
        float tensor in the shape and dtype of `x`.

    Example:
        >>> rms_normalization([2.0, -2.0], epsilon=0.0).tolist()
        [1.0, -1.0]

    Source: Zhang and Sennrich, 2019; Keras 3 names and defaults.
    """
    x = as_float_input(x)
    axes = normalize_axes(axis, len(x.shape), "ops.rms_normalization")
    epsilon = settings.epsilon if epsilon is None else epsilon
    wide = _widen(x)
    (scale,) = _weights_like(wide, axes, (scale,), "ops.rms_normalization")
    return cast(_rms_normalization(wide, scale, axes=axes, epsilon=epsilon), x.dtype)


def group_normalization(x, gamma=None, beta=None, groups=32, axis=-1, epsilon=1e-3):
    """Normalization of groups of neighbouring channels of each sample, over all other axes.

    Args:
        x: float tensor (batch, ...).
        gamma: tensor (channels,) or None.
        beta: tensor (channels,) or None.
        groups: int that divides the channels; the channels themselves give instance normalization.
        axis: int. The axis of the channels.
        epsilon: float.

    Returns:
        float tensor in the shape and dtype of `x`.

    Raises:
        ShapeError: `groups` does not divide the channels.

    Example:
        >>> group_normalization([[1.0, 3.0, 5.0, 9.0]], groups=2, epsilon=0.0).tolist()
        [[-1.0, 1.0, -1.0, 1.0]]

    Source: Wu and He, 2018.
    """
    x = as_float_input(x)
    ndim = len(x.shape)
    axis = normalize_axis(axis, ndim, "ops.group_normalization")
    channels = x.shape[axis]
    if channels is None or groups < 1 or channels % groups:
        raise ShapeError(
            explain(
                "ops.group_normalization",
                "groups must divide the number of channels",
                received=f" groups={groups}, channels={channels}",
            )
        )
    wide = _widen(x)
    axes = tuple(i for i in range(1, ndim + 1) if i != axis)
    y, _, _ = standardize(split_axis(wide, axis=axis, groups=groups), axes=axes, epsilon=epsilon)
    y = reshape_like(y, wide)
    vectors = [v if v is None else cast(as_input(v), wide.dtype) for v in (gamma, beta)]
    vectors = [v if v is None else _along(v, axis, ndim) for v in vectors]
    return cast(_affine(y, *vectors), x.dtype)


def normalize(x, axis=-1, order=2, epsilon=None):
    """Vectors along `axis` scaled to norm 1: `x / max(norm(x), epsilon)`.

    Args:
        x: tensor.
        axis: int or tuple of int.
        order: int >= 1. Order of the norm.
        epsilon: float. Smallest divisor; `config.epsilon()` when None.

    Returns:
        tensor of the same shape.

    Raises:
        ValueError: `order` is not a positive int.

    Example:
        >>> [round(v, 6) for v in normalize([3.0, 4.0]).tolist()]
        [0.6, 0.8]

    Source: Keras 3 names and defaults.
    """
    if not isinstance(order, int) or order < 1:
        raise ValueError(explain("normalize", "order must be a positive int", received=order))
    epsilon = settings.epsilon if epsilon is None else epsilon
    axis = tuple(axis) if isinstance(axis, list) else axis
    if order == 2:
        total = reduce_sum(square(x), axis=axis, keepdims=True)
        # Bounded inside the root, so that the derivative at the zero vector is finite.
        return x * rsqrt(maximum(total, epsilon * epsilon))
    total = reduce_sum(power(absolute(x), order), axis=axis, keepdims=True)
    return x / maximum(power(total, 1.0 / order), epsilon)
