"""Prefetching: the next item is made by a thread while the present one is in use."""

import contextvars
import queue
import threading

_END = object()


def prefetched(make, jobs, slots):
    """Iterator over `make(slot, job)` for each job, made one item ahead in a thread.

    An item may be used until the next one is asked for; then its slot is given to a new one. An
    error in the thread is raised here in its turn, with its traceback. The thread has ended when
    the iterator has ended or was closed.

    Args:
        make: callable of a slot and a job.
        jobs: iterable; read in the thread.
        slots: sequence of two or more things, such as buffers, that items are made in.
    """
    free, ready = queue.SimpleQueue(), queue.SimpleQueue()

    def work():
        try:
            for job in jobs:
                slot = free.get()
                if slot is _END:
                    return
                ready.put((slot, make(slot, job), None))
        except BaseException as error:  # whatever it is, it is the consumer's
            ready.put((None, None, error))
        else:
            ready.put((_END, None, None))

    for slot in slots:
        free.put(slot)
    # In a copy of the context, where NumPy keeps its error settings.
    run = contextvars.copy_context().run
    thread = threading.Thread(target=run, args=(work,), name="kerasish-prefetch", daemon=True)
    thread.start()
    try:
        while True:
            slot, item, error = ready.get()
            if error is not None:
                try:
                    raise error
                finally:
                    error = None  # its traceback holds this frame: no cycle
            if slot is _END:
                return
            yield item
            free.put(slot)
    finally:
        free.put(_END)
        thread.join()
