"""CenterCrop: the middle of images."""

from kerasish import ops, registry
from kerasish.layers.arguments import positive_int
from kerasish.layers.preprocessing.image_layer import ImageLayer
from kerasish.ops import image


@registry.register("layers")
class CenterCrop(ImageLayer):
    """The middle part of images; images that are too small are enlarged first.

    Args:
        height, width: int > 0. Size of the output.
        data_format: "channels_last", "channels_first" or None (the configured default).

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

    is_random = False

    def __init__(self, height, width, data_format=None, **kwargs):
        super().__init__(data_format=data_format, **kwargs)
        self.height = positive_int(height, "height", self.name)
        self.width = positive_int(width, "width", self.name)

    def transform(self, images, drawn, interpolation):
        """Crop."""
        images = ops.cast(images, self.compute_dtype)
        sizes = ops.shape(images)
        spare_height = sizes[self.height_axis] - self.height
        spare_width = sizes[self.width_axis] - self.width
        if any(isinstance(n, int) and n < 0 for n in (spare_height, spare_width)):
            return image.resize(images, (self.height, self.width), crop_to_aspect_ratio=True,
                                interpolation=interpolation or "bilinear",
                                data_format=self.data_format)  # fmt: skip
        return self.crop(images, spare_height // 2, spare_width // 2, self.height, self.width)
