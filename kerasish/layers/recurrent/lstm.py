"""LSTM: the long short-term memory over sequences."""

from kerasish import ops, registry
from kerasish.layers.recurrent.built_in import CellArgument, DenseRNN
from kerasish.layers.recurrent.lstm_cell import LSTMCell


@registry.register("layers")
class LSTM(DenseRNN):
    """Long short-term memory over sequences: c[t] = f * c[t-1] + i * candidate; see LSTMCell.

    Args:
        units: int > 0. Size of the states and of the output.
        activation: name, callable or None. Of the candidate and of c.
        recurrent_activation: name, callable or None. Of the gates.
        use_bias: bool.
        kernel_initializer, recurrent_initializer, bias_initializer: name or initializer.
        unit_forget_bias: bool. The forget gate's bias starts as 1.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: regularizer or None.
        activity_regularizer: regularizer or None, of the output.
        kernel_constraint, recurrent_constraint, bias_constraint: constraint or None.
        dropout: float. Share of inputs dropped in training, the same at every step.
        recurrent_dropout: float. Share of the state dropped in training.
        seed: int or None. Of the dropout.
        return_sequences, return_state, go_backwards, stateful, unroll: as of RNN.
        use_cudnn: accepted; the device's fastest form is used in any case.

    Call arguments:
        sequences: float tensor (batch, time, features).
        initial_state: list [h, c] of tensors (batch, units); zeros when None.
        mask: bool tensor (batch, time).
        training: bool.

    Returns:
        float tensor (batch, units), or (batch, time, units) with `return_sequences`; with
        `return_state` a tuple (output, h, c).

    Raises:
        ValueError: `units` is not a positive int, or a dropout is not from 0 to 1.

    Example:
        >>> y, h, c = LSTM(4, return_sequences=True, return_state=True)(ops.ones((2, 5, 3)))
        >>> y.shape, h.shape
        ((2, 5, 4), (2, 4))

    Source: Hochreiter and Schmidhuber, "Long short-term memory", 1997; Keras 3 names and defaults.
    """

    recurrent_activation = CellArgument()
    unit_forget_bias = CellArgument()

    def __init__(self, units, activation="tanh", recurrent_activation="sigmoid", use_bias=True,
                 kernel_initializer="glorot_uniform", recurrent_initializer="orthogonal",
                 bias_initializer="zeros", unit_forget_bias=True, kernel_regularizer=None,
                 recurrent_regularizer=None, bias_regularizer=None, activity_regularizer=None,
                 kernel_constraint=None, recurrent_constraint=None, bias_constraint=None,
                 dropout=0.0, recurrent_dropout=0.0, seed=None, return_sequences=False,
                 return_state=False, go_backwards=False, stateful=False, unroll=False,
                 use_cudnn="auto", **kwargs):  # fmt: skip
        kwargs.pop("implementation", None)
        cell = LSTMCell(
            units, activation=activation, recurrent_activation=recurrent_activation,
            use_bias=use_bias, kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer, bias_initializer=bias_initializer,
            unit_forget_bias=unit_forget_bias, kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer, bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint, recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint, dropout=dropout, recurrent_dropout=recurrent_dropout,
            seed=seed, dtype=kwargs.get("dtype"), trainable=kwargs.get("trainable", True),
            name="lstm_cell",
        )  # fmt: skip
        super().__init__(
            cell, return_sequences=return_sequences, return_state=return_state,
            go_backwards=go_backwards, stateful=stateful, unroll=unroll,
            activity_regularizer=activity_regularizer, **kwargs,
        )  # fmt: skip
        self.use_cudnn = use_cudnn

    def _whole_sequence(self, *args, **kwargs):
        return ops.lstm(*args, **kwargs)
