"""DepthwiseConv1D, DepthwiseConv2D: each channel convolved on its own."""

from kerasish import constraints, initializers, ops, registry, regularizers
from kerasish.layers.arguments import defaults, positive_int
from kerasish.layers.convolutional.base import BaseConv


class DepthwiseConv(BaseConv):
    """Base of the depthwise convolutions.

    Weights: `kernel` (*kernel_size, channels, depth_multiplier), `bias` (channels *
    depth_multiplier,).
    """

    def __init__(self, kernel_size, strides=1, padding="valid", depth_multiplier=1,
                 data_format=None, dilation_rate=1, activation=None, use_bias=True,
                 depthwise_initializer="glorot_uniform", bias_initializer="zeros",
                 depthwise_regularizer=None, bias_regularizer=None, activity_regularizer=None,
                 depthwise_constraint=None, bias_constraint=None, **kwargs):  # fmt: skip
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.depth_multiplier = positive_int(depth_multiplier, "depth_multiplier", self.name)
        self.set_window(kernel_size, strides, padding, data_format, dilation_rate)
        self.set_bias(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.depthwise_constraint = constraints.get(depthwise_constraint)

    def build(self, input_shape):
        """Make `kernel` and `bias`."""
        channels = self.fix_channels(input_shape)
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        self.kernel = self.add_kernel(
            "kernel", shape, self.depthwise_initializer, self.depthwise_regularizer,
            self.depthwise_constraint,
        )  # fmt: skip
        self.add_bias(channels * self.depth_multiplier)

    def convolve(self, inputs):
        """Convolve each channel with its own kernels."""
        return ops.depthwise_conv(inputs, self.kernel, **self.geometry())


@registry.register("layers")
class DepthwiseConv1D(DepthwiseConv):
    """Convolution of each channel of sequences on its own, with `depth_multiplier` kernels each.

    Output channel c * depth_multiplier + m comes from input channel c and its kernel m.

    Args:
        kernel_size: int.
        strides: int.
        padding: "valid" (none) or "same" (zeros; output size = ceil(size / stride)).
        depth_multiplier: int > 0. Number of output channels for each input channel.
        data_format: "channels_last", "channels_first" or None (the configured default).
        dilation_rate: int. Distance of neighbouring kernel elements.
        activation: name, callable or None (identity).
        use_bias: bool.
        depthwise_initializer, bias_initializer: name or initializer.
        depthwise_regularizer, bias_regularizer, activity_regularizer: regularizer or None.
        depthwise_constraint, bias_constraint: constraint or None.

    Call arguments:
        inputs: float tensor (batch, time, channels), or channels first.

    Returns:
        float tensor with channels * depth_multiplier channels.

    Raises:
        ValueError: sizes that are not positive, or an unknown padding.

    Example:
        >>> DepthwiseConv1D(3, depth_multiplier=2)(ops.ones((2, 8, 3))).shape
        (2, 6, 6)

    Source: Keras 3 names and defaults.
    """

    rank = 1


@registry.register("layers")
@defaults(strides=(1, 1), dilation_rate=(1, 1))
class DepthwiseConv2D(DepthwiseConv):
    """Convolution of each channel of images on its own, with `depth_multiplier` kernels each.

    Output channel c * depth_multiplier + m comes from input channel c and its kernel m.

    Args:
        kernel_size: int or tuple of 2 int.
        strides: int or tuple of 2 int.
        padding: "valid" (none) or "same" (zeros; output size = ceil(size / stride)).
        depth_multiplier: int > 0. Number of output channels for each input channel.
        data_format: "channels_last", "channels_first" or None (the configured default).
        dilation_rate: int or tuple of 2 int. Distance of neighbouring kernel elements.
        activation: name, callable or None (identity).
        use_bias: bool.
        depthwise_initializer, bias_initializer: name or initializer.
        depthwise_regularizer, bias_regularizer, activity_regularizer: regularizer or None.
        depthwise_constraint, bias_constraint: constraint or None.

    Call arguments:
        inputs: float tensor (batch, height, width, channels), or channels first.

    Returns:
        float tensor with channels * depth_multiplier channels.

    Raises:
        ValueError: sizes that are not positive, or an unknown padding.

    Example:
        >>> DepthwiseConv2D(3)(ops.ones((2, 6, 7, 3))).shape
        (2, 4, 5, 3)

    Source: Keras 3 names and defaults.
    """

    rank = 2
