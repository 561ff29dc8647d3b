"""DropoutCell: dropout masks of recurrent cells, one for all steps of a sequence."""

import contextlib

from kerasish import ops, random
from kerasish.core.rng import SeedGenerator
from kerasish.layers.arguments import fraction


class DropoutCell:
    """Mixin of cells with `dropout` (of inputs) and `recurrent_dropout` (of the state).

    With recurrent dropout each gate has masks of its own. A recurrent layer draws the masks once
    and holds them for all steps; a cell that is called by hand draws them at each call.

    A cell defines `gates` and `_mask_shapes(batch)`: the shapes of its input and its state.

    Source: Gal and Ghahramani, "A theoretically grounded application of dropout in recurrent neural
    networks", 2016.
    """

    _held_masks = None

    def set_dropout(self, dropout, recurrent_dropout, seed):
        """Keep the constructor's arguments."""
        self.dropout = fraction(dropout, "dropout", self.name)
        self.recurrent_dropout = fraction(recurrent_dropout, "recurrent_dropout", self.name)
        self.seed = seed
        self.seed_generator = SeedGenerator(seed)

    def draw_masks(self, batch):
        """Masks of the inputs and of the state: a list for the gates, one for all, or None.

        Args:
            batch: int or scalar tensor.
        """
        count = self.gates if self.recurrent_dropout > 0 else 1
        rates = self.dropout, self.recurrent_dropout
        return tuple(
            [self._draw(shape, rate) for _ in range(count)] if rate > 0 else None
            for shape, rate in zip(self._mask_shapes(batch), rates, strict=True)
        )

    def _draw(self, shape, rate):
        ones = ops.ones(shape, dtype=self.compute_dtype)
        return random.dropout(ones, rate, seed=self.seed_generator)

    def _current_masks(self, inputs, training):
        if not training or not (self.dropout or self.recurrent_dropout):
            return None, None
        return self._held_masks or self.draw_masks(ops.shape(inputs)[0])


@contextlib.contextmanager
def held_masks(layer, batch, training):
    """Context in which the cells inside a layer use the same masks at every step."""
    cells = [c for c in layer._flatten_layers() if isinstance(c, DropoutCell)] if training else []
    for cell in cells:
        cell._held_masks = cell.draw_masks(batch)
    try:
        yield
    finally:
        for cell in cells:
            cell._held_masks = None
