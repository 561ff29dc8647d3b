"""StackedRNNCells: several cells that act as one, each fed with the output of the one before."""

from kerasish import ops, registry
from kerasish.core import tree
from kerasish.errors import explain
from kerasish.layers.layer import Layer
from kerasish.saving.serialization import deserialize_keras_object


@registry.register("layers")
class StackedRNNCells(Layer):
    """Cells one on top of the other: x -> cells[0] -> cells[1] -> ... at every step.

    `RNN` makes one from a list of cells.

    Args:
        cells: list of cells: objects with `call(inputs, states)` and `state_size`.

    Call arguments:
        inputs: float tensor (batch, features).
        states: list with the states of each cell.
        training: bool.

    Returns:
        tuple: output of the last cell, list with the new states of each cell.

    Raises:
        ValueError: an object that is not a cell.

    Example:
        >>> from kerasish.layers.recurrent.gru_cell import GRUCell
        >>> StackedRNNCells([GRUCell(4), GRUCell(3)]).state_size
        [4, 3]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, cells, **kwargs):
        super().__init__(**kwargs)
        for cell in cells:
            check_cell(cell, self.name)
        self.cells = list(cells)

    @classmethod
    def from_config(cls, config):
        """Layer from `get_config()`."""
        cells = [deserialize_keras_object(unbuilt(c)) for c in config["cells"]]
        return super().from_config({**config, "cells": cells})

    @property
    def state_size(self):
        """List of the cells' state sizes."""
        return [c.state_size for c in self.cells]

    @property
    def output_size(self):
        """Size of the last cell's output."""
        return output_size(self.cells[-1])

    def build(self, input_shape):
        """Build each cell for the output of the one before."""
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                cell.build(input_shape)
            input_shape = (input_shape[0], output_size(cell))

    def get_initial_state(self, batch_size=None):
        """List of the cells' states before the first step."""
        return [initial_state(cell, batch_size, self.compute_dtype) for cell in self.cells]

    def call(self, inputs, states, training=False):
        new_states = []
        for cell, cell_states in zip(self.cells, states, strict=True):
            inputs, after = call_cell(cell, inputs, cell_states, training)
            new_states.append(after)
        return inputs, new_states


def check_cell(cell, where):
    """Raise ValueError for an object that is not a cell."""
    for name in ("call", "state_size"):
        if name not in dir(cell):
            raise ValueError(
                explain(
                    where,
                    f"a cell needs {name!r}",
                    received=cell,
                    fix="define call(inputs, states) and state_size",
                )
            )


def output_size(cell):
    """Size of a cell's output: its `output_size`, else that of its first state."""
    size = getattr(cell, "output_size", None)
    if size is None:
        size = cell.state_size
        size = size[0] if isinstance(size, (list, tuple)) else size
    return size


def initial_state(cell, batch_size, dtype):
    """States of a cell before the first step, in the form the cell uses; zeros unless it says."""
    if getattr(cell, "get_initial_state", None) is not None:
        states = cell.get_initial_state(batch_size=batch_size)
    else:
        dtype = getattr(cell, "compute_dtype", dtype)
        states = tree.map_structure(
            lambda size: ops.zeros((batch_size, size), dtype=dtype), cell.state_size
        )
    if isinstance(cell.state_size, int) and isinstance(states, (list, tuple)):
        (states,) = states
    return states


def call_cell(cell, inputs, states, training):
    """Output and new states of a cell, in the form of `states` (a tensor or a structure)."""
    given = states if isinstance(states, (list, tuple)) else [states]
    if isinstance(cell, Layer):
        output, after = cell(inputs, given, **training_argument(cell, training))
    else:
        output, after = (cell if callable(cell) else cell.call)(inputs, given)
    return output, tree.unflatten(states, tree.flatten(after))


def training_argument(layer, training):
    """Keyword arguments that tell a layer the phase, where it takes it."""
    return {"training": training} if layer._call_facts().takes_training else {}


def unbuilt(config):
    """Config of a layer without the shapes it was built with: its owner builds it, by its name."""
    return {k: v for k, v in config.items() if k != "build_config"}
