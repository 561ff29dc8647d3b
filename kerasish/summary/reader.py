"""Reading event files: events as tensorboard migrates them, and records as plain values."""

import dataclasses
import os
import pathlib

from kerasish.errors import CorruptFileError, explain
from kerasish.summary.door import tensorboard
from kerasish.summary.values import from_png


@dataclasses.dataclass(frozen=True)
class Record:
    """One summary of an event file.

    Attributes:
        step: int.
        wall_time: float. Seconds since 1970.
        tag: str.
        plugin: str. Who shows it: "scalars", "histograms", "images", "text", "audio", "hparams",
            "graphs", another plugin's name, or "".
        value: float; array (buckets, 3); list of uint8 images; str, or array of them; list of
            bytes of WAV files; dict; GraphDef message; else an array.
    """

    step: int
    wall_time: float
    tag: str
    plugin: str
    value: object


def read(path):
    """Records of an event file, or of all those in a folder.

    A record that a kill has cut off is skipped.

    Args:
        path: str or path-like.

    Returns:
        list of `Record`, in the order of the files' names and of writing.

    Raises:
        FileNotFoundError: there is no event file.
        CorruptFileError: a checksum is wrong.

    Example:
        losses = [r.value for r in kerasish.summary.read("logs/train") if r.tag == "epoch_loss"]
    """
    return [record for event in read_events(path) for record in _records(event)]


def read_events(path):
    """Iterate over the Event messages of a file, or of all those in a folder.

    Summaries of older forms come in the present one, as tensorboard shows them.

    Args:
        path: str or path-like.

    Raises:
        FileNotFoundError, CorruptFileError: as in `read`.
    """
    board = tensorboard("reading event files")
    for file in _files(path):
        known = {}  # metadata of tags, which only the first summary of a tag needs to have
        for data in _raw(board, file):
            try:
                event = board.Event.FromString(data)
            except board.DecodeError as error:
                raise CorruptFileError(
                    explain(str(file), "a record is no event", received=f" {error}")
                ) from error
            event = board.data_compat.migrate_event(event)
            yield from board.dataclass_compat.migrate_event(event, known)


def _files(path):
    path = pathlib.Path(path)
    if path.is_file():
        return [path]
    found = sorted(p for p in path.glob("*tfevents*") if p.is_file())
    if not found:
        raise FileNotFoundError(
            explain("summary.read", "there is no event file", received=str(path),
                    expected="a file, or a folder with files named events.out.tfevents...")
        )  # fmt: skip
    return found


def _raw(board, file):
    """Bytes of the whole records of a file."""
    reader = board.PyRecordReader_New(os.fspath(file))
    with reader.file_handle:
        while True:
            try:
                reader.GetNext()
            except board.errors.OutOfRangeError:
                return
            except (board.errors.DataLossError, MemoryError, OverflowError) as error:
                if "truncated" in str(error):
                    return
                raise CorruptFileError(
                    explain(str(file), "a record is damaged", received=f" {error}")
                ) from error
            yield reader.record()


def _records(event):
    for value in event.summary.value:
        plugin = value.metadata.plugin_data.plugin_name
        content = _content(plugin, value)
        yield Record(event.step, event.wall_time, value.tag, plugin, content)


def _content(plugin, value):
    board = tensorboard("reading event files")
    if plugin == "hparams":
        return _hparams(board, value.metadata.plugin_data.content)
    array = board.make_ndarray(value.tensor)
    if plugin == "scalars":
        return float(array.reshape(()))
    if plugin == "images":
        return [from_png(data) for data in array.reshape(-1)[2:]]
    if plugin == "audio":
        return list(array.reshape(len(array), -1)[:, 0]) if array.size else []
    if value.tag == "__run_graph__":
        return board.GraphDef.FromString(array.item())
    if plugin == "text":
        text = [x.decode("utf-8", "replace") for x in array.reshape(-1)]
        if array.ndim == 0:
            return text[0]
        array = array.astype(object)
        array.reshape(-1)[:] = text
    return array


def _hparams(board, content):
    """Dict of the hyperparameters; empty for the plugin's other messages."""
    info = board.HParamsPluginData.FromString(content).session_start_info
    return {
        name: getattr(value, value.WhichOneof("kind"))
        for name, value in info.hparams.items()
        if value.WhichOneof("kind")
    }
