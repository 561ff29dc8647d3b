"""Smooth activation functions, and softmax and its relatives."""

import math

from kerasish.core.composite import composite
from kerasish.core.primitive import elementwise_spec, primitive, same_spec
from kerasish.core.structural import cast
from kerasish.ops.elementwise import abs as absolute
from kerasish.ops.elementwise import erf, exp, sqrt, tanh
from kerasish.ops.reduction import sum as reduce_sum
from kerasish.ops.shape import split

__all__ = [
    "gelu",
    "glu",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softsign",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh_shrink",
]

# Beyond this, exp overflows; the sigmoid is smaller there than any normal number.
_EXP_LIMIT = {"float16": 11.0, "bfloat16": 88.0, "float32": 88.0, "float64": 709.0}
_GELU_CUBIC = 0.044715
_ROOT_2_OVER_PI = math.sqrt(2 / math.pi)


def buffer_like(xp, x, out):
    """`out`, or a new array like `x` (a 0-d result of NumPy would not be an array)."""
    return xp.empty_like(x) if out is None else out


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, y: g * (y * (1 - y)),
    tags=("elementwise",),
    floats=True,
)
def sigmoid(xp, x, /, out=None):
    """Logistic function: `1 / (1 + exp(-x))`.

    Args:
        x: tensor; integers become floats.

    Returns:
        tensor of the same shape, between 0 and 1.

    Accuracy: relative, also for very negative values; no overflow.

    Example:
        >>> sigmoid([0.0]).tolist()
        [0.5]

    Source: Keras 3 names and defaults.
    """
    out = buffer_like(xp, x, out)
    xp.maximum(x, -_EXP_LIMIT[x.dtype.name], out=out)
    xp.negative(out, out=out)
    xp.exp(out, out=out)
    xp.add(out, 1, out=out)
    return xp.divide(1, out, out=out)


@primitive(
    spec=elementwise_spec,
    vjp=lambda g, x: g * sigmoid(x),
    tags=("elementwise",),
    floats=True,
)
def softplus(xp, x, /, out=None):
    """Smooth rectifier: `log(1 + exp(x))`.

    Args:
        x: tensor; integers become floats.

    Returns:
        tensor of the same shape, above 0.

    Derivative: sigmoid(x).
    Accuracy: as `max(x, 0) + log1p(exp(-|x|))`; no overflow.

    Example:
        >>> round(softplus(0.0).item(), 6)
        0.693147

    Source: Keras 3 names and defaults.
    """
    tail = xp.empty_like(x)
    xp.abs(x, out=tail)
    xp.negative(tail, out=tail)
    xp.exp(tail, out=tail)
    xp.log1p(tail, out=tail)
    out = xp.maximum(x, 0, out=buffer_like(xp, x, out))
    return xp.add(out, tail, out=out)


@composite
def log_sigmoid(x, /):
    """Logarithm of the sigmoid: `-softplus(-x)`.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape, below 0.

    Example:
        >>> round(log_sigmoid(0.0).item(), 6)
        -0.693147

    Source: Keras 3 names and defaults.
    """
    return -softplus(-x)


@composite
def softsign(x, /):
    """Sigmoid-shaped function with slow tails: `x / (1 + |x|)`.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape, between -1 and 1.

    Example:
        >>> softsign([-1.0, 0.0, 3.0]).tolist()
        [-0.5, 0.0, 0.75]

    Source: Keras 3 names and defaults.
    """
    return x / (1.0 + absolute(x))


def _silu_rule(g, x):
    s = sigmoid(x)
    return g * (s * (1 + x * (1 - s)))


@composite(vjp=_silu_rule)
def silu(x, /):
    """Sigmoid linear unit, also called swish: `x * sigmoid(x)`.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape.

    Example:
        >>> silu([0.0]).tolist()
        [0.0]

    Source: Ramachandran et al., 2017; Keras 3 names and defaults.
    """
    return x * sigmoid(x)


swish = silu


def _gelu_rule(g, x, approximate):
    if approximate:
        squared = x * x
        t = tanh(_ROOT_2_OVER_PI * x * (1 + _GELU_CUBIC * squared))
        slope = _ROOT_2_OVER_PI * (1 + 3 * _GELU_CUBIC * squared)
        return g * (0.5 * (1 + t + x * (1 - t * t) * slope))
    density = exp(-0.5 * x * x) * (1 / math.sqrt(2 * math.pi))
    return g * (0.5 * (1 + erf(x * math.sqrt(0.5))) + x * density)


@composite(vjp=_gelu_rule)
def gelu(x, /, approximate=True):
    """Gaussian error linear unit: `x * P(X <= x)` for a standard normal X.

    Args:
        x: tensor.
        approximate: bool. `0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x**3)))` instead of erf.

    Returns:
        tensor of the same shape.

    Example:
        >>> [round(v, 4) for v in gelu([-1.0, 0.0, 1.0]).tolist()]
        [-0.1588, 0.0, 0.8412]

    Source: Hendrycks and Gimpel, 2016; Keras 3 names and defaults.
    """
    if approximate:
        return 0.5 * x * (1 + tanh(_ROOT_2_OVER_PI * x * (1 + _GELU_CUBIC * (x * x))))
    return 0.5 * x * (1 + erf(x * math.sqrt(0.5)))


@composite
def mish(x, /):
    """Self-gated smooth function: `x * tanh(softplus(x))`.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape.

    Example:
        >>> mish([0.0]).tolist()
        [0.0]

    Source: Misra, 2019; Keras 3 names and defaults.
    """
    return x * tanh(softplus(x))


@composite
def tanh_shrink(x, /):
    """What the hyperbolic tangent leaves: `x - tanh(x)`.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape.

    Example:
        >>> tanh_shrink([0.0]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    return x - tanh(x)


@composite
def squareplus(x, /, b=4):
    """Softplus without exponentials: `(x + sqrt(x**2 + b)) / 2`.

    Args:
        x: tensor.
        b: float >= 0. Smoothness.

    Returns:
        tensor of the same shape, above 0.

    Example:
        >>> squareplus([0.0]).tolist()
        [1.0]

    Source: Barron, 2021; Keras 3 names and defaults.
    """
    return 0.5 * (x + sqrt(x * x + float(b)))


def glu(x, axis=-1):
    """Gated linear unit: `a * sigmoid(b)`, where `a` and `b` are the halves of `x` along `axis`.

    Args:
        x: tensor with an even size along `axis`.
        axis: int.

    Returns:
        tensor, half as long along `axis`.

    Raises:
        ShapeError: the size along `axis` is odd.

    Example:
        >>> glu([2.0, 0.0]).tolist()
        [1.0]

    Source: Dauphin et al., 2017; Keras 3 names and defaults.
    """
    a, b = split(x, 2, axis=axis)
    return a * sigmoid(b)


@primitive(
    spec=same_spec,
    vjp=lambda g, y, axis: y * (g - reduce_sum(g * y, axis=axis, keepdims=True)),
    floats=True,
)
def softmax(xp, x, /, axis=-1, out=None):
    """Positive values that add up to 1 along `axis`: `exp(x) / sum(exp(x))`.

    Args:
        x: tensor; integers become floats.
        axis: int or tuple of int.

    Returns:
        tensor of the same shape.

    Accuracy: the maximum is subtracted first; no overflow.

    Example:
        >>> softmax([[0.0, 0.0]]).tolist()
        [[0.5, 0.5]]

    Source: Keras 3 names and defaults.
    """
    out = xp.subtract(x, x.max(axis=axis, keepdims=True), out=buffer_like(xp, x, out))
    xp.exp(out, out=out)
    return xp.divide(out, out.sum(axis=axis, keepdims=True), out=out)


@primitive(
    spec=same_spec,
    vjp=lambda g, y, axis: g - exp(y) * reduce_sum(g, axis=axis, keepdims=True),
    floats=True,
)
def log_softmax(xp, x, /, axis=-1, out=None):
    """Logarithm of the softmax: `x - log(sum(exp(x)))`.

    Args:
        x: tensor; integers become floats.
        axis: int or tuple of int.

    Returns:
        tensor of the same shape, at most 0.

    Accuracy: the maximum is subtracted first; no overflow, no logarithm of 0.

    Example:
        >>> [round(v, 4) for v in log_softmax([0.0, 0.0]).tolist()]
        [-0.6931, -0.6931]

    Source: Keras 3 names and defaults.
    """
    out = xp.subtract(x, x.max(axis=axis, keepdims=True), out=buffer_like(xp, x, out))
    total = xp.exp(out).sum(axis=axis, keepdims=True)
    return xp.subtract(out, xp.log(total), out=out)


def _sparsemax_rule(g, y, axis):
    support = cast(y > 0, y.dtype)
    inside = g * support
    share = reduce_sum(inside, axis=axis, keepdims=True)
    return inside - support * (share / reduce_sum(support, axis=axis, keepdims=True))


@primitive(spec=same_spec, vjp=_sparsemax_rule, floats=True)
def sparsemax(xp, x, /, axis=-1):
    """Euclidean projection onto the probability simplex: like softmax, with exact zeros.

    Args:
        x: tensor; integers become floats.
        axis: int.

    Returns:
        tensor of the same shape that adds up to 1 along `axis`.

    Example:
        >>> sparsemax([2.0, 1.0, -1.0]).tolist()
        [1.0, 0.0, 0.0]

    Source: Martins and Astudillo, 2016; Keras 3 names and defaults.
    """
    z = x - x.max(axis=axis, keepdims=True)
    ordered = xp.flip(xp.sort(z, axis=axis), axis=axis)
    shape = [1] * x.ndim
    shape[axis] = x.shape[axis]
    rank = xp.arange(1, x.shape[axis] + 1, dtype=x.dtype).reshape(shape)
    inside = 1 + rank * ordered > xp.cumsum(ordered, axis=axis)
    size = inside.sum(axis=axis, keepdims=True).astype(x.dtype)
    level = ((ordered * inside).sum(axis=axis, keepdims=True) - 1) / size
    return xp.maximum(z - level, 0)
