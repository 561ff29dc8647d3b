"""Adapters: everything that `fit`, `evaluate` and `predict` accept, as epochs of batches.

A batch is a tuple `(x,)`, `(x, y)` or `(x, y, sample_weight)` of nested arrays. Nothing copies the
data set: a batch is gathered when it is asked for.
"""

import itertools
import math

import numpy

from kerasish.arrays import device as devices
from kerasish.arrays import dtypes
from kerasish.config import settings
from kerasish.core import tree
from kerasish.core.tensor import Tensor
from kerasish.errors import DataError, explain, quote


def _as_source(value, label):
    """Array to take batches from; tensors and lists become arrays, memory maps stay as they are."""
    if hasattr(value, "_as_tensor"):
        value = value._as_tensor()
    if isinstance(value, Tensor):
        return value.numpy()
    if hasattr(value, "to_numpy"):  # pandas
        value = value.to_numpy()
    if not devices.is_array(value):
        try:
            value = numpy.asarray(value)
        except ValueError as error:
            raise DataError(
                explain("data", f"{label} cannot become an array", received=value, fix=str(error))
            ) from None
    if value.dtype.kind in "OUS":
        raise DataError(
            explain(
                "data",
                f"{label} holds no numbers",
                received=value,
                expected="numeric arrays",
                fix="encode text as integers, and pad rows to one "
                "length with kerasish.utils.pad_sequences",
            )
        )
    return value


def standardize(array):
    """A batch in the dtype that layers expect: floats in floatx, everything else as it is."""
    if array.dtype.kind == "f" and dtypes.name_of(array.dtype) != settings.floatx:
        return array.astype(dtypes.to_numpy(settings.floatx))
    return array


def class_weights_to_samples(y, class_weight):
    """Weight of each sample from its class: y of labels (n,) or (n, 1), or one-hot (n, classes)."""
    y = numpy.asarray(y)
    labels = y.argmax(axis=-1) if y.ndim > 1 and y.shape[-1] > 1 else y.reshape(len(y), -1)[:, 0]
    weights = numpy.ones(len(labels), numpy.float32)
    for label, weight in class_weight.items():
        weights[labels == label] = weight
    return weights


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
        self.parts = {k: v for k, v in parts.items() if v is not None}
        self.parts = {
            k: tree.map_structure(lambda a, k=k: _as_source(a, k), _plain_lists(v, k))
            for k, v in self.parts.items()
        }
        self.size = self._check_sizes()
        if not isinstance(batch_size, (int, numpy.integer)) or batch_size < 1:
            raise DataError(
                explain("fit", "batch_size must be a positive int", received=batch_size)
            )
        self.batch_size, self.shuffle, self.seed = int(batch_size), shuffle, seed
        self.class_weight = class_weight
        self.num_batches = math.ceil(self.size / self.batch_size)
        self.steps = steps
        if class_weight is not None and "y" not in self.parts:
            raise DataError(explain("fit", "class_weight needs targets y"))
        if class_weight is not None and tree.is_nested(self.parts["y"]):
            raise DataError(
                explain(
                    "fit",
                    "class_weight works with a single output",
                    fix="pass sample_weight, one array per output",
                )
            )

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

    def epoch(self, epoch=0):
        """Iterator over the batches of one epoch."""
        steps = self.steps or self.num_batches
        # With `steps` the passes over the data go on where the last epoch stopped.
        first = epoch * steps if self.steps else epoch * self.num_batches
        passes, order = None, None
        for number in range(first, first + steps):
            this_pass, batch = divmod(number, self.num_batches)
            if this_pass != passes:
                passes, order = this_pass, self.order(this_pass)
            yield self.batch(order, batch)

    def batch(self, order, number):
        """One batch by its number in the given order."""
        start = number * self.batch_size
        stop = min(start + self.batch_size, self.size)
        index = slice(start, stop) if order is None else order[start:stop]
        taken = [
            tree.map_structure(lambda a: standardize(a[index]), p) for p in self.parts.values()
        ]
        if self.class_weight is not None:
            weights = class_weights_to_samples(taken[1], self.class_weight)
            if len(taken) == 3:
                weights = weights * numpy.asarray(taken[2]).reshape(len(weights), -1)[:, 0]
            taken = [taken[0], taken[1], weights]
        elif "sample_weight" in self.parts and "y" not in self.parts:
            taken = [taken[0], None, taken[1]]
        return tuple(taken)


def _plain_lists(value, label):
    """Lists of numbers are arrays; lists of arrays are several inputs."""
    if isinstance(value, (list, tuple)) and value and not _is_list_of_arrays(value):
        return _as_source(value, label)
    return value


def _is_list_of_arrays(value):
    return all(hasattr(v, "shape") and len(v.shape) > 0 or isinstance(v, dict) for v in value)


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
        self._running = None
        if self.is_indexed and known == 0:
            raise DataError(explain("data", "the data set has no batches", received=source))

    def epoch(self, epoch=0):
        """Iterator over the batches of one epoch; fewer than `steps` where the source runs out."""
        if self.is_indexed and self.steps is None:
            yield from map(self._prepare, self._indexed(epoch))
            return
        if self._running is None or (self.steps is None and not self.is_iterator):
            self._running = iter(self._indexed(epoch) if self.is_indexed else self.source)
        batches = (
            self._running if self.steps is None else itertools.islice(self._running, self.steps)
        )
        yield from map(self._prepare, batches)
        if self.steps is None:
            self._running = None

    def _indexed(self, epoch):
        count = len(self.source)
        order = range(count)
        if self.shuffle:
            generator = numpy.random.Generator(numpy.random.Philox(key=(self.seed, epoch)))
            order = generator.permutation(count)
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
        batch = tuple(
            None if p is None else tree.map_structure(lambda a: _batch_array(a), p) for p in batch
        )
        if self.class_weight is not None:
            if len(batch) < 2 or tree.is_nested(batch[1]):
                raise DataError(explain("fit", "class_weight needs batches (x, y) of one output"))
            weights = class_weights_to_samples(batch[1], self.class_weight)
            if len(batch) == 3 and batch[2] is not None:
                weights = weights * numpy.asarray(batch[2]).reshape(len(weights), -1)[:, 0]
            batch = (batch[0], batch[1], weights)
        return batch


def _batch_array(value):
    if isinstance(value, Tensor):
        return value
    return standardize(_as_source(value, "a batch"))


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
