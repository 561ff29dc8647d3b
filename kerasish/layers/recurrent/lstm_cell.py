"""LSTMCell: one step of the long short-term memory."""

from kerasish import activations, ops, registry
from kerasish.layers.recurrent.cell import DenseCell, project


@registry.register("layers")
class LSTMCell(DenseCell):
    """One step of the long short-term memory: c = f * c + i * candidate, h = o * activation(c).

    i, f, candidate, o are blocks of x @ kernel + h @ recurrent_kernel + bias, after
    `recurrent_activation` (the candidate: `activation`).

    Args:
        units: int > 0. Size of the states and of the output.
        activation: name, callable or None. Of the candidate and of c.
        recurrent_activation: name, callable or None. Of the gates.
        use_bias: bool.
        kernel_initializer, recurrent_initializer, bias_initializer: name or initializer.
        unit_forget_bias: bool. The forget gate's bias starts as 1.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: regularizer or None.
        kernel_constraint, recurrent_constraint, bias_constraint: constraint or None.
        dropout: float. Share of inputs dropped in training.
        recurrent_dropout: float. Share of the state dropped in training, with masks of its own
            for each gate.
        seed: int or None. Of the dropout.

    Call arguments:
        inputs: float tensor (batch, features).
        states: list [h, c] of tensors (batch, units).
        training: bool.

    Returns:
        tuple: output h (batch, units), list [h, c].

    Raises:
        ValueError: `units` is not a positive int, or a dropout is not from 0 to 1.

    Example:
        >>> y, (h, c) = LSTMCell(4)(ops.ones((2, 3)), [ops.zeros((2, 4)), ops.zeros((2, 4))])
        >>> y.shape, c.shape
        ((2, 4), (2, 4))

    Source: Hochreiter and Schmidhuber, "Long short-term memory", 1997; forget bias: Jozefowicz et
    al., 2015; Keras 3 names and defaults.
    """

    gates = 4

    def __init__(self, units, activation="tanh", recurrent_activation="sigmoid", use_bias=True,
                 kernel_initializer="glorot_uniform", recurrent_initializer="orthogonal",
                 bias_initializer="zeros", unit_forget_bias=True, kernel_regularizer=None,
                 recurrent_regularizer=None, bias_regularizer=None, kernel_constraint=None,
                 recurrent_constraint=None, bias_constraint=None, dropout=0.0,
                 recurrent_dropout=0.0, seed=None, **kwargs):  # fmt: skip
        super().__init__(
            units, activation=activation, use_bias=use_bias, kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer, bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer, recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint, bias_constraint=bias_constraint,
            dropout=dropout, recurrent_dropout=recurrent_dropout, seed=seed, **kwargs,
        )  # fmt: skip
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias
        self.state_size = [self.units, self.units]

    def _first_bias(self, shape, dtype=None):
        return first_gate_bias(self.bias_initializer, self.units, self.unit_forget_bias, dtype)

    def call(self, inputs, states, training=False):
        h, c = states
        input_masks, state_masks = self._current_masks(inputs, training)
        gates = ops.add(
            project(inputs, self.kernel, input_masks),
            project(h, self.recurrent_kernel, state_masks),
        )
        if self.bias is not None:
            gates = ops.add(gates, self.bias)
        h, c = lstm_update(*ops.split(gates, 4, axis=-1), c, self)
        return h, [h, c]


def first_gate_bias(initializer, units, unit_forget_bias, dtype):
    """First bias of the four gates: the initializer's, with 1 for the forget gate if so wished."""
    if not unit_forget_bias:
        return initializer((4 * units,), dtype=dtype)
    return ops.concatenate(
        [
            initializer((units,), dtype=dtype),
            ops.ones((units,), dtype=dtype),
            initializer((2 * units,), dtype=dtype),
        ]
    )


def lstm_update(i, f, candidate, o, c, cell):
    """New h and c, for the four gates before their activation."""
    gate = cell.recurrent_activation
    c = ops.add(ops.multiply(gate(f), c), ops.multiply(gate(i), cell.activation(candidate)))
    return ops.multiply(gate(o), cell.activation(c)), c
