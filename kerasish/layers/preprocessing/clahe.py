"""CLAHE: contrast evened out over the parts of an image."""

import numpy

from kerasish import ops, registry
from kerasish.layers.arguments import int_tuple
from kerasish.layers.preprocessing.image_arguments import pixel_range
from kerasish.layers.preprocessing.image_layer import ImageLayer, rescaled

_SHADES = 256


@registry.register("layers")
class ContrastLimitedAdaptiveHistogramEqualization(ImageLayer):
    """Each tile of an image equalized with limited contrast, and the tiles blended.

    For every tile and channel the shades are mapped by how many pixels are at most as bright;
    counts above a limit are spread over all shades before, which limits the contrast. A pixel is
    mapped by the four nearest tiles, weighted by its distance from their centers. The layer acts
    in training and outside alike.

    Args:
        value_range: pair of numbers: lowest and highest value of a pixel.
        clip_limit: float. Most pixels of one shade, in parts of the mean; 0 for no limit.
        tile_grid_size: pair of int. Number of tiles down and to the right.
        data_format: "channels_last", "channels_first" or None (the configured default).
        **kwargs: `bounding_box_format`, `name`, `trainable`, `dtype`.

    Call arguments:
        data: images (batch, height, width, channels) or one image; or a dict with "images".

    Returns:
        images of the same shape, in the dtype of the input.

    Raises:
        ValueError: an unusable argument, or images of unknown size.

    Example:
        >>> ContrastLimitedAdaptiveHistogramEqualization()(ops.ones((1, 16, 16, 3))).shape
        (1, 16, 16, 3)

    Source: Zuiderveld, 1994; Keras 3 names and defaults.
    """

    moves_pixels = False
    is_random = False
    keeps_dtype = True

    def __init__(self, value_range=(0, 255), clip_limit=4.0, tile_grid_size=(8, 8),
                 data_format=None, **kwargs):  # fmt: skip
        super().__init__(data_format=data_format, **kwargs)
        self.value_range = pixel_range(value_range, self.name)
        self.clip_limit = float(clip_limit)
        self.tile_grid_size = int_tuple(tile_grid_size, 2, "tile_grid_size", self.name)

    def transform(self, images, transformation, interpolation=None):
        """Map every pixel by the tables of four tiles."""
        sizes = self.known_sizes(images)
        x = ops.moveaxis(ops.cast(images, "float32"), self.channel_axis, 1)
        x = rescaled(x, self.value_range, (0, 255))
        tile = tuple(-(-n // count) for n, count in zip(sizes, self.tile_grid_size, strict=True))
        missing = [t * c - n for t, c, n in zip(tile, self.tile_grid_size, sizes, strict=True)]
        x = ops.pad(x, ((0, 0), (0, 0), (0, missing[0]), (0, missing[1])), mode="symmetric")
        shade = ops.cast(ops.clip(x, 0.0, 255.0), "int32")
        y = self._blended(shade, self._tables(shade, tile), tile)
        y = rescaled(y[:, :, : sizes[0], : sizes[1]], (0, 255), self.value_range)
        return ops.cast(ops.moveaxis(y, 1, self.channel_axis), images.dtype)

    def _tables(self, shade, tile):
        """New shades of all tiles: (batch, channels, tiles down * tiles right * shades)."""
        (down, right), channels = self.tile_grid_size, shade.shape[1]
        tiles = ops.reshape(shade, (-1, channels, down, tile[0], right, tile[1]))
        tiles = ops.reshape(
            ops.transpose(tiles, (0, 1, 2, 4, 3, 5)), (-1, down * right, tile[0] * tile[1])
        )
        tiles = ops.reshape(tiles, (-1, tile[0] * tile[1]))
        counts = ops.cast(ops.bincount(tiles, minlength=_SHADES)[:, :_SHADES], "float32")
        pixels = tile[0] * tile[1]
        if self.clip_limit > 0:
            limit = self.clip_limit * pixels / _SHADES
            kept = ops.minimum(counts, limit)
            counts = kept + ops.sum(counts - kept, axis=1, keepdims=True) / _SHADES
        at_most = ops.cumsum(counts, axis=1)
        lowest = ops.min(at_most, axis=1, keepdims=True)
        spread = pixels - lowest
        table = (at_most - lowest) * 255.0 / ops.where(spread == 0, 1.0, spread)
        table = ops.clip(table, 0.0, 255.0)
        return ops.reshape(table, (-1, channels, down * right * _SHADES))

    def _blended(self, shade, tables, tile):
        """The four nearest tables' shades of every pixel, by distance."""
        (down, right), channels = self.tile_grid_size, shade.shape[1]
        height, width = down * tile[0], right * tile[1]
        rows, columns = _nearest_tiles(height, tile[0], down), _nearest_tiles(width, tile[1], right)
        total = 0.0
        for row, weight_y in rows:
            for column, weight_x in columns:
                first = (row[:, None] * right + column) * _SHADES
                places = ops.reshape(shade + first.astype("int32"), (-1, channels, height * width))
                values = ops.take_along_axis(tables, places, axis=2)
                values = ops.reshape(values, (-1, channels, height, width))
                total = total + values * (weight_y[:, None] * weight_x)
        return total


def _nearest_tiles(size, tile, count):
    """For every place of a side the two nearest tiles and their weights; at the rim they agree."""
    place = (numpy.arange(size) - tile / 2) / tile
    low = numpy.floor(place)
    weight = (place - low).astype("float32")
    before, after = (numpy.clip(low + step, 0, count - 1).astype(int) for step in (0, 1))
    return (before, 1 - weight), (after, weight)
