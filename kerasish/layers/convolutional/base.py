"""BaseConv: what all convolution layers share: windows, layout, bias, activation."""

from kerasish import activations, constraints, initializers, ops, regularizers
from kerasish.config import standardize_data_format
from kerasish.errors import ShapeError, explain
from kerasish.layers.arguments import choice, int_tuple
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.layer import Layer


class BaseConv(Layer):
    """Base of the convolution layers; subclasses set `rank`, make a kernel and convolve.

    Attributes:
        rank: number of spatial axes.
    """

    rank = None
    paddings = ("valid", "same")

    def set_window(self, kernel_size, strides, padding, data_format, dilation_rate):
        """Keep the geometry, checked, as tuples of `rank` ints."""
        self.kernel_size = int_tuple(kernel_size, self.rank, "kernel_size", self.name)
        self.strides = int_tuple(strides, self.rank, "strides", self.name)
        self.dilation_rate = int_tuple(dilation_rate, self.rank, "dilation_rate", self.name)
        self.padding = choice(padding, "padding", self.paddings, self.name)
        self.data_format = standardize_data_format(data_format)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                explain(
                    self.name,
                    "strides and dilation_rate cannot both be above 1",
                    received=f" strides={self.strides}, dilation_rate={self.dilation_rate}",
                )
            )
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def set_bias(self, activation, use_bias, initializer, regularizer, constraint):
        """Keep the arguments of what happens behind the convolution."""
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.bias_initializer = initializers.get(initializer)
        self.bias_regularizer = regularizers.get(regularizer)
        self.bias_constraint = constraints.get(constraint)

    @property
    def channel_axis(self):
        """Axis of the channels."""
        return -1 if self.data_format == "channels_last" else 1

    def fix_channels(self, input_shape):
        """Number of input channels, on which the layer insists from now on.

        Raises:
            ShapeError: it is unknown.
        """
        channels = input_shape[self.channel_axis]
        if channels is None:
            raise ShapeError(
                explain(
                    self.path,
                    "the number of channels must be known to make the kernel",
                    received=f" input shape {tuple(input_shape)}",
                    fix=f"give the size of axis {self.channel_axis} ({self.data_format})",
                )
            )
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={self.channel_axis: channels})
        return channels

    def add_kernel(self, name, shape, initializer, regularizer, constraint):
        """Make a kernel."""
        return self.add_weight(shape, initializer, regularizer=regularizer, constraint=constraint,
                               name=name)  # fmt: skip

    def add_bias(self, channels):
        """Make the bias, or set it to None."""
        self.bias = None
        if self.use_bias:
            self.bias = self.add_kernel("bias", (channels,), self.bias_initializer,
                                        self.bias_regularizer, self.bias_constraint)  # fmt: skip

    def convolve(self, inputs):
        """The convolution itself; to be defined by subclasses."""
        raise NotImplementedError(explain(type(self).__name__, "a convolution defines convolve()"))

    def call(self, inputs):
        """Convolve, add the bias, apply the activation."""
        outputs = self.convolve(inputs)
        if self.bias is not None:
            bias = self.bias
            if self.data_format == "channels_first":
                bias = ops.reshape(bias, (-1, *(1,) * self.rank))
            outputs = ops.add(outputs, bias)
        return self.activation(outputs)

    def geometry(self):
        """Keyword arguments of the operation."""
        return {"strides": self.strides, "padding": self.padding, "data_format": self.data_format,
                "dilation_rate": self.dilation_rate}  # fmt: skip
