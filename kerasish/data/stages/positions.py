"""Stages that keep a part of the elements by their positions: repeat, take, skip, shard."""

import numpy

from kerasish.data.stages.stage import (
    INFINITE_CARDINALITY,
    UNKNOWN_CARDINALITY,
    PassingStage,
    SourcedIterator,
    as_indices,
    discard,
)


class Repeat(PassingStage):
    """All elements several times, or without end.

    Args:
        source: Stage.
        count: int; None or -1 for no end.
    """

    def __init__(self, source, count):
        super().__init__(source)
        self.count = None if count is None or count < 0 else count

    def cardinality(self):
        """Count times the input's."""
        size = self.inputs[0].cardinality()
        if self.count == 0 or size == 0:
            return 0
        if self.count is None:
            return INFINITE_CARDINALITY
        return size * self.count if size >= 0 else size

    def is_cheap(self):
        """As the input."""
        return self.inputs[0].is_cheap()

    def iterate(self, run):
        """One iteration of the input after the other."""
        return RepeatIterator(self.inputs[0], self.count, run)


class RepeatIterator(SourcedIterator):
    """Starts its input again when it has ended.

    Args:
        stage: Stage to repeat.
        count: int or None.
        run: Run.
    """

    def __init__(self, stage, count, run):
        self._stage, self._count, self._run = stage, count, run
        self._number, self._is_empty = 0, True
        super().__init__(stage.iterate(run.child(0)))

    @property
    def rows(self):
        """The rows of the present repetition: a cache has some from the second one on."""
        return self.source.rows

    def __next__(self):
        while self._count is None or self._number < self._count:
            for element in self.source:
                self._is_empty = False
                return element
            if not self._start_again():
                break
        raise StopIteration

    def take(self, count):
        """The next numbers, through the ends of the repetitions."""
        parts = []
        while count and (self._count is None or self._number < self._count):
            part = self.source.take(count)
            if len(part):
                self._is_empty = False
                count -= len(part)
                parts.append(part)
            elif not self._start_again():
                break
        if len(parts) == 1:
            return parts[0]
        return numpy.concatenate([as_indices(p) for p in parts]) if parts else range(0)

    def _start_again(self):
        """Begin the next repetition; False if there is none, or nothing to repeat."""
        if self._is_empty or self._number + 1 == self._count:
            self._number = 0 if self._count is None else self._count
            if self._is_empty:
                self._count = 0
            return False
        self._number += 1
        self.source.close()
        self.source = self._stage.iterate(self._run.child(self._number))
        return True

    def state(self):
        """Number of the repetition, and the position in it."""
        return {
            "number": self._number,
            "is_empty": self._is_empty,
            "source": self.source.state(),
        }

    def restore(self, state):
        """Go on in a repetition."""
        self._number, self._is_empty = state["number"], state["is_empty"]
        if self._number:
            self.source.close()
            number = self._number - (self._number == self._count)  # at the end: in the last one
            self.source = self._stage.iterate(self._run.child(number))
        self.source.restore(state["source"])


class Take(PassingStage):
    """The first elements.

    Args:
        source: Stage.
        count: int; -1 for all.
    """

    def __init__(self, source, count):
        super().__init__(source)
        self.count = 2**62 if count < 0 else count

    def cardinality(self):
        """At most count."""
        size = self.inputs[0].cardinality()
        if size == UNKNOWN_CARDINALITY:
            return size
        if size == INFINITE_CARDINALITY:
            return self.count if self.count < 2**62 else size
        return min(size, self.count)

    def is_in_memory(self):
        """As the input."""
        return self.inputs[0].is_in_memory()

    def iterate(self, run):
        """Elements while some are left to take."""
        return TakeIterator(self.inputs[0].iterate(run), self.count)


class TakeIterator(SourcedIterator):
    """Counts down.

    Args:
        source: StageIterator.
        count: int.
    """

    def __init__(self, source, count):
        super().__init__(source)
        self._left = count

    @property
    def rows(self):
        """Those of the input."""
        return self.source.rows

    def __next__(self):
        if not self._left:
            raise StopIteration
        element = next(self.source)
        self._left -= 1
        return element

    def take(self, count):
        """The next numbers."""
        chosen = self.source.take(min(count, self._left))
        self._left -= len(chosen)
        return chosen

    def state(self):
        """How many are left."""
        return {"left": self._left, "source": self.source.state()}

    def restore(self, state):
        """Go on with as many."""
        self._left = state["left"]
        self.source.restore(state["source"])


class Skip(PassingStage):
    """All elements but the first ones.

    Args:
        source: Stage.
        count: int; -1 for all.
    """

    def __init__(self, source, count):
        super().__init__(source)
        self.count = 2**62 if count < 0 else count

    def cardinality(self):
        """What is left."""
        size = self.inputs[0].cardinality()
        return size if size < 0 else max(0, size - self.count)

    def is_in_memory(self):
        """As the input."""
        return self.inputs[0].is_in_memory()

    def iterate(self, run):
        """Passes over elements when it is first asked."""
        return SkipIterator(self.inputs[0].iterate(run), self.count)


class SkipIterator(SourcedIterator):
    """Passes over elements once.

    Args:
        source: StageIterator.
        count: int.
    """

    def __init__(self, source, count):
        super().__init__(source)
        self._left = count

    @property
    def rows(self):
        """Those of the input."""
        return self.source.rows

    def _pass_over(self):
        left, self._left = self._left, 0
        discard(self.source, left)

    def __next__(self):
        if self._left:
            self._pass_over()
        return next(self.source)

    def take(self, count):
        """The next numbers."""
        if self._left:
            self._pass_over()
        return self.source.take(count)

    def state(self):
        """How many are still to be passed over."""
        return {"left": self._left, "source": self.source.state()}

    def restore(self, state):
        """Go on."""
        self._left = state["left"]
        self.source.restore(state["source"])


class Shard(PassingStage):
    """Every n-th element.

    Args:
        source: Stage.
        num_shards: int.
        index: int, the first one.
    """

    def __init__(self, source, num_shards, index):
        super().__init__(source)
        self.num_shards, self.index = num_shards, index

    def cardinality(self):
        """One of so many, rounded by the index."""
        size = self.inputs[0].cardinality()
        return size if size < 0 else len(range(self.index, size, self.num_shards))

    def is_in_memory(self):
        """As the input."""
        return self.inputs[0].is_in_memory()

    def iterate(self, run):
        """Groups of so many, one of each."""
        return ShardIterator(self.inputs[0].iterate(run), self.num_shards, self.index)


class ShardIterator(SourcedIterator):
    """Passes over what is another shard's.

    Args:
        source: StageIterator.
        num_shards, index: int.
    """

    def __init__(self, source, num_shards, index):
        super().__init__(source)
        self._num_shards, self._index = num_shards, index

    @property
    def rows(self):
        """Those of the input."""
        return self.source.rows

    def __next__(self):
        discard(self.source, self._index)
        element = next(self.source)
        discard(self.source, self._num_shards - 1 - self._index)
        return element

    def take(self, count):
        """The next numbers."""
        return self.source.take(count * self._num_shards)[self._index :: self._num_shards]

    def state(self):
        """The input's: groups are always whole."""
        return self.source.state()

    def restore(self, state):
        """Go on after a group."""
        self.source.restore(state)
