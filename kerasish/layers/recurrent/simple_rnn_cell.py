"""SimpleRNNCell: one step of the fully connected recurrence."""

from kerasish import ops, registry
from kerasish.layers.recurrent.cell import DenseCell, project


@registry.register("layers")
class SimpleRNNCell(DenseCell):
    """One step of a simple recurrence: h = activation(x @ kernel + h @ recurrent_kernel + bias).

    Args:
        units: int > 0. Size of the state and of the output.
        activation: name, callable or None.
        use_bias: bool.
        kernel_initializer, recurrent_initializer, bias_initializer: name or initializer.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: regularizer or None.
        kernel_constraint, recurrent_constraint, bias_constraint: constraint or None.
        dropout: float. Share of inputs dropped in training.
        recurrent_dropout: float. Share of the state dropped in training.
        seed: int or None. Of the dropout.

    Call arguments:
        inputs: float tensor (batch, features).
        states: list with the state (batch, units).
        training: bool.

    Returns:
        tuple: output (batch, units), list with the new state.

    Raises:
        ValueError: `units` is not a positive int, or a dropout is not from 0 to 1.

    Example:
        >>> y, states = SimpleRNNCell(4)(ops.ones((2, 3)), [ops.zeros((2, 4))])
        >>> y.shape
        (2, 4)

    Source: Elman, "Finding structure in time", 1990; Keras 3 names and defaults.
    """

    def __init__(self, units, activation="tanh", use_bias=True, kernel_initializer="glorot_uniform",
                 recurrent_initializer="orthogonal", bias_initializer="zeros",
                 kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None,
                 kernel_constraint=None, recurrent_constraint=None, bias_constraint=None,
                 dropout=0.0, recurrent_dropout=0.0, seed=None, **kwargs):  # fmt: skip
        super().__init__(
            units, activation=activation, use_bias=use_bias, kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer, bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer, recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint, bias_constraint=bias_constraint,
            dropout=dropout, recurrent_dropout=recurrent_dropout, seed=seed, **kwargs,
        )  # fmt: skip

    def call(self, inputs, states, training=False):
        is_list = isinstance(states, (list, tuple))
        before = states[0] if is_list else states
        input_masks, state_masks = self._current_masks(inputs, training)
        total = ops.add(
            project(inputs, self.kernel, input_masks),
            project(before, self.recurrent_kernel, state_masks),
        )
        if self.bias is not None:
            total = ops.add(total, self.bias)
        output = self.activation(total)
        return output, [output] if is_list else output
