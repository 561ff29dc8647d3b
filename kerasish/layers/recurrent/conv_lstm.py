"""ConvLSTM1D, ConvLSTM2D, ConvLSTM3D: long short-term memories over sequences of images."""

from kerasish import registry
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.recurrent.built_in import BuiltInRNN, CellArgument
from kerasish.layers.recurrent.conv_lstm_cell import ConvLSTMCell


class ConvLSTM(BuiltInRNN):
    """Base of the ConvLSTM layers; subclasses set `rank`, the number of spatial axes."""

    rank = None

    filters = CellArgument()
    kernel_size = CellArgument()
    strides = CellArgument()
    padding = CellArgument()
    data_format = CellArgument()
    dilation_rate = CellArgument()
    recurrent_activation = CellArgument()
    unit_forget_bias = CellArgument()

    def __init__(self, filters, kernel_size, strides=1, padding="valid", data_format=None,
                 dilation_rate=1, activation="tanh", recurrent_activation="sigmoid", use_bias=True,
                 kernel_initializer="glorot_uniform", recurrent_initializer="orthogonal",
                 bias_initializer="zeros", unit_forget_bias=True, kernel_regularizer=None,
                 recurrent_regularizer=None, bias_regularizer=None, activity_regularizer=None,
                 kernel_constraint=None, recurrent_constraint=None, bias_constraint=None,
                 dropout=0.0, recurrent_dropout=0.0, seed=None, return_sequences=False,
                 return_state=False, go_backwards=False, stateful=False, **kwargs):  # fmt: skip
        cell = ConvLSTMCell(
            self.rank, filters, kernel_size, strides=strides, padding=padding,
            data_format=data_format, dilation_rate=dilation_rate, activation=activation,
            recurrent_activation=recurrent_activation, use_bias=use_bias,
            kernel_initializer=kernel_initializer, recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer, unit_forget_bias=unit_forget_bias,
            kernel_regularizer=kernel_regularizer, recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint, bias_constraint=bias_constraint,
            dropout=dropout, recurrent_dropout=recurrent_dropout, seed=seed,
            dtype=kwargs.get("dtype"), trainable=kwargs.get("trainable", True),
            name="conv_lstm_cell",
        )  # fmt: skip
        super().__init__(
            cell, return_sequences=return_sequences, return_state=return_state,
            go_backwards=go_backwards, stateful=stateful,
            activity_regularizer=activity_regularizer, **kwargs,
        )  # fmt: skip
        self.input_spec = InputSpec(ndim=self.rank + 3)


@registry.register("layers")
class ConvLSTM1D(ConvLSTM):
    """LSTM over sequences of signals, with convolutions in the place of matrix products.

    Args:
        filters: int > 0. Channels of the states and of the output.
        kernel_size, strides, dilation_rate: int, or tuple of 1 int.
        padding: "valid" or "same", of the inputs' convolution; the state's is always "same".
        data_format: "channels_last" or "channels_first"; the global setting when None.
        activation, recurrent_activation: name, callable or None.
        use_bias, unit_forget_bias: bool.
        kernel_initializer, recurrent_initializer, bias_initializer: name or initializer.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: regularizer or None.
        activity_regularizer: regularizer or None, of the output.
        kernel_constraint, recurrent_constraint, bias_constraint: constraint or None.
        dropout, recurrent_dropout: float. Share of inputs and of the state dropped in training.
        seed: int or None. Of the dropout.
        return_sequences, return_state, go_backwards, stateful: as of RNN.

    Call arguments:
        sequences: float tensor (batch, time, steps, channels).
        initial_state: list [h, c]; zeros when None.
        mask: bool tensor (batch, time).
        training: bool.

    Returns:
        float tensor (batch, new steps, filters), or (batch, time, new steps, filters).

    Raises:
        ValueError: unusable sizes, or strides and dilation_rate both above 1.

    Example:
        >>> from kerasish import ops
        >>> ConvLSTM1D(4, 3, padding="same")(ops.ones((1, 2, 6, 3))).shape
        (1, 6, 4)

    Source: Shi et al., "Convolutional LSTM network", 2015, without peepholes; Keras 3 names.
    """

    rank = 1


@registry.register("layers")
class ConvLSTM2D(ConvLSTM):
    """LSTM over sequences of images, with convolutions in the place of matrix products.

    Args:
        filters: int > 0. Channels of the states and of the output.
        kernel_size, strides, dilation_rate: int, or tuple of 2 ints.
        others: as of ConvLSTM1D.

    Call arguments:
        sequences: float tensor (batch, time, height, width, channels).
        others: as of ConvLSTM1D.

    Returns:
        float tensor (batch, new height, new width, filters), with time behind the batch for
        `return_sequences`.

    Raises:
        ValueError: unusable sizes, or strides and dilation_rate both above 1.

    Example:
        >>> from kerasish import ops
        >>> ConvLSTM2D(4, 3, return_sequences=True)(ops.ones((1, 2, 6, 6, 3))).shape
        (1, 2, 4, 4, 4)

    Source: Shi et al., "Convolutional LSTM network", 2015, without peepholes; Keras 3 names.
    """

    rank = 2


@registry.register("layers")
class ConvLSTM3D(ConvLSTM):
    """LSTM over sequences of volumes, with convolutions in the place of matrix products.

    Args:
        filters: int > 0. Channels of the states and of the output.
        kernel_size, strides, dilation_rate: int, or tuple of 3 ints.
        others: as of ConvLSTM1D.

    Call arguments:
        sequences: float tensor (batch, time, depth, height, width, channels).
        others: as of ConvLSTM1D.

    Returns:
        float tensor (batch, new depth, new height, new width, filters), with time behind the batch
        for `return_sequences`.

    Raises:
        ValueError: unusable sizes, or strides and dilation_rate both above 1.

    Example:
        >>> from kerasish import ops
        >>> ConvLSTM3D(2, 3, padding="same")(ops.ones((1, 2, 3, 3, 3, 1))).shape
        (1, 3, 3, 3, 2)

    Source: Shi et al., "Convolutional LSTM network", 2015, without peepholes; Keras 3 names.
    """

    rank = 3
