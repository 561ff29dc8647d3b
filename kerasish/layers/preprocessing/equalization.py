"""Equalization: images with all shades about equally often."""

from kerasish import ops, registry
from kerasish.core.structural import reshape_like
from kerasish.layers.arguments import positive_int
from kerasish.layers.preprocessing.image_arguments import pixel_range
from kerasish.layers.preprocessing.image_layer import ImageLayer, rescaled
from kerasish.ops.regrouping import merge_axes


@registry.register("layers")
class Equalization(ImageLayer):
    """Each channel of each image mapped so that its shades are about equally frequent, in training.

    A shade v becomes 255 * (c(v) - c0) / (n - c0), where c(v) of the n pixels are at most v, and c0
    have the lowest value.

    Args:
        value_range: pair of numbers: lowest and highest value of a pixel.
        bins: int. Number of shades told apart.
        data_format: "channels_last", "channels_first" or None (the configured default).
        **kwargs: `bounding_box_format`, `name`, `trainable`, `dtype`.

    Call arguments:
        data: images (batch, height, width, channels) or one image; or a dict with "images".
        training: bool.

    Returns:
        images of the same shape, in the compute dtype.

    Raises:
        ValueError: an unusable range or number of bins.

    Example:
        >>> Equalization()(ops.array([[[100.0], [101.0], [102.0]]])).tolist()
        [[[0.0], [128.0], [255.0]]]

    Source: Gonzalez and Woods, Digital Image Processing; Keras 3 names and defaults. (Keras 3.15
    takes one histogram for all images of a batch, against its description.)
    """

    moves_pixels = False

    def __init__(self, value_range=(0, 255), bins=256, data_format=None, **kwargs):
        super().__init__(data_format=data_format, **kwargs)
        self.bins = positive_int(bins, "bins", self.name)
        self.value_range = pixel_range(value_range, self.name)

    def transform(self, images, transformation, interpolation=None):
        """Look the shades up."""
        pixels = rescaled(ops.cast(images, "float32"), self.value_range, (0, 255))
        planes = ops.moveaxis(pixels, self.channel_axis, 1)
        rows = merge_axes(merge_axes(planes, axis=0), axis=1)  # one for each channel and image
        shade = ops.clip(ops.cast(rows * ((self.bins - 1) / 255), "int32"), 0, self.bins - 1)
        counts = ops.bincount(shade, minlength=self.bins)[:, : self.bins]
        table = shades_by_frequency(counts)
        rows = ops.where(
            ops.count_nonzero(counts, axis=1)[:, None] <= 1,
            rows,
            ops.take_along_axis(table, shade, axis=1),
        )
        pixels = ops.moveaxis(reshape_like(rows, planes), 1, self.channel_axis)
        return ops.cast(rescaled(pixels, (0, 255), self.value_range), images.dtype)


def shades_by_frequency(counts):
    """New shades, from 0 to 255, for histograms (rows, bins)."""
    at_most = ops.cumsum(ops.cast(counts, "float32"), axis=1)
    total = at_most[:, -1:]
    lowest = ops.min(ops.where(at_most > 0, at_most, total), axis=1, keepdims=True)
    spread = total - lowest
    shades = (at_most - lowest) * 255.0 / ops.where(spread == 0, 1.0, spread)
    return ops.clip(ops.round(shades), 0.0, 255.0)
