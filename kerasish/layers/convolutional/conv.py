"""Conv1D, Conv2D, Conv3D: convolution layers."""

from kerasish import constraints, initializers, ops, registry, regularizers
from kerasish.errors import ShapeError, explain
from kerasish.layers.arguments import defaults, positive_int
from kerasish.layers.convolutional.base import BaseConv


class Conv(BaseConv):
    """Base of Conv1D, Conv2D and Conv3D: output = activation(conv(inputs, kernel) + bias).

    Weights: `kernel` (*kernel_size, channels / groups, filters), `bias` (filters,).
    """

    def __init__(self, filters, kernel_size, strides=1, padding="valid", data_format=None,
                 dilation_rate=1, groups=1, activation=None, use_bias=True,
                 kernel_initializer="glorot_uniform", bias_initializer="zeros",
                 kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None,
                 kernel_constraint=None, bias_constraint=None, **kwargs):  # fmt: skip
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.filters = positive_int(filters, "filters", self.name)
        self.groups = positive_int(groups, "groups", self.name)
        if filters % groups:
            raise ValueError(
                explain(
                    self.name,
                    "groups must divide filters",
                    received=f" filters={filters}, groups={groups}",
                )
            )
        self.set_window(kernel_size, strides, padding, data_format, dilation_rate)
        self.set_bias(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)

    def build(self, input_shape):
        """Make `kernel` and `bias`."""
        channels = self.fix_channels(input_shape)
        if channels % self.groups:
            raise ShapeError(
                explain(
                    self.path,
                    "groups must divide the number of input channels",
                    received=f" {channels} channels, groups={self.groups}",
                )
            )
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        self.kernel = self.add_kernel("kernel", shape, self.kernel_initializer,
                                      self.kernel_regularizer, self.kernel_constraint)  # fmt: skip
        self.add_bias(self.filters)

    def convolve(self, inputs):
        """Convolve the inputs with the kernel."""
        return ops.conv(inputs, self.kernel, **self.geometry())


@registry.register("layers", "Convolution1D")
class Conv1D(Conv):
    """Convolution over sequences: output = activation(conv(inputs, kernel) + bias).

    Args:
        filters: int > 0. Number of output channels.
        kernel_size: int.
        strides: int.
        padding: "valid" (none) or "same" (zeros; output size = ceil(size / stride)),
            or "causal" (zeros before the first step, so that no output sees a later step).
        data_format: "channels_last", "channels_first" or None (the configured default).
        dilation_rate: int. Distance of neighbouring kernel elements.
        groups: int. The channels are split into this many independent convolutions.
        activation: name, callable or None (identity).
        use_bias: bool.
        kernel_initializer, bias_initializer: name or initializer.
        kernel_regularizer, bias_regularizer, activity_regularizer: regularizer or None.
        kernel_constraint, bias_constraint: constraint or None.

    Call arguments:
        inputs: float tensor (batch, time, channels), or channels first.

    Returns:
        float tensor (batch, new_time, filters), or channels first.

    Raises:
        ValueError: sizes that are not positive, an unknown padding, or groups that do not divide
            filters and channels.

    Example:
        >>> Conv1D(4, 3)(ops.ones((2, 9, 5))).shape
        (2, 7, 4)

    Source: Keras 3 names and defaults.
    """

    rank = 1
    paddings = ("valid", "same", "causal")

    def convolve(self, inputs):
        """Convolve the inputs with the kernel, for "causal" with zeros before the first step."""
        if self.padding != "causal":
            return super().convolve(inputs)
        before = (self.dilation_rate[0] * (self.kernel_size[0] - 1), 0)
        is_last = self.data_format == "channels_last"
        inputs = ops.pad(inputs, ((0, 0), before, (0, 0)) if is_last else ((0, 0), (0, 0), before))
        return ops.conv(inputs, self.kernel, **{**self.geometry(), "padding": "valid"})


@registry.register("layers", "Convolution2D")
@defaults(strides=(1, 1), dilation_rate=(1, 1))
class Conv2D(Conv):
    """Convolution over images: output = activation(conv(inputs, kernel) + bias).

    Args:
        filters: int > 0. Number of output channels.
        kernel_size: int or tuple of 2 int.
        strides: int or tuple of 2 int.
        padding: "valid" (none) or "same" (zeros; output size = ceil(size / stride)).
        data_format: "channels_last", "channels_first" or None (the configured default).
        dilation_rate: int or tuple of 2 int. Distance of neighbouring kernel elements.
        groups: int. The channels are split into this many independent convolutions.
        activation: name, callable or None (identity).
        use_bias: bool.
        kernel_initializer, bias_initializer: name or initializer.
        kernel_regularizer, bias_regularizer, activity_regularizer: regularizer or None.
        kernel_constraint, bias_constraint: constraint or None.

    Call arguments:
        inputs: float tensor (batch, height, width, channels), or channels first.

    Returns:
        float tensor (batch, new_height, new_width, filters), or channels first.

    Raises:
        ValueError: sizes that are not positive, an unknown padding, or groups that do not divide
            filters and channels.

    Example:
        >>> Conv2D(4, 3, padding="same")(ops.ones((2, 8, 8, 3))).shape
        (2, 8, 8, 4)

    Source: Keras 3 names and defaults.
    """

    rank = 2


@registry.register("layers", "Convolution3D")
@defaults(strides=(1, 1, 1), dilation_rate=(1, 1, 1))
class Conv3D(Conv):
    """Convolution over volumes: output = activation(conv(inputs, kernel) + bias).

    Args:
        filters: int > 0. Number of output channels.
        kernel_size: int or tuple of 3 int.
        strides: int or tuple of 3 int.
        padding: "valid" (none) or "same" (zeros; output size = ceil(size / stride)).
        data_format: "channels_last", "channels_first" or None (the configured default).
        dilation_rate: int or tuple of 3 int. Distance of neighbouring kernel elements.
        groups: int. The channels are split into this many independent convolutions.
        activation: name, callable or None (identity).
        use_bias: bool.
        kernel_initializer, bias_initializer: name or initializer.
        kernel_regularizer, bias_regularizer, activity_regularizer: regularizer or None.
        kernel_constraint, bias_constraint: constraint or None.

    Call arguments:
        inputs: float tensor (batch, a, b, c, channels), or channels first.

    Returns:
        float tensor (batch, a, b, c, filters), or channels first.

    Raises:
        ValueError: sizes that are not positive, an unknown padding, or groups that do not divide
            filters and channels.

    Example:
        >>> Conv3D(4, 2)(ops.ones((1, 4, 4, 4, 3))).shape
        (1, 3, 3, 3, 4)

    Source: Keras 3 names and defaults.
    """

    rank = 3
