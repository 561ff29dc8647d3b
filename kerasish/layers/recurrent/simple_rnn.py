"""SimpleRNN: the fully connected recurrence over sequences."""

from kerasish import ops, registry
from kerasish.layers.recurrent.built_in import DenseRNN
from kerasish.layers.recurrent.simple_rnn_cell import SimpleRNNCell


@registry.register("layers")
class SimpleRNN(DenseRNN):
    """Simple recurrence: h[t] = activation(x[t] @ kernel + h[t-1] @ recurrent_kernel + bias).

    Args:
        units: int > 0. Size of the state and of the output.
        activation: name, callable or None.
        use_bias: bool.
        kernel_initializer, recurrent_initializer, bias_initializer: name or initializer.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: regularizer or None.
        activity_regularizer: regularizer or None, of the output.
        kernel_constraint, recurrent_constraint, bias_constraint: constraint or None.
        dropout: float. Share of inputs dropped in training, the same at every step.
        recurrent_dropout: float. Share of the state dropped in training.
        return_sequences, return_state, go_backwards, stateful, unroll: as of RNN.
        seed: int or None. Of the dropout.

    Call arguments:
        sequences: float tensor (batch, time, features).
        initial_state: tensor (batch, units), or a list with it; zeros when None.
        mask: bool tensor (batch, time).
        training: bool.

    Returns:
        float tensor (batch, units), or (batch, time, units) with `return_sequences`; with
        `return_state` a tuple (output, state).

    Raises:
        ValueError: `units` is not a positive int, or a dropout is not from 0 to 1.

    Example:
        >>> SimpleRNN(4)(ops.ones((2, 5, 3))).shape
        (2, 4)

    Source: Elman, "Finding structure in time", 1990; Keras 3 names and defaults.
    """

    def __init__(self, units, activation="tanh", use_bias=True, kernel_initializer="glorot_uniform",
                 recurrent_initializer="orthogonal", bias_initializer="zeros",
                 kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None,
                 activity_regularizer=None, kernel_constraint=None, recurrent_constraint=None,
                 bias_constraint=None, dropout=0.0, recurrent_dropout=0.0, return_sequences=False,
                 return_state=False, go_backwards=False, stateful=False, unroll=False, seed=None,
                 **kwargs):  # fmt: skip
        kwargs.pop("implementation", None)
        cell = SimpleRNNCell(
            units, activation=activation, use_bias=use_bias, kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer, bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer, recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint, bias_constraint=bias_constraint,
            dropout=dropout, recurrent_dropout=recurrent_dropout, seed=seed,
            dtype=kwargs.get("dtype"), trainable=kwargs.get("trainable", True),
            name="simple_rnn_cell",
        )  # fmt: skip
        super().__init__(
            cell, return_sequences=return_sequences, return_state=return_state,
            go_backwards=go_backwards, stateful=stateful, unroll=unroll,
            activity_regularizer=activity_regularizer, **kwargs,
        )  # fmt: skip

    def get_config(self):
        """Arguments that make an equal layer; Keras's configs have no seed here, so only if set."""
        config = super().get_config()
        if config["seed"] is None:
            del config["seed"]
        return config

    def _whole_sequence(self, *args, **kwargs):
        return ops.simple_rnn(*args, **kwargs)
