"""Resizing: images of one size."""

from kerasish import registry
from kerasish.layers.arguments import positive_int
from kerasish.layers.preprocessing.image_layer import ImageLayer
from kerasish.ops import image


@registry.register("layers")
class Resizing(ImageLayer):
    """Images scaled to one height and width.

    Args:
        height, width: int > 0. Size of the output.
        interpolation: "bilinear", "nearest", "bicubic", "lanczos3" or "lanczos5".
        crop_to_aspect_ratio: bool. Cut off what does not fit the aspect ratio, from the middle.
        pad_to_aspect_ratio: bool. Fill up what is missing to the aspect ratio, around the image.
        fill_mode: "constant": how to fill up.
        fill_value: float. What to fill up with.
        antialias: bool. Smooth before images are made smaller.
        data_format: "channels_last", "channels_first" or None (the configured default).

    Call arguments:
        data: images (batch, height, width, channels) or one image; or a dict with "images".

    Returns:
        images of the new size, in the dtype of the input.

    Raises:
        ValueError: a size that is not positive.

    Example:
        >>> from kerasish import ops
        >>> Resizing(2, 3)(ops.ones((1, 8, 8, 1))).shape
        (1, 2, 3, 1)

    Source: Keras 3 names and defaults.
    """

    is_random = False

    def __init__(self, height, width, interpolation="bilinear", crop_to_aspect_ratio=False,
                 pad_to_aspect_ratio=False, fill_mode="constant", fill_value=0.0, antialias=False,
                 data_format=None, **kwargs):  # fmt: skip
        super().__init__(data_format=data_format, **kwargs)
        self.height = positive_int(height, "height", self.name)
        self.width = positive_int(width, "width", self.name)
        self.interpolation, self.antialias = interpolation, bool(antialias)
        self.crop_to_aspect_ratio = crop_to_aspect_ratio
        self.pad_to_aspect_ratio = pad_to_aspect_ratio
        self.fill_mode, self.fill_value = fill_mode, fill_value

    def transform(self, images, drawn, interpolation):
        """Resize."""
        return image.resize(
            images, (self.height, self.width), interpolation=interpolation or self.interpolation,
            antialias=self.antialias, crop_to_aspect_ratio=self.crop_to_aspect_ratio,
            pad_to_aspect_ratio=self.pad_to_aspect_ratio, fill_mode=self.fill_mode,
            fill_value=self.fill_value, data_format=self.data_format,
        )  # fmt: skip
