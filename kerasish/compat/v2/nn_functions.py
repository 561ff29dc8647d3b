"""Neural network functions, in TensorFlow's way: NHWC, padding by name, strides of four numbers."""

import numpy

from kerasish import ops, random
from kerasish.compat.v2.conversion import cast_to
from kerasish.compat.v2.random_state import next_seed


def _spatial(values, rank, data_format):
    """Strides or sizes of the spatial axes, from one number, `rank` of them, or one for each axis.

    Only in the latter are those of the batch and the channels; they must be 1.
    """
    if isinstance(values, int):
        return (values,) * rank
    if len(values) == 1:
        return tuple(values) * rank
    if len(values) == rank:
        return tuple(values)
    is_first = data_format.startswith("NC")
    outer = (values[0], values[1] if is_first else values[-1])
    if outer != (1, 1):
        raise ValueError(f"strides and sizes of batch and channels must be 1, got {values}")
    return tuple(values[2:] if is_first else values[1:-1])


def _format(data_format):
    return "channels_first" if data_format.startswith("NC") else "channels_last"


def _padded(x, padding, data_format, value=0):
    if isinstance(padding, str):
        return x, padding.lower()
    return ops.pad(x, padding, constant_values=value), "valid"


def _conv(rank, default_format):
    def conv(x, filters, strides, padding, data_format=default_format, dilations=None):
        data_format = data_format or default_format
        x, padding = _padded(x, padding, data_format)
        return ops.conv(
            x,
            filters,
            strides=_spatial(strides, rank, data_format),
            padding=padding,
            data_format=_format(data_format),
            dilation_rate=_spatial(1 if dilations is None else dilations, rank, data_format),
        )

    conv.__doc__ = f"Convolution over {rank} axes."
    return conv


conv1d, conv2d, conv3d = _conv(1, "NWC"), _conv(2, "NHWC"), _conv(3, "NDHWC")


def depthwise_conv2d(x, filters, strides, padding, data_format="NHWC", dilations=None):
    """Convolution of each channel by itself."""
    data_format = data_format or "NHWC"
    x, padding = _padded(x, padding, data_format)
    return ops.depthwise_conv(
        x,
        filters,
        strides=_spatial(strides, 2, data_format),
        padding=padding,
        data_format=_format(data_format),
        dilation_rate=_spatial(1 if dilations is None else dilations, 2, data_format),
    )


def conv2d_transpose(x, filters, output_shape, strides, padding="SAME", data_format="NHWC",
                     dilations=None):  # fmt: skip
    """Derivative of `conv2d` by its input: from the output's sizes back to `output_shape`."""
    steps = _spatial(strides, 2, data_format)
    result = ops.conv_transpose(
        x, filters, strides=steps, padding=padding.lower(), data_format=_format(data_format),
        dilation_rate=_spatial(1 if dilations is None else dilations, 2, data_format),
    )  # fmt: skip
    if tuple(result.shape)[1:] != tuple(output_shape)[1:]:
        raise ValueError(f"output_shape {tuple(output_shape)} does not fit {tuple(result.shape)}")
    return result


def _pool(function, rank, default_format):
    def pool(x, ksize, strides, padding, data_format=default_format):
        data_format = data_format or default_format
        return function(
            x,
            _spatial(ksize, rank, data_format),
            strides=_spatial(strides, rank, data_format),
            padding=padding.lower(),
            data_format=_format(data_format),
        )

    pool.__doc__ = f"{function.__name__} over {rank} axes."
    return pool


max_pool1d, avg_pool1d = _pool(ops.max_pool, 1, "NWC"), _pool(ops.average_pool, 1, "NWC")
max_pool2d, avg_pool2d = _pool(ops.max_pool, 2, "NHWC"), _pool(ops.average_pool, 2, "NHWC")
max_pool3d, avg_pool3d = _pool(ops.max_pool, 3, "NDHWC"), _pool(ops.average_pool, 3, "NDHWC")


def bias_add(value, bias, data_format=None):
    """`value` with a number added to each channel."""
    if data_format is not None and data_format.startswith("NC") and value.ndim > 2:
        bias = ops.reshape(bias, (-1, *[1] * (value.ndim - 2)))
    return ops.add(value, bias)


def dropout(x, rate, noise_shape=None, seed=None):
    """Elements set to zero by chance, the others scaled up."""
    return random.dropout(x, rate, noise_shape=noise_shape, seed=next_seed(seed))


def moments(x, axes, shift=None, keepdims=False):
    """(Mean, variance) over axes."""
    return ops.moments(x, axes=axes, keepdims=keepdims)


def batch_normalization(x, mean, variance, offset, scale, variance_epsilon):
    """`scale * (x - mean) / sqrt(variance + epsilon) + offset`."""
    factor = ops.rsqrt(ops.add(variance, variance_epsilon))
    factor = factor if scale is None else ops.multiply(factor, scale)
    shift = ops.multiply(ops.negative(mean), factor)
    shift = shift if offset is None else ops.add(shift, offset)
    return cast_to(ops.add(ops.multiply(x, factor), shift), x.dtype)


def sigmoid_cross_entropy_with_logits(labels, logits):
    """`max(x, 0) - x z + log(1 + exp(-|x|))`, which neither overflows nor loses precision."""
    linear = ops.subtract(ops.relu(logits), ops.multiply(logits, labels))
    return ops.add(linear, ops.log1p(ops.exp(ops.negative(ops.absolute(logits)))))


def weighted_cross_entropy_with_logits(labels, logits, pos_weight):
    """Sigmoid cross-entropy in which positive labels weigh `pos_weight`."""
    weight = ops.add(1, ops.multiply(ops.subtract(pos_weight, 1), labels))
    tail = ops.add(ops.log1p(ops.exp(ops.negative(ops.absolute(logits)))),
                   ops.relu(ops.negative(logits)))  # fmt: skip
    return ops.add(ops.multiply(ops.subtract(1, labels), logits), ops.multiply(weight, tail))


def softmax_cross_entropy_with_logits(labels, logits, axis=-1):
    """`-sum(labels * log_softmax(logits))` along an axis."""
    labels = cast_to(labels, logits.dtype)
    products = ops.multiply(labels, ops.log_softmax(logits, axis=axis))
    return ops.negative(ops.sum(products, axis=axis))


def sparse_softmax_cross_entropy_with_logits(labels, logits):
    """`-log_softmax(logits)` at each label."""
    logs = ops.log_softmax(logits, axis=-1)
    picked = ops.take_along_axis(logs, ops.expand_dims(labels, -1), axis=-1)
    return ops.negative(ops.squeeze(picked, axis=-1))


def embedding_lookup(params, ids, max_norm=None):
    """Rows of a table."""
    rows = ops.take(params, ids, axis=0)
    if max_norm is None:
        return rows
    norm = ops.sqrt(ops.sum(ops.square(rows), axis=-1, keepdims=True))
    return ops.true_divide(ops.multiply(rows, max_norm), ops.maximum(norm, max_norm))


def l2_loss(t):
    """Half of the sum of squares."""
    return ops.true_divide(ops.sum(ops.square(t)), 2)


def l2_normalize(x, axis=None, epsilon=1e-12):
    """`x` divided by its Euclidean norm along axes."""
    squares = ops.sum(ops.square(x), axis=axis, keepdims=True)
    return ops.multiply(x, ops.rsqrt(ops.maximum(squares, epsilon)))


def leaky_relu(features, alpha=0.2):
    """`x` where it is positive, else `alpha * x`."""
    return ops.leaky_relu(features, negative_slope=alpha)


def gelu(features, approximate=False):
    """`x` times the normal distribution function of `x`."""
    return ops.gelu(features, approximate=approximate)


def silu(features, beta=1.0):
    """`x * sigmoid(beta * x)`."""
    return ops.multiply(features, ops.sigmoid(ops.multiply(beta, features)))


def crelu(features, axis=-1):
    """`relu(x)` and `relu(-x)` side by side."""
    return ops.concatenate([ops.relu(features), ops.relu(ops.negative(features))], axis=axis)


def softmax(logits, axis=-1):
    """`exp(x)` divided by its sum along an axis."""
    return ops.softmax(logits, axis=-1 if axis is None else axis)


def log_softmax(logits, axis=-1):
    """Logarithm of `softmax`."""
    return ops.log_softmax(logits, axis=-1 if axis is None else axis)


def local_response_normalization(x, depth_radius=5, bias=1, alpha=1, beta=0.5):
    """Each channel divided by a power of the squares of its neighbours."""
    squares = ops.pad(ops.square(x), ((0, 0),) * (x.ndim - 1) + ((depth_radius,) * 2,))
    channels = x.shape[-1]
    near = [squares[..., i : i + channels] for i in range(2 * depth_radius + 1)]
    total = near[0]
    for part in near[1:]:
        total = ops.add(total, part)
    return ops.true_divide(x, ops.power(ops.add(bias, ops.multiply(alpha, total)), beta))


def normalize(x, ord="euclidean", axis=None):
    """(`x` divided by its norm along axes, the norm)."""
    order = 2 if ord == "euclidean" else ord
    if order == 2:
        norm = ops.sqrt(ops.sum(ops.square(x), axis=axis, keepdims=True))
    else:
        norm = ops.norm(x, ord=order, axis=axis, keepdims=True)
    return ops.true_divide(x, norm), norm


def ctc_loss(labels, logits, label_length, logit_length, logits_time_major=True, blank_index=None):
    """Loss of connectionist temporal classification, per sample."""
    logits = ops.swapaxes(logits, 0, 1) if logits_time_major else logits
    return ops.ctc_loss(labels, logits, label_length, logit_length, mask_index=blank_index or 0)




def norm(tensor, ord="euclidean", axis=None, keepdims=False):
    """Norm of vectors or matrices."""
    if ord in ("euclidean", "fro", 2) and (axis is None or ord != 2 or isinstance(axis, int)):
        magnitude = ops.square(ops.absolute(tensor))
        return ops.sqrt(ops.sum(magnitude, axis=axis, keepdims=keepdims))
    ord = numpy.inf if ord == "inf" else ord
    if axis is None:
        tensor = ops.reshape(tensor, (-1,))
    return ops.norm(tensor, ord=ord, axis=axis, keepdims=keepdims)
