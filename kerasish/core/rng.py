"""Random numbers from a counter: the same stream on every device, resumed exactly from its state.

The stream is Philox4x64-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2,
3", SC 2011). A draw is named by a seed and a counter, both in a Variable of two uint32: the seed is
the first key word, the counter the second word of the Philox counter, so draws never overlap.
"""

import random as python_random

import numpy

from kerasish.core import modes
from kerasish.core.structural import convert_to_tensor
from kerasish.core.tensor import Tensor
from kerasish.core.variable import Variable
from kerasish.errors import explain

_KEY_1 = 0x6B65726173697368  # second key word: the ASCII codes of "kerasish"
_MULTIPLIER_0, _MULTIPLIER_1 = 0xD2E7470EE14C6C93, 0xCA5A826395121157
_WEYL_0, _WEYL_1 = 0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B
_MASK = (1 << 64) - 1

_bit_generator = None


def philox_words(xp, seed, count):
    """`count` words of uint64 of the stream of a seed state.

    Args:
        xp: array namespace.
        seed: uint32 array (2,): seed and counter.
        count: int >= 0.

    Returns:
        uint64 array (count,).
    """
    if xp.is_gpu:
        return philox_words_plain(xp, seed, count)
    global _bit_generator
    if _bit_generator is None:
        _bit_generator = numpy.random.Philox(key=0)
    generator, state = _bit_generator, _bit_generator.state
    state["state"]["key"][:] = int(seed[0]), _KEY_1
    state["state"]["counter"][:] = 0, int(seed[1]), 0, 0
    state["buffer_pos"], state["has_uint32"] = 4, 0
    with generator.lock:
        generator.state = state
        return generator.random_raw(count)


def philox_words_plain(xp, seed, count):
    """The same words from array operations: the form for CuPy, and the test of the other one."""
    blocks = (count + 3) // 4
    c0 = xp.arange(1, blocks + 1, dtype=xp.uint64)  # NumPy's generator counts up before it draws
    c1 = xp.zeros(blocks, dtype=xp.uint64) + seed[1].astype(xp.uint64)
    c2, c3 = xp.zeros_like(c0), xp.zeros_like(c0)
    k0 = seed[0].astype(xp.uint64)
    k1 = _KEY_1
    for i in range(10):
        high0, low0 = _multiply_wide(xp, c0, _MULTIPLIER_0)
        high1, low1 = _multiply_wide(xp, c2, _MULTIPLIER_1)
        key0 = k0 + xp.uint64((i * _WEYL_0) & _MASK)
        key1 = xp.uint64((k1 + i * _WEYL_1) & _MASK)
        c0, c1, c2, c3 = high1 ^ c1 ^ key0, low1, high0 ^ c3 ^ key1, low0
    return xp.stack([c0, c1, c2, c3], axis=1).reshape(-1)[:count]


def _multiply_wide(xp, a, b):
    """High and low 64 bits of uint64 array times 64-bit constant, from 32-bit halves."""
    mask = xp.uint64(0xFFFFFFFF)
    shift = xp.uint64(32)
    b_low, b_high = xp.uint64(b & 0xFFFFFFFF), xp.uint64(b >> 32)
    a_low, a_high = a & mask, a >> shift
    low, middle = a_low * b_low, a_high * b_low
    middle += low >> shift
    cross = a_low * b_high + (middle & mask)
    high = a_high * b_high + (middle >> shift) + (cross >> shift)
    return high, a * xp.uint64(b)


class SeedGenerator:
    """Source of seeds for random operations; its state is a Variable, saved like a weight.

    Args:
        seed: int, or None for one that `set_random_seed` determines.
        name: str.

    Raises:
        ValueError: a seed that is not an int.

    Example:
        >>> SeedGenerator(7).state.numpy().tolist()
        [7, 0]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, seed=None, name=None, **kwargs):
        if kwargs:
            raise ValueError(explain("SeedGenerator", "unknown argument", received=sorted(kwargs)))
        if seed is None:
            seed = make_default_seed()
        if isinstance(seed, bool) or not isinstance(seed, (int, numpy.integer)):
            raise ValueError(explain("SeedGenerator", "seed must be an int or None", received=seed))
        self.name = name or "seed_generator"
        self._initial_seed = int(seed)
        self.state = Variable(
            numpy.array([seed % 2**32, 0], numpy.uint32),
            trainable=False,
            name="seed_generator_state",
        )

    def next(self, ordered=True):
        """The current state as a seed tensor of shape (2,); the counter moves on by one."""
        seed = self.state._as_tensor()
        self.state.assign(seed + _ONE_DRAW)
        return seed

    def get_config(self):
        """The initial seed."""
        return {"seed": self._initial_seed}

    @classmethod
    def from_config(cls, config):
        """A generator from `get_config()`."""
        return cls(**config)


_ONE_DRAW = numpy.array([0, 1], numpy.uint32)
_global_generator = None


def make_default_seed():
    """A seed from Python's random module, which `set_random_seed` seeds."""
    return python_random.randint(1, int(1e9))


def global_seed_generator():
    """The generator behind every random operation called without a seed."""
    global _global_generator
    if _global_generator is None:
        with modes.outside_trace():
            _global_generator = SeedGenerator(name="global_seed_generator")
    return _global_generator


def draw_seed(seed=None):
    """Seed tensor (2,) from None, an int, or a SeedGenerator.

    Raises:
        ValueError: anything else.
    """
    if isinstance(seed, SeedGenerator):
        return seed.next()
    if seed is None:
        return global_seed_generator().next()
    if isinstance(seed, (int, numpy.integer)) and not isinstance(seed, bool):
        return convert_to_tensor(numpy.array([int(seed) % 2**32, 0], numpy.uint32))
    if isinstance(seed, (Tensor, Variable)) and tuple(seed.shape) == (2,):
        return seed
    raise ValueError(
        explain(
            "seed", "not usable as a seed", received=seed, expected="int, SeedGenerator or None"
        )
    )


def set_random_seed(seed):
    """Seed Python's, NumPy's and kerasish's random numbers: one call makes a run repeatable.

    Args:
        seed: int from 0 to 2**32 - 1.

    Raises:
        ValueError: not such an int.

    Source: Keras 3 names and defaults.
    """
    global _global_generator
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**32:
        raise ValueError(
            explain("set_random_seed", "seed must be an int from 0 to 2**32 - 1", received=seed)
        )
    python_random.seed(seed)
    numpy.random.seed(seed)
    if _global_generator is None:
        _global_generator = SeedGenerator(seed, name="global_seed_generator")
    else:  # the same variable, since compiled programs hold on to it
        _global_generator.state.assign(numpy.array([seed, 0], numpy.uint32))
        _global_generator._initial_seed = seed
