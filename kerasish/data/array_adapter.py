"""ArrayAdapter: batches of nested arrays that lie in memory or in a file mapped into it."""

import math
import os

import numpy

from kerasish.arrays import device as devices
from kerasish.core import tree
from kerasish.data.batches import Batch, Block, Layout
from kerasish.data.columns import ClassWeightColumn, Column
from kerasish.data.positions import check_state
from kerasish.data.prefetch import prefetched
from kerasish.data.row_buffers import RowBuffer, batches_per_block, row_bytes
from kerasish.data.sources import as_source
from kerasish.errors import DataError, explain

# From which bytes on a batch is worth a thread that gathers the next one meanwhile. Copying rows in
# memory never is: the thread takes from the step's own threads what it saves.
_PREFETCH_FROM_FILE = 1 << 20
_PREFETCH_CONVERTED = 1 << 22


class ArrayAdapter:
    """Batches of nested arrays that lie in memory (or in a memory map).

    Args:
        x: nested arrays, or arrays-like; first axis: samples.
        y: same, or None.
        sample_weight: same, or None.
        batch_size: int.
        shuffle: bool.
        class_weight: dict from label to weight, or None.
        seed: int. Order of the samples, together with the number of the epoch.
        steps: int or None. Batches an epoch; the data repeats where they run out.
    """

    def __init__(
        self,
        x,
        y=None,
        sample_weight=None,
        batch_size=32,
        shuffle=False,
        class_weight=None,
        seed=0,
        steps=None,
    ):
        parts = {"x": x, "y": y, "sample_weight": sample_weight}
        self.parts = {k: _as_sources(v, k) for k, v in parts.items() if v is not None}
        self.size = self._check_sizes()
        if not isinstance(batch_size, (int, numpy.integer)) or batch_size < 1:
            raise DataError(
                explain("fit", "batch_size must be a positive int", received=batch_size)
            )
        self.batch_size = min(int(batch_size), self.size)
        self.shuffle, self.seed = shuffle, seed
        self.num_batches = math.ceil(self.size / self.batch_size)
        self.steps = steps
        self._make_columns(class_weight)
        self._buffers = []

    def _check_sizes(self):
        sizes = {}
        for label, part in self.parts.items():
            for array in tree.flatten(part):
                if array.ndim == 0:
                    raise DataError(explain("data", f"{label} has no sample axis", received=array))
                sizes.setdefault(len(array), []).append(f"{label}{list(array.shape)}")
        if not sizes:
            raise DataError(explain("data", "there are no arrays", received=self.parts))
        if len(sizes) > 1:
            shown = "; ".join(f"{n} samples: {', '.join(v)}" for n, v in sizes.items())
            raise DataError(
                explain(
                    "data",
                    "arrays have different numbers of samples",
                    received=f" {shown}",
                    expected="the same size along the first axis of x, y and sample_weight",
                )
            )
        size = next(iter(sizes))
        if size == 0:
            raise DataError(
                explain(
                    "data",
                    "there are no samples",
                    received=next(iter(sizes.values())),
                    fix="check how the data was loaded or filtered",
                )
            )
        return size

    def _make_columns(self, class_weight):
        """Lay out the batch: a column for each leaf, and the nested parts that leaves go to."""
        parts = self.parts
        layout = (parts["x"],)
        if "y" in parts or "sample_weight" in parts:
            layout += (parts.get("y"),)
        if "sample_weight" in parts:
            layout += (parts["sample_weight"],)
        columns = [None if a is None else Column(a) for a in tree.flatten(layout)]
        if class_weight is not None:
            if "y" not in parts:
                raise DataError(explain("fit", "class_weight needs targets y"))
            if tree.is_nested(parts["y"]) or tree.is_nested(parts.get("sample_weight")):
                raise DataError(
                    explain(
                        "fit",
                        "class_weight works with a single output",
                        fix="pass sample_weight, one array per output",
                    )
                )
            given = parts.get("sample_weight")
            if given is not None:
                columns.pop()
            columns.append(ClassWeightColumn(parts["y"], given, class_weight))
            layout = (*layout[:2], 0)
        self._columns = [c for c in columns if c is not None]
        self._assemble = Layout(layout, [c is not None for c in columns])

    def order(self, epoch):
        """Indices of all samples in the order of an epoch, or None for the natural one."""
        if not self.shuffle:
            return None
        generator = numpy.random.Generator(numpy.random.Philox(key=(self.seed, epoch)))
        if self.shuffle != "batch":
            return generator.permutation(self.size)
        starts = generator.permutation(self.num_batches) * self.batch_size
        return numpy.concatenate(
            [numpy.arange(s, min(s + self.batch_size, self.size)) for s in starts]
        )

    def _passes(self, epoch, start=0):
        """(order, first batch, batch after the last) of the passes over the data in an epoch."""
        if self.steps is None:
            yield self.order(epoch), start, self.num_batches
            return
        # With `steps` the passes over the data go on where the last epoch stopped.
        first, last = epoch * self.steps + start, (epoch + 1) * self.steps
        while first < last:
            number, start = divmod(first, self.num_batches)
            stop = min(self.num_batches, start + last - first)
            yield self.order(number), start, stop
            first += stop - start

    def get_state(self):
        """What tells the order of the samples, and of how many."""
        return {"seed": self.seed, "size": self.size, "batch_size": self.batch_size}

    def set_state(self, state):
        """Continue in the order of `get_state()`.

        Raises:
            DataError: that was other data, or other batches.
        """
        check_state(state, self.get_state(), but=("seed",))
        self.seed = state["seed"]

    def first_batch(self):
        """A batch of the form that the first one has, to build a model on."""
        return self.batch(None, 0)

    def epoch(self, epoch=0, start=0):
        """Iterator over the batches of one epoch, each a tuple of nested arrays to keep."""
        for order, first, stop in self._passes(epoch, start):
            for number in range(first, stop):
                yield self.batch(order, number)

    def batch(self, order, number):
        """One batch by its number in the given order."""
        rows, _ = self._rows(order, number, number + 1)
        return self._assemble([column.rows(rows) for column in self._columns])

    def _rows(self, order, first, stop):
        """Rows of the batches from `first` to before `stop`, and how many they are."""
        start, end = first * self.batch_size, min(stop * self.batch_size, self.size)
        return slice(start, end) if order is None else order[start:end], end - start

    def blocks(self, epoch=0, start=0):
        """Iterator over the batches of one epoch, from number `start`, as Blocks to read at once.

        The memory of a block is filled again for those after it: for a reader, such as a compiled
        step, that keeps nothing of a batch. Small batches come many at a time. Large ones are
        views of the data where they can be; rows of files, and of arrays to be converted, are
        gathered in a thread while the batch before them is used.
        """
        if devices.current().kind != "cpu" or not self._fits_buffers():
            for parts in self.epoch(epoch, start):
                yield Block([Batch(parts)])
            return
        count = min(batches_per_block(self._columns, self.batch_size), self.num_batches)
        for order, first, stop in self._passes(epoch, start):
            if count == 1 and order is None and self._is_sliceable():
                for number in range(first, stop):
                    yield Block([Batch(self.batch(None, number))])
                continue
            jobs = (self._rows(order, n, min(n + count, stop)) for n in range(first, stop, count))
            slots = self._slots(count, stop - first)
            if len(slots) > 1:
                yield from prefetched(lambda buffer, job: buffer.fill(*job), jobs, slots)
            else:
                for job in jobs:
                    yield slots[0].fill(*job)

    def _fits_buffers(self):
        """Whether all arrays are numbers on the host: text consists of references."""
        arrays = tree.flatten(tuple(self.parts.values()))
        return all(isinstance(a, numpy.ndarray) and a.dtype.kind != "O" for a in arrays)

    def _is_sliceable(self):
        # Reading a file is work for the thread, so rows of one are gathered.
        return all(c.is_sliceable and not c.is_mapped for c in self._columns)

    def _slots(self, count, batches):
        """One buffer, or two where the next batch is worth gathering beforehand."""
        wanted = 2 if batches > 2 and self._is_worth_a_thread(count) else 1
        while len(self._buffers) < wanted:
            self._buffers.append(RowBuffer(self._columns, self._assemble, self.batch_size, count))
        return self._buffers[:wanted]

    def _is_worth_a_thread(self, count):
        nbytes = self.batch_size * count * row_bytes(self._columns)
        if any(c.is_mapped for c in self._columns):
            least = _PREFETCH_FROM_FILE
        elif any(c.is_converted for c in self._columns):
            least = _PREFETCH_CONVERTED
        else:
            return False
        return nbytes >= least and (os.cpu_count() or 1) > 1


def _as_sources(value, label):
    """Nested arrays; lists of numbers are arrays, and lists of arrays are several inputs."""
    if isinstance(value, (list, tuple)) and value and not _is_list_of_arrays(value):
        return as_source(value, label)
    if not tree.is_nested(value):
        return as_source(value, label)
    return tree.map_structure(lambda a: as_source(a, label), value)


def _is_list_of_arrays(value):
    return all(hasattr(v, "shape") and len(v.shape) > 0 or isinstance(v, dict) for v in value)
