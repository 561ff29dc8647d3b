"""Conv1DTranspose, Conv2DTranspose, Conv3DTranspose: convolutions that enlarge."""

from kerasish import constraints, initializers, ops, registry, regularizers
from kerasish.errors import explain
from kerasish.layers.arguments import defaults, int_tuple, positive_int
from kerasish.layers.convolutional.base import BaseConv


class ConvTranspose(BaseConv):
    """Base of the transposed convolutions: the derivative of a convolution by its input.

    Weights: `kernel` (*kernel_size, filters, channels), `bias` (filters,).
    """

    def __init__(self, filters, kernel_size, strides=1, padding="valid", output_padding=None,
                 data_format=None, dilation_rate=1, activation=None, use_bias=True,
                 kernel_initializer="glorot_uniform", bias_initializer="zeros",
                 kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None,
                 kernel_constraint=None, bias_constraint=None, **kwargs):  # fmt: skip
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.filters = positive_int(filters, "filters", self.name)
        self.set_window(kernel_size, strides, padding, data_format, dilation_rate)
        self.set_bias(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.output_padding = None
        if output_padding is not None:
            self.output_padding = int_tuple(output_padding, self.rank, "output_padding", self.name,
                                            minimum=0)  # fmt: skip
            if any(p >= s for p, s in zip(self.output_padding, self.strides, strict=True)):
                raise ValueError(
                    explain(
                        self.name,
                        "output_padding must be below strides",
                        received=f" output_padding={self.output_padding}, strides={self.strides}",
                    )
                )

    def build(self, input_shape):
        """Make `kernel` and `bias`."""
        shape = (*self.kernel_size, self.filters, self.fix_channels(input_shape))
        self.kernel = self.add_kernel("kernel", shape, self.kernel_initializer,
                                      self.kernel_regularizer, self.kernel_constraint)  # fmt: skip
        self.add_bias(self.filters)

    def convolve(self, inputs):
        """Apply the transposed convolution."""
        return ops.conv_transpose(inputs, self.kernel, output_padding=self.output_padding,
                                  **self.geometry())  # fmt: skip


@registry.register("layers", "Convolution1DTranspose")
class Conv1DTranspose(ConvTranspose):
    """Transposed convolution over sequences: output = activation(conv_transpose(inputs) + bias).

    Args:
        filters: int > 0. Number of output channels.
        kernel_size: int.
        strides: int.
        padding: "valid" or "same" (output size = size * stride).
        output_padding: int below `strides`, or None (as small as the padding asks for).
        data_format: "channels_last", "channels_first" or None (the configured default).
        dilation_rate: int. Distance of neighbouring kernel elements.
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
        ValueError: sizes that are not positive, an unknown padding, or too large output_padding.

    Example:
        >>> Conv1DTranspose(4, 3, strides=2, padding="same")(ops.ones((2, 5, 3))).shape
        (2, 10, 4)

    Source: Keras 3 names and defaults.
    """

    rank = 1


@registry.register("layers", "Convolution2DTranspose")
@defaults(strides=(1, 1), dilation_rate=(1, 1))
class Conv2DTranspose(ConvTranspose):
    """Transposed convolution over images: output = activation(conv_transpose(inputs) + bias).

    Args:
        filters: int > 0. Number of output channels.
        kernel_size: int or tuple of 2 int.
        strides: int or tuple of 2 int.
        padding: "valid" or "same" (output size = size * stride).
        output_padding: int or tuple of 2 int below `strides`, or None (as small as the padding
            asks for).
        data_format: "channels_last", "channels_first" or None (the configured default).
        dilation_rate: int or tuple of 2 int. Distance of neighbouring kernel elements.
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
        ValueError: sizes that are not positive, an unknown padding, or too large output_padding.

    Example:
        >>> Conv2DTranspose(4, 3, strides=2)(ops.ones((2, 4, 4, 3))).shape
        (2, 9, 9, 4)

    Source: Keras 3 names and defaults.
    """

    rank = 2


@registry.register("layers", "Convolution3DTranspose")
class Conv3DTranspose(ConvTranspose):
    """Transposed convolution over volumes: output = activation(conv_transpose(inputs) + bias).

    Args:
        filters: int > 0. Number of output channels.
        kernel_size: int or tuple of 3 int.
        strides: int or tuple of 3 int.
        padding: "valid" or "same" (output size = size * stride).
        output_padding: int or tuple of 3 int below `strides`, or None (as small as the padding
            asks for).
        data_format: "channels_last", "channels_first" or None (the configured default).
        dilation_rate: int or tuple of 3 int. Distance of neighbouring kernel elements.
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
        ValueError: sizes that are not positive, an unknown padding, or too large output_padding.

    Example:
        >>> Conv3DTranspose(4, 2, strides=2)(ops.ones((1, 2, 2, 2, 3))).shape
        (1, 4, 4, 4, 4)

    Source: Keras 3 names and defaults.
    """

    rank = 3

    # Keras has data_format before output_padding here, and here only.
    def __init__(self, filters, kernel_size, strides=(1, 1, 1), padding="valid", data_format=None,
                 output_padding=None, dilation_rate=(1, 1, 1), activation=None, use_bias=True,
                 kernel_initializer="glorot_uniform", bias_initializer="zeros",
                 kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None,
                 kernel_constraint=None, bias_constraint=None, **kwargs):  # fmt: skip
        super().__init__(filters, kernel_size, strides, padding, output_padding, data_format,
                         dilation_rate, activation, use_bias, kernel_initializer, bias_initializer,
                         kernel_regularizer, bias_regularizer, activity_regularizer,
                         kernel_constraint, bias_constraint, **kwargs)  # fmt: skip
