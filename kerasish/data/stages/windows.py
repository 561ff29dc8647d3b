"""Window and group_by_window: runs and groups of elements as data sets of their own."""

from kerasish.core import tree
from kerasish.data.elements import DatasetSpec
from kerasish.data.stages.sources import Elements
from kerasish.data.stages.stage import UNKNOWN_CARDINALITY, SourcedIterator, Stage


class Window(Stage):
    """Runs of elements that may overlap; a data set for each leaf of an element.

    Args:
        source: Stage.
        size: int. Elements of a run.
        shift: int. How many elements the next run begins later.
        stride: int. Which elements from a run's beginning belong to it: every so many.
        drop_remainder: bool. Whether runs that lack elements are left out.
        make_dataset: function from a Stage to a data set.
    """

    def __init__(self, source, size, shift, stride, drop_remainder, make_dataset):
        self.inputs, self.size, self.shift, self.stride = (source,), size, shift, stride
        self.drop_remainder, self._make_dataset = drop_remainder, make_dataset

    def cardinality(self):
        """As many as begin within the input, or end within it."""
        count = self.inputs[0].cardinality()
        if count < 0:
            return count
        if self.drop_remainder:
            count = max(0, count - (self.size - 1) * self.stride)
        return -(-count // self.shift)

    def spec(self):
        """A data set of each leaf."""
        return tree.map_structure(DatasetSpec, self.inputs[0].spec())

    def probe(self):
        """One of the elements that the input gives."""
        found = self.inputs[0].probe()
        return [self.join(found)] if found else []

    def join(self, elements):
        """Data sets of the leaves of some elements."""
        first = elements[0]
        if not isinstance(first, (tuple, dict)):
            return self._make_dataset(Elements(elements))
        columns = zip(*map(tree.flatten, elements), strict=True)
        return tree.unflatten(first, [self._make_dataset(Elements(list(c))) for c in columns])

    def iterate(self, run):
        """Runs as they are complete."""
        return WindowIterator(self.inputs[0].iterate(run), self)


class WindowIterator(SourcedIterator):
    """Holds the elements from the beginning of the next run on.

    Args:
        source: StageIterator.
        stage: Window.
    """

    def __init__(self, source, stage):
        super().__init__(source)
        self._stage, self._held, self._gap = stage, [], 0

    def __next__(self):
        stage = self._stage
        span = (stage.size - 1) * stage.stride + 1
        while len(self._held) < span:
            try:
                element = next(self.source)
            except StopIteration:
                break
            if self._gap:
                self._gap -= 1
            else:
                self._held.append(element)
        if not self._held or (stage.drop_remainder and len(self._held) < span):
            raise StopIteration
        chosen = self._held[: span : stage.stride]
        self._gap += max(0, stage.shift - len(self._held))
        self._held = self._held[stage.shift :]
        return stage.join(chosen)

    def state(self):
        """The elements that are held."""
        return {"held": list(self._held), "gap": self._gap, "source": self.source.state()}

    def restore(self, state):
        """Go on with them."""
        self._held, self._gap = list(state["held"]), state["gap"]
        self.source.restore(state["source"])


class GroupByWindow(Stage):
    """Elements of one key put together, and what a function makes of each group.

    Args:
        source: Stage.
        key: function from an element to an int.
        size: function from a key to the size of its groups.
        reduce: function from a key and a Stage to a Stage.
    """

    def __init__(self, source, key, size, reduce):
        self.inputs, self.key, self.size, self.reduce = (source,), key, size, reduce

    def cardinality(self):
        """Nobody knows."""
        return 0 if self.inputs[0].cardinality() == 0 else UNKNOWN_CARDINALITY

    def _reduced(self):
        found = self.inputs[0].probe()
        if not found:
            raise StopIteration
        return self.reduce(self.key(found[0]), Elements(found, self.inputs[0].spec()))

    def spec(self):
        """Those of what the function makes."""
        return self._reduced().spec()

    def probe(self):
        """From what the function makes."""
        return self._reduced().probe()

    def iterate(self, run):
        """Groups as they are complete; the rest in the order of their keys."""
        return GroupByWindowIterator(self.inputs[0].iterate(run), self, run)


class GroupByWindowIterator(SourcedIterator):
    """Holds the groups that are not complete.

    Args:
        source: StageIterator.
        stage: GroupByWindow.
        run: Run.
    """

    def __init__(self, source, stage, run):
        super().__init__(source)
        self._stage, self._run = stage, run
        self._groups, self._present, self._number = {}, None, 0  # present: key, elements, iterator

    def __next__(self):
        while True:
            if self._present is not None:
                for element in self._present[2]:
                    return element
                self._present[2].close()
                self._present = None
            self._complete_one()

    def _complete_one(self):
        """Read until a group is complete; StopIteration when none is left."""
        for element in self.source:
            key = self._stage.key(element)
            group = self._groups.setdefault(key, [])
            group.append(element)
            if len(group) >= self._stage.size(key):
                return self._open(key, self._groups.pop(key))
        if not self._groups:
            raise StopIteration
        key = min(self._groups)
        return self._open(key, self._groups.pop(key))

    def _open(self, key, elements):
        iterator = self._stage.reduce(key, Elements(elements)).iterate(
            self._run.child(self._number)
        )
        self._number += 1
        self._present = key, elements, iterator

    def state(self):
        """The groups, and the position in the present one."""
        present = self._present
        return {
            "groups": [[key, list(group)] for key, group in self._groups.items()],
            "present": None if present is None else [*present[:2], present[2].state()],
            "number": self._number,
            "source": self.source.state(),
        }

    def restore(self, state):
        """Go on with them."""
        self._groups = {key: list(group) for key, group in state["groups"]}
        self._number, self._present = state["number"], None
        self.source.restore(state["source"])
        if state["present"] is not None:
            key, elements, position = state["present"]
            self._number -= 1
            self._open(key, elements)
            self._present[2].restore(position)

    def close(self):
        """Close the present group, too."""
        if self._present is not None:
            self._present[2].close()
        super().close()
