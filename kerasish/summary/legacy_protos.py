"""Summary messages as TensorFlow 1 writes them, for its Session programs."""

import sys

import numpy as np

from kerasish.errors import explain
from kerasish.summary import values
from kerasish.summary.door import tensorboard
from kerasish.summary.protos import text_summary
from kerasish.summary.tags import clean


def scalar_proto(tag, value):
    """Summary of one value.

    Args:
        tag: str.
        value: scalar.
    """
    board = tensorboard("a scalar summary")
    number = values.as_scalar(value, "scalar_proto")
    return board.Summary(value=[board.Summary.Value(tag=clean(tag), simple_value=number)])


def _bucket_limits():
    """Upper limits of the buckets: powers of 1.1 from 1e-12 to 1e20, mirrored around 0."""
    limits, limit = [], 1e-12
    while limit < 1e20:
        limits.append(limit)
        limit *= 1.1
    limits.append(sys.float_info.max)
    return np.array([*(-x for x in reversed(limits)), 0.0, *limits])


_LIMITS = _bucket_limits()


def histogram_proto(tag, array):
    """Summary of the distribution of all values, in buckets that grow by a tenth.

    Args:
        tag: str.
        array: tensor or array-like of any shape.

    Raises:
        ValueError: a value that is not finite.
    """
    board = tensorboard("a histogram summary")
    data = values.as_array(array).astype(np.float64).reshape(-1)
    if not np.isfinite(data).all():
        raise ValueError(explain("", f"Nan in summary histogram for: {clean(tag)}"))
    histogram = board.HistogramProto(num=data.size)
    if data.size:
        histogram.min, histogram.max = data.min(), data.max()
        histogram.sum, histogram.sum_squares = data.sum(), np.square(data).sum()
    places = np.minimum(np.searchsorted(_LIMITS, data, side="right"), _LIMITS.size - 1)
    counts = np.bincount(places, minlength=_LIMITS.size)
    # Of a run of empty buckets only the last is kept.
    is_kept = (counts > 0) | np.append(counts[1:] > 0, True)
    histogram.bucket_limit.extend(_LIMITS[is_kept])
    histogram.bucket.extend(counts[is_kept].astype(np.float64))
    return board.Summary(value=[board.Summary.Value(tag=clean(tag), histo=histogram)])


def image_proto(tag, images, max_outputs=3):
    """Summary of the first images of a batch, tagged `tag/image/0` and so on.

    Args:
        tag: str.
        images: (images, height, width, channels) of uint8, or of floats, which are scaled so that
            the largest becomes 255; where some are negative, 0 becomes 128.
        max_outputs: int.
    """
    board = tensorboard("an image summary")
    images = values.as_array(images)
    if images.dtype.kind == "f":
        images = np.stack([_stretched(x) for x in images]) if len(images) else images
    images = values.pixels(images, "image_proto")[:max_outputs]
    summary = board.Summary()
    for i, image in enumerate(images):
        height, width, channels = image.shape
        name = f"{tag}/image" if max_outputs == 1 else f"{tag}/image/{i}"
        data = values.png(image)
        content = board.Summary.Image(
            height=height, width=width, colorspace=channels, encoded_image_string=data
        )
        summary.value.add(tag=clean(name), image=content)
    return summary


def _stretched(image):
    """uint8 image of one of floats, using the whole range."""
    image = np.where(np.isfinite(image), image, 0.0).astype(np.float64)
    low, high = image.min(initial=0.0), image.max(initial=0.0)
    if low < 0:
        largest = max(-low, high)
        return np.floor(image * (127.0 / largest) + 128.0).astype(np.uint8)
    return np.floor(image * (255.0 / high if high else 0.0)).astype(np.uint8)


def audio_proto(tag, audio, sample_rate, max_outputs=3):
    """Summary of the first sounds of a batch, tagged `tag/audio/0` and so on.

    Args:
        tag: str.
        audio: (sounds, frames, channels), or (sounds, frames), of floats from -1 to 1.
        sample_rate: number. Frames a second.
        max_outputs: int.
    """
    board = tensorboard("an audio summary")
    audio = values.as_array(audio)
    audio = audio[..., None] if audio.ndim == 2 else audio
    summary = board.Summary()
    for i, sound in enumerate(audio[:max_outputs]):
        frames, channels = sound.shape
        content = board.Summary.Audio(
            sample_rate=sample_rate, num_channels=channels, length_frames=frames,
            encoded_audio_string=values.wav(sound, int(sample_rate)), content_type="audio/wav",
        )  # fmt: skip
        name = f"{tag}/audio" if max_outputs == 1 else f"{tag}/audio/{i}"
        summary.value.add(tag=clean(name), audio=content)
    return summary


def text_proto(tag, text):
    """Summary of Markdown text.

    Args:
        tag: str.
        text: str, or array of them.
    """
    return text_summary(tag, text)


def merge_protos(summaries):
    """One Summary of several, given as messages or as their bytes.

    Args:
        summaries: iterable of Summary or bytes.
    """
    board = tensorboard("a summary")
    merged = board.Summary()
    for summary in summaries:
        merged.value.extend(as_summary(summary).value)
    return merged


def as_summary(summary):
    """Summary message of one, or of its bytes."""
    board = tensorboard("a summary")
    return board.Summary.FromString(summary) if isinstance(summary, bytes) else summary
