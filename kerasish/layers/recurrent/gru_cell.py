"""GRUCell: one step of the gated recurrent unit."""

from kerasish import activations, ops, registry
from kerasish.layers.recurrent.cell import DenseCell, project


@registry.register("layers")
class GRUCell(DenseCell):
    """One step of the gated recurrent unit: h = z * h + (1 - z) * candidate.

    z, r = recurrent_activation(x @ kernel + h @ recurrent_kernel + bias), and
    candidate = activation(x @ kernel_h + r * (h @ recurrent_kernel_h + bias_h)); without
    `reset_after` the last product is (r * h) @ recurrent_kernel_h.

    Args:
        units: int > 0. Size of the state and of the output.
        activation: name, callable or None. Of the candidate.
        recurrent_activation: name, callable or None. Of the gates.
        use_bias: bool.
        kernel_initializer, recurrent_initializer, bias_initializer: name or initializer.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: regularizer or None.
        kernel_constraint, recurrent_constraint, bias_constraint: constraint or None.
        dropout: float. Share of inputs dropped in training.
        recurrent_dropout: float. Share of the state dropped in training, with masks of its own
            for each gate.
        reset_after: bool. Reset the product of the state, not the state.
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
        >>> y, states = GRUCell(4)(ops.ones((2, 3)), [ops.zeros((2, 4))])
        >>> y.shape
        (2, 4)

    Source: Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014; Keras 3
    names and defaults, gates in the order z, r, h.
    """

    gates = 3

    def __init__(self, units, activation="tanh", recurrent_activation="sigmoid", use_bias=True,
                 kernel_initializer="glorot_uniform", recurrent_initializer="orthogonal",
                 bias_initializer="zeros", kernel_regularizer=None, recurrent_regularizer=None,
                 bias_regularizer=None, kernel_constraint=None, recurrent_constraint=None,
                 bias_constraint=None, dropout=0.0, recurrent_dropout=0.0, reset_after=True,
                 seed=None, **kwargs):  # fmt: skip
        super().__init__(
            units, activation=activation, use_bias=use_bias, kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer, bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer, recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint, bias_constraint=bias_constraint,
            dropout=dropout, recurrent_dropout=recurrent_dropout, seed=seed, **kwargs,
        )  # fmt: skip
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = reset_after

    def _bias_shape(self):
        columns = 3 * self.units
        return (2, columns) if self.reset_after else (columns,)

    def call(self, inputs, states, training=False):
        is_list = isinstance(states, (list, tuple))
        before = states[0] if is_list else states
        input_masks, state_masks = self._current_masks(inputs, training)
        x = project(inputs, self.kernel, input_masks)
        if self.bias is not None:
            x = ops.add(x, self.bias[0] if self.reset_after else self.bias)
        x_z, x_r, x_h = ops.split(x, 3, axis=-1)
        product = self._candidate_after if self.reset_after else self._candidate_before
        z, candidate = product(x_z, x_r, x_h, before, state_masks)
        output = ops.add(
            ops.multiply(z, before), ops.multiply(ops.subtract(1.0, z), self.activation(candidate))
        )
        return output, [output] if is_list else output

    def _candidate_after(self, x_z, x_r, x_h, before, masks):
        product = project(before, self.recurrent_kernel, masks)
        if self.bias is not None:
            product = ops.add(product, self.bias[1])
        h_z, h_r, h_h = ops.split(product, 3, axis=-1)
        z = self.recurrent_activation(ops.add(x_z, h_z))
        r = self.recurrent_activation(ops.add(x_r, h_r))
        return z, ops.add(x_h, ops.multiply(r, h_h))

    def _candidate_before(self, x_z, x_r, x_h, before, masks):
        two_gates, one_gate = ops.split(self.recurrent_kernel, [2 * self.units], axis=-1)
        masks_gates, mask_h = (None, None) if masks is None else (masks[:2], masks[2:])
        h_z, h_r = ops.split(project(before, two_gates, masks_gates), 2, axis=-1)
        z = self.recurrent_activation(ops.add(x_z, h_z))
        r = self.recurrent_activation(ops.add(x_r, h_r))
        return z, ops.add(x_h, project(ops.multiply(r, before), one_gate, mask_h))
