"""Adapters: everything that `fit`, `evaluate` and `predict` accept, as epochs of batches.

A batch is a tuple `(x,)`, `(x, y)` or `(x, y, sample_weight)` of nested arrays. Nothing copies the
data set: a batch is gathered when it is asked for.
"""

import contextlib
import itertools
import math

import numpy

from kerasish.arrays import device as devices
from kerasish.core import tree
from kerasish.core.tensor import Tensor
from kerasish.data.array_adapter import ArrayAdapter
from kerasish.data.batches import Batch, Block
from kerasish.data.gathered_blocks import GatheredBlocks, gathering_dataset
from kerasish.data.positions import check_state
from kerasish.data.sources import as_batch_array, weigh_classes
from kerasish.data.stages.mapping import Map
from kerasish.data.stages.sources import Generator
from kerasish.data.stages.stage import Run
from kerasish.errors import DataError, explain, quote

_BATCHES_AHEAD = 2


class IterableAdapter:
    """Batches from a Dataset, a generator, an iterable, or an indexable data set.

    Args:
        source: iterable of batches; an object with `__getitem__` and `__len__` is read by index,
            by several threads where its `workers` say so, and its `on_epoch_end` is called. A
            Dataset is read ahead by a thread where making a batch takes time.
        class_weight: dict or None.
        steps: int or None. Batches an epoch.
        shuffle: bool. Order of the batches of an indexable data set.
        seed: int.
    """

    def __init__(self, source, class_weight=None, steps=None, shuffle=False, seed=0):
        self.is_dataset, self._gathered = getattr(source, "is_dataset", False), None
        if self.is_dataset:
            gathering = None if class_weight is not None else gathering_dataset(source)
            if gathering is not None:
                source, self._gathered = gathering, GatheredBlocks()
            elif not source.is_cheap:
                source = source.prefetch(_BATCHES_AHEAD)
        self.source, self.class_weight, self.steps = source, class_weight, steps
        self.is_indexed = hasattr(source, "__getitem__") and hasattr(source, "__len__")
        is_iterable = not self.is_indexed and not self.is_dataset
        self.is_iterator = iter(source) is source if is_iterable else False
        self.shuffle, self.seed = shuffle, seed
        known = _number_of_batches(source)
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
        iterator, done = None, 0  # a state, and how many batches were taken after it
        if self.is_dataset and self._running is not None:
            if self._gathered is not None and self._gathered.state is not None:
                iterator, done = self._gathered.state, self._gathered.done
            else:
                iterator = self._running.get_state()
        return {
            "num_batches": self.num_batches,
            "seed": self.seed,
            "first_epoch": self._first_epoch,
            "taken": self._taken + done,
            "iterator": iterator,
            "done": done,
            "iterations": self.source.iterations if self.is_dataset else None,
        }

    def set_state(self, state):
        """Continue at `get_state()`.

        Raises:
            DataError: that was other data, or the data ends before that place.
        """
        changing = ("seed", "first_epoch", "taken", "iterator", "done", "iterations")
        check_state(state, self.get_state(), but=changing)
        self.seed = state["seed"]
        self._resumed = state
        if self.is_dataset:
            self.source.iterations = state["iterations"]

    def first_batch(self):
        """A batch of the form that the first one has, to build a model on; none is used up."""
        if self.is_indexed:
            return self._prepare(self.source[0])
        if self.is_dataset:
            before = self.source.iterations
            with contextlib.closing(self.source.as_numpy_iterator()) as batches:
                first = self._prepare(next(batches))
            self.source.iterations = before
            return first
        if not self.is_iterator:
            return self._prepare(next(iter(self.source)))
        first = next(self.source)
        self._pushed_back.append(first)
        return self._prepare(first)

    def epoch(self, epoch=0, start=0):
        """Iterator over the batches of one epoch; fewer than `steps` where the source runs out."""
        with self._batches(epoch, start) as (batches, count):
            for batch in itertools.islice(batches, count):
                self._taken += 1
                yield self._prepare(batch)

    def blocks(self, epoch=0, start=0):
        """Iterator over the batches of one epoch as Blocks: of one, none asked for early.

        Batches of rows in memory come many at a time, in memory that is filled again.
        """
        with self._batches(epoch, start) as (batches, count):
            if self._gathered is not None and self._gathered.can_read(batches):
                for block in self._gathered.read(batches, count):
                    yield block
                    self._taken += self._gathered.finish()
                return
            for batch in itertools.islice(batches, count):
                self._taken += 1
                yield Block([Batch(self._prepare(batch))])

    @contextlib.contextmanager
    def _batches(self, epoch, start):
        """(iterator, how many to take or None) of an epoch; it ends with it unless it goes on."""
        goes_on = self.steps is not None or self.is_iterator  # over the end of an epoch
        if self._running is None or not goes_on:
            self._start(epoch, start, goes_on)
        running = self._running
        try:
            yield running, None if self.steps is None else self.steps - start
            if self.steps is None:
                self._running = None
        finally:
            if not goes_on and hasattr(running, "close"):
                running.close()

    def _start(self, epoch, start, goes_on):
        state, self._resumed = self._resumed, None
        self._first_epoch, self._taken = epoch, start
        if state is not None and (goes_on or start):
            self._first_epoch, self._taken = state["first_epoch"], state["taken"]
        if self.is_indexed:
            self._running = self._indexed(self._first_epoch, self._taken)
        elif self.is_dataset:
            self._start_dataset(state if goes_on or start else None)
        else:
            pushed_back, self._pushed_back = self._pushed_back, []
            self._running = itertools.chain(pushed_back, iter(self.source))
            self._pass_over(self._taken)

    def _start_dataset(self, state):
        self._running = self.source.as_numpy_iterator()
        if self._gathered is not None:
            self._gathered.state = None
        if state is not None and state["iterator"] is not None:
            self._running.set_state(state["iterator"])
            self.source.iterations = state["iterations"]
            self._pass_over(state["done"])

    def _pass_over(self, count):
        passed = sum(1 for _ in itertools.islice(self._running, count))
        if passed < count:
            raise DataError(
                explain(
                    "resuming",
                    "the data ends before the place where the run is to go on",
                    received=f" {passed} batches",
                    expected=f"at least {count}",
                    fix="pass the same data again, from its beginning",
                )
            )

    def _order(self, epoch):
        count = _number_of_batches(self.source)
        if count is None:
            return itertools.count()
        if not self.shuffle:
            return range(count)
        generator = numpy.random.Generator(numpy.random.Philox(key=(self.seed, epoch)))
        return generator.permutation(count)

    def _indexed(self, epoch, start=0):
        order = itertools.islice(self._order(epoch), start, None)
        workers = getattr(self.source, "workers", 1)
        if workers > 1:
            numbers = Generator(lambda: order)
            batches = Map(numbers, lambda i: self.source[int(i)], workers).iterate(Run(epoch))
            with contextlib.closing(batches):
                yield from batches
        else:
            for i in order:
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


def _number_of_batches(source):
    """How many a data set has; None where it does not say, or has no end."""
    if getattr(source, "is_dataset", False):
        return source.cardinality() if source.cardinality() >= 0 else None
    if hasattr(source, "num_batches"):  # a PyDataset may be endless
        return source.num_batches
    return len(source) if hasattr(source, "__len__") else None


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
