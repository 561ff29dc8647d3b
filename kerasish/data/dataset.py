"""Dataset: a pipeline of stages, its specs and size, and iterators that tell their position."""

from kerasish.core import tree
from kerasish.data.dataset_batches import BatchesMixin
from kerasish.data.dataset_sources import SourcesMixin
from kerasish.data.dataset_transformations import TransformationsMixin
from kerasish.data.element_files import ElementWriter
from kerasish.data.elements import as_element
from kerasish.data.options import Options
from kerasish.data.stages.batching import Batch
from kerasish.data.stages.mapping import Map
from kerasish.data.stages.selecting import Sized
from kerasish.data.stages.stage import INFINITE_CARDINALITY, PassingStage, Run, RunCounter
from kerasish.errors import DataError, explain

_VERSION = 1


class Dataset(SourcesMixin, TransformationsMixin, BatchesMixin):
    """A sequence of elements, made one by one when it is iterated over.

    Made by `from_tensor_slices` and its like, and by the methods of other data sets. An element is
    an array, or a tuple or dict of arrays, nested at will; a scalar is a NumPy scalar, text is
    `str` or `bytes`. Functions given to `map` and others get arrays, which `kerasish.ops` take as
    they take tensors, and may return tensors. Arrays of elements may be read-only: copy them to
    write into them.

    Args:
        stage: Stage, the last of the pipeline.
        options: Options, or None.
        runs: RunCounter that is shared with the data sets it is made of, or None.

    Example:
        >>> numbers = Dataset.range(10).shuffle(10, seed=1).map(lambda x: x * 2).batch(4)
        >>> sorted(n for batch in numbers for n in batch.tolist())
        [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]

    Source: TensorFlow's names and behaviour.
    """

    is_dataset = True
    # What users see in place of a leaf; a subclass may set a function, such as one to tensors.
    to_user = None

    def __init__(self, stage, options=None, runs=None):
        self._stage, self._options = stage, options or Options()
        self._runs, self._spec = runs or RunCounter(), None

    def _derive(self, stage):
        return type(self)(stage, self._options, self._runs)

    # ---- iteration ----

    def __iter__(self):
        return DatasetIterator(self._stage, self._runs, type(self).to_user)

    def as_numpy_iterator(self):
        """An iterator over elements of arrays, NumPy scalars and text."""
        return DatasetIterator(self._stage, self._runs)

    def get_single_element(self, name=None):
        """The only element.

        Raises:
            DataError: there is none, or more than one.
        """
        iterator = iter(self)
        try:
            found = list(zip(iterator, range(2)))
        finally:
            iterator.close()
        if len(found) != 1:
            problem = "the data set is empty" if not found else "there is more than one element"
            raise DataError(explain("get_single_element", problem))
        return found[0][0]

    def reduce(self, initial_state, reduce_func, name=None):
        """What `reduce_func(state, element)` makes in the end of all elements, one by one.

        Args:
            initial_state: nested arrays.
            reduce_func: function of a state and an element that returns the next state.
            name: ignored.

        Example:
            >>> int(Dataset.range(5).reduce(0, lambda total, x: total + x))
            10
        """
        function = self._function(reduce_func)
        state, iterator = as_element(initial_state), self.as_numpy_iterator()
        try:
            for element in iterator:
                state = as_element(function.call_each(state, element))
        finally:
            iterator.close()
        return self._seen(state)

    def _seen(self, element):
        to_user = type(self).to_user
        return element if to_user is None else tree.map_structure(to_user, element)

    # ---- what comes out ----

    @property
    def element_spec(self):
        """Nested TensorSpecs of the elements.

        Where no stage can tell, as after `map`, they are those of the first elements, which are
        made for it; sizes that differ between two of them are None.
        """
        if self._spec is None:
            try:
                self._spec = self._stage.spec()
            except StopIteration:
                raise DataError(
                    explain("element_spec", "the data set is empty, so that nothing can tell")
                ) from None
        return self._spec

    def cardinality(self):
        """Number of elements, -1 (INFINITE_CARDINALITY) or -2 (UNKNOWN_CARDINALITY)."""
        return self._stage.cardinality()

    def __len__(self):
        size = self.cardinality()
        if size < 0:
            kind = "infinite" if size == INFINITE_CARDINALITY else "unknown"
            raise TypeError(explain("len", f"the size of the data set is {kind}"))
        return size

    @property
    def iterations(self):
        """How many iterations were started, which the next one's random orders depend on."""
        return self._runs.count

    @iterations.setter
    def iterations(self, count):
        self._runs.count = count

    @property
    def is_cheap(self):
        """Whether elements are only gathered from memory, or fetched ahead already."""
        return self._stage.is_cheap()

    @property
    def is_batched(self):
        """Whether the elements are batches, as far as the stages tell."""
        stage = self._stage
        while isinstance(stage, (PassingStage, Map)):
            stage = stage.inputs[0]
        return isinstance(stage, Batch)

    def __bool__(self):
        return True

    def __repr__(self):
        names, found = [], self._stage.describe()
        while found:
            names.append(found[0])
            found = found[1] if len(found) == 2 else None
        return f"<Dataset {' <- '.join(names)}, cardinality={self.cardinality()}>"

    # ---- options, files ----

    def options(self):
        """The Options."""
        return self._options

    def with_options(self, options, name=None):
        """The data set with other options, for the transformations that follow.

        Args:
            options: Options.
            name: ignored.
        """
        return type(self)(self._stage, self._options.merge(options), self._runs)

    def assert_cardinality(self, expected_cardinality):
        """The data set, of which the number of elements is known; not checked.

        Args:
            expected_cardinality: int.
        """
        return self._derive(Sized(self._stage, int(expected_cardinality)))

    def save(self, path, compression=None, shard_func=None, checkpoint_args=None):
        """Write all elements to a file, for `Dataset.load`.

        Args:
            path: str or path-like; the file appears when it is whole.
            compression, shard_func, checkpoint_args: must be None.
        """
        for label, value in (
            ("compression", compression),
            ("shard_func", shard_func),
            ("checkpoint_args", checkpoint_args),
        ):
            if value is not None:
                raise ValueError(explain("Dataset.save", f"{label} is not supported"))
        writer, iterator = ElementWriter(path), self.as_numpy_iterator()
        try:
            for element in iterator:
                writer.add(element)
        except BaseException:
            writer.abandon()
            raise
        finally:
            iterator.close()
        writer.finish()


class DatasetIterator:
    """Iterator over a data set, which can tell its position and go on from one.

    Args:
        stage: Stage.
        runs: RunCounter.
        to_user: function of a leaf, or None.

    Example:
        >>> data = Dataset.range(100).shuffle(100, seed=3).batch(40)
        >>> iterator = iter(data)
        >>> first, state = next(iterator), iterator.get_state()
        >>> left, again = list(iterator), iter(data)
        >>> again.set_state(state)
        >>> [a.tolist() for a in again] == [b.tolist() for b in left]
        True
    """

    def __init__(self, stage, runs, to_user=None):
        self._iterator = None
        self._stage, self._runs, self._to_user = stage, runs, to_user
        self._number = runs.start()
        self._iterator = stage.iterate(Run(self._number))

    def __iter__(self):
        return self

    def __next__(self):
        element = next(self._iterator)
        if self._to_user is not None:
            return tree.map_structure(self._to_user, element)
        return element

    @property
    def last(self):
        """The StageIterator of the last stage."""
        return self._iterator

    def get_next(self):
        """The next element; StopIteration at the end."""
        return next(self)

    def get_state(self):
        """The position: nested dicts and lists of numbers, text, and arrays of what is in flight.

        Restored in this or another process, in an iterator of a pipeline made in the same way, it
        gives exactly the elements that are left here. Functions of the pipeline are called again
        for what was in flight.
        """
        return {
            "version": _VERSION,
            "stages": self._stage.describe(),
            "run": self._number,
            "position": self._iterator.state(),
        }

    def set_state(self, state):
        """Go on from a position that `get_state` gave.

        Raises:
            DataError: it is another pipeline's.
        """
        stages = self._stage.describe()
        if state.get("version") != _VERSION or _as_lists(state.get("stages")) != stages:
            raise DataError(
                explain(
                    "set_state",
                    "the state belongs to another pipeline",
                    received=state.get("stages"),
                    expected=str(stages),
                )
            )
        self._iterator.close()
        self._number = state["run"]
        self._runs.count = max(self._runs.count, self._number + 1)
        self._iterator = self._stage.iterate(Run(self._number))
        self._iterator.restore(state["position"])

    def close(self):
        """End threads and close files; also done when the iterator is dropped."""
        if self._iterator is not None:
            self._iterator.close()

    def __del__(self):
        self.close()


def _as_lists(value):
    return [_as_lists(v) for v in value] if isinstance(value, (list, tuple)) else value
