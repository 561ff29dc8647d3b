"""Random words of pipelines: counted, so that a stream goes on exactly from its state."""

import numpy

from kerasish.core.rng import make_default_seed

BLOCK = 256


class Draws:
    """Where the streams of a stage come from: one for each run, or one and the same.

    Args:
        seed: int, or None for one that follows from `set_random_seed`.
        is_new_each_time: bool. Whether every iteration has a stream of its own.
    """

    def __init__(self, seed, is_new_each_time=True):
        self.seed = int(make_default_seed() if seed is None else seed) & (2**64 - 1)
        self._is_new_each_time = is_new_each_time

    def stream(self, run):
        """The Stream of a run."""
        return Stream(self, run.numbers if self._is_new_each_time else ())


class Stream:
    """Uniform words of 64 bits.

    Args:
        draws: Draws.
        numbers: tuple of int, which of the streams of its seed.
    """

    def __init__(self, draws, numbers):
        self._draws = draws
        self._choose(draws.seed, numbers, 0)

    def _choose(self, seed, numbers, position):
        self.seed, self._numbers, self.position, self._words = seed, numbers, position, None
        entropy = [seed, len(numbers), *numbers]
        self._key = numpy.random.SeedSequence(entropy).generate_state(2, numpy.uint64)

    def next(self):
        """The next word, an int."""
        block, place = divmod(self.position, BLOCK)
        if place == 0 or self._words is None:
            self._words = self._raw(block * BLOCK, BLOCK).tolist()
        self.position += 1
        return self._words[place]

    def words(self, count):
        """The next `count` words, as an array; starts where a whole block does."""
        words = self._raw(self.position, count)
        self.position += -(-count // BLOCK) * BLOCK
        self._words = None
        return words

    def generator(self):
        """A NumPy generator that starts where the next whole block does."""
        return numpy.random.Generator(self._bits(-(-self.position // BLOCK) * BLOCK))

    def _raw(self, position, count):
        return self._bits(position).random_raw(count)

    def _bits(self, position):
        bits = numpy.random.Philox(key=self._key)
        bits.advance(position // 4)  # each count of Philox is four words
        return bits

    def state(self):
        """Which stream, and the position in it."""
        return {"seed": self.seed, "numbers": list(self._numbers), "position": self.position}

    def restore(self, state):
        """Go on in a stream; those of later repetitions and runs have its seed."""
        self._draws.seed = state["seed"]
        self._choose(state["seed"], state["numbers"], state["position"])
