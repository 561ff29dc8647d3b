"""Piecewise activation functions: rectifiers and their leaky, hard, shrinking and sparse forms."""

from kerasish.core.composite import composite
from kerasish.core.primitive import elementwise_spec, primitive
from kerasish.ops.elementwise import abs as absolute
from kerasish.ops.elementwise import clip, expm1, minimum, sign, where

__all__ = [
    "celu",
    "elu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "relu",
    "relu6",
    "selu",
    "soft_shrink",
    "sparse_plus",
    "sparse_sigmoid",
    "threshold",
]

# Klambauer et al., 2017, equation 14: the values that make (mean 0, variance 1) a fixed point.
_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SCALE = 1.0507009873554804934193349852946


@primitive(
    spec=elementwise_spec,
    vjp=(lambda g, y: positive_gate(g, y), None),
    tags=("elementwise",),
)
def positive_gate(xp, g, y, /, out=None):
    """`g` where `y` is above 0, else 0: the derivative of the rectifier."""
    return xp.multiply(g, y > 0, out=out)


@primitive(spec=elementwise_spec, vjp=lambda g, y: positive_gate(g, y), tags=("elementwise",))
def relu(xp, x, /, out=None):
    """Rectified linear unit: `max(x, 0)`.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape and dtype.

    Derivative: 1 where x > 0, else 0 (0 at 0).

    Example:
        >>> relu([-1.0, 0.0, 2.0]).tolist()
        [0.0, 0.0, 2.0]

    Source: Keras 3 names and defaults.
    """
    return xp.maximum(x, 0, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=(lambda g, y, low, high: between_gate(g, y, low=low, high=high), None),
    tags=("elementwise",),
)
def between_gate(xp, g, y, /, low=0.0, high=1.0, out=None):
    """`g` where `low < y < high`, else 0: the derivative of cutting off."""
    return xp.multiply(g, (y > low) & (y < high), out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, y: between_gate(g, y, low=0, high=6),
    tags=("elementwise",),
)
def relu6(xp, x, /, out=None):
    """Rectifier with a ceiling: `min(max(x, 0), 6)`.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape and dtype.

    Derivative: 1 where 0 < x < 6, else 0.

    Example:
        >>> relu6([-1.0, 3.0, 9.0]).tolist()
        [0.0, 3.0, 6.0]

    Source: Keras 3 names and defaults.
    """
    return xp.minimum(xp.maximum(x, 0), 6, out=out)


@composite
def leaky_relu(x, /, negative_slope=0.2):
    """Rectifier with a slope for negative values: `x if x > 0 else negative_slope * x`.

    Args:
        x: tensor.
        negative_slope: float.

    Returns:
        tensor of the same shape.

    Derivative: 1 where x > 0, else `negative_slope`.

    Example:
        >>> leaky_relu([-1.0, 2.0], negative_slope=0.5).tolist()
        [-0.5, 2.0]

    Source: Keras 3 names and defaults.
    """
    return where(x > 0, x, negative_slope * x)


@composite
def elu(x, /, alpha=1.0):
    """Exponential linear unit: `x if x > 0 else alpha * (exp(x) - 1)`.

    Args:
        x: tensor.
        alpha: float. Minus the limit for very negative values.

    Returns:
        tensor of the same shape.

    Example:
        >>> elu([0.0, 2.0]).tolist()
        [0.0, 2.0]

    Source: Clevert et al., 2016; Keras 3 names and defaults.
    """
    return where(x >= 0, x, alpha * expm1(minimum(x, 0)))


@composite
def selu(x, /):
    """Scaled exponential linear unit: `1.0507 * elu(x, alpha=1.67326)`.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape.

    Example:
        >>> [round(v, 4) for v in selu([-1.0, 1.0]).tolist()]
        [-1.1113, 1.0507]

    Source: Klambauer et al., 2017; Keras 3 names and defaults.
    """
    return _SELU_SCALE * elu(x, alpha=_SELU_ALPHA)


@composite
def celu(x, /, alpha=1.0):
    """Continuously differentiable ELU: `max(x, 0) + min(alpha * (exp(x / alpha) - 1), 0)`.

    Args:
        x: tensor.
        alpha: float > 0.

    Returns:
        tensor of the same shape.

    Example:
        >>> celu([0.0, 2.0]).tolist()
        [0.0, 2.0]

    Source: Barron, 2017; Keras 3 names and defaults.
    """
    return where(x > 0, x, alpha * expm1(minimum(x, 0) / alpha))


@composite
def hard_sigmoid(x, /):
    """Sigmoid of three straight pieces: `relu6(x + 3) / 6`.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape, from 0 to 1.

    Example:
        >>> hard_sigmoid([-4.0, 0.0, 4.0]).tolist()
        [0.0, 0.5, 1.0]

    Source: Keras 3 names and defaults.
    """
    return relu6(x + 3.0) * (1.0 / 6.0)


@composite
def hard_silu(x, /):
    """SiLU with a hard gate: `x * hard_sigmoid(x)`.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape.

    Example:
        >>> hard_silu([-1.5, 0.0, 4.0]).tolist()
        [-0.375, 0.0, 4.0]

    Source: Howard et al., 2019 (h-swish); Keras 3 names and defaults.
    """
    return x * hard_sigmoid(x)


hard_swish = hard_silu


@composite
def hard_tanh(x, /):
    """Values cut to -1 to 1: `min(max(x, -1), 1)`.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape.

    Example:
        >>> hard_tanh([-4.0, 0.5, 4.0]).tolist()
        [-1.0, 0.5, 1.0]

    Source: Keras 3 names and defaults.
    """
    return clip(x, -1.0, 1.0)


@composite
def soft_shrink(x, /, threshold=0.5):
    """Values moved toward 0 by `threshold`: `sign(x) * max(|x| - threshold, 0)`.

    Args:
        x: tensor.
        threshold: float >= 0.

    Returns:
        tensor of the same shape.

    Example:
        >>> soft_shrink([-2.0, 0.25, 2.0]).tolist()
        [-1.5, 0.0, 1.5]

    Source: Keras 3 names and defaults.
    """
    return where(absolute(x) > threshold, x - sign(x) * threshold, 0.0)


@composite
def hard_shrink(x, /, threshold=0.5):
    """Small values set to 0: `x if |x| > threshold else 0`.

    Args:
        x: tensor.
        threshold: float >= 0.

    Returns:
        tensor of the same shape.

    Example:
        >>> hard_shrink([-2.0, 0.25, 2.0]).tolist()
        [-2.0, 0.0, 2.0]

    Source: Keras 3 names and defaults.
    """
    return where(absolute(x) > threshold, x, 0.0)


@composite(name="threshold_unit")
def _threshold(x, /, threshold=0.0, default_value=0.0):
    return where(x > threshold, x, default_value)


def threshold(x, threshold, default_value):
    """Values above a threshold, one constant elsewhere: `x if x > threshold else default_value`.

    Args:
        x: tensor.
        threshold: float.
        default_value: float.

    Returns:
        tensor of the same shape.

    Example:
        >>> threshold([-1.0, 0.5, 2.0], 1.0, 0.0).tolist()
        [0.0, 0.0, 2.0]

    Source: Keras 3 names and defaults.
    """
    return _threshold(x, threshold=threshold, default_value=default_value)


@composite
def sparse_plus(x, /):
    """Softplus of three pieces: 0 up to -1, `(x + 1)**2 / 4` up to 1, then `x`.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape.

    Example:
        >>> sparse_plus([-2.0, 0.0, 3.0]).tolist()
        [0.0, 0.25, 3.0]

    Source: Keras 3 names and defaults.
    """
    middle = x + 1.0
    return where(x <= -1, 0.0, where(x >= 1, x, 0.25 * middle * middle))


@composite
def sparse_sigmoid(x, /):
    """Derivative of `sparse_plus`: `(x + 1) / 2` cut to 0 to 1.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape.

    Example:
        >>> sparse_sigmoid([-2.0, 0.0, 3.0]).tolist()
        [0.0, 0.5, 1.0]

    Source: Keras 3 names and defaults.
    """
    return where(x <= -1, 0.0, where(x >= 1, 1.0, 0.5 * (x + 1.0)))
