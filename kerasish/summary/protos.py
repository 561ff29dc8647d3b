"""Summary messages as TensorFlow 2 writes them: a tensor, and the plugin that shows it."""

import hashlib
import json
import time

import numpy as np

from kerasish.errors import ShapeError, explain
from kerasish.summary import values
from kerasish.summary.door import tensorboard
from kerasish.summary.tags import clean


def _summary(tag, tensor, metadata):
    board = tensorboard("a summary")
    value = board.Summary.Value(tag=clean(tag), tensor=tensor, metadata=metadata)
    return board.Summary(value=[value])


def scalar_summary(tag, data, description=None):
    """Message of one value, stored as float32."""
    board = tensorboard("a scalar summary")
    tensor = board.make_tensor_proto(values.as_scalar(data, "summary.scalar"), dtype=np.float32)
    return _summary(tag, tensor, board.scalars.create_summary_metadata(None, description))


def histogram_summary(tag, data, buckets=None, description=None):
    """Message of the distribution of all values, in 30 buckets unless told."""
    board = tensorboard("a histogram summary")
    count = 30 if buckets is None else buckets
    if not isinstance(count, (int, np.integer)) or isinstance(count, bool) or count < 0:
        raise ValueError(explain("summary.histogram", "buckets is a count", received=buckets))
    tensor = board.make_tensor_proto(values.histogram_buckets(data, count), dtype=np.float64)
    return _summary(tag, tensor, board.histograms.create_summary_metadata(None, description))


def image_summary(tag, data, max_outputs=3, description=None):
    """Message of the first images of a batch, as PNG files."""
    board = tensorboard("an image summary")
    images = values.pixels(data, "summary.image")
    _, height, width, _ = images.shape
    items = [str(width).encode(), str(height).encode()]
    items += [values.png(image) for image in images[:max_outputs]]
    metadata = board.images.create_summary_metadata(None, description)
    return _summary(tag, _bytes_tensor(items, (len(items),)), metadata)


def text_summary(tag, data, description=None):
    """Message of Markdown text: a str, or an array of them, shown as a table."""
    board = tensorboard("a text summary")
    array = np.asarray(values.as_array(data), dtype=object)
    items = [x if isinstance(x, bytes) else str(x).encode("utf-8", "replace") for x in array.flat]
    metadata = board.text.create_summary_metadata(None, description)
    return _summary(tag, _bytes_tensor(items, array.shape), metadata)


def audio_summary(tag, data, sample_rate, max_outputs=3, description=None):
    """Message of the first sounds of a batch (sounds, frames, channels), as WAV files."""
    board = tensorboard("an audio summary")
    sounds = values.as_array(data)
    if sounds.ndim != 3 or sounds.shape[2] not in (1, 2):
        raise ShapeError(
            explain("summary.audio", "sounds have three axes, the last of 1 or 2 channels",
                    received=sounds, expected="(sounds, frames, channels)")
        )  # fmt: skip
    files = [values.wav(sound, int(sample_rate)) for sound in sounds[:max_outputs]]
    items = [item for file in files for item in (file, b"")]
    encoding = board.audio.Encoding.Value("WAV")
    metadata = board.audio.create_summary_metadata(None, description, encoding)
    return _summary(tag, _bytes_tensor(items, (len(files), 2)), metadata)


def hparams_summary(hparams, trial_id=None, start_time_secs=None):
    """Message of the hyperparameters of a run.

    Args:
        hparams: dict from name to bool, number or str.
        trial_id: str or None. Runs with the same id are one trial; None: the same values.
        start_time_secs: float or None. Start of the run; None: now.

    Raises:
        TypeError: a value of another kind.
    """
    board = tensorboard("hyperparameters")
    plain = {clean(str(getattr(k, "name", k))): _plain(k, v) for k, v in hparams.items()}
    if trial_id is None:
        text = json.dumps(plain, sort_keys=True)
        trial_id = hashlib.sha256(text.encode()).hexdigest()
    start = time.time() if start_time_secs is None else start_time_secs
    info = board.SessionStartInfo(group_name=clean(trial_id), start_time_secs=start)
    for name, value in sorted(plain.items()):
        kind = {bool: "bool_value", str: "string_value"}.get(type(value), "number_value")
        setattr(info.hparams[name], kind, value)
    metadata = board.hparams.create_summary_metadata(
        board.HParamsPluginData(session_start_info=info)
    )
    return _summary(board.hparams.SESSION_START_INFO_TAG, board.hparams.NULL_TENSOR, metadata)


def tensor_summary(tag, data, metadata=None):
    """Message of any tensor, with the metadata of whatever plugin is to show it."""
    board = tensorboard("a summary")
    array = values.as_array(data)
    if array.dtype.kind in "USO":
        items = [x if isinstance(x, bytes) else str(x).encode() for x in array.flat]
        return _summary(tag, _bytes_tensor(items, array.shape), metadata)
    return _summary(tag, board.make_tensor_proto(array), metadata)


def _plain(name, value):
    """bool, number or str of a hyperparameter."""
    value = value.item() if isinstance(value, np.generic) else value
    if not isinstance(value, (bool, int, float, str)):
        raise TypeError(
            explain("summary.hparams", f"{str(name)!r} is no bool, number or str", received=value,
                    fix="use its name, such as 'adam', or a number of it")
        )  # fmt: skip
    return value


def _bytes_tensor(items, shape):
    tensor = tensorboard("a summary").TensorProto(dtype=7, string_val=items)  # 7: strings
    for size in shape:
        tensor.tensor_shape.dim.add(size=size)
    return tensor
