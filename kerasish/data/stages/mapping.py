"""Map: a function of each element, in the consumer's thread or in several others."""

import collections
import contextvars
import os
import queue
import sys
import threading
import time

from kerasish.data.elements import stack, unstack
from kerasish.data.stages.rows import MappedRows
from kerasish.data.stages.stage import SourcedIterator, Stage, discard

_PATIENCE = 5.0  # seconds to wait for a thread that is inside a function of the user's
_TASK_SECONDS = 1e-3  # what a task should take: handing one over costs some 30 us
_LARGEST_TASK = 64


class Map(Stage):
    """What a function makes of each element.

    Args:
        source: Stage.
        function: from element to element.
        workers: int. Threads; 0 for the consumer's own.
        is_ordered: bool. Whether results come in the order of the elements.
        is_vectorized: bool. Whether the function takes many elements along a first axis.
    """

    def __init__(self, source, function, workers=0, is_ordered=True, is_vectorized=False):
        self.inputs, self.function, self.workers = (source,), function, workers
        self.is_ordered_itself, self.is_vectorized = is_ordered or not workers, is_vectorized

    def probe(self):
        """From the input's."""
        found = self.inputs[0].probe()
        if not self.is_vectorized:
            return [self.function(element) for element in found]
        return [call_with_one(self.function, element) for element in found]

    def iterate(self, run):
        """Functions of rows are called when rows are gathered."""
        source = self.inputs[0].iterate(run)
        if self.is_vectorized:
            return MapRowsIterator(source, self.function)
        if not self.workers:
            return MapIterator(source, self.function)
        kind = OrderedMapIterator if self.is_ordered_itself else UnorderedMapIterator
        # A position inside a task is found again only where the input repeats itself.
        largest = _LARGEST_TASK if self.inputs[0].is_ordered() else 1

        def again():
            return self.inputs[0].iterate(run)

        return kind(source, again, self.function, self.workers, largest)


def call_with_one(function, element):
    """What a function of many elements makes of one."""
    return next(unstack(function(stack([element]))))


class MapIterator(SourcedIterator):
    """Calls the function.

    Args:
        source: StageIterator.
        function: of an element.
    """

    def __init__(self, source, function):
        super().__init__(source)
        self._function = function

    def __next__(self):
        return self._function(next(self.source))

    def state(self):
        """The input's."""
        return self.source.state()

    def restore(self, state):
        """Go on."""
        self.source.restore(state)


class MapRowsIterator(MapIterator):
    """Calls a function of many elements: when rows are gathered, where there are rows.

    Args:
        source: StageIterator.
        function: of many elements.
    """

    @property
    def rows(self):
        """Rows that the function makes of the input's."""
        rows = self.source.rows
        return None if rows is None else MappedRows(rows, self._function)

    def __next__(self):
        return call_with_one(self._function, next(self.source))

    def take(self, count):
        """The next numbers."""
        return self.source.take(count)


class _Task:
    """Some elements, and what became of them: (result, error) for each.

    Args:
        elements: list.
        before: state of the input before them, or None.
        error: exception of the input after them, or None.
        finished: queue that the task puts itself into at the end, or None.
    """

    __slots__ = ("elements", "before", "results", "seconds", "_error", "_finished", "_lock")

    def __init__(self, elements, before=None, error=None, finished=None):
        self.elements, self.before, self._error = elements, before, error
        self._finished = finished
        self.results, self.seconds = None, 0.0
        self._lock = threading.Lock()
        self._lock.acquire()

    def run(self, function):
        """Call the function for each element."""
        start, results = time.perf_counter(), []
        for element in self.elements:
            try:
                results.append((function(element), None))
            except BaseException as error:  # the consumer's, in its turn
                results.append((None, error))
        self.seconds = time.perf_counter() - start
        if self._error is not None:
            results.append((None, self._error))
        self.results = results
        self._lock.release()
        if self._finished is not None:
            self._finished.put(self)

    def wait(self):
        """Return when `run` has."""
        self._lock.acquire()
        self._lock.release()


class _Pool:
    """Threads of one iterator; it keeps none of them alive when it is dropped or closed.

    Args:
        function: of an element.
        count: int.
    """

    def __init__(self, function, count):
        self.process = os.getpid()
        self._tasks = queue.SimpleQueue()
        self._threads = []
        for _ in range(count):
            # In a copy of the context, where NumPy keeps its error settings.
            run = contextvars.copy_context().run
            args = (_work, self._tasks, function)
            thread = threading.Thread(target=run, args=args, name="kerasish-data", daemon=True)
            thread.start()
            self._threads.append(thread)

    def submit(self, task):
        """Have a task run."""
        self._tasks.put(task)

    def close(self):
        """End the threads; tasks that have not begun are left out."""
        if self.process != os.getpid():
            return
        try:
            while True:
                self._tasks.get_nowait()
        except queue.Empty:
            pass
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            if thread is not threading.current_thread() and not sys.is_finalizing():
                thread.join(_PATIENCE)


def _work(tasks, function):
    while (task := tasks.get()) is not None:
        task.run(function)
        del task  # nothing is kept alive while waiting


class _ParallelMapIterator(SourcedIterator):
    """What both orders share: the input is read by the consumer, a task at a time.

    Args:
        source: StageIterator.
        make: function that makes another such iterator.
        function: of an element.
        workers: int.
        largest: int, the most elements in one task.
    """

    def __init__(self, source, make, function, workers, largest):
        super().__init__(source)
        self._make, self._function = make, function
        self._workers, self._largest = workers, largest
        self._size, self._pool, self._has_ended = 1, None, False
        self._task, self._place = None, 0  # whose results are handed out, and which is next
        self._finished = None  # queue of tasks, where the order is theirs

    def __next__(self):
        if self._pool is None:
            self._pool = _Pool(self._function, self._workers)
        elif self._pool.process != os.getpid():  # forked: the threads are not here
            state, self.source = self.state(), self._make()
            self.restore(state)
            self._pool = _Pool(self._function, self._workers)
        while self._task is None or self._place == len(self._task.results):
            self._task, self._place = self._next_task(), 0
            if self._task is None:
                self.close()
                raise StopIteration
        result, error = self._task.results[self._place]
        self._task.results[self._place] = (
            None  # an error would hold this iterator, and it the error
        )
        self._place += 1
        if error is None:
            return result
        try:
            raise error
        finally:
            error = None  # its traceback holds this frame: no cycle

    def _read(self, before=None):
        """A task of the next elements; None at the end. An error of the input is a task, too."""
        elements = []
        try:
            while len(elements) < self._size:
                elements.append(next(self.source))
        except StopIteration:
            self._has_ended = True
        except Exception as error:
            return _Task(elements, before, error, self._finished)
        return _Task(elements, before, None, self._finished) if elements else None

    def _adapt(self, task):
        """Choose how many elements make a task that is worth handing over."""
        each = max(task.seconds / max(1, len(task.elements)), 1e-9)
        wanted = int(_TASK_SECONDS / each)
        self._size = max(1, min(self._largest, wanted, 2 * self._size))

    def close(self):
        """End the threads and close the input."""
        if self._pool is not None:
            self._pool.close()
        super().close()


class OrderedMapIterator(_ParallelMapIterator):
    """Results in the order of the elements.

    A position is that of the input before the oldest task, and how many of its results were handed
    out: what was in flight is computed again.
    """

    def __init__(self, *args):
        super().__init__(*args)
        self._waiting = collections.deque()

    def _next_task(self):
        while not self._has_ended and len(self._waiting) < 2 * self._workers:
            task = self._read(self.source.state())
            if task is None:
                break
            self._pool.submit(task)
            self._waiting.append(task)
        if not self._waiting:
            return None
        task = self._waiting.popleft()
        task.wait()
        self._adapt(task)
        return task

    def state(self):
        """Where the oldest task began, and how many of its results are gone."""
        if self._task is not None and self._place < len(self._task.results):
            return {"source": self._task.before, "place": self._place}
        before = self._waiting[0].before if self._waiting else self.source.state()
        return {"source": before, "place": 0}

    def restore(self, state):
        """Read the task again, less what is gone."""
        self._waiting.clear()
        self._task, self._place, self._has_ended = None, 0, False
        self.source.restore(state["source"])
        discard(self.source, state["place"])


class UnorderedMapIterator(_ParallelMapIterator):
    """Results as they come.

    A position holds the elements in flight themselves, since which are through is up to chance.
    """

    def __init__(self, *args):
        super().__init__(*args)
        self._waiting, self._held = {}, ()
        self._finished = queue.SimpleQueue()

    def _next_task(self):
        while len(self._waiting) < 2 * self._workers and not (self._has_ended and not self._held):
            task = self._read()
            if task is None:
                break
            self._waiting[id(task)] = task
            self._pool.submit(task)
        if not self._waiting:
            return None
        task = self._finished.get()
        del self._waiting[id(task)]
        self._adapt(task)
        return task

    def state(self):
        """The input's, and the elements whose results are not handed out."""
        held = [] if self._task is None else self._task.elements[self._place :]
        flying = [element for task in self._waiting.values() for element in task.elements]
        return {"held": [*held, *flying, *self._held], "source": self.source.state()}

    def restore(self, state):
        """Hand the elements over again."""
        self._waiting.clear()
        self._task, self._place, self._has_ended = None, 0, False
        self._finished = queue.SimpleQueue()
        self.source.restore(state["source"])
        self._held = list(state["held"])

    def _read(self, before=None):
        if not self._held:
            return super()._read(before)
        elements, self._held = self._held[: self._size], self._held[self._size :]
        return _Task(elements, finished=self._finished)
