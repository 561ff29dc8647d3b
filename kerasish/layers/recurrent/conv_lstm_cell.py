"""ConvLSTMCell: one step of a long short-term memory whose products are convolutions."""

from kerasish import activations, constraints, initializers, ops, regularizers
from kerasish.errors import ShapeError, explain
from kerasish.layers.arguments import positive_int
from kerasish.layers.convolutional.base import BaseConv
from kerasish.layers.recurrent.dropout_masks import DropoutCell
from kerasish.layers.recurrent.lstm_cell import first_gate_bias, lstm_update
from kerasish.ops.windows import output_size


class ConvLSTMCell(DropoutCell, BaseConv):
    """One step of ConvLSTM: the LSTM step with conv(x, kernel) + conv(h, recurrent_kernel) + bias.

    The state is convolved with stride 1 and "same" padding, so that it keeps its size.

    Args:
        rank: int from 1 to 3. Number of spatial axes.
        others: as of the layers ConvLSTM1D, ConvLSTM2D and ConvLSTM3D.
    """

    gates = 4

    def __init__(self, rank, filters, kernel_size, *, strides, padding, data_format, dilation_rate,
                 activation, recurrent_activation, use_bias, kernel_initializer,
                 recurrent_initializer, bias_initializer, unit_forget_bias, kernel_regularizer,
                 recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
                 bias_constraint, dropout, recurrent_dropout, seed, **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        self.rank = rank
        self.filters = positive_int(filters, "filters", self.name)
        self.set_window(kernel_size, strides, padding, data_format, dilation_rate)
        self.set_bias(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.unit_forget_bias = unit_forget_bias
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = regularizers.get(recurrent_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.recurrent_constraint = constraints.get(recurrent_constraint)
        self.set_dropout(dropout, recurrent_dropout, seed)
        self.state_size = [self.filters, self.filters]

    @classmethod
    def _own_parameters(cls):
        parameters = super()._own_parameters()
        return {n: p for n, p in parameters.items() if n != "rank"}

    def build(self, input_shape):
        """Make the weights."""
        channels = self.fix_channels(input_shape)
        if None in input_shape[1:]:
            raise ShapeError(
                explain(
                    self.path,
                    "the spatial sizes must be known, the states have them",
                    received=f" input shape {tuple(input_shape)}",
                )
            )
        self._input_sizes = tuple(input_shape[1:])
        self.kernel = self.add_kernel(
            "kernel", (*self.kernel_size, channels, 4 * self.filters), self.kernel_initializer,
            self.kernel_regularizer, self.kernel_constraint,
        )  # fmt: skip
        self.recurrent_kernel = self.add_kernel(
            "recurrent_kernel", (*self.kernel_size, self.filters, 4 * self.filters),
            self.recurrent_initializer, self.recurrent_regularizer, self.recurrent_constraint,
        )  # fmt: skip
        self.bias = None
        if self.use_bias:
            self.bias = self.add_kernel("bias", (4 * self.filters,), self._first_bias,
                                        self.bias_regularizer, self.bias_constraint)  # fmt: skip

    def _first_bias(self, shape, dtype=None):
        return first_gate_bias(self.bias_initializer, self.filters, self.unit_forget_bias, dtype)

    def _state_sizes(self):
        """Sizes of a state less the batch: what the convolution of an input leaves of it."""
        is_last = self.data_format == "channels_last"
        spatial = self._input_sizes[:-1] if is_last else self._input_sizes[1:]
        window = zip(spatial, self.kernel_size, self.strides, self.dilation_rate, strict=True)
        sizes = [output_size(n, k, s, self.padding, d, self.path) for n, k, s, d in window]
        return (*sizes, self.filters) if is_last else (self.filters, *sizes)

    def _mask_shapes(self, batch):
        return (batch, *self._input_sizes), (batch, *self._state_sizes())

    def get_initial_state(self, batch_size=None):
        """List [h, c] of zeros."""
        shape = (batch_size, *self._state_sizes())
        return [ops.zeros(shape, dtype=self.compute_dtype) for _ in range(2)]

    def call(self, inputs, states, training=False):
        h, c = states
        input_masks, state_masks = self._current_masks(inputs, training)
        x = self._project(inputs, self.kernel, input_masks, **self.geometry())
        if self.bias is not None:
            bias = self.bias
            if self.data_format == "channels_first":
                bias = ops.reshape(bias, (-1, *(1,) * self.rank))
            x = ops.add(x, bias)
        gates = ops.add(
            x,
            self._project(
                h, self.recurrent_kernel, state_masks, padding="same", data_format=self.data_format
            ),
        )
        h, c = lstm_update(*ops.split(gates, 4, axis=self.channel_axis), c, self)
        return h, [h, c]

    def _project(self, x, kernel, masks, **geometry):
        """conv(x, kernel), under one dropout mask, one for each gate, or None."""
        if masks is None:
            return ops.conv(x, kernel, **geometry)
        if len(masks) == 1:
            return ops.conv(ops.multiply(x, masks[0]), kernel, **geometry)
        blocks = ops.split(kernel, len(masks), axis=-1)
        pairs = zip(masks, blocks, strict=True)
        parts = [ops.conv(ops.multiply(x, m), block, **geometry) for m, block in pairs]
        return ops.concatenate(parts, axis=self.channel_axis)
