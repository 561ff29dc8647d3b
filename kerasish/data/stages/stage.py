"""Stage and StageIterator: the two classes of every transformation, and Run, what orders follow.

A stage says what comes out of a part of a pipeline; it holds no position. Its iterator has one, and
tells it: `state()` is a nested structure of numbers, text and arrays, and `restore(state)` on a new
iterator of the same stage continues with exactly the elements that were left.
"""

import itertools

import numpy

from kerasish.data.elements import merge_specs, spec_of

INFINITE_CARDINALITY = -1
UNKNOWN_CARDINALITY = -2
AUTOTUNE = -1


class Run:
    """One iteration over a pipeline: which one it is, for the random orders that differ by it.

    Args:
        *numbers: int. The number of the iteration, then of the repetitions, and the elements of
            `flat_map`, that a part lies in.
    """

    def __init__(self, *numbers):
        self.numbers = numbers

    def child(self, number):
        """The run of a part that is gone through more than once."""
        return Run(*self.numbers, number)


class RunCounter:
    """Numbers the iterations over data sets that are made of one another.

    Attributes:
        count: int. Iterations that were started.
    """

    def __init__(self):
        self.count = 0

    def start(self):
        """The number of a new iteration."""
        self.count += 1
        return self.count - 1


class Stage:
    """Base of the stages: what comes out, and how to iterate over it.

    Attributes:
        inputs: tuple of the stages that this one reads.
    """

    inputs = ()
    is_ordered_itself = True

    def cardinality(self):
        """Number of elements, INFINITE_CARDINALITY or UNKNOWN_CARDINALITY."""
        return self.inputs[0].cardinality()

    def spec(self):
        """Nested specs of the elements; where nothing else tells, those of the first ones."""
        found = [spec_of(element) for element in self.probe()]
        if not found:
            raise StopIteration
        return found[0] if len(found) == 1 else merge_specs(*found)

    def probe(self):
        """One or two elements such as this stage yields: made without going far through the data.

        They differ in every size that may differ, where they can.
        """
        iterator = self.iterate(Run(0))
        try:
            return list(itertools.islice(iterator, 2))
        finally:
            iterator.close()

    def iterate(self, run):
        """A StageIterator from the start."""
        raise NotImplementedError

    def is_ordered(self):
        """Whether two iterations of one run give the same elements in the same order."""
        return self.is_ordered_itself and all(stage.is_ordered() for stage in self.inputs)

    def is_in_memory(self):
        """Whether the elements lie in memory, so that there is nothing to keep or fetch."""
        return False

    def is_cheap(self):
        """Whether no thread is worth it, as where rows are gathered."""
        return self.is_in_memory()

    def describe(self):
        """Names of the stages, the last first: two pipelines with equal ones can share states."""
        return [type(self).__name__, *[stage.describe() for stage in self.inputs]]


class PassingStage(Stage):
    """A stage whose elements are some of its input's: same specs.

    Args:
        source: Stage.
    """

    def __init__(self, source):
        self.inputs = (source,)

    def spec(self):
        """Those of the input."""
        return self.inputs[0].spec()

    def probe(self):
        """Those of the input."""
        return self.inputs[0].probe()


class StageIterator:
    """Base of the iterators: elements one by one, and the position among them.

    Where the elements are rows of arrays in memory, `rows` is a Rows, and `take(count)` gives the
    numbers of the next rows in place of the elements; so they are gathered a batch at a time.
    """

    rows = None

    def __iter__(self):
        return self

    def __next__(self):
        chosen = self.take(1)
        if not len(chosen):
            raise StopIteration
        return self.rows.at(chosen[0])

    def take(self, count):
        """Numbers of the next rows, at most `count`, as a range or an array; none at the end."""
        raise NotImplementedError

    def state(self):
        """The position, as nested dicts and lists of numbers, text and arrays."""
        raise NotImplementedError

    def restore(self, state):
        """Go on from a position; called on a new iterator."""
        raise NotImplementedError

    def close(self):
        """End threads and close files."""


class SourcedIterator(StageIterator):
    """Base of the iterators over one other.

    Args:
        source: StageIterator.
    """

    def __init__(self, source):
        self.source = source

    def close(self):
        """End threads and close files of the input."""
        self.source.close()


def as_indices(chosen):
    """Array of the row numbers that `take` gave."""
    if isinstance(chosen, range):
        return numpy.arange(chosen.start, chosen.stop, chosen.step)
    return chosen


def discard(iterator, count):
    """Pass over elements, at most `count`, without making them where they are rows."""
    if count and iterator.rows is not None:
        iterator.take(count)
    else:
        for _ in itertools.islice(iterator, count):
            pass
