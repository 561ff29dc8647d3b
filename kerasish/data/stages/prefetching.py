"""Prefetch: elements are made by a thread while the consumer uses those before them."""

import contextvars
import os
import queue
import sys
import threading

from kerasish.data.stages.stage import PassingStage, StageIterator

_PATIENCE = 5.0  # seconds to wait for a thread that is inside somebody else's code


class Prefetch(PassingStage):
    """The elements of the input, made ahead.

    Args:
        source: Stage.
        size: int. How many may be ready.
    """

    def __init__(self, source, size):
        super().__init__(source)
        self.size = size

    def is_cheap(self):
        """It has a thread."""
        return True

    def iterate(self, run):
        """Rows are not fetched, only their numbers: no thread is worth that."""
        source = self.inputs[0].iterate(run)
        if source.rows is not None:
            return source
        return PrefetchIterator(source, lambda: self.inputs[0].iterate(run), self.size)


class _Line:
    """What consumer and thread share: elements that are ready, and room for more."""

    def __init__(self, size):
        self.ready, self.room = queue.SimpleQueue(), queue.SimpleQueue()
        self.is_closed = False
        for _ in range(size):
            self.room.put(None)


class PrefetchIterator(StageIterator):
    """Takes elements from a thread.

    With each element comes the input's state after it, so a position never counts what is ready
    but was not asked for. The thread starts with the first element and ends with the last one or
    when the iterator is closed. In a forked process, where no thread is, it starts another.

    Args:
        source: StageIterator.
        make: function that makes another such iterator.
        size: int.
    """

    def __init__(self, source, make, size):
        self._source, self._make, self._size = source, make, size
        self._state, self._thread, self._line, self._has_ended = None, None, None, False

    def __next__(self):
        if self._has_ended:
            raise StopIteration
        if self._thread is None:
            self._start()
        elif self._process != os.getpid():
            self.restore(self._state)
            self._start()
        element, error, self._state = self._line.ready.get()
        if error is None:
            self._line.room.put(None)
            return element
        if isinstance(error, _End):
            self._has_ended = True
            self.close()
            raise StopIteration
        self._line.room.put(None)
        try:
            raise error
        finally:
            error = None  # its traceback holds this frame: no cycle

    def _start(self):
        self._process, self._line = os.getpid(), _Line(self._size)
        if self._state is None:
            self._state = self._source.state()
        # In a copy of the context, where NumPy keeps its error settings.
        run = contextvars.copy_context().run
        self._thread = threading.Thread(
            target=run, args=(_work, self._source, self._line), name="kerasish-data", daemon=True
        )
        self._thread.start()

    def state(self):
        """The input's, after the last element that was asked for."""
        return self._source.state() if self._state is None else self._state

    def restore(self, state):
        """Go on with another input."""
        self.close()
        self._source = self._make()
        self._source.restore(state)
        self._state, self._thread, self._has_ended = state, None, False

    def close(self):
        """End the thread, which closes the input."""
        if self._thread is None:
            self._source.close()
        elif self._process == os.getpid():
            self._line.is_closed = True
            self._line.room.put(None)
            is_own = self._thread is threading.current_thread()
            if not is_own and not sys.is_finalizing():
                self._thread.join(_PATIENCE)


class _End(Exception):
    """Tells that the input has ended."""


def _work(source, line):
    try:
        while True:
            line.room.get()
            if line.is_closed:
                return
            try:
                made = next(source), None
            except StopIteration:
                line.ready.put((None, _End(), source.state()))
                return
            except Exception as error:
                made = None, error
            line.ready.put((*made, source.state()))
            made = None
    except BaseException as error:  # whatever it is, it is the consumer's
        line.ready.put((None, error, None))
    finally:
        source.close()
