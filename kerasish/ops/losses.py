"""Cross-entropies of probabilities and of logits: classes as vectors, as indices, and binary."""

from kerasish.config import settings
from kerasish.core.composite import composite
from kerasish.core.primitive import as_float_input, as_input, primitive
from kerasish.core.spec import normalize_axis
from kerasish.core.structural import cast
from kerasish.errors import ShapeError, explain
from kerasish.ops.elementwise import clip, log
from kerasish.ops.nn import log_softmax, sigmoid, softmax, softplus
from kerasish.ops.reduction import sum as reduce_sum
from kerasish.ops.shape import expand_dims, squeeze

__all__ = [
    "binary_crossentropy",
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
]


# ---- one element along an axis ---------------------------------------------------------------


def _check_indices(xp, indices, size, where):
    # Negative indices would silently count from the end. On a GPU looking would stop the stream.
    if not xp.is_gpu and indices.size and (indices.min() < 0 or indices.max() >= size):
        raise ShapeError(
            explain(
                where,
                "a class index is out of range",
                received=f" indices from {indices.min()} to {indices.max()}",
                expected=f"0 to {size - 1}",
            )
        )


@primitive(
    spec=lambda x, indices, axis: x.with_shape(indices.shape),
    vjp=(lambda g, indices, x_like, axis: _placed(g, indices, x_like, axis), None),
)
def pick(xp, x, indices, /, axis=-1):
    """The element of `x` at one index along `axis`, for each place on the other axes."""
    _check_indices(xp, indices, x.shape[axis], "sparse_categorical_crossentropy")
    found = xp.take_along_axis(x, xp.expand_dims(indices, axis), axis=axis)
    return found.reshape(indices.shape)


def _placed(g, indices, x_like, axis):
    size = x_like.shape[axis]
    return place(g, indices, x_like if size is None else None, axis=axis, size=size)


def _place_spec(x, indices, like, axis, size):
    at = normalize_axis(axis, x.ndim + 1)
    size = size if like is None else like.shape[at]
    return x.with_shape((*x.shape[:at], size, *x.shape[at:]))


@primitive(spec=_place_spec, vjp=(lambda g, indices, axis: pick(g, indices, axis=axis), None, None))
def place(xp, x, indices, like=None, /, axis=-1, size=1):
    """Zeros, with `x` at one index along a new axis: the derivative of `pick`."""
    at = axis % (x.ndim + 1)
    size = size if like is None else like.shape[at]
    if xp.is_gpu:
        classes = xp.arange(size).reshape(-1, *(1,) * (x.ndim - at))
        return xp.where(classes == xp.expand_dims(indices, at), xp.expand_dims(x, at), 0)
    y = xp.zeros((*x.shape[:at], size, *x.shape[at:]), x.dtype)
    xp.put_along_axis(y, xp.expand_dims(indices, at), xp.expand_dims(x, at), axis=at)
    return y


# ---- fused forms -----------------------------------------------------------------------------


def _softmax_rule(g, target, logits, axis):
    scale = expand_dims(g, axis)
    total = reduce_sum(target, axis=axis, keepdims=True)
    return scale * (softmax(logits, axis=axis) * total - target)


@composite(
    vjp=(
        lambda g, logits, axis: -expand_dims(g, axis) * log_softmax(logits, axis=axis),
        _softmax_rule,
    )
)
def softmax_crossentropy(target, logits, /, axis=-1):
    """`-sum(target * log_softmax(logits))` along `axis`."""
    return -reduce_sum(target * log_softmax(logits, axis=axis), axis=axis)


def _sparse_softmax_rule(g, target, logits, axis):
    # One operation each, so that nothing as large as the logits is made but the result.
    scale = expand_dims(g, axis)
    return scale * softmax(logits, axis=axis) - _placed(g, target, logits, axis)


@composite(vjp=(None, _sparse_softmax_rule))
def sparse_softmax_crossentropy(target, logits, /, axis=-1):
    """`-log_softmax(logits)` at the index `target` along `axis`."""
    return -pick(log_softmax(logits, axis=axis), target, axis=axis)


@composite(
    vjp=(lambda g, logits: -g * logits, lambda g, target, logits: g * (sigmoid(logits) - target))
)
def sigmoid_crossentropy(target, logits, /):
    """`-target * log(p) - (1 - target) * log(1 - p)` for `p = sigmoid(logits)`."""
    return softplus(logits) - logits * target


# ---- Keras's functions -----------------------------------------------------------------------


def _checked(where, output, axis):
    if len(output.shape) < 1:
        raise ShapeError(explain(where, "output needs at least one axis", received=output))
    return normalize_axis(axis, len(output.shape), where)


def _log_probabilities(output, axis):
    """Logarithm of probabilities, brought to a sum of 1 and kept away from 0 and 1."""
    output = output / reduce_sum(output, axis=axis, keepdims=True)
    return log(clip(output, settings.epsilon, 1.0 - settings.epsilon))


def categorical_crossentropy(target, output, from_logits=False, axis=-1):
    """Cross-entropy of class probabilities: `-sum(target * log(output))` along `axis`.

    Args:
        target: tensor of probabilities, such as one-hot vectors.
        output: tensor of the same shape: probabilities, which are scaled to sum 1 and clipped to
            epsilon from 0 and 1, or logits.
        from_logits: bool. `output` are logits: `log(output)` is their log-softmax.
        axis: int. The axis of the classes.

    Returns:
        float tensor without `axis`.

    Raises:
        ShapeError: target and output differ in shape.

    Derivative: from logits, softmax(output) - target (for targets of sum 1).

    Example:
        >>> round(categorical_crossentropy([0.0, 1.0], [0.5, 0.5]).item(), 4)
        0.6931

    Source: Keras 3 names and defaults.
    """
    where = "categorical_crossentropy"
    output, target = as_float_input(output), as_input(target)
    axis = _checked(where, output, axis)
    _check_same_shape(where, target, output)
    target = cast(target, output.dtype)
    if from_logits:
        return softmax_crossentropy(target, output, axis=axis)
    return -reduce_sum(target * _log_probabilities(output, axis), axis=axis)


def _check_same_shape(where, target, output):
    pairs = zip(target.shape, output.shape)
    if len(target.shape) != len(output.shape) or any(
        m != n for m, n in pairs if None not in (m, n)
    ):
        raise ShapeError(
            explain(
                where,
                "target and output differ in shape",
                received=f" target {target.shape}, output {output.shape}",
            )
        )


def sparse_categorical_crossentropy(target, output, from_logits=False, axis=-1):
    """Cross-entropy of class indices: `-log(output[target])` along `axis`.

    Args:
        target: int tensor of the shape of `output` without `axis`, or with size 1 in the last axis.
        output: tensor of logits or of probabilities, which are clipped to epsilon from 0 and 1 and
            then scaled to sum 1.
        from_logits: bool. `output` are logits.
        axis: int. The axis of the classes.

    Returns:
        float tensor without `axis`.

    Raises:
        ShapeError: the shapes do not fit, or an index is out of range (on the CPU).

    Derivative: from logits, softmax(output) - one_hot(target).

    Example:
        >>> round(sparse_categorical_crossentropy([1], [[0.5, 0.5]]).item(), 4)
        0.6931

    Source: Keras 3 names and defaults.
    """
    where = "sparse_categorical_crossentropy"
    output, target = as_float_input(output), as_input(target)
    axis = _checked(where, output, axis)
    if len(target.shape) == len(output.shape) and target.shape[-1] == 1:
        target = squeeze(target, axis=-1)
    expected = tuple(n for i, n in enumerate(output.shape) if i != axis)
    if len(target.shape) != len(expected) or any(
        m != n for m, n in zip(target.shape, expected) if None not in (m, n)
    ):
        raise ShapeError(
            explain(
                where,
                "target must have the shape of output without the class axis",
                received=f" target {target.shape}, output {output.shape}, axis {axis}",
            )
        )
    target = cast(target, "int32")
    if from_logits:
        return sparse_softmax_crossentropy(target, output, axis=axis)
    # The log-softmax of their logarithms scales the clipped probabilities to sum 1.
    logits = log(clip(output, settings.epsilon, 1.0 - settings.epsilon))
    return sparse_softmax_crossentropy(target, logits, axis=axis)


def binary_crossentropy(target, output, from_logits=False):
    """Cross-entropy of two classes: `-target * log(output) - (1 - target) * log(1 - output)`.

    Args:
        target: tensor of probabilities of the class 1.
        output: tensor of the same shape: probabilities, clipped to epsilon from 0 and 1, or logits.
        from_logits: bool. `output` are logits, whose sigmoid is the probability.

    Returns:
        float tensor of the same shape.

    Raises:
        ShapeError: target and output differ in shape.

    Accuracy: from logits, as `softplus(output) - output * target`; no logarithm of 0.

    Example:
        >>> round(binary_crossentropy([1.0], [0.5]).item(), 4)
        0.6931

    Source: Keras 3 names and defaults.
    """
    where = "binary_crossentropy"
    output, target = as_float_input(output), as_input(target)
    _check_same_shape(where, target, output)
    target = cast(target, output.dtype)
    if from_logits:
        return sigmoid_crossentropy(target, output)
    output = clip(output, settings.epsilon, 1.0 - settings.epsilon)
    return -(target * log(output) + (1 - target) * log(1 - output))
