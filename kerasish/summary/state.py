"""The writer, the step and the condition under which the functions of `summary` record."""

import contextlib
import threading

from kerasish.errors import explain


class _Local(threading.local):
    def __init__(self):
        self.writer = self.step = None
        self.condition = True


_local = _Local()


def current_writer():
    """SummaryWriter that records in this thread, or None."""
    return _local.writer


def set_writer(writer):
    """Make a writer, or None, the one that records in this thread."""
    _local.writer = writer


def get_step():
    """Step of summaries that name none, or None."""
    return _local.step


def set_step(step):
    """Set the step of summaries that name none.

    Args:
        step: int, a variable or tensor (read at every summary), or None.
    """
    _local.step = step


@contextlib.contextmanager
def writing(writer, step=None):
    """Context in which a writer records; a step given is the default one inside."""
    before = _local.writer, _local.step
    _local.writer = writer
    if step is not None:
        _local.step = step
    try:
        yield writer
    finally:
        if not writer.is_closed:
            writer.flush()
        _local.writer = before[0]
        if step is not None:
            _local.step = before[1]


@contextlib.contextmanager
def record_if(condition):
    """Context in which summaries are recorded only under a condition.

    Args:
        condition: bool, a scalar tensor, or a function that returns one.

    Example:
        >>> with record_if(False):
        ...     should_record_summaries()
        False
    """
    before, _local.condition = _local.condition, condition
    try:
        yield
    finally:
        _local.condition = before


def should_record_summaries():
    """Whether summaries are recorded now: there is a writer, and the condition holds."""
    condition = _local.condition() if callable(_local.condition) else _local.condition
    return _local.writer is not None and bool(condition)


def step_or_default(step, where):
    """int of a step, or of the default step.

    Raises:
        ValueError: there is neither.
    """
    step = _local.step if step is None else step
    if step is None:
        raise ValueError(
            explain(where, "no step is given, and there is no default step",
                    fix="pass step=, or call summary.experimental.set_step(step)")
        )  # fmt: skip
    return int(step)
