"""SeparableConv1D, SeparableConv2D: channels convolved on their own, then mixed."""

from kerasish import constraints, initializers, ops, registry, regularizers
from kerasish.layers.arguments import defaults, positive_int
from kerasish.layers.convolutional.base import BaseConv


class SeparableConv(BaseConv):
    """Base of the separable convolutions.

    Weights: `depthwise_kernel` (*kernel_size, channels, depth_multiplier), `pointwise_kernel`
    (1, ..., channels * depth_multiplier, filters), `bias` (filters,).
    """

    def __init__(self, filters, kernel_size, strides=1, padding="valid", data_format=None,
                 dilation_rate=1, depth_multiplier=1, activation=None, use_bias=True,
                 depthwise_initializer="glorot_uniform", pointwise_initializer="glorot_uniform",
                 bias_initializer="zeros", depthwise_regularizer=None, pointwise_regularizer=None,
                 bias_regularizer=None, activity_regularizer=None, depthwise_constraint=None,
                 pointwise_constraint=None, bias_constraint=None, **kwargs):  # fmt: skip
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.filters = positive_int(filters, "filters", self.name)
        self.depth_multiplier = positive_int(depth_multiplier, "depth_multiplier", self.name)
        self.set_window(kernel_size, strides, padding, data_format, dilation_rate)
        self.set_bias(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.pointwise_initializer = initializers.get(pointwise_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.pointwise_regularizer = regularizers.get(pointwise_regularizer)
        self.depthwise_constraint = constraints.get(depthwise_constraint)
        self.pointwise_constraint = constraints.get(pointwise_constraint)

    def build(self, input_shape):
        """Make the two kernels and `bias`."""
        channels = self.fix_channels(input_shape)
        self.depthwise_kernel = self.add_kernel(
            "depthwise_kernel", (*self.kernel_size, channels, self.depth_multiplier),
            self.depthwise_initializer, self.depthwise_regularizer, self.depthwise_constraint,
        )  # fmt: skip
        between = channels * self.depth_multiplier
        self.pointwise_kernel = self.add_kernel(
            "pointwise_kernel", (*(1,) * self.rank, between, self.filters),
            self.pointwise_initializer, self.pointwise_regularizer, self.pointwise_constraint,
        )  # fmt: skip
        self.add_bias(self.filters)

    def convolve(self, inputs):
        """Convolve each channel, then mix the channels."""
        return ops.separable_conv(inputs, self.depthwise_kernel, self.pointwise_kernel,
                                  **self.geometry())  # fmt: skip


@registry.register("layers", "SeparableConvolution1D")
class SeparableConv1D(SeparableConv):
    """Each channel of sequences convolved on its own, then mixed: fewer weights than Conv1D.

    Args:
        filters: int > 0. Number of output channels.
        kernel_size: int.
        strides: int.
        padding: "valid" (none) or "same" (zeros; output size = ceil(size / stride)).
        data_format: "channels_last", "channels_first" or None (the configured default).
        dilation_rate: int. Distance of neighbouring kernel elements.
        depth_multiplier: int > 0. Number of channels between the two steps for each input channel.
        activation: name, callable or None (identity).
        use_bias: bool.
        depthwise_initializer, pointwise_initializer, bias_initializer: name or initializer.
        depthwise_regularizer, pointwise_regularizer, bias_regularizer, activity_regularizer:
            regularizer or None.
        depthwise_constraint, pointwise_constraint, bias_constraint: constraint or None.

    Call arguments:
        inputs: float tensor (batch, time, channels), or channels first.

    Returns:
        float tensor (batch, new_time, filters), or channels first.

    Raises:
        ValueError: sizes that are not positive, or an unknown padding.

    Example:
        >>> SeparableConv1D(4, 3)(ops.ones((2, 8, 3))).shape
        (2, 6, 4)

    Source: Keras 3 names and defaults.
    """

    rank = 1


@registry.register("layers", "SeparableConvolution2D")
@defaults(strides=(1, 1), dilation_rate=(1, 1))
class SeparableConv2D(SeparableConv):
    """Each channel of images convolved on its own, then mixed: fewer weights than Conv2D.

    Args:
        filters: int > 0. Number of output channels.
        kernel_size: int or tuple of 2 int.
        strides: int or tuple of 2 int.
        padding: "valid" (none) or "same" (zeros; output size = ceil(size / stride)).
        data_format: "channels_last", "channels_first" or None (the configured default).
        dilation_rate: int or tuple of 2 int. Distance of neighbouring kernel elements.
        depth_multiplier: int > 0. Number of channels between the two steps for each input channel.
        activation: name, callable or None (identity).
        use_bias: bool.
        depthwise_initializer, pointwise_initializer, bias_initializer: name or initializer.
        depthwise_regularizer, pointwise_regularizer, bias_regularizer, activity_regularizer:
            regularizer or None.
        depthwise_constraint, pointwise_constraint, bias_constraint: constraint or None.

    Call arguments:
        inputs: float tensor (batch, height, width, channels), or channels first.

    Returns:
        float tensor (batch, new_height, new_width, filters), or channels first.

    Raises:
        ValueError: sizes that are not positive, or an unknown padding.

    Example:
        >>> SeparableConv2D(5, 3, padding="same")(ops.ones((2, 6, 7, 3))).shape
        (2, 6, 7, 5)

    Source: Keras 3 names and defaults.
    """

    rank = 2
