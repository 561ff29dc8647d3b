"""Interleave and flat_map: the elements of data sets that a function makes of elements."""

from kerasish.data.stages.prefetching import PrefetchIterator
from kerasish.data.stages.stage import UNKNOWN_CARDINALITY, SourcedIterator, Stage


class Interleave(Stage):
    """Elements of several inner pipelines in turn.

    Args:
        source: Stage.
        function: from an element to a Stage.
        cycle_length: int. How many are open at a time; 1 for one after the other.
        block_length: int. How many elements of each in turn.
        is_parallel: bool. Whether each open one has a thread.
    """

    def __init__(self, source, function, cycle_length=1, block_length=1, is_parallel=False):
        self.inputs, self.function = (source,), function
        self.cycle_length, self.block_length = cycle_length, block_length
        self.is_parallel = is_parallel

    def cardinality(self):
        """Nobody knows."""
        return 0 if self.inputs[0].cardinality() == 0 else UNKNOWN_CARDINALITY

    def spec(self):
        """Those of the first inner pipeline."""
        for element in self.inputs[0].probe():
            try:
                return self.function(element).spec()
            except StopIteration:  # an empty one
                pass
        raise StopIteration

    def probe(self):
        """From the inner ones'."""
        stages = [self.function(element) for element in self.inputs[0].probe()]
        return [element for stage in stages for element in stage.probe()][:2]

    def iterate(self, run):
        """In turn."""
        return InterleaveIterator(self.inputs[0].iterate(run), self, run)


class InterleaveIterator(SourcedIterator):
    """Holds the open pipelines, each in its slot.

    Args:
        source: StageIterator.
        stage: Interleave.
        run: Run.
    """

    def __init__(self, source, stage, run):
        super().__init__(source)
        self._stage, self._run = stage, run
        self._slots = [None] * stage.cycle_length  # (element, number, iterator)
        self._place, self._taken, self._opened, self._has_ended = 0, 0, 0, False

    def __next__(self):
        while not self._has_ended or any(self._slots):
            slot = self._slots[self._place]
            if slot is None and not self._has_ended:
                slot = self._open_next()
            if slot is not None:
                for element in slot[2]:
                    self._taken += 1
                    if self._taken == self._stage.block_length:
                        self._advance()
                    return element
                slot[2].close()
                self._slots[self._place] = None
            self._advance()
        raise StopIteration

    def _advance(self):
        self._place, self._taken = (self._place + 1) % len(self._slots), 0

    def _open_next(self):
        for element in self.source:
            slot = self._open(element, self._opened)
            self._opened += 1
            self._slots[self._place] = slot
            return slot
        self._has_ended = True
        return None

    def _open(self, element, number):
        run = self._run.child(number)
        stage = self._stage.function(element)
        iterator = stage.iterate(run)
        if self._stage.is_parallel and iterator.rows is None:
            size = 2 * self._stage.block_length
            iterator = PrefetchIterator(iterator, lambda: stage.iterate(run), size)
        return element, number, iterator

    def state(self):
        """What each slot was opened with and where it is."""
        slots = [None if s is None else [s[0], s[1], s[2].state()] for s in self._slots]
        return {
            "slots": slots,
            "place": self._place,
            "taken": self._taken,
            "opened": self._opened,
            "has_ended": self._has_ended,
            "source": self.source.state(),
        }

    def restore(self, state):
        """Open the same ones again."""
        self._place, self._taken = state["place"], state["taken"]
        self._opened, self._has_ended = state["opened"], state["has_ended"]
        self.source.restore(state["source"])
        self._slots = []
        for slot in state["slots"]:
            if slot is None:
                self._slots.append(None)
                continue
            element, number, position = slot
            self._slots.append(self._open(element, number))
            self._slots[-1][2].restore(position)

    def close(self):
        """End threads and close files of all that are open, too."""
        for slot in self._slots:
            if slot is not None:
                slot[2].close()
        super().close()
