"""Shuffle: a buffer that a random element leaves whenever a new one comes in."""

import numpy

from kerasish.data.stages.randomness import BLOCK
from kerasish.data.stages.stage import PassingStage, SourcedIterator, StageIterator, as_indices

_LEAST_CHUNK = 4 * BLOCK


class Shuffle(PassingStage):
    """Elements in a random order, each among those that fit into a buffer.

    Args:
        source: Stage.
        buffer_size: int; None for all elements.
        draws: Draws.
    """

    def __init__(self, source, buffer_size, draws):
        super().__init__(source)
        self.buffer_size = 2**62 if buffer_size is None else buffer_size
        self._draws = draws

    def is_cheap(self):
        """As the input."""
        return self.inputs[0].is_cheap()

    def iterate(self, run):
        """The order of a run."""
        source = self.inputs[0].iterate(run)
        return ShuffleIterator(source, self.buffer_size, self._draws.stream(run))


class ShuffleIterator(StageIterator):
    """Shuffles elements, or rows by their numbers.

    Which of them is up to the input, and to a state: a cache has rows only when it is full.

    Args:
        *args: of ElementShuffle and RowShuffle.
    """

    def __init__(self, *args):
        self._args = args
        self._shuffle = (ElementShuffle if args[0].rows is None else RowShuffle)(*args)

    @property
    def rows(self):
        """Those of the input, if they are shuffled."""
        return self._shuffle.rows

    def __next__(self):
        return next(self._shuffle)

    def take(self, count):
        """The next numbers."""
        return self._shuffle.take(count)

    def state(self):
        """That of either."""
        return self._shuffle.state()

    def restore(self, state):
        """Go on as the state was made."""
        self._shuffle = (RowShuffle if "start" in state else ElementShuffle)(*self._args)
        self._shuffle.restore(state)

    def close(self):
        """End threads and close files of the input."""
        self._shuffle.close()


class ElementShuffle(SourcedIterator):
    """Shuffles elements that it holds, into the order in which RowShuffle would bring them.

    Args:
        source: StageIterator.
        buffer_size: int.
        stream: Stream of random words.
    """

    def __init__(self, source, buffer_size, stream):
        super().__init__(source)
        self._size, self._stream, self._buffer = buffer_size, stream, []
        self._is_draining = False  # the buffer is in its last order, the next element at its end

    def __next__(self):
        buffer = self._buffer
        while not self._is_draining:
            for element in self.source:
                if len(buffer) < self._size:
                    buffer.append(element)
                    continue
                place = self._stream.next() % len(buffer)
                chosen, buffer[place] = buffer[place], element
                return chosen
            order = self._stream.generator().permutation(len(buffer))
            buffer[:] = [buffer[i] for i in reversed(order)]
            self._is_draining = True
        if not buffer:
            raise StopIteration
        return buffer.pop()

    def state(self):
        """The buffer, the position in the stream and that of the input."""
        return {
            "buffer": list(self._buffer),
            "is_draining": self._is_draining,
            "stream": self._stream.state(),
            "source": self.source.state(),
        }

    def restore(self, state):
        """Go on with a buffer."""
        self._buffer, self._is_draining = list(state["buffer"]), state["is_draining"]
        self._stream.restore(state["stream"])
        self.source.restore(state["source"])


class RowShuffle(SourcedIterator):
    """Shuffles the numbers of rows, many at a time.

    Args:
        source: StageIterator with rows.
        buffer_size: int.
        stream: Stream of random words.
    """

    def __init__(self, source, buffer_size, stream):
        super().__init__(source)
        self._size, self._stream = buffer_size, stream
        self._buffer, self._start = None, None
        self._ready, self._position = numpy.empty(0, numpy.int64), 0

    @property
    def rows(self):
        """Those of the input."""
        return self.source.rows

    def __next__(self):
        if self._position == len(self._ready):
            self._refill()
            if not len(self._ready):
                raise StopIteration
        self._position += 1
        return self.rows.at(self._ready[self._position - 1])

    def take(self, count):
        """The next numbers."""
        parts = []
        while count:
            if self._position == len(self._ready):
                self._refill()
                if not len(self._ready):
                    break
            part = self._ready[self._position : self._position + count]
            self._position += len(part)
            count -= len(part)
            parts.append(part)
        if len(parts) == 1:
            return parts[0]
        return numpy.concatenate(parts) if parts else range(0)

    def _refill(self):
        """Shuffle a chunk; what it starts from is kept, so that a state need not hold the rest."""
        self._start = self._begin()
        self._shuffle()

    def _begin(self):
        return {
            "buffer": self._buffer,
            "stream": self._stream.state(),
            "source": self.source.state(),
        }

    def _shuffle(self):
        buffer = self._buffer
        if buffer is None:
            buffer = as_indices(self.source.take(self._size))
        self._position = 0
        chunk = max(-(-len(buffer) // BLOCK) * BLOCK, _LEAST_CHUNK)  # whole blocks of words
        incoming = as_indices(self.source.take(chunk)) if len(buffer) == self._size else ()
        if not len(incoming):
            self._ready = self._stream.generator().permutation(buffer)
            self._buffer = numpy.empty(0, numpy.int64)
            return
        places = (self._stream.words(len(incoming)) % numpy.uint64(len(buffer))).tolist()
        held, ready = buffer.tolist(), []
        leave = ready.append
        for place, index in zip(places, incoming.tolist(), strict=True):
            leave(held[place])
            held[place] = index
        self._buffer, self._ready = numpy.array(held), numpy.array(ready)

    def state(self):
        """What the present chunk started from, and the position in it."""
        return {"start": self._start or self._begin(), "position": self._position}

    def restore(self, state):
        """Shuffle the chunk again."""
        start = state["start"]
        self._buffer = None if start["buffer"] is None else numpy.asarray(start["buffer"])
        self._stream.restore(start["stream"])
        self.source.restore(start["source"])
        if state["position"]:
            self._refill()
            self._position = state["position"]
