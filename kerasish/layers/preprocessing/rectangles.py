"""Random rectangles of images, one for each: what CutMix pastes and RandomErasing blanks."""

from kerasish import ops


def draw_side(layer, images, size, ratio, seed):
    """Where the rectangles begin and end along one side of the images.

    Args:
        layer: ImageLayer.
        images: tensor with 4 axes.
        size: int or scalar tensor. Length of the side.
        ratio: float tensor (batch,). Lengths of the rectangles as parts of it.
        seed: SeedGenerator.

    Returns:
        pair of float tensors (batch,).
    """
    size = float(size) if isinstance(size, int) else ops.cast(size, ratio.dtype)
    length = ratio * size
    start = layer.uniform(images, 0.0, 1.0, seed, (None,)) * (size - length)
    return start, start + length


def draw_rectangles(layer, images, ratio_x, ratio_y, seed):
    """Which pixels of each image are inside its rectangle, and which part of the image that is.

    Returns:
        bool tensor (batch, height, width, 1), or channels first, and float tensor (batch,).
    """
    shape = ops.shape(images)
    height, width = shape[layer.height_axis], shape[layer.width_axis]
    x0, x1 = draw_side(layer, images, width, ratio_x, seed)
    y0, y1 = draw_side(layer, images, height, ratio_y, seed)
    inside = ops.logical_and(
        _between(x0, x1, width, (1, -1)), _between(y0, y1, height, (-1, 1))
    )  # fmt: skip
    area = ops.cast(height * width, "float32")
    return ops.expand_dims(inside, layer.channel_axis), (x1 - x0) * (y1 - y0) / area


def _between(start, end, size, axes):
    """Which places of a side are at or after `start` and before `end`."""
    place = ops.reshape(ops.cast(ops.arange(size, dtype="int32"), "float32"), (1, *axes))
    start, end = (ops.reshape(v, (-1, 1, 1)) for v in (start, end))
    return ops.logical_and(place >= start, place < end)
