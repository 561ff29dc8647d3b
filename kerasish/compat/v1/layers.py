"""`tf.layers`: functions that make variables with `get_variable` and use them."""

from kerasish import initializers
from kerasish.compat.v1 import arrays, nn, products, random_ops
from kerasish.compat.v1.constants import convert_to_tensor
from kerasish.compat.v1.control_flow import cond
from kerasish.compat.v1.generated import FUNCTIONS
from kerasish.compat.v1.graph import GraphKeys, get_default_graph
from kerasish.compat.v1.variable_scope import get_variable, variable_scope
from kerasish.errors import explain


def _activated(x, activation):
    return x if activation is None else activation(x)


def _collect_regularized(*pairs):
    for regularizer, variable in pairs:
        if regularizer is not None and variable is not None:
            get_default_graph().add_to_collection(
                GraphKeys.REGULARIZATION_LOSSES, regularizer(variable)
            )


def _known(x, axis, where):
    size = None if x.sizes is None else x.sizes[axis]
    if size is None:
        raise ValueError(explain(where, "The last dimension of the inputs should be defined. Found "
                                 "`None`", received=x))  # fmt: skip
    return size


def dense(inputs, units, activation=None, use_bias=True, kernel_initializer=None,
          bias_initializer=None, kernel_regularizer=None, bias_regularizer=None,
          activity_regularizer=None, kernel_constraint=None, bias_constraint=None, trainable=True,
          name=None, reuse=None):  # fmt: skip
    """activation(inputs @ kernel + bias).

    Args:
        inputs: tensor (..., features).
        units: int.
        activation: function such as `tf.nn.relu`.
        name: str. Scope of the variables "kernel" and "bias"; "dense", "dense_1", ... when None.
        reuse: share the variables of that scope.

    Source: TensorFlow 1 (names and defaults).
    """
    x = convert_to_tensor(inputs)
    features = _known(x, -1, "tf.layers.dense")
    with variable_scope(name, default_name="dense", reuse=reuse):
        kernel = get_variable(
            "kernel",
            [features, units],
            x.dtype,
            kernel_initializer,
            kernel_regularizer,
            trainable,
            constraint=kernel_constraint,
        )
        axis = [x.ndim - 1], [0]
        y = products.matmul(x, kernel) if x.ndim == 2 else products.tensordot(x, kernel, axis)
        return _finished(y, units, use_bias, bias_initializer, bias_regularizer, bias_constraint,
                         trainable, activation)  # fmt: skip


def _finished(y, units, use_bias, initializer, regularizer, constraint, trainable, activation,
              data_format="NHWC"):  # fmt: skip
    if use_bias:
        initializer = initializers.Zeros() if initializer is None else initializer
        bias = get_variable("bias", [units], y.dtype, initializer, regularizer, trainable,
                            constraint=constraint)  # fmt: skip
        y = nn.bias_add(y, bias, data_format)
    return _activated(y, activation)


def conv2d(inputs, filters, kernel_size, strides=(1, 1), padding="valid",
           data_format="channels_last", dilation_rate=(1, 1), activation=None, use_bias=True,
           kernel_initializer=None, bias_initializer=None, kernel_regularizer=None,
           bias_regularizer=None, activity_regularizer=None, kernel_constraint=None,
           bias_constraint=None, trainable=True, name=None, reuse=None):  # fmt: skip
    """activation(convolution of inputs with `filters` kernels, plus bias)."""
    x = convert_to_tensor(inputs)
    is_first = data_format == "channels_first"
    layout = "NCHW" if is_first else "NHWC"
    features = _known(x, 1 if is_first else -1, "tf.layers.conv2d")
    window = nn._window(kernel_size, layout)
    with variable_scope(name, default_name="conv2d", reuse=reuse):
        kernel = get_variable(
            "kernel",
            [*window, features, filters],
            x.dtype,
            kernel_initializer,
            kernel_regularizer,
            trainable,
            constraint=kernel_constraint,
        )
        y = nn.conv2d(x, kernel, nn._window(strides, layout), padding, data_format=layout,
                      dilations=nn._window(dilation_rate, layout))  # fmt: skip
        return _finished(y, filters, use_bias, bias_initializer, bias_regularizer, bias_constraint,
                         trainable, activation, layout)  # fmt: skip


def _pooling(function):
    def pool(inputs, pool_size, strides, padding="valid", data_format="channels_last", name=None):
        layout = "NCHW" if data_format == "channels_first" else "NHWC"
        return function(inputs, pool_size, strides, padding, layout, name)

    pool.__doc__ = f"As `tf.nn.{function.__name__}`, with Keras's names of arguments."
    return pool


max_pooling2d, average_pooling2d = _pooling(nn.max_pool), _pooling(nn.avg_pool)


def flatten(inputs, name=None, data_format="channels_last"):
    """All axes but the first as one."""
    x = convert_to_tensor(inputs)
    inner = None if x.sizes is None or None in x.sizes[1:] else 1
    for n in (x.sizes or ())[1:]:
        inner = None if inner is None else inner * n
    size = -1 if inner is None else inner
    if inner is None:
        return arrays.reshape(x, [arrays.shape(x)[0], size], name)
    return arrays.reshape(x, [-1, size], name or "flatten/Reshape")


def dropout(inputs, rate=0.5, noise_shape=None, seed=None, training=False, name=None):
    """Elements dropped with probability `rate`, and the others scaled up, while training.

    Args:
        training: bool, or bool tensor.
    """
    x = convert_to_tensor(inputs)
    if isinstance(training, bool):
        return (
            random_ops.dropout(
                x, rate=rate, noise_shape=noise_shape, seed=seed, name=name or "dropout"
            )
            if training
            else arrays.identity(x, name)
        )
    return cond(training, lambda: random_ops.dropout(x, rate=rate, noise_shape=noise_shape,
                                                     seed=seed), lambda: arrays.identity(x),
                name=name or "dropout")  # fmt: skip


def batch_normalization(inputs, axis=-1, momentum=0.99, epsilon=1e-3, center=True, scale=True,
                        beta_initializer=None, gamma_initializer=None,
                        moving_mean_initializer=None, moving_variance_initializer=None,
                        training=False, trainable=True, name=None, reuse=None):  # fmt: skip
    """Normalization over all axes but `axis`; updates are collected in GraphKeys.UPDATE_OPS.

    Args:
        training: bool. By the batch's moments, else by the moving ones.

    Raises:
        ValueError: an axis that is not the last one, or `training` is a tensor.
    """
    x = convert_to_tensor(inputs)
    if axis not in (-1, x.ndim - 1) or not isinstance(training, bool):
        raise ValueError(
            explain(
                "tf.layers.batch_normalization",
                "only the last axis, and a bool `training`, are supported",
                received=(axis, training),
            )
        )
    size = [_known(x, -1, "tf.layers.batch_normalization")]
    zeros, ones = initializers.Zeros(), initializers.Ones()
    with variable_scope(name, default_name="batch_normalization", reuse=reuse):
        gamma = get_variable("gamma", size, x.dtype, gamma_initializer or ones,
                             trainable=trainable) if scale else None  # fmt: skip
        beta = get_variable("beta", size, x.dtype, beta_initializer or zeros,
                            trainable=trainable) if center else None  # fmt: skip
        mean = get_variable("moving_mean", size, x.dtype, moving_mean_initializer or zeros,
                            trainable=False)  # fmt: skip
        variance = get_variable("moving_variance", size, x.dtype,
                                moving_variance_initializer or ones, trainable=False)  # fmt: skip
        if not training:
            return nn.batch_normalization(x, mean, variance, beta, gamma, epsilon)
        batch = nn.moments(x, list(range(x.ndim - 1)))
        for moving, present in zip((mean, variance), batch, strict=True):
            step = FUNCTIONS["multiply"](moving - present, 1 - momentum)
            get_default_graph().add_to_collection(GraphKeys.UPDATE_OPS, moving.assign_sub(step))
        return nn.batch_normalization(x, *batch, beta, gamma, epsilon)
