"""SummaryWriter: what `create_file_writer` returns, and the entry of messages into its file."""

from kerasish.summary import state
from kerasish.summary.door import tensorboard
from kerasish.summary.event_writer import EventWriter


class SummaryWriter:
    """Writer of summaries to a file of its own; made by `create_file_writer`.

    Args:
        open_events: function that opens an EventWriter, called when there is something to write.
    """

    def __init__(self, open_events):
        self._open, self._opened = open_events, None
        self._board = tensorboard("a summary writer")

    @property
    def _events(self):
        self.init()
        return self._opened

    @property
    def path(self):
        """Path of the file; None before it is opened."""
        return None if self._opened is None else self._opened.path

    @property
    def is_closed(self):
        """Whether `close` has been called."""
        return self._opened is not None and self._opened.is_closed

    def as_default(self, step=None):
        """Context in which the functions of `summary` record with this writer.

        Args:
            step: int or None. Default step inside the context.
        """
        return state.writing(self, step)

    def set_as_default(self, step=None):
        """Make this the writer with which the functions of `summary` record.

        Args:
            step: int or None. Default step from now on.
        """
        state.set_writer(self)
        if step is not None:
            state.set_step(step)

    def init(self):
        """Open the file, unless it is open."""
        if self._opened is None:
            self._opened = self._open()

    def add_summary(self, summary, step):
        """Append a Summary message."""
        self._events.add_event(self._board.Event(step=step, summary=summary))

    def add_graph(self, graph_def, step=0):
        """Append a GraphDef message."""
        data = graph_def.SerializeToString()
        self._events.add_event(self._board.Event(step=step, graph_def=data))

    def flush(self):
        """Write what waits to the file."""
        if self._opened is not None:
            self._opened.flush()

    def close(self):
        """Write what waits, and close the file."""
        if self._opened is not None:
            self._opened.close()

    def __enter__(self):
        return self

    def __exit__(self, *details):
        self.close()


def create_file_writer(logdir, max_queue=None, flush_millis=None, filename_suffix=None, name=None):
    """Writer of a new event file in a folder.

    Args:
        logdir: str or path-like. Made if need be. Every folder below the one that TensorBoard
            shows is a run.
        max_queue: int or None. Summaries that may wait to be written; 10 when None.
        flush_millis: int or None. Milliseconds that they may wait; two minutes when None.
        filename_suffix: str or None. End of the file's name; ".v2" when None.
        name: unused.

    Returns:
        SummaryWriter.

    Raises:
        ImportError: tensorboard is not installed.

    Example:
        writer = kerasish.summary.create_file_writer("logs/train")
        with writer.as_default():
            kerasish.summary.scalar("loss", 0.5, step=1)

    Source: the names of `tf.summary`.
    """
    arguments = (
        logdir,
        10 if max_queue is None else max_queue,
        120.0 if flush_millis is None else flush_millis / 1000.0,
        ".v2" if filename_suffix is None else filename_suffix,
    )
    writer = SummaryWriter(lambda: EventWriter(*arguments))
    writer.init()
    return writer
