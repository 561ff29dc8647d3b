"""BuiltInRNN: base of the recurrent layers that make their cell from their own arguments."""

from kerasish import activations
from kerasish.errors import explain
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.recurrent.rnn import RNN
from kerasish.saving.serialization import serialize_keras_object


class CellArgument:
    """Attribute of a recurrent layer that its cell keeps; read only."""

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, layer, owner=None):
        return self if layer is None else getattr(layer.cell, self.name)

    def __set__(self, layer, value):
        raise AttributeError(
            explain(layer.name, f"{self.name} is fixed when the layer is made", received=value,
                    fix=f"make another layer, or set it on the cell: layer.cell.{self.name}")
        )  # fmt: skip


class BuiltInRNN(RNN):
    """Base of SimpleRNN, GRU, LSTM and ConvLSTM: their arguments are those of cell and RNN."""

    activation = CellArgument()
    use_bias = CellArgument()
    kernel_initializer = CellArgument()
    recurrent_initializer = CellArgument()
    bias_initializer = CellArgument()
    kernel_regularizer = CellArgument()
    recurrent_regularizer = CellArgument()
    bias_regularizer = CellArgument()
    kernel_constraint = CellArgument()
    recurrent_constraint = CellArgument()
    bias_constraint = CellArgument()
    dropout = CellArgument()
    recurrent_dropout = CellArgument()
    seed = CellArgument()

    @classmethod
    def _own_parameters(cls):
        """The arguments of RNN; the cell has the others."""
        parameters = super()._own_parameters()
        return {n: p for n, p in parameters.items() if n in _RNN_ARGUMENTS}

    def get_config(self):
        """Arguments that make an equal layer, as JSON-ready values."""
        regularizer = serialize_keras_object(self.activity_regularizer)
        own = {**super().get_config(), "activity_regularizer": regularizer}
        return {**self.cell.get_config(), **own}


class DenseRNN(BuiltInRNN):
    """Base of SimpleRNN, GRU and LSTM: sequences (batch, time, features) in one operation.

    Where the cell is not the usual one (other activations, recurrent dropout) it is run step by
    step.
    """

    units = CellArgument()

    def __init__(self, cell, **kwargs):
        super().__init__(cell, **kwargs)
        self.input_spec = InputSpec(ndim=3)

    def inner_loop(self, sequences, initial_state, mask, training=False):
        """Run the cell over the sequences; see `RNN.inner_loop`."""
        cell = self.cell
        gate = getattr(cell, "recurrent_activation", activations.sigmoid)
        is_usual = cell.activation is activations.tanh and gate is activations.sigmoid
        if not is_usual or (training and cell.recurrent_dropout > 0):
            return super().inner_loop(sequences, initial_state, mask, training)
        return self._whole_sequence(
            cell.dropped(sequences, training), cell.kernel, cell.recurrent_kernel, cell.bias,
            initial_state=initial_state, mask=mask, go_backwards=self.go_backwards,
            zero_output_for_mask=self.zero_output_for_mask,
        )  # fmt: skip


_RNN_ARGUMENTS = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll",
                  "zero_output_for_mask")  # fmt: skip
