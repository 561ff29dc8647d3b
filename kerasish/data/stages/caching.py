"""Cache: elements kept in memory or in a file when they were gone through once."""

import os

import numpy

from kerasish.core import tree
from kerasish.data.element_files import ElementFile, ElementWriter
from kerasish.data.elements import read_only, stack
from kerasish.data.stages.rows import ArrayRows, ElementRows
from kerasish.data.stages.stage import PassingStage, StageIterator


class Cache(PassingStage):
    """The elements of the input, made once.

    Args:
        source: Stage.
        path: str, the file to keep them in; empty for memory.
    """

    def __init__(self, source, path=""):
        super().__init__(source)
        self.path, self.kept = path, None

    def iterate(self, run):
        """What is kept, or the input while it is being kept."""
        source = self.inputs[0].iterate(run)
        if self.inputs[0].is_in_memory() and not self.path:
            return source
        return CacheIterator(self, source, run)

    def find(self):
        """What is kept by now, or None."""
        if self.kept is None and self.path and os.path.exists(self.path):
            file = ElementFile(self.path)
            self.kept = _Kept(file, file.size, None)
        return self.kept


class _Kept:
    """Elements that were gone through: rows, how many, and the input's state before them."""

    def __init__(self, rows, size, start):
        self.rows, self.size, self.start = rows, size, start

    def is_from(self, start):
        """Whether these are the elements after a state; those in a file always are."""
        return self.start is None or _is_equal(self.start, start)


class CacheIterator(StageIterator):
    """Elements that are kept, or are being kept.

    Args:
        stage: Cache.
        source: StageIterator.
        run: Run.
    """

    def __init__(self, stage, source, run):
        self._stage, self._source, self._run = stage, source, run
        self._start, self._position = source.state(), 0
        self._kept, self._keeper = stage.find(), None
        if self._kept is not None:
            self._read()

    def _read(self):
        self.rows = self._kept.rows
        self._source.close()

    def __next__(self):
        if self._kept is not None:
            if self._position == self._kept.size:
                raise StopIteration
            self._position += 1
            return self.rows.at(self._position - 1)
        if self._keeper is None:
            self._keeper = _FileKeeper(self._stage.path) if self._stage.path else _Keeper()
        try:
            element = read_only(next(self._source))
        except StopIteration:
            self._finish()
            raise
        self._keeper.add(element)
        self._position += 1
        return element

    def _finish(self):
        rows, size = self._keeper.finish()
        start = None if self._stage.path else self._start
        self._kept, self._keeper = _Kept(rows, size, start), None
        self._stage.kept = self._kept
        self._read()

    def take(self, count):
        """The next numbers."""
        start = self._position
        self._position = min(start + count, self._kept.size)
        return range(start, self._position)

    def state(self):
        """The position, whether all was kept by then, and where the input began."""
        is_full = self._kept is not None
        return {"is_full": is_full, "position": self._position, "start": self._start_of()}

    def _start_of(self):
        if self._kept is not None and self._kept.start is not None:
            return self._kept.start
        return self._start

    def restore(self, state):
        """Go through the input once more, where what was kept is not here."""
        self._start, position = state["start"], state["position"]
        if self._kept is not None and not self._kept.is_from(self._start):
            self._kept, self.rows = None, None
            self._source = self._stage.inputs[0].iterate(self._run)
        if self._kept is None:
            self._source.restore(self._start)
            while state["is_full"] or self._position < position:
                try:
                    next(self)
                except StopIteration:
                    break
        self._position = position

    def close(self):
        """Drop what was not kept whole."""
        if self._keeper is not None:
            self._keeper.abandon()
            self._keeper = None
        self._source.close()


class _Keeper:
    """Keeps elements in memory."""

    def __init__(self):
        self._elements = []

    def add(self, element):
        """Keep an element."""
        self._elements.append(element)

    def finish(self):
        """(rows, how many): of whole arrays where all elements are of one form."""
        elements, self._elements = self._elements, []
        if _can_stack(elements):
            return ArrayRows(stack(elements)), len(elements)
        return ElementRows(elements), len(elements)

    def abandon(self):
        """Forget all."""
        self._elements = []


class _FileKeeper:
    """Keeps elements in a file.

    Args:
        path: str.
    """

    def __init__(self, path):
        self._path, self._writer = path, ElementWriter(path)

    def add(self, element):
        """Write an element."""
        self._writer.add(element)

    def finish(self):
        """(rows, how many)."""
        self._writer.finish()
        file = ElementFile(self._path)
        return file, file.size

    def abandon(self):
        """Leave no file."""
        self._writer.abandon()


def _can_stack(elements):
    if not elements or len({tree.structure_key(element) for element in elements}) > 1:
        return False
    for column in zip(*map(tree.flatten, elements), strict=True):
        kinds = {(numpy.shape(leaf), getattr(leaf, "dtype", type(leaf))) for leaf in column}
        is_plain = isinstance(column[0], (numpy.ndarray, numpy.generic, str, bytes))
        if len(kinds) > 1 or not is_plain:
            return False
    return True


def _is_equal(a, b):
    if isinstance(a, dict):
        is_alike = isinstance(b, dict) and a.keys() == b.keys()
        return is_alike and all(_is_equal(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return (
            isinstance(b, (list, tuple))
            and len(a) == len(b)
            and all(_is_equal(x, y) for x, y in zip(a, b, strict=True))
        )
    return numpy.array_equal(a, b)
