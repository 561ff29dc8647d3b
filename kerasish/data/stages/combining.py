"""Stages that put elements together: zip, concatenate, enumerate, scan, choices between sources."""

import bisect
import itertools

import numpy

from kerasish.core import tree
from kerasish.core.spec import TensorSpec
from kerasish.data.elements import merge_specs, spec_of
from kerasish.data.stages.stage import (
    INFINITE_CARDINALITY,
    UNKNOWN_CARDINALITY,
    Stage,
    StageIterator,
)


class JoinedIterator(StageIterator):
    """Base of the iterators over several others.

    Args:
        sources: list of StageIterator.
    """

    def __init__(self, sources):
        self.sources = sources

    def state(self):
        """Those of the inputs."""
        return {"sources": [source.state() for source in self.sources]}

    def restore(self, state):
        """Go on in each input."""
        for source, part in zip(self.sources, state["sources"], strict=True):
            source.restore(part)

    def close(self):
        """End threads and close files of all inputs."""
        for source in self.sources:
            source.close()


class Zip(Stage):
    """One element of each input, nested as the inputs are.

    Args:
        inputs: sequence of Stage.
        form: nested structure with as many leaves.
    """

    def __init__(self, inputs, form):
        self.inputs, self.form = tuple(inputs), form

    def cardinality(self):
        """The least of the inputs'."""
        sizes = [stage.cardinality() for stage in self.inputs]
        if 0 in sizes:
            return 0
        if UNKNOWN_CARDINALITY in sizes:
            return UNKNOWN_CARDINALITY
        return min([size for size in sizes if size >= 0], default=INFINITE_CARDINALITY)

    def spec(self):
        """Those of the inputs."""
        return tree.unflatten(self.form, [stage.spec() for stage in self.inputs])

    def probe(self):
        """From the inputs'."""
        columns = zip(*[stage.probe() for stage in self.inputs], strict=False)
        return [tree.unflatten(self.form, column) for column in columns]

    def iterate(self, run):
        """Until the first input ends."""
        return ZipIterator([stage.iterate(run) for stage in self.inputs], self.form)


class ZipIterator(JoinedIterator):
    """Asks each input in turn.

    Args:
        sources: list of StageIterator.
        form: nested structure.
    """

    def __init__(self, sources, form):
        super().__init__(sources)
        is_flat = type(form) is tuple and not any(map(tree.is_nested, form))
        self._form = None if is_flat else form

    def __next__(self):
        found = [next(source) for source in self.sources]
        return tuple(found) if self._form is None else tree.unflatten(self._form, found)


class Concatenate(Stage):
    """All elements of one input after those of another.

    Args:
        first, second: Stage.
    """

    def __init__(self, first, second):
        self.inputs = first, second

    def cardinality(self):
        """The sum."""
        sizes = [stage.cardinality() for stage in self.inputs]
        for special in (INFINITE_CARDINALITY, UNKNOWN_CARDINALITY):
            if special in sizes:
                return special
        return sum(sizes)

    def spec(self):
        """What fits both."""
        return merge_specs(*[stage.spec() for stage in self.inputs])

    def probe(self):
        """The first element of each."""
        return [element for stage in self.inputs for element in stage.probe()[:1]]

    def iterate(self, run):
        """One after the other."""
        return ConcatenateIterator([stage.iterate(run) for stage in self.inputs])


class ConcatenateIterator(JoinedIterator):
    """Goes through its inputs one after the other."""

    _place = 0

    def __next__(self):
        while self._place < len(self.sources):
            for element in self.sources[self._place]:
                return element
            self._place += 1
        raise StopIteration

    def state(self):
        """Which input it is at, too."""
        return {"place": self._place, **super().state()}

    def restore(self, state):
        """Go on in that input."""
        self._place = state["place"]
        super().restore(state)


class Enumerate(Stage):
    """Pairs of a number and an element.

    Args:
        source: Stage.
        start: int.
    """

    def __init__(self, source, start):
        self.inputs, self.start = (source,), start

    def spec(self):
        """A scalar beside the input's."""
        return TensorSpec((), "int64"), self.inputs[0].spec()

    def probe(self):
        """From the input's."""
        return [(numpy.int64(i), e) for i, e in enumerate(self.inputs[0].probe(), self.start)]

    def iterate(self, run):
        """Counts."""
        return EnumerateIterator(self.inputs[0].iterate(run), self.start)


class EnumerateIterator(JoinedIterator):
    """Counts the elements.

    Args:
        source: StageIterator.
        start: int.
    """

    def __init__(self, source, start):
        super().__init__([source])
        self._number = start

    def __next__(self):
        element = next(self.sources[0])
        self._number += 1
        return numpy.int64(self._number - 1), element

    def state(self):
        """The next number, too."""
        return {"number": self._number, **super().state()}

    def restore(self, state):
        """Go on counting."""
        self._number = state["number"]
        super().restore(state)


class Scan(Stage):
    """What a function makes of each element and what it carried on from the one before.

    Args:
        source: Stage.
        carry: element that the first call gets.
        function: of (carry, element), returns (carry, output).
    """

    def __init__(self, source, carry, function):
        self.inputs, self.carry, self.function = (source,), carry, function

    def spec(self):
        """Of the first outputs."""
        found = [spec_of(element) for element in self.probe()]
        if not found:
            raise StopIteration
        return merge_specs(found[0], found[-1])

    def probe(self):
        """From the input's, each with the first carry."""
        return [self.function(self.carry, element)[1] for element in self.inputs[0].probe()]

    def iterate(self, run):
        """From the first carry."""
        return ScanIterator(self.inputs[0].iterate(run), self.carry, self.function)


class ScanIterator(JoinedIterator):
    """Carries something on.

    Args:
        source: StageIterator.
        carry: element.
        function: of (carry, element).
    """

    def __init__(self, source, carry, function):
        super().__init__([source])
        self._carry, self._function = carry, function

    def __next__(self):
        self._carry, output = self._function(self._carry, next(self.sources[0]))
        return output

    def state(self):
        """What is carried, too."""
        return {"carry": self._carry, **super().state()}

    def restore(self, state):
        """Go on with it."""
        self._carry = state["carry"]
        super().restore(state)


class Choose(Stage):
    """Elements of several inputs, each from the one that a stage of numbers, or chance, names.

    Args:
        inputs: sequence of Stage.
        selector: Stage of numbers of inputs, or None.
        draws: Draws, or None.
        weights: list of float, the share of each input for draws.
        stops: bool. Whether to stop at the first choice of an input that has ended.
    """

    def __init__(self, inputs, selector=None, draws=None, weights=None, stops=False):
        self.inputs = tuple(inputs) if selector is None else (*inputs, selector)
        self.count, self._draws, self._weights = len(inputs), draws, weights
        self._has_selector, self._stops = selector is not None, stops

    def cardinality(self):
        """The sum, where all inputs are used up."""
        sizes = [stage.cardinality() for stage in self.inputs[: self.count]]
        if self._has_selector or self._stops or UNKNOWN_CARDINALITY in sizes:
            return UNKNOWN_CARDINALITY
        return INFINITE_CARDINALITY if INFINITE_CARDINALITY in sizes else sum(sizes)

    def spec(self):
        """What fits all."""
        found = self.inputs[0].spec()
        for stage in self.inputs[1 : self.count]:
            found = merge_specs(found, stage.spec())
        return found

    def probe(self):
        """The first elements of two inputs."""
        return [e for stage in self.inputs[: min(2, self.count)] for e in stage.probe()[:1]]

    def iterate(self, run):
        """Choices of a run."""
        sources = [stage.iterate(run) for stage in self.inputs]
        stream = None if self._draws is None else self._draws.stream(run)
        return ChooseIterator(sources, self.count, stream, self._weights, self._stops)


class ChooseIterator(JoinedIterator):
    """Asks the input that is chosen.

    Args:
        sources: list of StageIterator, the selector last where there is one.
        count: int, how many are inputs.
        stream: Stream of random words, or None.
        weights: list of float, or None.
        stops: bool.
    """

    def __init__(self, sources, count, stream, weights, stops):
        super().__init__(sources)
        self._stream, self._weights, self._stops = stream, weights, stops
        self._alive = [True] * count

    def __next__(self):
        while any(self._alive):
            place = self._choice()
            for element in self.sources[place] if self._alive[place] else ():
                return element
            self._alive[place] = False
            if self._stops:
                self._alive = [False] * len(self._alive)
        raise StopIteration

    def _choice(self):
        if self._stream is None:
            return int(next(self.sources[-1]))
        weights = [w if a else 0.0 for w, a in zip(self._weights, self._alive, strict=True)]
        bounds = list(itertools.accumulate(weights))
        if not bounds[-1]:  # what is left was never to be chosen
            return self._alive.index(True)
        point = (self._stream.next() >> 11) * 2.0**-53 * bounds[-1]
        return bisect.bisect_right(bounds, point)

    def state(self):
        """Which inputs have not ended, and the position in the stream, too."""
        stream = None if self._stream is None else self._stream.state()
        return {"alive": list(self._alive), "stream": stream, **super().state()}

    def restore(self, state):
        """Go on choosing."""
        self._alive = list(state["alive"])
        if self._stream is not None:
            self._stream.restore(state["stream"])
        super().restore(state)
