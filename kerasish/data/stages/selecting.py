"""Stages that keep a part of the elements by what they are: filter, unique, ignore_errors."""

import warnings

import numpy

from kerasish.core import tree
from kerasish.data.stages.stage import UNKNOWN_CARDINALITY, PassingStage, SourcedIterator, Stage


class Filter(PassingStage):
    """Elements for which a function is true.

    Args:
        source: Stage.
        predicate: function of an element.
        ends: bool. Whether the first that is false ends it (`take_while`).
    """

    def __init__(self, source, predicate, ends=False):
        super().__init__(source)
        self.predicate, self.ends = predicate, ends

    def cardinality(self):
        """Nobody knows."""
        size = self.inputs[0].cardinality()
        return size if size == 0 else UNKNOWN_CARDINALITY

    def iterate(self, run):
        """Asks for each element."""
        return FilterIterator(self.inputs[0].iterate(run), self.predicate, self.ends)


class FilterIterator(SourcedIterator):
    """Passes over elements for which the predicate is false, or ends with the first one.

    Args:
        source: StageIterator.
        predicate: function of an element.
        ends: bool.
    """

    def __init__(self, source, predicate, ends):
        super().__init__(source)
        self._predicate, self._ends, self._has_ended = predicate, ends, False

    def __next__(self):
        if not self._has_ended:
            for element in self.source:
                if self._predicate(element):
                    return element
                if self._ends:
                    self._has_ended = True
                    break
        raise StopIteration

    def state(self):
        """The input's."""
        return {"has_ended": self._has_ended, "source": self.source.state()}

    def restore(self, state):
        """Go on."""
        self._has_ended = state["has_ended"]
        self.source.restore(state["source"])


class Unique(PassingStage):
    """Each element the first time that it comes.

    Args:
        source: Stage.
    """

    def cardinality(self):
        """Nobody knows."""
        size = self.inputs[0].cardinality()
        return size if size == 0 else UNKNOWN_CARDINALITY

    def iterate(self, run):
        """Remembers what came."""
        return UniqueIterator(self.inputs[0].iterate(run))


class UniqueIterator(SourcedIterator):
    """Remembers the elements it yielded.

    Args:
        source: StageIterator.
    """

    def __init__(self, source):
        super().__init__(source)
        self._seen = {}

    def __next__(self):
        for element in self.source:
            key = _key(element)
            if key not in self._seen:
                self._seen[key] = element
                return element
        raise StopIteration

    def state(self):
        """What came."""
        return {"seen": list(self._seen.values()), "source": self.source.state()}

    def restore(self, state):
        """Go on remembering."""
        self._seen = {_key(element): element for element in state["seen"]}
        self.source.restore(state["source"])


def _key(element):
    def leaf_key(leaf):
        if isinstance(leaf, numpy.ndarray):
            values = tuple(leaf.ravel()) if leaf.dtype == object else leaf.tobytes()
            return leaf.shape, str(leaf.dtype), values
        return leaf

    return tuple([leaf_key(leaf) for leaf in tree.flatten(element)])


class IgnoreErrors(PassingStage):
    """Leaves out elements whose making fails.

    Args:
        source: Stage.
        log_warning: bool.
    """

    def __init__(self, source, log_warning=False):
        super().__init__(source)
        self.log_warning = log_warning

    def cardinality(self):
        """Nobody knows."""
        return UNKNOWN_CARDINALITY

    def spec(self):
        """Of the first elements without errors."""
        return Stage.spec(self)

    def probe(self):
        """The first elements without errors."""
        return Stage.probe(self)

    def iterate(self, run):
        """Catches errors."""
        return IgnoreErrorsIterator(self.inputs[0].iterate(run), self.log_warning)


class IgnoreErrorsIterator(SourcedIterator):
    """Goes on after an error of its input.

    Args:
        source: StageIterator.
        log_warning: bool.
    """

    def __init__(self, source, log_warning):
        super().__init__(source)
        self._log_warning = log_warning

    def __next__(self):
        while True:
            try:
                return next(self.source)
            except StopIteration:
                raise
            except Exception as error:
                if self._log_warning:
                    text = f"Dataset: an element was left out: {type(error).__name__}: {error}"
                    warnings.warn(text, stacklevel=2)

    def state(self):
        """The input's."""
        return self.source.state()

    def restore(self, state):
        """Go on."""
        self.source.restore(state)


class Sized(PassingStage):
    """The input, of which somebody told the cardinality.

    Args:
        source: Stage.
        size: int.
    """

    def __init__(self, source, size):
        super().__init__(source)
        self._size = size

    def cardinality(self):
        """What was told."""
        return self._size

    def iterate(self, run):
        """The input itself."""
        return self.inputs[0].iterate(run)
