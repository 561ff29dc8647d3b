"""CenterCrop: the middle of images."""

from kerasish import ops, registry
from kerasish.layers.preprocessing.bounding_boxes.geometry import pad
from kerasish.layers.preprocessing.sized_layer import SizedLayer


@registry.register("layers")
class CenterCrop(SizedLayer):
    """The middle part of images; images that are too small are enlarged first.

    Args:
        height, width: int > 0. Size of the output.
        data_format: "channels_last", "channels_first" or None (the configured default).
        **kwargs: `bounding_box_format`, `name`, `trainable`, `dtype`.

    Call arguments:
        data: images (batch, height, width, channels) or one image; or a dict with "images".

    Returns:
        images of the new size, in the compute dtype.

    Raises:
        ValueError: a size that is not positive.

    Example:
        >>> CenterCrop(1, 1)(ops.array([[[1.0], [2.0], [3.0]]])).tolist()
        [[[2.0]]]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, height, width, data_format=None, **kwargs):
        super().__init__(data_format=data_format, **kwargs)
        self.set_size(height, width)

    def _margins(self, shape):
        """Rows above and columns on the left of the middle; None where the image is too small."""
        spare = shape[self.height_axis] - self.height, shape[self.width_axis] - self.width
        if any(isinstance(n, int) and n < 0 for n in spare):
            return None
        return tuple(n // 2 for n in spare)

    def transform(self, images, transformation, interpolation=None):
        """Crop."""
        margins = self._margins(ops.shape(images))
        if margins is None:
            return self.fill(images, interpolation)
        return self.crop(images, *margins)

    def move_boxes(self, boxes, transformation):
        """Boxes of the middle."""
        margins = self._margins(transformation["input_shape"])
        if margins is None:
            return self.boxes_of_fill(boxes, *self.sizes(transformation))
        top, left = (n if isinstance(n, int) else ops.cast(n, boxes.dtype) for n in margins)
        return pad(boxes, -top, -left)
