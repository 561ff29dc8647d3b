"""Random tensors: other values at every run, the same sequence in every session with a seed."""

from kerasish import random as core
from kerasish.compat.v1 import dtypes
from kerasish.compat.v1.arrays import _sequence, ints, shape_argument
from kerasish.compat.v1.constants import convert_to_tensor
from kerasish.compat.v1.graph import get_default_graph
from kerasish.compat.v1.tensors import Operation, Tensor, infer
from kerasish.core import tree
from kerasish.core.rng import make_default_seed

_DEFAULT_GRAPH_SEED = 87654321  # used where only the operation has a seed


class RandomOperation(Operation):
    """A function of tensors and of a seed; a counter for each session gives other values each run.

    Args:
        function: `f(seed, *values)`.
        seed: int or None; without it and the graph's seed the numbers differ in every session.
    """

    is_random = True

    def __init__(self, type_name, function, inputs, seed, name, hint=None):
        self._draw = function
        graph = inputs[0].graph if inputs else get_default_graph()
        outputs = infer(lambda *values: function(0, *values), inputs, hint)
        outputs = [(sizes, dtype, None) for sizes, dtype, _ in outputs]
        graph_seed = graph.seed
        self.seed = _mixed(graph_seed, seed, graph.number_of_operations)
        super().__init__(type_name, inputs, None, name, outputs)

    def execute(self, frame, values):
        return self._draw(frame.seed(self), *values)


def _mixed(graph_seed, seed, number):
    if graph_seed is None and seed is None:
        return make_default_seed()
    if seed is None:
        seed = number
    graph_seed = _DEFAULT_GRAPH_SEED if graph_seed is None else graph_seed
    return (graph_seed * 1_000_003 + seed) % 2**32


def set_random_seed(seed):
    """Make the random operations of the default graph give the same numbers in every session."""
    get_default_graph().seed = seed


def _drawn(type_name, function, shape, seed, name, dtype):
    shape = shape_argument(shape)
    leaves = tree.flatten(shape)
    tensors = [x for x in leaves if isinstance(x, Tensor)]

    def draw(key, *values):
        known = iter(values)
        filled = [next(known) if isinstance(x, Tensor) else x for x in leaves]
        return function(key, _sequence(ints(tree.unflatten(shape, filled))))

    return RandomOperation(type_name, draw, tensors, seed, name, dtype).output


def random_normal(shape, mean=0.0, stddev=1.0, dtype="float32", seed=None, name="random_normal"):
    """Normal numbers."""
    dtype = dtypes.as_dtype(dtype).name
    return _drawn("RandomStandardNormal", lambda key, sizes: core.normal(
        sizes, mean, stddev, dtype, key), shape, seed, name, dtype)  # fmt: skip


def truncated_normal(shape, mean=0.0, stddev=1.0, dtype="float32", seed=None,
                     name="truncated_normal"):  # fmt: skip
    """Normal numbers within two standard deviations of the mean."""
    dtype = dtypes.as_dtype(dtype).name
    return _drawn("TruncatedNormal", lambda key, sizes: core.truncated_normal(
        sizes, mean, stddev, dtype, key), shape, seed, name, dtype)  # fmt: skip


def random_uniform(shape, minval=0, maxval=None, dtype="float32", seed=None,
                   name="random_uniform"):  # fmt: skip
    """Numbers from `minval` to before `maxval` (1)."""
    dtype = dtypes.as_dtype(dtype)
    if not dtype.is_floating:
        if maxval is None:
            raise ValueError(f"Must specify maxval for integer dtype {dtype!r}")
        return _drawn("RandomUniformInt", lambda key, sizes: core.randint(
            sizes, minval, maxval, dtype.name, key), shape, seed, name, dtype.name)  # fmt: skip
    high = 1.0 if maxval is None else maxval
    return _drawn("RandomUniform", lambda key, sizes: core.uniform(
        sizes, minval, high, dtype.name, key), shape, seed, name, dtype.name)  # fmt: skip


def random_shuffle(value, seed=None, name="RandomShuffle"):
    """The rows in random order."""
    return RandomOperation("RandomShuffle", lambda key, v: core.shuffle(v, seed=key),
                           [convert_to_tensor(value)], seed, name).output  # fmt: skip


def multinomial(logits, num_samples, seed=None, name="multinomial", output_dtype="int64"):
    """Draws from the distributions that each row of logits describes."""
    dtype = dtypes.as_dtype(output_dtype or "int64").name
    return RandomOperation("Multinomial", lambda key, v: core.categorical(
        v, num_samples, dtype, key), [convert_to_tensor(logits)], seed, name).output  # fmt: skip


def dropout(x, keep_prob=None, noise_shape=None, seed=None, name="dropout", rate=None):
    """Elements kept with probability `keep_prob` (1 - `rate`) and scaled up, else zero.

    Raises:
        ValueError: neither or both of the two, or no probability.
    """
    x = convert_to_tensor(x)
    if rate is None and keep_prob is None:
        raise ValueError("You must provide a rate to dropout.")
    if rate is None:
        rate = 1.0 - keep_prob
    if isinstance(rate, (int, float)):
        if not 0 <= rate < 1:
            raise ValueError(f"rate must be a scalar tensor or a float in the range [0, 1), got "
                             f"{rate}")  # fmt: skip
        return RandomOperation("Dropout", lambda key, v: core.dropout(v, rate, noise_shape, key),
                               [x], seed, name).output  # fmt: skip
    return RandomOperation("Dropout", lambda key, v, r: _dropped(key, v, r),
                           [x, convert_to_tensor(rate, x.dtype)], seed, name).output  # fmt: skip


def _dropped(key, v, rate):
    sizes = tuple(v.shape)
    noise = core.uniform(tuple(n or 1 for n in sizes), dtype=v.dtype, seed=key)
    keep = noise >= rate
    return v * keep.astype(v.dtype) / (1 - rate)
