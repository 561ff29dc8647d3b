"""tf.random: the functions of the table, seeds, and generators with a state of their own."""

import kerasish.compat.v2.random_functions as random_functions
from kerasish.compat.v2.conversion import static
from kerasish.compat.v2.random_state import set_seed  # noqa: F401 - a public name
from kerasish.compat.v2.tables import FUNCTIONS, namespace
from kerasish.compat.v2.tensors import face
from kerasish.core.rng import SeedGenerator

_TABLE = namespace("random")
globals().update(_TABLE)


class Generator:
    """Random numbers from a state of its own. The numbers are the package's, not TensorFlow's.

    Args:
        seed: int.

    Example:
        >>> a, b = Generator.from_seed(1), Generator.from_seed(1)
        >>> (a.normal([2]).numpy() == b.normal([2]).numpy()).all().item()
        True

    Source: TensorFlow `tf.random.Generator`.
    """

    def __init__(self, seed=None):
        self._seeds = SeedGenerator(seed)

    @classmethod
    def from_seed(cls, seed, alg=None):
        """Generator that starts at a seed."""
        return cls(int(seed))

    @classmethod
    def from_non_deterministic_state(cls, alg=None):
        """Generator that starts anywhere."""
        return cls()

    def reset_from_seed(self, seed):
        """Start again at a seed."""
        self._seeds = SeedGenerator(int(seed))

    def normal(self, shape, mean=0.0, stddev=1.0, dtype="float32", name=None):
        """Numbers of the normal distribution."""
        return self._draw(random_functions.own.normal, shape, mean, stddev, dtype)

    def truncated_normal(self, shape, mean=0.0, stddev=1.0, dtype="float32", name=None):
        """Numbers of the normal distribution, at most two standard deviations from the mean."""
        return self._draw(random_functions.own.truncated_normal, shape, mean, stddev, dtype)

    def uniform(self, shape, minval=0, maxval=None, dtype="float32", name=None):
        """Numbers from `minval` to before `maxval`."""
        made = random_functions._uniform(static(shape), minval, maxval, dtype, self._seeds)
        return face(made)

    def _draw(self, function, shape, mean, stddev, dtype):
        return face(random_functions._scaled(function, static(shape), mean, stddev, dtype,
                                             self._seeds))  # fmt: skip


class experimental:
    """What TensorFlow keeps under `tf.random.experimental`."""

    stateless_shuffle = staticmethod(FUNCTIONS["random.experimental.stateless_shuffle"])


class _Global:
    generator = None


def get_global_generator():
    """The generator that all share."""
    if _Global.generator is None:
        _Global.generator = Generator()
    return _Global.generator


def set_global_generator(generator):
    """Let another generator be the one that all share.

    Args:
        generator: Generator.
    """
    _Global.generator = generator


__all__ = sorted([*_TABLE, "Generator", "experimental", "get_global_generator", "set_seed",
                  "set_global_generator"])  # fmt: skip
