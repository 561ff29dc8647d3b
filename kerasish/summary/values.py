"""What summaries hold: tensors as arrays, buckets of histograms, pictures as PNG, sound as WAV."""

import io
import wave

import numpy as np

from kerasish.errors import ShapeError, explain
from kerasish.optional import pillow

_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def as_array(data):
    """NumPy array of a tensor, a variable or anything array-like; bfloat16 and such as float32."""
    array = np.asarray(data.numpy() if hasattr(data, "numpy") else data)
    return array.astype(np.float32) if array.dtype.kind == "V" else array


def as_scalar(data, where):
    """Float of a scalar.

    Raises:
        ShapeError: more than one value.
    """
    array = as_array(data)
    if array.size != 1:
        raise ShapeError(explain(where, "a scalar is one value", received=data))
    return float(array.reshape(()))


def histogram_buckets(data, count):
    """Array (count, 3) of left edge, right edge and number of values, edges evenly spaced.

    All edges are equal where all values are, which then lie in the last bucket; without values
    all is 0. Values that are not finite are left out.
    """
    data = as_array(data).astype(np.float64).reshape(-1)
    data = data[np.isfinite(data)]
    buckets = np.zeros((count, 3))
    if not count or not data.size:
        return buckets
    low, high = data.min(), data.max()
    edges = np.linspace(low, high, count + 1)
    buckets[:, 0], buckets[:, 1] = edges[:-1], edges[1:]
    if low == high:
        buckets[-1, 2] = data.size
    else:
        places = np.floor((data - low) * (count / (high - low))).astype(np.int64)
        buckets[:, 2] = np.bincount(np.minimum(places, count - 1), minlength=count)
    return buckets


def pixels(images, where):
    """uint8 pixels of a batch of images; floats from 0 to 1 become 0 to 255.

    Raises:
        ShapeError: not (images, height, width, channels) with 1 to 4 channels.
    """
    images = as_array(images)
    if images.ndim != 4 or images.shape[-1] not in _MODES:
        raise ShapeError(
            explain(where, "images have four axes, the last of 1 to 4 channels", received=images,
                    expected="(images, height, width, channels)", fix="images[None, ..., None]")
        )  # fmt: skip
    if images.dtype == np.uint8:
        return images
    if images.dtype.kind == "b":
        return images.astype(np.uint8) * np.uint8(255)
    if images.dtype.kind == "f":
        # Every value of uint8 stands for an equal part of the range.
        return np.nan_to_num(np.clip(images * 255.5, 0, 255), nan=0.0).astype(np.uint8)
    return np.clip(images, 0, 255).astype(np.uint8)


def png(image):
    """Bytes of a PNG file of (height, width, channels) uint8."""
    channels = image.shape[-1]
    image = image[..., 0] if channels == 1 else image
    file = io.BytesIO()
    picture = pillow("an image summary").fromarray(np.ascontiguousarray(image))
    picture.convert(_MODES[channels]).save(file, format="PNG")
    return file.getvalue()


def from_png(data):
    """Array (height, width, channels) of the bytes of a picture."""
    with pillow("reading images of an event file").open(io.BytesIO(data)) as picture:
        if picture.mode not in _MODES.values():
            picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
        array = np.asarray(picture)
    return array[..., None] if array.ndim == 2 else array


def wav(sound, sample_rate):
    """Bytes of a WAV file of (frames, channels) floats from -1 to 1, 16 bits a value."""
    levels = np.clip(np.nan_to_num(sound.astype(np.float64)), -1.0, 1.0) * 32767.0
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(sound.shape[1])
        out.setsampwidth(2)
        out.setframerate(sample_rate)
        out.writeframes(np.round(levels).astype("<i2").tobytes())
    return file.getvalue()
