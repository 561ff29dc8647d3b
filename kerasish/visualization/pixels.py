"""Batches of images as arrays of pixels that can be drawn on and shown."""

import numpy

from kerasish import ops
from kerasish.config import standardize_data_format
from kerasish.errors import ShapeError, explain


def as_channels_last(images, data_format, where):
    """Batch of images, masks or the like as an array (batch, height, width, channels).

    Raises:
        ShapeError: another number of axes.
    """
    images = ops.convert_to_numpy(images)
    if images.ndim != 4:
        raise ShapeError(explain(where, "images must be a batch with 4 axes", received=images))
    is_first = standardize_data_format(data_format) == "channels_first"
    return images.transpose(0, 2, 3, 1) if is_first else images


def as_pixels(images, value_range=None):
    """Images as uint8 from 0 to 255, in memory of their own.

    Args:
        images: array.
        value_range: pair of numbers, or None: from 0 to 1 where no value is larger, else to 255.
    """
    if value_range is None:
        is_unit = images.dtype.kind == "f" and images.size and images.max() <= 1.0
        value_range = (0, 1) if is_unit else (0, 255)
    low, high = value_range
    if (low, high) != (0, 255):
        images = (images.astype("float32") - low) * (255 / (high - low))
    return numpy.clip(images, 0, 255).astype("uint8")
