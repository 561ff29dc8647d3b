"""Methods of Dataset that change, choose, order or keep elements one by one."""

import os

from kerasish.data.elements import as_element
from kerasish.data.stages.caching import Cache
from kerasish.data.stages.combining import Concatenate, Enumerate, Scan
from kerasish.data.stages.interleaving import Interleave
from kerasish.data.stages.mapping import Map
from kerasish.data.stages.positions import Repeat, Shard, Skip, Take
from kerasish.data.stages.prefetching import Prefetch
from kerasish.data.stages.randomness import Draws
from kerasish.data.stages.selecting import Filter, IgnoreErrors, Unique
from kerasish.data.stages.shuffling import Shuffle
from kerasish.data.stages.stage import AUTOTUNE
from kerasish.data.user_functions import UserFunction, whole_number
from kerasish.errors import explain, quote

_AUTOTUNED_PREFETCH = 2
_CYCLE_LENGTH = 4


class TransformationsMixin:
    """Transformations of elements."""

    def _function(self, function):
        return UserFunction(function, type(self).to_user)

    def _map_elements(self, function):
        return self._derive(Map(self._stage, function))

    def _inner_stage(self, function, where):
        """From an element to the Stage of the data set that a user's function makes of it."""
        function = self._function(function)

        def call(element):
            made = function.call(element)
            if not getattr(made, "is_dataset", False):
                raise TypeError(
                    explain(where, "the function must return a data set", received=quote(made))
                )
            return made._stage

        return call

    def map(
        self, map_func, num_parallel_calls=None, deterministic=None, vectorized=False, name=None
    ):
        """What a function makes of each element.

        Args:
            map_func: function of an element; a tuple becomes several arguments. It gets arrays and
                may return arrays, tensors, numbers, text, and tuples and dicts of them.
            num_parallel_calls: int. Threads that call it; AUTOTUNE for one for each processor. None
                calls it in the consumer's thread.
            deterministic: bool. Whether results keep the order of the elements; as in `options`
                when None.
            vectorized: bool. Whether the function takes many elements at a time, along a first
                axis, and returns as many. It is then called once for each batch that follows.
            name: ignored.

        Example:
            >>> from kerasish.data import Dataset
            >>> data = Dataset.range(4).map(lambda x: x * x, vectorized=True).batch(4)
            >>> next(iter(data)).tolist()
            [0, 1, 4, 9]
        """
        function = self._function(map_func)
        if deterministic is None:
            deterministic = self._options.deterministic is not False
        workers = _workers(num_parallel_calls, "map")
        return self._derive(Map(self._stage, function, workers, bool(deterministic), vectorized))

    def flat_map(self, map_func, name=None):
        """The elements of the data sets that a function makes, one after the other.

        Args:
            map_func: function of an element that returns a data set.
            name: ignored.
        """
        return self._derive(Interleave(self._stage, self._inner_stage(map_func, "flat_map")))

    def interleave(
        self, map_func, cycle_length=None, block_length=None, num_parallel_calls=None,
        deterministic=None, name=None,
    ):  # fmt: skip
        """The elements of the data sets that a function makes, in turn.

        Args:
            map_func: function of an element that returns a data set.
            cycle_length: int. How many are open at a time; num_parallel_calls, else 4, when None.
            block_length: int. How many elements of each in turn; 1 when None.
            num_parallel_calls: int or AUTOTUNE; if given, each open one is read by a thread.
            deterministic: bool. The order is the same, whether or not.
            name: ignored.

        Example:
            >>> from kerasish.data import Dataset
            >>> data = Dataset.range(1, 3).interleave(lambda x: Dataset.from_tensors(x).repeat(3))
            >>> [int(x) for x in data]
            [1, 2, 1, 2, 1, 2]
        """
        if cycle_length is None or cycle_length == AUTOTUNE:
            is_given = num_parallel_calls is not None and num_parallel_calls != AUTOTUNE
            cycle_length = num_parallel_calls if is_given else _CYCLE_LENGTH
        cycle_length = whole_number(cycle_length, "interleave")
        block_length = whole_number(1 if block_length is None else block_length, "interleave")
        function = self._inner_stage(map_func, "interleave")
        is_parallel = _workers(num_parallel_calls, "interleave") > 0
        stage = Interleave(self._stage, function, cycle_length, block_length, is_parallel)
        return self._derive(stage)

    def filter(self, predicate, name=None):
        """The elements for which a function is true.

        Args:
            predicate: function of an element.
            name: ignored.
        """
        function = self._function(predicate)
        return self._derive(Filter(self._stage, lambda element: bool(function.call(element))))

    def take_while(self, predicate, name=None):
        """The elements before the first one for which a function is false.

        Args:
            predicate: function of an element.
            name: ignored.
        """
        function = self._function(predicate)
        stage = Filter(self._stage, lambda element: bool(function.call(element)), ends=True)
        return self._derive(stage)

    def scan(self, initial_state, scan_func, name=None):
        """What a function makes of each element and of a state that it carries on.

        Args:
            initial_state: nested arrays, the state of the first call.
            scan_func: function of (state, element) that returns (state, output).
            name: ignored.

        Example:
            >>> from kerasish.data import Dataset
            >>> data = Dataset.range(4).scan(0, lambda total, x: (total + x, total + x))
            >>> [int(x) for x in data]
            [0, 1, 3, 6]
        """
        function = self._function(scan_func)

        def call(carry, element):
            carry, output = function.call_each(carry, element)
            return as_element(carry), as_element(output)

        return self._derive(Scan(self._stage, as_element(initial_state), call))

    def take(self, count, name=None):
        """The first `count` elements; all for -1.

        Args:
            count: int.
            name: ignored.
        """
        return self._derive(Take(self._stage, whole_number(count, "take", -1)))

    def skip(self, count, name=None):
        """All but the first `count` elements; none for -1.

        Args:
            count: int.
            name: ignored.
        """
        return self._derive(Skip(self._stage, whole_number(count, "skip", -1)))

    def shard(self, num_shards, index, name=None):
        """Every `num_shards`-th element, from number `index` on.

        Args:
            num_shards, index: int.
            name: ignored.
        """
        num_shards, index = whole_number(num_shards, "shard"), whole_number(index, "shard", 0)
        if index >= num_shards:
            raise ValueError(
                explain("shard", "index out of range", received=index, expected=f"< {num_shards}")
            )
        return self._derive(Shard(self._stage, num_shards, index))

    def repeat(self, count=None, name=None):
        """All elements `count` times; without end for None and -1.

        Args:
            count: int or None.
            name: ignored.
        """
        count = None if count is None else whole_number(count, "repeat", -1)
        return self._derive(Repeat(self._stage, count))

    def shuffle(self, buffer_size, seed=None, reshuffle_each_iteration=True, name=None):
        """Elements in a random order.

        A buffer is filled; a random element leaves it whenever another one comes in. With a buffer
        as large as the data, every order is as likely. Rows of arrays are shuffled by their
        numbers.

        Args:
            buffer_size: int; None for the size of the data.
            seed: int; None for one that follows from `kerasish.utils.set_random_seed`.
            reshuffle_each_iteration: bool. Whether each iteration has an order of its own.
            name: ignored.
        """
        size = None if buffer_size is None else whole_number(buffer_size, "shuffle")
        draws = Draws(seed, reshuffle_each_iteration is not False)
        return self._derive(Shuffle(self._stage, size, draws))

    def cache(self, filename="", name=None):
        """The elements, made once and kept: when the first iteration over them has ended.

        Args:
            filename: str or path-like. File that keeps them; memory when empty. It appears when it
                is whole, and is read by other processes, too.
            name: ignored.
        """
        return self._derive(Cache(self._stage, os.fspath(filename)))

    def prefetch(self, buffer_size, name=None):
        """The elements, made by a thread while those before them are in use.

        Args:
            buffer_size: int. How many may be ready; AUTOTUNE for two.
            name: ignored.
        """
        size = whole_number(buffer_size, "prefetch", -1)
        if size == 0:
            return self
        return self._derive(Prefetch(self._stage, _AUTOTUNED_PREFETCH if size < 0 else size))

    def enumerate(self, start=0, name=None):
        """Pairs of a number and an element.

        Args:
            start: int.
            name: ignored.
        """
        return self._derive(Enumerate(self._stage, int(start)))

    def concatenate(self, dataset, name=None):
        """The elements, and those of another data set after them.

        Args:
            dataset: data set.
            name: ignored.
        """
        return self._derive(Concatenate(self._stage, dataset._stage))

    def unique(self, name=None):
        """Each element the first time that it comes; those that came are remembered."""
        return self._derive(Unique(self._stage))

    def ignore_errors(self, log_warning=False, name=None):
        """The elements whose making does not fail.

        Args:
            log_warning: bool. Whether to warn of each that does.
            name: ignored.
        """
        return self._derive(IgnoreErrors(self._stage, log_warning))

    def apply(self, transformation_func):
        """What a function makes of the data set.

        Args:
            transformation_func: function of a data set that returns one.
        """
        return transformation_func(self)


def _workers(num_parallel_calls, where):
    if num_parallel_calls is None:
        return 0
    if num_parallel_calls == AUTOTUNE:
        return os.cpu_count() or 1
    return whole_number(num_parallel_calls, where)
