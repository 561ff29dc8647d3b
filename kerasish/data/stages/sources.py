"""Sources that lie in memory or are computed: slices, lists, ranges, generators, random words."""

import numpy

from kerasish.arrays import dtypes
from kerasish.core import tree
from kerasish.core.spec import TensorSpec
from kerasish.data.elements import as_element, drop_axis, spec_of
from kerasish.data.stages.rows import ArrayRows, ElementRows, RangeRows
from kerasish.data.stages.stage import (
    INFINITE_CARDINALITY,
    UNKNOWN_CARDINALITY,
    Stage,
    StageIterator,
)
from kerasish.errors import DataError, explain


class Slices(Stage):
    """Rows along the first axis of nested arrays.

    Args:
        arrays: nested arrays.

    Raises:
        DataError: lengths differ, or an array has no axis.
    """

    def __init__(self, arrays):
        leaves = tree.flatten(arrays)
        sizes = {len(a) if numpy.ndim(a) else None for a in leaves}
        if len(sizes) != 1 or None in sizes:
            raise DataError(
                explain(
                    "from_tensor_slices",
                    "arrays need a first axis of one size",
                    received=f" shapes {[numpy.shape(a) for a in leaves]}",
                )
            )
        self.arrays, self.size = arrays, sizes.pop()
        self._rows = ArrayRows(arrays)

    def cardinality(self):
        """The length of the arrays."""
        return self.size

    def spec(self):
        """Those of a row."""
        return drop_axis(spec_of(self.arrays))

    def is_in_memory(self):
        """Yes."""
        return True

    def iterate(self, run):
        """The rows in their order."""
        return RowsIterator(self._rows, self.size)


class Elements(Stage):
    """Elements of a list.

    Args:
        elements: list.
        spec: nested specs, or None.
    """

    def __init__(self, elements, spec=None):
        self.elements, self._spec = elements, spec

    def cardinality(self):
        """The length of the list."""
        return len(self.elements)

    def spec(self):
        """Those given, or of the first elements."""
        return super().spec() if self._spec is None else self._spec

    def is_in_memory(self):
        """Yes."""
        return True

    def iterate(self, run):
        """The elements in their order."""
        return RowsIterator(ElementRows(self.elements), len(self.elements))


class Range(Stage):
    """Numbers `start, start + step, ...` before `stop`.

    Args:
        start, step: int.
        stop: int; None for no end.
        dtype: dtype-like.
    """

    def __init__(self, start, stop, step, dtype):
        self._is_endless = stop is None
        self.size = 2**62 if stop is None else len(range(start, stop, step))
        self.dtype = dtypes.standardize(dtype)
        self._rows = RangeRows(start, step, dtypes.to_numpy(dtype))

    def cardinality(self):
        """How many there are."""
        return INFINITE_CARDINALITY if self._is_endless else self.size

    def spec(self):
        """A scalar."""
        return TensorSpec((), self.dtype)

    def is_in_memory(self):
        """Yes."""
        return True

    def iterate(self, run):
        """The numbers in their order."""
        return RowsIterator(self._rows, self.size)


class RowsIterator(StageIterator):
    """All rows in their order.

    Args:
        rows: Rows.
        size: int.
    """

    def __init__(self, rows, size):
        self.rows, self._size, self._position = rows, size, 0

    def __next__(self):
        position = self._position
        if position >= self._size:
            raise StopIteration
        self._position = position + 1
        return self.rows.at(position)

    def take(self, count):
        """The next numbers."""
        start = self._position
        self._position = min(start + count, self._size)
        return range(start, self._position)

    def state(self):
        """The number of the next row."""
        return {"position": self._position}

    def restore(self, state):
        """Go on from a row."""
        self._position = state["position"]


class Generator(Stage):
    """What an iterable yields that a function makes anew for each iteration.

    Args:
        make: function without arguments that returns an iterable.
        signature: nested specs, or None. What elements are cast to and checked against.
        size: int, the cardinality where it is known.
    """

    def __init__(self, make, signature=None, size=UNKNOWN_CARDINALITY):
        self._make, self.signature, self._size = make, signature, size

    def cardinality(self):
        """Whatever was said."""
        return self._size

    def spec(self):
        """The signature, or what is found."""
        return super().spec() if self.signature is None else self.signature

    def iterate(self, run):
        """A new iterable, from its start."""
        return GeneratorIterator(self._make, self.signature)


class GeneratorIterator(StageIterator):
    """Elements of an iterable; a position is found again by going through it once more.

    Args:
        make: function that returns an iterable.
        signature: nested specs, or None.
    """

    def __init__(self, make, signature):
        self._make, self._signature = make, signature
        self._running, self._position = None, 0

    def __next__(self):
        if self._running is None:
            self._running = iter(self._make())
        value = next(self._running)
        self._position += 1
        return (
            as_element(value) if self._signature is None else fit_signature(value, self._signature)
        )

    def state(self):
        """How many were yielded."""
        return {"position": self._position}

    def restore(self, state):
        """Go through the iterable again."""
        self.close()
        self._running, self._position = None, 0
        for _ in range(state["position"]):
            next(self)

    def close(self):
        """End the generator."""
        running, self._running = self._running, iter(())
        if hasattr(running, "close"):
            running.close()


def fit_signature(value, signature):
    """An element cast to specs.

    Raises:
        DataError: another form or shape.
    """
    if isinstance(value, list) and isinstance(signature, tuple):
        value = tuple(value)
    if isinstance(signature, TensorSpec):
        return _fit_leaf(value, signature)
    try:
        if isinstance(signature, dict):
            parts = {key: fit_signature(value[key], signature[key]) for key in signature}
            return type(signature)(parts)
        return tuple([fit_signature(v, s) for v, s in zip(value, signature, strict=True)])
    except (TypeError, KeyError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(
            explain(
                "from_generator",
                "an element has another form than the signature",
                received=value,
                expected=str(signature),
            )
        ) from None


def _fit_leaf(value, spec):
    if spec.dtype == "string":
        leaf = as_element(value)
    else:
        leaf = numpy.asarray(as_element(value)).astype(dtypes.to_numpy(spec.dtype), copy=False)
    shape = numpy.shape(leaf)
    fits = len(shape) == spec.ndim and all(
        a is None or a == b for a, b in zip(spec.shape, shape, strict=True)
    )
    if not fits:
        raise DataError(
            explain(
                "from_generator",
                "an element has another shape than the signature",
                received=f" shape {shape}",
                expected=f"{spec.shape}",
            )
        )
    return leaf if shape or spec.dtype == "string" else leaf[()]


class RandomWords(Stage):
    """Endless uniform integers from 0 to before 2**32.

    Args:
        draws: Draws.
    """

    def __init__(self, draws):
        self._draws = draws

    def cardinality(self):
        """Endless."""
        return INFINITE_CARDINALITY

    def spec(self):
        """An int64 scalar."""
        return TensorSpec((), "int64")

    def iterate(self, run):
        """The stream of a run."""
        return RandomWordsIterator(self._draws.stream(run))


class RandomWordsIterator(StageIterator):
    """Words of a stream.

    Args:
        stream: Stream.
    """

    def __init__(self, stream):
        self._stream = stream

    def __next__(self):
        return numpy.int64(self._stream.next() >> 32)

    def state(self):
        """The position in the stream."""
        return self._stream.state()

    def restore(self, state):
        """Go on in the stream."""
        self._stream.restore(state)
