"""Where data sets come from: arrays, generators, ranges, files, and other data sets."""

import functools
import glob

import numpy

from kerasish.arrays import dtypes
from kerasish.core import tree
from kerasish.core.spec import TensorSpec
from kerasish.data.element_files import ElementFile
from kerasish.data.elements import as_element
from kerasish.data.stages.combining import Choose, Zip
from kerasish.data.stages.randomness import Draws
from kerasish.data.stages.shuffling import Shuffle
from kerasish.data.stages.sources import (
    Elements,
    Generator,
    RandomWords,
    Range,
    RowsIterator,
    Slices,
)
from kerasish.data.stages.stage import Stage
from kerasish.errors import DataError, explain


class SourcesMixin:
    """The constructors of Dataset."""

    @classmethod
    def from_tensors(cls, tensors, name=None):
        """A data set of one element.

        Args:
            tensors: nested arrays, numbers, text.
            name: ignored.
        """
        return cls(Elements([as_element(tensors)]))

    @classmethod
    def from_tensor_slices(cls, tensors, name=None):
        """The rows of nested arrays, along their first axis.

        The arrays are not copied; do not write into them while the data set is in use.

        Args:
            tensors: nested arrays of one length; tuples and dicts nest, lists are arrays.
            name: ignored.

        Raises:
            DataError: lengths differ.

        Example:
            >>> from kerasish.data import Dataset
            >>> data = Dataset.from_tensor_slices({"x": [[1, 2], [3, 4]], "y": ["a", "b"]})
            >>> [(e["x"].tolist(), e["y"]) for e in data]
            [([1, 2], 'a'), ([3, 4], 'b')]
        """
        return cls(Slices(as_element(tensors)))

    @classmethod
    def from_generator(
        cls, generator, output_types=None, output_shapes=None, args=None,
        output_signature=None, name=None,
    ):  # fmt: skip
        """What a function's iterable yields, called anew for each iteration.

        Args:
            generator: function that returns an iterable.
            output_types: nested dtypes that elements are cast to.
            output_shapes: nested shapes of them; with unknown sizes as None.
            args: arguments of the function.
            output_signature: nested TensorSpecs, in place of types and shapes: what elements are
                cast to and checked against.
            name: ignored.

        Example:
            >>> from kerasish.data import Dataset
            >>> data = Dataset.from_generator(lambda: iter([1, 2]), output_types="float32")
            >>> [float(x) for x in data]
            [1.0, 2.0]
        """
        if not callable(generator):
            raise TypeError(explain("from_generator", "a function is needed", received=generator))
        make = functools.partial(generator, *(as_element(tuple(args)) if args else ()))
        signature = output_signature
        if signature is None and output_types is not None and output_shapes is not None:
            flat_types, shapes = tree.flatten(output_types), _flat_shapes(output_shapes)
            specs = map(TensorSpec, shapes, flat_types)
            signature = tree.unflatten(output_types, list(specs))
        made = cls(Generator(make, _own_spec(signature)))
        if signature is None and output_types is not None:
            return made._derive_cast(output_types)
        return made

    def _derive_cast(self, output_types):
        wanted = tree.map_structure(dtypes.to_numpy, output_types)

        def cast(element):
            return tree.map_structure(_cast_leaf, element, wanted)

        return self._map_elements(cast)

    @classmethod
    def range(cls, *args, output_type="int64", name=None):
        """The numbers of `range(stop)`, `range(start, stop)` or `range(start, stop, step)`.

        Args:
            *args: one to three ints.
            output_type: dtype.
            name: ignored.
        """
        numbers = range(*[int(a) for a in args])
        return cls(Range(numbers.start, numbers.stop, numbers.step, output_type))

    @classmethod
    def counter(cls, start=0, step=1, dtype="int64", name=None):
        """The endless numbers `start, start + step, ...`.

        Args:
            start, step: int.
            dtype: dtype.
            name: ignored.
        """
        return cls(Range(start, None, step, dtype))

    @classmethod
    def random(cls, seed=None, rerandomize_each_iteration=None, name=None):
        """Endless random int64 numbers from 0 to before 2**32.

        Args:
            seed: int or None.
            rerandomize_each_iteration: bool. Whether each iteration has other numbers.
            name: ignored.
        """
        return cls(RandomWords(Draws(seed, bool(rerandomize_each_iteration))))

    @classmethod
    def list_files(cls, file_pattern, shuffle=None, seed=None, name=None):
        """The paths of the files that match patterns such as "data/*.txt", as text.

        Args:
            file_pattern: str, or list of str.
            shuffle: bool; True when None. In the order of their names otherwise.
            seed: int or None.
            name: ignored.

        Raises:
            DataError: no file matches.
        """
        patterns = numpy.ravel(as_element(file_pattern)).tolist()
        patterns = [p.decode() if isinstance(p, bytes) else p for p in patterns]
        paths = sorted({path for pattern in patterns for path in glob.glob(pattern)})
        if not paths:
            raise DataError(explain("list_files", "no file matches", received=file_pattern))
        stage = Slices(numpy.array(paths, dtype=object))
        if shuffle is None or shuffle:
            stage = Shuffle(stage, len(paths), Draws(seed))
        return cls(stage)

    @classmethod
    def zip(cls, *args, datasets=None, name=None):
        """Elements with one part from each of several data sets, until the first one ends.

        Args:
            *args: data sets, or one nested structure of them.
            datasets: the same, by name.
            name: ignored.

        Example:
            >>> from kerasish.data import Dataset
            >>> pairs = Dataset.zip(Dataset.range(3), Dataset.range(10, 20))
            >>> [(int(a), int(b)) for a, b in pairs]
            [(0, 10), (1, 11), (2, 12)]
        """
        form = datasets if datasets is not None else args[0] if len(args) == 1 else args
        parts = tree.flatten(form)
        if not parts or not all(getattr(part, "is_dataset", False) for part in parts):
            raise TypeError(explain("Dataset.zip", "data sets are needed", received=form))
        form = tuple(form) if isinstance(form, list) else form
        stages = [part._stage for part in parts]
        if all(type(stage) is Slices for stage in stages):
            # Rows side by side are rows, which are gathered a batch at a time.
            size = min(stage.size for stage in stages)
            arrays = [tree.map_structure(lambda a: a[:size], stage.arrays) for stage in stages]
            return cls(Slices(tree.unflatten(form, arrays)))
        stage = Zip(stages, tree.unflatten(form, [None] * len(stages)))
        return cls(stage, runs=parts[0]._runs)

    @classmethod
    def sample_from_datasets(
        cls, datasets, weights=None, seed=None, stop_on_empty_dataset=False,
        rerandomize_each_iteration=None,
    ):  # fmt: skip
        """Elements of several data sets, each from one chosen by chance.

        Args:
            datasets: list of data sets.
            weights: list of float, the share of each; equal ones when None.
            seed: int or None.
            stop_on_empty_dataset: bool. Whether to stop when a chosen one has ended; otherwise the
                others go on.
            rerandomize_each_iteration: bool. Whether each iteration has other choices; True when
                None and no seed is given.
        """
        weights = [1.0] * len(datasets) if weights is None else [float(w) for w in weights]
        if len(weights) != len(datasets) or not datasets or min(weights) < 0 or not sum(weights):
            raise ValueError(
                explain("sample_from_datasets", "one weight for each is needed", received=weights)
            )
        is_new = seed is None if rerandomize_each_iteration is None else rerandomize_each_iteration
        stages = [data._stage for data in datasets]
        draws = Draws(seed, is_new)
        stage = Choose(stages, None, draws, weights, stop_on_empty_dataset)
        return cls(stage, runs=datasets[0]._runs)

    @classmethod
    def choose_from_datasets(cls, datasets, choice_dataset, stop_on_empty_dataset=True):
        """Elements of several data sets, each from the one that a data set of numbers names.

        Args:
            datasets: list of data sets.
            choice_dataset: data set of ints.
            stop_on_empty_dataset: bool. Whether to stop when a chosen one has ended; otherwise such
                choices are passed over.

        Example:
            >>> from kerasish.data import Dataset
            >>> letters = [Dataset.from_tensors(c).repeat() for c in "ab"]
            >>> choices = Dataset.range(2).repeat(2)
            >>> list(Dataset.choose_from_datasets(letters, choices))
            ['a', 'b', 'a', 'b']
        """
        stages = [data._stage for data in datasets]
        stage = Choose(stages, choice_dataset._stage, stops=stop_on_empty_dataset)
        return cls(stage, runs=datasets[0]._runs)

    @classmethod
    def load(cls, path, element_spec=None, compression=None, reader_func=None):
        """The elements that `save` wrote.

        Args:
            path: str or path-like.
            element_spec: ignored; the file says it.
            compression, reader_func: must be None.

        Raises:
            CheckpointError: no such file, or a damaged one.
        """
        if compression is not None or reader_func is not None:
            raise ValueError(explain("Dataset.load", "compression and reader_func must be None"))
        return cls(_Saved(ElementFile(path)))


class _Saved(Stage):
    """The elements of a file.

    Args:
        file: ElementFile.
    """

    def __init__(self, file):
        self._file = file

    def cardinality(self):
        """What the index says."""
        return self._file.size

    def spec(self):
        """What the index says."""
        if not self._file.size:
            raise StopIteration
        return self._file.spec

    def iterate(self, run):
        """The elements in their order."""
        return RowsIterator(self._file, self._file.size)


def _flat_shapes(shapes):
    is_shape = isinstance(shapes, (list, tuple)) and all(
        size is None or isinstance(size, int) for size in shapes
    )
    if is_shape or hasattr(shapes, "as_list"):
        return [shapes.as_list() if hasattr(shapes, "as_list") else shapes]
    parts = [shapes[key] for key in sorted(shapes)] if isinstance(shapes, dict) else shapes
    return [flat for part in parts for flat in _flat_shapes(part)]


def _own_spec(signature):
    """Specs of ours from whatever has a shape and a dtype."""
    if signature is None:
        return None

    def convert(spec):
        return spec if isinstance(spec, TensorSpec) else TensorSpec(spec.shape, spec.dtype)

    return tree.map_structure(convert, signature)


def _cast_leaf(leaf, dtype):
    if dtype.kind == "O":
        return leaf
    return numpy.asarray(leaf).astype(dtype, copy=False)[()]
