"""Functions for neural networks: `tf.nn`."""

from kerasish import ops
from kerasish.compat.v1.constants import convert_to_tensor
from kerasish.compat.v1.generated import operands, static_axis
from kerasish.compat.v1.tensors import record


def _record(type_name, function, *tensors, name=None):
    return record(type_name, function, list(tensors), name)


def bias_add(value, bias, data_format=None, name=None):
    """`value` plus a vector along its last axis (the second one for data_format "NC...")."""
    x, b = operands("BiasAdd", ["value", "bias"], [value, bias])
    is_first = str(data_format or "").startswith("NC")

    def add(v, b):
        return v + (ops.reshape(b, (-1, *[1] * (len(v.shape) - 2))) if is_first else b)

    return _record("BiasAdd", add, x, b, name=name)


def leaky_relu(features, alpha=0.2, name=None):
    """max(x, alpha * x)."""
    return _record("LeakyRelu", lambda x: ops.leaky_relu(x, alpha), convert_to_tensor(features),
                   name=name)  # fmt: skip


def softmax(logits, axis=None, name=None, dim=None):
    """Probabilities along an axis, the last one when None."""
    axis = static_axis(dim if axis is None else axis)
    return _record("Softmax", lambda x: ops.softmax(x, axis=-1 if axis is None else axis),
                   convert_to_tensor(logits), name=name)  # fmt: skip


def log_softmax(logits, axis=None, name=None, dim=None):
    """Logarithms of the probabilities along an axis."""
    axis = static_axis(dim if axis is None else axis)
    return _record("LogSoftmax", lambda x: ops.log_softmax(x, axis=-1 if axis is None else axis),
                   convert_to_tensor(logits), name=name)  # fmt: skip


def softmax_cross_entropy_with_logits_v2(labels, logits, axis=None, name=None, dim=None):
    """Cross entropy of each row of logits with a distribution."""
    labels, logits = operands("SoftmaxCrossEntropyWithLogits", ["labels", "logits"],
                              [labels, logits])  # fmt: skip
    axis = static_axis(dim if axis is None else axis)
    return _record("SoftmaxCrossEntropyWithLogits", lambda y, x: -ops.sum(
        y * ops.log_softmax(x, axis=-1 if axis is None else axis),
        axis=-1 if axis is None else axis), labels, logits, name=name)  # fmt: skip


def softmax_cross_entropy_with_logits(_sentinel=None, labels=None, logits=None, dim=-1, name=None,
                                      axis=None):  # fmt: skip
    """Cross entropy of each row of logits with a distribution, which counts as a constant.

    Raises:
        ValueError: arguments without names.
    """
    _need_names("softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    labels = _record("StopGradient", ops.stop_gradient, convert_to_tensor(labels))
    return softmax_cross_entropy_with_logits_v2(labels, logits, dim if axis is None else axis, name)


def sparse_softmax_cross_entropy_with_logits(_sentinel=None, labels=None, logits=None, name=None):
    """Cross entropy of each row of logits with the number of a class.

    Raises:
        ValueError: arguments without names.
    """
    _need_names("sparse_softmax_cross_entropy_with_logits", _sentinel, labels, logits)

    def entropy(y, x):
        hot = ops.one_hot(y, x.shape[-1], dtype=x.dtype)
        return -ops.sum(hot * ops.log_softmax(x, axis=-1), axis=-1)

    return _record("SparseSoftmaxCrossEntropyWithLogits", entropy, convert_to_tensor(labels),
                   convert_to_tensor(logits), name=name)  # fmt: skip


def sigmoid_cross_entropy_with_logits(_sentinel=None, labels=None, logits=None, name=None):
    """Cross entropy of each logit with a probability.

    Raises:
        ValueError: arguments without names.
    """
    _need_names("sigmoid_cross_entropy_with_logits", _sentinel, labels, logits)
    labels, logits = operands("SigmoidCrossEntropyWithLogits", ["labels", "logits"],
                              [labels, logits])  # fmt: skip
    return _record("SigmoidCrossEntropyWithLogits", lambda y, x: (
        ops.maximum(x, 0) - x * y + ops.log1p(ops.exp(-ops.absolute(x)))), labels, logits,
        name=name)  # fmt: skip


def _need_names(function, sentinel, labels, logits):
    if sentinel is not None or labels is None or logits is None:
        raise ValueError(f"Only call `{function}` with named arguments (labels=..., logits=..., "
                         "...)")  # fmt: skip


def l2_loss(t, name=None):
    """Half the sum of squares."""
    return _record("L2Loss", lambda x: ops.sum(ops.square(x)) / 2, convert_to_tensor(t), name=name)


def l2_normalize(x, axis=None, epsilon=1e-12, name=None, dim=None):
    """Divided by the norm along an axis."""
    axis = static_axis(dim if axis is None else axis)
    return _record("L2Normalize", lambda v: v * ops.rsqrt(ops.maximum(
        ops.sum(ops.square(v), axis=axis, keepdims=True), epsilon)), convert_to_tensor(x),
        name=name)  # fmt: skip


def moments(x, axes, shift=None, name=None, keep_dims=None, keepdims=None):
    """(mean, variance) over axes."""
    keep = bool(keep_dims if keepdims is None else keepdims)
    mean, variance = _record("Moments", lambda v: ops.moments(v, static_axis(axes), keepdims=keep),
                             convert_to_tensor(x), name=name)  # fmt: skip
    return mean, variance


def batch_normalization(x, mean, variance, offset, scale, variance_epsilon, name=None):
    """(x - mean) / sqrt(variance + epsilon) * scale + offset."""
    given = [mean, variance, *(t for t in (offset, scale) if t is not None)]

    def normalize(v, mean, variance, *rest):
        rest = iter(rest)
        shift = None if offset is None else next(rest)
        factor = ops.rsqrt(variance + variance_epsilon)
        v = (v - mean) * (factor if scale is None else factor * next(rest))
        return v if shift is None else v + shift

    return _record("BatchNorm", normalize, *[convert_to_tensor(t) for t in (x, *given)], name=name)


# ---- convolutions and pooling ----------------------------------------------------------------


def _window(value, data_format):
    """Sizes of the inner axes from a number, two numbers, or TensorFlow's four."""
    if isinstance(value, int):
        return (value, value)
    value = tuple(int(v) for v in value)
    if len(value) == 4:
        return value[2:] if data_format.startswith("NC") else value[1:3]
    return value * 2 if len(value) == 1 else value


def _channels(data_format):
    return "channels_first" if data_format.startswith("NC") else "channels_last"


def conv2d(input, filter=None, strides=None, padding=None, use_cudnn_on_gpu=True,
           data_format="NHWC", dilations=(1, 1, 1, 1), name=None, filters=None):  # fmt: skip
    """Convolution with a kernel of shape (height, width, in, out)."""
    filter = filters if filter is None else filter
    x, kernel = operands("Conv2D", ["input", "filter"], [input, filter], "float")
    steps, spread = _window(strides, data_format), _window(dilations, data_format)
    return _record("Conv2D", lambda v, k: ops.conv(
        v, k, strides=steps, padding=padding.lower(), data_format=_channels(data_format),
        dilation_rate=spread), x, kernel, name=name)  # fmt: skip


def depthwise_conv2d(input, filter, strides, padding, rate=None, name=None, data_format="NHWC",
                     dilations=None):  # fmt: skip
    """Convolution of each channel with kernels of its own: (height, width, in, multiplier)."""
    x, kernel = operands("DepthwiseConv2d", ["input", "filter"], [input, filter], "float")
    steps = _window(strides, data_format)
    spread = _window(rate or dilations or 1, data_format)
    return _record("DepthwiseConv2d", lambda v, k: ops.depthwise_conv(
        v, k, strides=steps, padding=padding.lower(), data_format=_channels(data_format),
        dilation_rate=spread), x, kernel, name=name)  # fmt: skip


def _pool(type_name, function):
    def pool(value=None, ksize=None, strides=None, padding=None, data_format="NHWC", name=None,
             input=None):  # fmt: skip
        size, steps = _window(ksize, data_format), _window(strides, data_format)
        x = convert_to_tensor(input if value is None else value)
        return _record(type_name, lambda v: function(
            v, size, steps, padding.lower(), _channels(data_format)), x, name=name)  # fmt: skip

    pool.__doc__ = f"{type_name} of windows of `ksize`, at steps of `strides`."
    return pool


max_pool = _pool("MaxPool", ops.max_pool)
avg_pool = _pool("AvgPool", ops.average_pool)
max_pool2d, avg_pool2d = max_pool, avg_pool


def embedding_lookup(params, ids, partition_strategy="mod", name=None, validate_indices=True,
                     max_norm=None):  # fmt: skip
    """The rows of `params` that `ids` name."""
    return _record("GatherV2", lambda p, i: ops.take(p, i, axis=0), convert_to_tensor(params),
                   convert_to_tensor(ids), name=name or "embedding_lookup")  # fmt: skip


def xw_plus_b(x, weights, biases, name=None):
    """x @ weights + biases."""
    tensors = operands("XWPlusB", ["x", "weights", "biases"], [x, weights, biases])
    return _record("XWPlusB", lambda x, w, b: ops.matmul(x, w) + b, *tensors, name=name)
