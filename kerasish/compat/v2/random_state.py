"""The global seed of tf.random, and seeds of the package from it."""

from kerasish.core.rng import SeedGenerator, set_random_seed


class _State:
    seeds = {}  # seed of an operation -> its generator, since set_seed


def set_seed(seed):
    """Start all random functions anew: programs that call it draw the same numbers.

    The numbers are not TensorFlow's.

    Args:
        seed: int.
    """
    set_random_seed(int(seed))
    _State.seeds.clear()


def next_seed(seed=None):
    """Seed of the next draw: of the global sequence, or of an operation's own."""
    if seed is None:
        return None
    if seed not in _State.seeds:
        _State.seeds[seed] = SeedGenerator(int(seed))
    return _State.seeds[seed]


