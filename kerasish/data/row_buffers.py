"""Row buffers: memory for the batches of a data set, filled, read by a step, and filled again."""

import math

import numpy

from kerasish.data.batches import Batch, Block, Fixed

_ALIGNMENT = 64  # bytes: one cache line, and the widest vector load
_BLOCK_BYTES = 64 * 1024  # what stays in the cache next to the data of a step
_MOST_BATCHES = 64


def row_bytes(columns):
    """Bytes of a row of all columns."""
    return sum(c.dtype.itemsize * math.prod(c.row_shape) for c in columns)


def batches_per_block(columns, batch_size):
    """How many batches to gather at once: many small ones, or one that is large."""
    return min(_MOST_BATCHES, max(1, _BLOCK_BYTES // max(1, row_bytes(columns) * batch_size)))


class RowBuffer:
    """Memory for some batches of rows.

    Args:
        columns: list of Column.
        assemble: function from a list of arrays, one for each column, to the parts of a batch.
        batch_size: int, rows of a batch.
        count: int, batches that are filled at once.
    """

    def __init__(self, columns, assemble, batch_size, count):
        self._columns, self._assemble, self._batch_size = columns, assemble, batch_size
        self._arrays = [_aligned((batch_size * count, *c.row_shape), c.dtype) for c in columns]
        # (address of the first row, bytes of a row) of each array
        self._places = [(a.ctypes.data, a.strides[0]) for a in self._arrays]
        self._batches, self._blocks, self._signatures = {}, {}, {}  # by rows

    def fill(self, rows, size):
        """Block of the batches of `size` rows, given by a slice or an array of indices."""
        for column, array in zip(self._columns, self._arrays, strict=True):
            column.fill(array[:size], rows)
        if size not in self._blocks:
            starts = range(0, size, self._batch_size)
            batches = [self._batch(i, min(i + self._batch_size, size)) for i in starts]
            self._blocks[size] = Block(batches)
        return self._blocks[size]

    def _batch(self, start, stop):
        if (start, stop) not in self._batches:
            arrays = [array[start:stop] for array in self._arrays]
            addresses = [base + start * size for base, size in self._places]
            # Batches of one size share one signature, so that a step knows it at a glance.
            signature = self._signatures.get(stop - start)
            batch = Batch(self._assemble(arrays), Fixed(arrays, addresses), signature)
            self._batches[start, stop] = batch
            self._signatures[stop - start] = batch.signature
        return self._batches[start, stop]


def _aligned(shape, dtype):
    """Uninitialized array that begins on a cache line."""
    nbytes = math.prod(shape) * dtype.itemsize
    raw = numpy.empty(nbytes + _ALIGNMENT, numpy.uint8)
    start = -raw.ctypes.data % _ALIGNMENT
    return raw[start : start + nbytes].view(dtype).reshape(shape)
