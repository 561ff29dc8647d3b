"""FileWriter: the writer of TensorFlow 1 programs, which is handed messages."""

from kerasish.summary.door import tensorboard
from kerasish.summary.event_writer import EventWriter
from kerasish.summary.graphs import graph_def
from kerasish.summary.legacy_protos import as_summary


class FileWriter:
    """Write messages to an event file.

    Args:
        logdir: str or path-like. Folder, made if need be.
        graph: what `add_graph` takes, or None.
        max_queue: int. Events that may wait to be written.
        flush_secs: float. Seconds that they may wait.
        filename_suffix: str or None. End of the file's name.

    Raises:
        ImportError: tensorboard is not installed.

    Example:
        writer = FileWriter("logs", graph=model)
        writer.add_summary(scalar_proto("loss", 0.5), global_step=1)
        writer.close()

    Source: the names of `tf.compat.v1.summary`.
    """

    def __init__(self, logdir, graph=None, max_queue=10, flush_secs=120, filename_suffix=None):
        self._board = tensorboard("a FileWriter")
        self._arguments = (logdir, max_queue, flush_secs, filename_suffix or "")
        self._events = EventWriter(*self._arguments)
        if graph is not None:
            self.add_graph(graph)

    def get_logdir(self):
        """The folder."""
        return self._events.logdir

    def add_summary(self, summary, global_step=None):
        """Append a Summary message.

        Args:
            summary: message, or its bytes.
            global_step: int or None.
        """
        self._add(global_step, summary=as_summary(summary))

    def add_graph(self, graph, global_step=None):
        """Append a graph.

        Args:
            graph: a GraphDef message, a model, a traced graph, an iterable of GraphNode, or an
                object with `as_graph_def` or `get_operations`.
            global_step: int or None.
        """
        self._add(global_step, graph_def=graph_def(graph).SerializeToString())

    def add_session_log(self, session_log, global_step=None):
        """Append a SessionLog message.

        Args:
            session_log: message.
            global_step: int or None.
        """
        self._add(global_step, session_log=session_log)

    def add_event(self, event):
        """Append an Event message.

        Args:
            event: message.
        """
        self._events.add_event(event)

    def _add(self, global_step, **content):
        step = 0 if global_step is None else int(global_step)
        self._events.add_event(self._board.Event(step=step, **content))

    def flush(self):
        """Write what waits to the file."""
        self._events.flush()

    def close(self):
        """Write what waits, and close the file."""
        self._events.close()

    def reopen(self):
        """Go on in a new file, if this one is closed."""
        if self._events.is_closed:
            self._events = EventWriter(*self._arguments)

    def __enter__(self):
        return self

    def __exit__(self, *details):
        self.close()
