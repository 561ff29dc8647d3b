"""RNN: any cell, run over the steps of sequences."""

from kerasish import ops, registry
from kerasish.core import tree
from kerasish.core.variable import Variable
from kerasish.errors import ShapeError, explain
from kerasish.layers.layer import Layer
from kerasish.layers.recurrent.dropout_masks import held_masks
from kerasish.layers.recurrent.loop import run_steps
from kerasish.layers.recurrent.stacked_rnn_cells import (
    StackedRNNCells,
    call_cell,
    check_cell,
    initial_state,
)


@registry.register("layers")
class RNN(Layer):
    """Runs a cell over sequences: output[t], state = cell(sequences[:, t], state).

    Masked steps keep the state and repeat the output before them.

    Args:
        cell: cell, an object with `call(inputs, states)` that returns (output, new states) and with
            `state_size`, or a list of them, which are stacked. Where the state sizes are not
            those of vectors the cell defines `get_initial_state(batch_size)`.
        return_sequences: bool. Return the outputs of all steps, not only of the last.
        return_state: bool. Return the last states behind the output.
        go_backwards: bool. Begin with the last step; outputs are in that order.
        stateful: bool. Each batch starts with the states that the one before ended with.
        unroll: bool. Write out all steps in a trace instead of a loop.
        zero_output_for_mask: bool. Outputs of masked steps are 0.

    Call arguments:
        sequences: float tensor (batch, time, ...).
        initial_state: tensor or list of tensors (batch, ...); zeros when None.
        mask: bool tensor (batch, time).
        training: bool.

    Returns:
        tensor (batch, ...), or (batch, time, ...) with `return_sequences`; with `return_state` a
        tuple (output, *states).

    Raises:
        ValueError: an object that is not a cell; `stateful` with an unknown batch size, or
            `unroll` with an unknown length.
        ShapeError: a stateful layer called with another batch size.

    Example:
        >>> from kerasish.layers.recurrent.lstm_cell import LSTMCell
        >>> RNN(LSTMCell(4), return_sequences=True)(ops.ones((2, 5, 3))).shape
        (2, 5, 4)

    Source: Keras 3 names and defaults.
    """

    # The states of a stateful layer are no weights: no file or optimizer knows them.
    _untracked = Layer._untracked | {"states"}

    def __init__(self, cell, return_sequences=False, return_state=False, go_backwards=False,
                 stateful=False, unroll=False, zero_output_for_mask=False, **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        if isinstance(cell, (list, tuple)):
            cell = StackedRNNCells(cell)
        check_cell(cell, self.name)
        self.cell = cell
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards, self.stateful, self.unroll = go_backwards, stateful, unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.supports_masking = True
        self.states = None
        size = cell.state_size
        self.state_size = list(size) if isinstance(size, (list, tuple)) else [size]

    def build(self, sequences_shape, initial_state_shape=None):
        """Build the cell, and make the states of a stateful layer."""
        if isinstance(self.cell, Layer) and not self.cell.built:
            self.cell.build((sequences_shape[0], *sequences_shape[2:]))
        if not self.stateful:
            return
        if sequences_shape[0] is None:
            raise ValueError(
                explain(
                    self.path,
                    "a stateful layer needs a known batch size",
                    received=f" shape {sequences_shape}",
                    fix="Input(batch_shape=(batch, time, features))",
                )
            )
        self.states = tree.map_structure(
            lambda zeros: Variable(zeros, dtype=self.variable_dtype, trainable=False,
                                   name="rnn_state"),
            self.get_initial_state(sequences_shape[0]),
        )  # fmt: skip

    def get_initial_state(self, batch_size):
        """List of the states before the first step, zeros unless the cell says otherwise."""
        states = initial_state(self.cell, batch_size, self.compute_dtype)
        return list(states) if isinstance(states, (list, tuple)) else [states]

    def reset_states(self):
        """Set the states of a stateful layer to zero."""
        self.reset_state()

    def reset_state(self):
        """Set the states of a stateful layer to zero."""
        for state in tree.flatten(self.states or []):
            state.assign(ops.zeros(state.shape, dtype=state.dtype))

    def compute_mask(self, inputs, previous_mask):
        """The input's mask for sequences, None for a last output and for states."""
        mask = tree.flatten(previous_mask)[0] if self.return_sequences else None
        return [mask, *[None for _ in self.state_size]] if self.return_state else mask

    def call(self, sequences, initial_state=None, mask=None, training=False):
        if self.unroll and sequences.shape[1] is None:
            raise ValueError(
                explain(
                    self.path,
                    "unroll needs a known number of steps",
                    received=f" shape {sequences.shape}",
                    fix="give Input the length, or unroll=False",
                )
            )
        states = self._first_states(sequences, initial_state)
        if isinstance(mask, (list, tuple)):
            mask = mask[0]
        with held_masks(self, ops.shape(sequences)[0], training):
            last, outputs, states = self.inner_loop(sequences, states, mask, training)
        states = tree.map_structure(lambda s: ops.cast(s, self.compute_dtype), states)
        if self.stateful:
            pairs = zip(tree.flatten(self.states), tree.flatten(states), strict=True)
            for variable, state in pairs:
                variable.assign(state)
        output = ops.cast(outputs if self.return_sequences else last, self.compute_dtype)
        return (output, *states) if self.return_state else output

    def _first_states(self, sequences, given):
        """List of the states given, or kept from the last batch; None for a fresh start."""
        if self.stateful:
            expected = tree.flatten(self.states)[0].shape[0]
            if sequences.shape[0] not in (None, expected):
                raise ShapeError(
                    explain(
                        self.path,
                        "a stateful layer has states for another batch size",
                        received=sequences.shape[0],
                        expected=str(expected),
                        fix="drop the last, smaller batch",
                    )
                )
            given = self.states if given is None else given
        if given is None:
            return None
        leaves, expected = tree.flatten(given), len(tree.flatten(self.state_size))
        if len(leaves) != expected:
            raise ShapeError(
                explain(
                    self.path,
                    "initial_state has another number of tensors than the cell",
                    received=len(leaves),
                    expected=str(expected),
                )
            )
        dtype = getattr(self.cell, "compute_dtype", self.compute_dtype)
        leaves = [ops.convert_to_tensor(leaf, dtype) for leaf in leaves]
        return tree.unflatten(self.state_size, leaves)

    def inner_loop(self, sequences, initial_state, mask, training=False):
        """Run the cell over the sequences.

        Args:
            sequences: tensor (batch, time, ...).
            initial_state: list of the states, or None for those of the cell.
            mask: bool tensor (batch, time), or None.
            training: bool.

        Returns:
            tuple: last output, outputs of all steps, list of the last states.
        """
        if initial_state is None:
            initial_state = self.get_initial_state(ops.shape(sequences)[0])
        is_one = isinstance(self.cell.state_size, int)

        def step(x, states):
            output, after = call_cell(self.cell, x, states[0] if is_one else states, training)
            return output, [after] if is_one else after

        return run_steps(
            step, sequences, initial_state, mask=mask, go_backwards=self.go_backwards,
            unroll=self.unroll, zero_output_for_mask=self.zero_output_for_mask,
        )  # fmt: skip
