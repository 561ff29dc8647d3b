"""Random numbers in the shape of an input, whose sizes may be unknown while tracing."""

from kerasish.core.rng import draw_seed
from kerasish.ops.random import random_normal, random_uniform


def normal_like(x, seed):
    """Normal numbers of mean 0 and deviation 1, in the shape and dtype of a float tensor.

    Args:
        x: float tensor.
        seed: SeedGenerator.
    """
    return random_normal(draw_seed(seed), x, shape=(None,) * len(x.shape), dtype=x.dtype)


def uniform_like(x, shape, seed, dtype="float32"):
    """Uniform numbers of [0, 1).

    Args:
        x: tensor.
        shape: tuple of int or None; None is the size of `x` along that axis.
        seed: SeedGenerator.
        dtype: float dtype name.
    """
    return random_uniform(draw_seed(seed), x, shape=tuple(shape), dtype=dtype)
