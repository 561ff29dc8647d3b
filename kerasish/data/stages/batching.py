"""Batch, padded batch and unbatch: elements put together along a new axis, and taken apart."""

import numpy

from kerasish.core import tree
from kerasish.core.spec import TensorSpec
from kerasish.data.elements import add_axis, drop_axis, stack, unstack
from kerasish.data.stages.stage import (
    UNKNOWN_CARDINALITY,
    SourcedIterator,
    Stage,
)
from kerasish.errors import DataError, explain


class Batch(Stage):
    """Consecutive elements along a new first axis.

    Args:
        source: Stage.
        size: int.
        drop_remainder: bool. Whether a last batch that is smaller is left out.
    """

    def __init__(self, source, size, drop_remainder):
        self.inputs, self.size, self.drop_remainder = (source,), size, drop_remainder

    def cardinality(self):
        """The input's by the size."""
        count = self.inputs[0].cardinality()
        if count < 0:
            return count
        return count // self.size if self.drop_remainder else -(-count // self.size)

    def spec(self):
        """The input's with another axis."""
        return add_axis(self.inputs[0].spec(), self.size if self.drop_remainder else None)

    def probe(self):
        """One of one, and one of two elements."""
        found = self.inputs[0].probe()
        sizes = (self.size,) if self.drop_remainder else (1, 2)
        return [self.join((found * size)[:size]) for size in sizes] if found else []

    def join(self, elements):
        """The batch of a list of elements."""
        return stack(elements)

    def is_cheap(self):
        """As the input."""
        return self.inputs[0].is_cheap()

    def iterate(self, run):
        """Batches of rows are gathered, others stacked."""
        source = self.inputs[0].iterate(run)
        return BatchIterator(source, self.size, self.drop_remainder, self.join)


class BatchIterator(SourcedIterator):
    """Collects elements.

    Args:
        source: StageIterator.
        size: int.
        drop_remainder: bool.
        join: function of a list of elements.
        gathers: bool. Whether rows are gathered instead.
    """

    def __init__(self, source, size, drop_remainder, join, gathers=True):
        super().__init__(source)
        self.size, self._drop_remainder, self._join = size, drop_remainder, join
        self._gathers = gathers
        self._held = []  # not empty only after an error between two elements

    def __next__(self):
        rows = self.source.rows if self._gathers else None
        if rows is not None and not self._held:
            chosen = self.take_batches(1)
            if not len(chosen):
                raise StopIteration
            return rows.gather(chosen)
        held, source, size = self._held, self.source, self.size
        while len(held) < size:
            try:
                held.append(next(source))
            except StopIteration:
                break
        self._held = []
        if not held or (self._drop_remainder and len(held) < size):
            raise StopIteration
        return self._join(held)

    def take_batches(self, count):
        """Numbers of the rows of the next batches, where there are rows; none at the end."""
        chosen = self.source.take(count * self.size)
        if self._drop_remainder and len(chosen) % self.size:
            chosen = chosen[: len(chosen) // self.size * self.size]
        return chosen

    def state(self):
        """The input's."""
        return {"held": list(self._held), "source": self.source.state()}

    def restore(self, state):
        """Go on."""
        self._held = list(state["held"])
        self.source.restore(state["source"])


class PaddedBatch(Batch):
    """Consecutive elements along a new first axis, filled up to one shape.

    Args:
        source: Stage.
        size: int.
        shapes: nested shapes, None for a size as large as a batch needs; None for all such.
        values: nested fillers, or None.
        drop_remainder: bool.
    """

    def __init__(self, source, size, shapes, values, drop_remainder):
        super().__init__(source, size, drop_remainder)
        self._shapes, self._values = shapes, values

    def spec(self):
        """The input's with another axis; sizes that are filled up are those asked for."""
        inner = self.inputs[0].spec()
        shapes = _for_each_leaf(self._shapes, inner, "padded_shapes")
        specs = [
            leaf if shape is None else TensorSpec(_shape(shape), leaf.dtype)
            for leaf, shape in zip(tree.flatten(inner), shapes, strict=True)
        ]
        return add_axis(tree.unflatten(inner, specs), self.size if self.drop_remainder else None)

    def join(self, elements):
        """The batch of a list of elements."""
        first = elements[0]
        shapes = _for_each_leaf(self._shapes, first, "padded_shapes")
        values = _for_each_leaf(self._values, first, "padding_values")
        columns = zip(*map(tree.flatten, elements), strict=True)
        leaves = [_pad(*parts) for parts in zip(columns, shapes, values, strict=True)]
        return tree.unflatten(first, leaves)

    def iterate(self, run):
        """Elements are always collected: shapes may be larger than those of rows."""
        source = self.inputs[0].iterate(run)
        return BatchIterator(source, self.size, self.drop_remainder, self.join, gathers=False)


def _for_each_leaf(given, like, label):
    """Of a nested argument, the part that belongs to each leaf; None stands for all."""
    if not isinstance(like, (tuple, dict)):
        return [given]
    if given is None or not isinstance(given, (tuple, dict)) and label == "padding_values":
        return [given] * len(tree.flatten(like))
    try:
        keys = sorted(like) if isinstance(like, dict) else range(len(like))
        if len(given) != len(like):
            raise KeyError
        return [x for key in keys for x in _for_each_leaf(given[key], like[key], label)]
    except (KeyError, IndexError, TypeError):
        raise DataError(
            explain("padded_batch", f"{label} must be nested like an element", received=given)
        ) from None


def _shape(shape):
    sizes = shape.as_list() if hasattr(shape, "as_list") else shape
    return [None if size is None or size < 0 else int(size) for size in sizes]


def _pad(leaves, shape, value):
    arrays = [numpy.asarray(leaf) for leaf in leaves]
    sizes = [max(found) for found in zip(*[a.shape for a in arrays], strict=True)]
    if shape is not None:
        wanted = _shape(shape)
        fits = len(wanted) == len(sizes) and all(
            w is None or w >= size for w, size in zip(wanted, sizes, strict=True)
        )
        if not fits:
            raise DataError(
                explain(
                    "padded_batch",
                    "an element is larger than padded_shapes",
                    received=f" sizes up to {tuple(sizes)}",
                    expected=f"at most {tuple(wanted)}",
                )
            )
        sizes = [size if w is None else w for w, size in zip(wanted, sizes, strict=True)]
    is_text = arrays[0].dtype.kind in "OUS"
    if value is None:
        value = (b"" if isinstance(leaves[0], bytes) else "") if is_text else 0
    dtype = object if is_text else arrays[0].dtype
    batch = numpy.full((len(arrays), *sizes), value, dtype)
    for row, array in zip(batch, arrays, strict=True) if sizes else ():
        row[tuple([slice(size) for size in array.shape])] = array
    if not sizes:
        batch[:] = leaves
    return batch


class Unbatch(Stage):
    """Elements along the first axis of the input's elements.

    Args:
        source: Stage.
    """

    def __init__(self, source):
        self.inputs = (source,)

    def cardinality(self):
        """Known where batches have one size."""
        size = self.inputs[0].cardinality()
        if size <= 0:
            return size
        try:
            leaves = tree.flatten(self.inputs[0].spec())
        except StopIteration:
            return UNKNOWN_CARDINALITY
        inner = leaves[0].shape[0] if leaves[0].shape else None
        return UNKNOWN_CARDINALITY if inner is None else size * inner

    def spec(self):
        """The input's without an axis."""
        return drop_axis(self.inputs[0].spec())

    def probe(self):
        """From the input's."""
        return [element for batch in self.inputs[0].probe() for element in unstack(batch)][-2:]

    def iterate(self, run):
        """Takes batches apart."""
        return UnbatchIterator(self.inputs[0].iterate(run))


class UnbatchIterator(SourcedIterator):
    """Takes one batch after the other apart.

    Args:
        source: StageIterator.
    """

    def __init__(self, source):
        super().__init__(source)
        self._before, self._position, self._left = None, 0, iter(())

    def __next__(self):
        for element in self._left:
            self._position += 1
            return element
        while True:
            self._load()
            for element in self._left:
                self._position = 1
                return element

    def _load(self):
        before = self.source.state()
        batch = next(self.source)
        self._before, self._position, self._left = before, 0, unstack(batch)

    def state(self):
        """Where the present batch began, and the position in it."""
        before = self.source.state() if self._before is None else self._before
        return {"before": before, "position": self._position}

    def restore(self, state):
        """Make that batch again."""
        self.source.restore(state["before"])
        if state["position"]:
            self._load()
            for _ in range(state["position"]):
                next(self)
