"""Batches of a data set that are rows in memory, gathered many at a time into memory used again."""

import numpy

from kerasish.arrays import device as devices
from kerasish.core import tree
from kerasish.data.batches import Layout
from kerasish.data.columns import Column
from kerasish.data.row_buffers import RowBuffer, batches_per_block
from kerasish.data.stages.batching import Batch
from kerasish.data.stages.prefetching import Prefetch
from kerasish.data.stages.rows import ArrayRows


def gathering_dataset(dataset):
    """The data set, without a thread that would fetch batches of rows; None where there are none.

    Args:
        dataset: Dataset.
    """
    stage = dataset._stage
    if isinstance(stage, Prefetch):
        stage = stage.inputs[0]
    if type(stage) is not Batch or not stage.is_cheap():
        return None
    return dataset._derive(stage)


class GatheredBlocks:
    """Blocks from iterators over batches of rows, in memory that is filled again for each.

    Attributes:
        state: of the iterator before the present block; None before the first one.
        done: int. Batches of the present block that were taken since.
    """

    def __init__(self):
        self._rows, self._buffer, self._size = None, None, 0
        self.state, self.done = None, 0

    def can_read(self, batches):
        """Whether batches can be gathered: numbers of host arrays, on the CPU.

        Args:
            batches: DatasetIterator whose last stage is a Batch.
        """
        batches = batches.last
        rows = batches.source.rows
        if type(rows) is not ArrayRows or devices.current().kind != "cpu":
            return False
        parts = rows.arrays if isinstance(rows.arrays, tuple) else (rows.arrays,)
        leaves = tree.flatten(parts)
        is_plain = all(
            isinstance(leaf, numpy.ndarray) and leaf.dtype.kind not in "OUS" for leaf in leaves
        )
        if not is_plain or not 1 <= len(parts) <= 3:
            return False
        if rows is not self._rows:
            columns = [Column(leaf) for leaf in leaves]
            self._size = batches_per_block(columns, batches.size)
            layout = Layout(parts, [True] * len(leaves))
            self._buffer = RowBuffer(columns, layout, batches.size, self._size)
            self._rows = rows
        return True

    def read(self, batches, most):
        """Blocks of at most so many batches in all.

        Args:
            batches: DatasetIterator whose last stage is a Batch.
            most: int, or None for all.
        """
        while most is None or most:
            count = self._size if most is None else min(self._size, most)
            self.state, self.done = batches.get_state(), 0
            chosen = batches.last.take_batches(count)
            if not len(chosen):
                return
            if isinstance(chosen, range):  # ascending: rows are counted from the first one
                rows = slice(chosen.start, chosen.stop, chosen.step)
            else:
                rows = chosen
            block = self._buffer.fill(rows, len(chosen))
            most = None if most is None else most - len(block)
            yield _CountedBlock(block, self)

    def finish(self):
        """Count the present block as taken; returns how many batches that were."""
        done, self.done, self.state = self.done, 0, None
        return done


class _CountedBlock:
    """A Block that tells how far it was read, so that a position lies between its batches.

    Args:
        block: Block.
        counter: GatheredBlocks.
    """

    def __init__(self, block, counter):
        self._block, self._counter = block, counter

    def __len__(self):
        return len(self._block)

    def __iter__(self):
        for batch in self._block:
            self._counter.done += 1
            yield batch

    def groups(self):
        """All batches, as of Block."""
        self._counter.done = len(self._block)
        return self._block.groups()
