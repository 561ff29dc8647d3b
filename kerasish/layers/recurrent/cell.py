"""DenseCell: what the simple, GRU and LSTM cells have in common."""

from kerasish import activations, constraints, initializers, ops, regularizers
from kerasish.layers.arguments import positive_int
from kerasish.layers.layer import Layer
from kerasish.layers.recurrent.dropout_masks import DropoutCell


class DenseCell(DropoutCell, Layer):
    """Base of cells that multiply inputs and state by matrices with `gates` blocks of columns.

    Weights: kernel (features, gates * units), recurrent_kernel (units, gates * units), bias.
    """

    gates = 1

    def __init__(self, units, *, activation, use_bias, kernel_initializer, recurrent_initializer,
                 bias_initializer, kernel_regularizer, recurrent_regularizer, bias_regularizer,
                 kernel_constraint, recurrent_constraint, bias_constraint, dropout,
                 recurrent_dropout, seed, **kwargs):  # fmt: skip
        kwargs.pop("implementation", None)  # Keras's choice between two ways to the same result
        super().__init__(**kwargs)
        self.units = positive_int(units, "units", self.name)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = regularizers.get(recurrent_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.recurrent_constraint = constraints.get(recurrent_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.set_dropout(dropout, recurrent_dropout, seed)
        self.state_size = self.output_size = self.units

    def build(self, input_shape):
        """Make the weights."""
        columns = self.gates * self.units
        self.kernel = self.add_weight(
            (input_shape[-1], columns), self.kernel_initializer, name="kernel",
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint,
        )  # fmt: skip
        self.recurrent_kernel = self.add_weight(
            (self.units, columns), self.recurrent_initializer, name="recurrent_kernel",
            regularizer=self.recurrent_regularizer, constraint=self.recurrent_constraint,
        )  # fmt: skip
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                self._bias_shape(), self._first_bias, name="bias",
                regularizer=self.bias_regularizer, constraint=self.bias_constraint,
            )  # fmt: skip

    def _bias_shape(self):
        return (self.gates * self.units,)

    def _first_bias(self, shape, dtype=None):
        return self.bias_initializer(shape, dtype=dtype)

    def _mask_shapes(self, batch):
        return (batch, self.kernel.shape[0]), (batch, self.units)

    def dropped(self, sequences, training):
        """Sequences (batch, time, features) under the input's dropout mask, one for all steps."""
        masks, _ = self._current_masks(sequences, training)
        return sequences if masks is None else ops.multiply(sequences, ops.expand_dims(masks[0], 1))

    def get_initial_state(self, batch_size=None):
        """States before the first step: zeros (batch, units), in a list."""
        sizes = self.state_size if isinstance(self.state_size, list) else [self.state_size]
        return [ops.zeros((batch_size, n), dtype=self.compute_dtype) for n in sizes]


def project(x, kernel, masks):
    """x @ kernel, under one dropout mask, one for each block of columns, or None."""
    if masks is None:
        return ops.matmul(x, kernel)
    if len(masks) == 1:
        return ops.matmul(ops.multiply(x, masks[0]), kernel)
    blocks = ops.split(kernel, len(masks), axis=-1)
    parts = [ops.matmul(ops.multiply(x, m), b) for m, b in zip(masks, blocks, strict=True)]
    return ops.concatenate(parts, axis=-1)
