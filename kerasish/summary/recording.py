"""The functions that record: scalars, histograms, images, text, sounds, graphs, hyperparameters."""

from kerasish.summary import protos, state
from kerasish.summary.graphs import graph_def
from kerasish.summary.tags import scoped


def _record(where, make, name, step, *arguments):
    """Record a message, made only if it is wanted; returns whether it was."""
    if not state.should_record_summaries():
        return False
    step = state.step_or_default(step, where)
    state.current_writer().add_summary(make(scoped(name), *arguments), step)
    return True


def scalar(name, data, step=None, description=None):
    """Record one value.

    Args:
        name: str. Tag, behind those of the open name scopes; "group/name" makes groups.
        data: scalar: number, tensor or variable.
        step: int, or None for the default step.
        description: str or None. Markdown.

    Returns:
        bool: whether it was recorded; False where there is no default writer.

    Raises:
        ShapeError: more than one value.
        ValueError: there is no step.

    Example:
        with writer.as_default():
            summary.scalar("loss", 0.5, step=1)

    Source: the names of `tf.summary`.
    """
    return _record("summary.scalar", protos.scalar_summary, name, step, data, description)


def histogram(name, data, step=None, buckets=None, description=None):
    """Record the distribution of all values of a tensor; those not finite are left out.

    Args:
        name, step, description: as in `scalar`.
        data: tensor or array-like of any shape.
        buckets: int or None. Number of buckets of equal width; 30 when None.

    Returns:
        bool: as in `scalar`.
    """
    return _record("summary.histogram", protos.histogram_summary, name, step, data, buckets,
                   description)  # fmt: skip


def image(name, data, step=None, max_outputs=3, description=None):
    """Record images.

    Args:
        name, step, description: as in `scalar`.
        data: (images, height, width, channels) with 1 to 4 channels: uint8, or floats from 0 to 1.
        max_outputs: int. At most so many of them.

    Returns:
        bool: as in `scalar`.

    Raises:
        ShapeError: another shape.
    """
    return _record("summary.image", protos.image_summary, name, step, data, max_outputs,
                   description)  # fmt: skip


def text(name, data, step=None, description=None):
    """Record text.

    Args:
        name, step, description: as in `scalar`.
        data: str of Markdown, or an array of them, shown as a table.

    Returns:
        bool: as in `scalar`.
    """
    return _record("summary.text", protos.text_summary, name, step, data, description)


def audio(name, data, sample_rate, step=None, max_outputs=3, encoding=None, description=None):
    """Record sounds, as WAV files of 16 bits.

    Args:
        name, step, description: as in `scalar`.
        data: (sounds, frames, channels) with 1 or 2 channels, floats from -1 to 1.
        sample_rate: int. Frames a second.
        max_outputs: int. At most so many of them.
        encoding: "wav" or None.

    Returns:
        bool: as in `scalar`.

    Raises:
        ShapeError: another shape.
    """
    return _record("summary.audio", protos.audio_summary, name, step, data, sample_rate,
                   max_outputs, description)  # fmt: skip


def hparams(hparams, trial_id=None, start_time_secs=None):
    """Record the hyperparameters of a run, which TensorBoard sets against its scalars.

    Args:
        hparams: dict from name to bool, number or str.
        trial_id: str or None. Runs with the same id are one trial; None: those of equal values.
        start_time_secs: float or None. Start of the run; None: now.

    Returns:
        bool: whether it was recorded.

    Raises:
        TypeError: a value of another kind.

    Source: `hparams` of `tensorboard.plugins.hparams.api`.
    """
    if not state.should_record_summaries():
        return False
    summary = protos.hparams_summary(hparams, trial_id, start_time_secs)
    state.current_writer().add_summary(summary, 0)
    return True


def graph(graph_data):
    """Record a graph.

    Args:
        graph_data: a model, shown as its layers; a traced `Graph`, shown as its operations; an
            iterable of `GraphNode`; or a GraphDef message.

    Returns:
        bool: whether it was recorded.

    Raises:
        TypeError: nothing that is a graph.
    """
    if not state.should_record_summaries():
        return False
    state.current_writer().add_graph(graph_def(graph_data))
    return True


def write(tag, tensor, step=None, metadata=None, name=None):
    """Record any tensor.

    Args:
        tag: str.
        tensor: tensor or array-like.
        step: int, or None for the default step.
        metadata: SummaryMetadata message or None. Names the plugin that is to show it.
        name: unused.

    Returns:
        bool: as in `scalar`.
    """
    return _record("summary.write", protos.tensor_summary, tag, step, tensor, metadata)


def flush(writer=None, name=None):
    """Write what waits to the file.

    Args:
        writer: SummaryWriter, or None for the default one.
        name: unused.
    """
    writer = state.current_writer() if writer is None else writer
    if writer is not None:
        writer.flush()
