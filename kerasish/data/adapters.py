"""Adapters: everything that `fit`, `evaluate` and `predict` accept, as epochs of batches.

A batch is a tuple `(x,)`, `(x, y)` or `(x, y, sample_weight)` of nested arrays. Nothing copies the
data set: a batch is gathered when it is asked for.
"""

import itertools
import math

import numpy

from kerasish.arrays import device as devices
from kerasish.core import tree
from kerasish.core.tensor import Tensor
from kerasish.data.array_adapter import ArrayAdapter
from kerasish.data.batches import Batch, Block
from kerasish.data.positions import check_state
from kerasish.data.sources import as_batch_array, weigh_classes
from kerasish.errors import DataError, explain, quote


class IterableAdapter:
    """Batches from a generator, an iterable, or an indexable data set.

    Args:
        source: iterable of batches; an object with `__getitem__` and `__len__` is read by index,
            and its `on_epoch_end` is called.
        class_weight: dict or None.
        steps: int or None. Batches an epoch.
        shuffle: bool. Order of the batches of an indexable data set.
        seed: int.
    """

    def __init__(self, source, class_weight=None, steps=None, shuffle=False, seed=0):
        self.source, self.class_weight, self.steps = source, class_weight, steps
        self.is_indexed = hasattr(source, "__getitem__") and hasattr(source, "__len__")
        self.is_iterator = iter(source) is source if not self.is_indexed else False
        self.shuffle, self.seed = shuffle, seed
        known = len(source) if hasattr(source, "__len__") else None
        self.num_batches = steps if steps is not None else known
        self._running, self._resumed, self._pushed_back = None, None, []
        self._first_epoch = self._taken = 0  # of the running iterator
        if self.is_indexed and known == 0:
            raise DataError(explain("data", "the data set has no batches", received=source))

    def get_state(self):
        """Where the batches go on: how many were taken, and the state of an iterator that has one.

        A Dataset's iterator tells its own state; other sources are read again from their start, up
        to the place.
        """
        iterator = getattr(self._running, "get_state", None)
        return {
            "num_batches": self.num_batches,
            "seed": self.seed,
            "first_epoch": self._first_epoch,
            "taken": self._taken,
            "iterator": None if iterator is None else iterator(),
        }

    def set_state(self, state):
        """Continue at `get_state()`.

        Raises:
            DataError: that was other data, or the data ends before that place.
        """
        changing = ("seed", "first_epoch", "taken", "iterator")
        check_state(state, self.get_state(), but=changing)
        self.seed = state["seed"]
        self._resumed = state

    def first_batch(self):
        """A batch of the form that the first one has, to build a model on; none is used up."""
        if self.is_indexed:
            return self._prepare(self.source[0])
        if not self.is_iterator:
            return self._prepare(next(iter(self.source)))
        first = next(self.source)
        self._pushed_back.append(first)
        return self._prepare(first)

    def epoch(self, epoch=0, start=0):
        """Iterator over the batches of one epoch; fewer than `steps` where the source runs out."""
        goes_on = self.steps is not None or self.is_iterator  # over the end of an epoch
        if self._running is None or not goes_on:
            self._start(epoch, start, goes_on)
        count = None if self.steps is None else self.steps - start
        for batch in itertools.islice(self._running, count):
            self._taken += 1
            yield self._prepare(batch)
        if self.steps is None:
            self._running = None

    def _start(self, epoch, start, goes_on):
        state, self._resumed = self._resumed, None
        self._first_epoch, self._taken = epoch, start
        if state is not None and (goes_on or start):
            self._first_epoch, self._taken = state["first_epoch"], state["taken"]
        if self.is_indexed:
            self._running = self._indexed(self._first_epoch, self._taken)
            return
        pushed_back, self._pushed_back = self._pushed_back, []
        self._running = iter(self.source)
        if state is not None and state["iterator"] is not None:
            self._running.set_state(state["iterator"])
            return
        if pushed_back:
            self._running = itertools.chain(pushed_back, self._running)
        skipped = sum(1 for _ in itertools.islice(self._running, self._taken))
        if skipped < self._taken:
            raise DataError(
                explain(
                    "resuming",
                    "the data ends before the place where the run is to go on",
                    received=f" {skipped} batches",
                    expected=f"at least {self._taken}",
                    fix="pass the same data again, from its beginning",
                )
            )

    def blocks(self, epoch=0, start=0):
        """Iterator over the batches of one epoch as Blocks of one, none asked for early."""
        for parts in self.epoch(epoch, start):
            yield Block([Batch(parts)])

    def _indexed(self, epoch, start=0):
        count = len(self.source)
        order = range(count)
        if self.shuffle:
            generator = numpy.random.Generator(numpy.random.Philox(key=(self.seed, epoch)))
            order = generator.permutation(count)
        for i in order[start:]:
            yield self.source[int(i)]
        if hasattr(self.source, "on_epoch_end"):
            self.source.on_epoch_end()

    def _prepare(self, batch):
        batch = batch if isinstance(batch, tuple) else (batch,)
        if not 1 <= len(batch) <= 3:
            raise DataError(
                explain(
                    "data",
                    "a batch has 1 to 3 parts",
                    received=len(batch),
                    expected="(x,), (x, y) or (x, y, sample_weight)",
                )
            )
        batch = tuple(None if p is None else tree.map_structure(as_batch_array, p) for p in batch)
        if self.class_weight is not None:
            if len(batch) < 2 or tree.is_nested(batch[1]):
                raise DataError(explain("fit", "class_weight needs batches (x, y) of one output"))
            batch = weigh_classes(batch, self.class_weight)
        return batch


def make_adapter(
    x,
    y=None,
    sample_weight=None,
    batch_size=None,
    steps=None,
    shuffle=False,
    class_weight=None,
    seed=0,
):
    """Adapter for whatever `fit` was given.

    Raises:
        DataError: data of an unusable kind, or arguments that do not go together.
    """
    is_array = not (
        hasattr(x, "__next__")
        or (hasattr(x, "__iter__") and not _holds_arrays(x))
        or (hasattr(x, "__getitem__") and hasattr(x, "__len__") and not _holds_arrays(x))
    )
    if x is None:
        raise DataError(explain("fit", "x is missing", fix="pass arrays, a generator or a Dataset"))
    if is_array:
        return ArrayAdapter(
            x,
            y,
            sample_weight,
            32 if batch_size is None else batch_size,
            shuffle,
            class_weight,
            seed,
            steps,
        )
    for label, value in (("y", y), ("sample_weight", sample_weight)):
        if value is not None:
            raise DataError(
                explain(
                    "fit",
                    f"{label} cannot be given with a generator or data set",
                    received=quote(type(x).__name__),
                    fix="yield (x, y, sample_weight)",
                )
            )
    return IterableAdapter(x, class_weight, steps, shuffle and hasattr(x, "__len__"), seed)


def _holds_arrays(x):
    if (
        isinstance(x, Tensor)
        or devices.is_array(x)
        or hasattr(x, "to_numpy")
        or hasattr(x, "_as_tensor")
    ):
        return True
    return isinstance(x, (list, tuple, dict))


def split_validation(parts, fraction):
    """Split nested arrays into the first and the last samples.

    Args:
        parts: tuple (x, y, sample_weight); None where absent.
        fraction: float between 0 and 1. Share of the last samples.

    Returns:
        (training parts, validation parts).

    Raises:
        DataError: the fraction leaves one side empty, or the data is no array.
    """
    if not 0 < fraction < 1:
        raise DataError(
            explain("fit", "validation_split must be between 0 and 1", received=fraction)
        )
    if not _holds_arrays(parts[0]):
        raise DataError(
            explain("fit", "validation_split works on arrays only", fix="pass validation_data")
        )
    adapter = ArrayAdapter(*parts)
    count = math.floor(adapter.size * (1 - fraction))
    if count == 0 or count == adapter.size:
        raise DataError(
            explain(
                "fit",
                "validation_split leaves training or validation empty",
                received=f" {fraction} of {adapter.size} samples",
            )
        )
    found = [adapter.parts.get(k) for k in ("x", "y", "sample_weight")]

    def cut(index):
        return tuple(
            None if p is None else tree.map_structure(lambda a: a[index], p) for p in found
        )

    return cut(slice(0, count)), cut(slice(count, None))


def unpack_x_y_sample_weight(data):
    """(x, y, sample_weight) of a batch, None where absent."""
    if not isinstance(data, tuple):
        return data, None, None
    return (*data, *([None] * (3 - len(data))))


def pack_x_y_sample_weight(x, y=None, sample_weight=None):
    """A batch tuple as short as its parts allow."""
    if sample_weight is not None:
        return x, y, sample_weight
    return (x,) if y is None else (x, y)
