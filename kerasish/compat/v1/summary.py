"""`tf.summary`: operations that give Summary messages, and the writer of event files.

The messages and files are those of `kerasish.summary`, which needs the package tensorboard.
"""

import importlib

from kerasish.compat.v1 import errors
from kerasish.compat.v1.constants import as_array, convert_to_tensor
from kerasish.compat.v1.graph import GraphKeys, get_default_graph
from kerasish.compat.v1.host_ops import HostOperation


def _door():
    """`kerasish.summary`, imported when a summary is first computed or written."""
    return importlib.import_module("kerasish.summary")


def _operation(type_name, message, name, tensor, collections, family=None):
    """An operation whose output is the bytes of a message, in the collection of summaries."""
    graph = get_default_graph()
    label = f"{family}/{name}" if family else name
    scope = graph.get_name_scope()
    tag = f"{scope}/{label}" if scope else label

    def call(array):
        try:
            return (as_array(message(tag, array).SerializeToString(), "string"),)
        except ValueError as error:
            raise errors.InvalidArgumentError(None, None, str(error)) from error

    made = HostOperation(type_name, [convert_to_tensor(tensor)], call, [((), "string")],
                         name.replace(" ", "_")).output  # fmt: skip
    graph.add_to_collections(collections or [GraphKeys.SUMMARIES], made)
    return made


def scalar(name, tensor, collections=None, family=None):
    """Summary of one number.

    Example:
        >>> import kerasish.compat.v1 as tf
        >>> with tf.Graph().as_default():
        ...     tf.summary.scalar("loss", tf.constant(0.5))
        <tf.Tensor 'loss:0' shape=() dtype=string>

    Source: TensorFlow 1.
    """
    return _operation("ScalarSummary", lambda tag, x: _door().scalar_proto(tag, x), name, tensor,
                      collections, family)  # fmt: skip


def histogram(name, values, collections=None, family=None):
    """Summary of the distribution of all elements."""
    return _operation("HistogramSummary", lambda tag, x: _door().histogram_proto(tag, x), name,
                      values, collections, family)  # fmt: skip


def image(name, tensor, max_outputs=3, collections=None, family=None):
    """Summary of the first images of a batch (images, height, width, channels)."""
    return _operation("ImageSummary", lambda tag, x: _door().image_proto(tag, x, max_outputs), name,
                      tensor, collections, family)  # fmt: skip


def text(name, tensor, collections=None):
    """Summary of texts."""
    return _operation("TensorSummaryV2", lambda tag, x: _door().text_proto(tag, x), name, tensor,
                      collections)  # fmt: skip


def merge(inputs, collections=None, name=None):
    """One summary of several."""
    tensors = [convert_to_tensor(t) for t in inputs]

    def call(*parts):
        merged = b"".join(p.item() for p in parts)  # as protobuf concatenates repeated fields
        return (as_array(merged, "string"),)

    made = HostOperation("MergeSummary", tensors, call, [((), "string")], name or "Merge").output
    get_default_graph().add_to_collections(collections or [], made)
    return made


def merge_all(key=GraphKeys.SUMMARIES, scope=None, name=None):
    """One summary of all that a collection holds, or None where it holds none."""
    found = get_default_graph().get_collection(key, scope)
    return merge(found, name=name) if found else None


class FileWriter:
    """Writes summaries, and the graph, to an event file that TensorBoard shows.

    Args:
        logdir: folder, made if need be.
        graph: Graph or None.

    Raises:
        ImportError: the package tensorboard is not installed.
    """

    def __init__(self, logdir, graph=None, max_queue=10, flush_secs=120, graph_def=None,
                 filename_suffix=None, session=None):  # fmt: skip
        self._writer = _door().FileWriter(logdir, None, max_queue, flush_secs, filename_suffix)
        if graph is not None:
            self.add_graph(graph)

    def add_summary(self, summary, global_step=None):
        """Append a summary: bytes that a run gave, or a message."""
        self._writer.add_summary(summary, global_step)

    def add_graph(self, graph, global_step=None, graph_def=None):
        """Append the operations of a graph."""
        node = _door().GraphNode
        nodes = [
            node(op.name, op.type,
                 [t.name.removesuffix(":0") for t in op.inputs]
                 + [f"^{other.name}" for other in op.control_inputs],
                 [t.sizes for t in op.outputs if t.sizes is not None], {}, op.device)
            for op in graph.get_operations()
        ]  # fmt: skip
        self._writer.add_graph(nodes, global_step)

    def get_logdir(self):
        """The folder."""
        return self._writer.get_logdir()

    def flush(self):
        """Write what waits to the file."""
        self._writer.flush()

    def close(self):
        """Write what waits, and close the file."""
        self._writer.close()

    def reopen(self):
        """Go on in a new file, if this one is closed."""
        self._writer.reopen()

    def __enter__(self):
        return self

    def __exit__(self, *details):
        self.close()
