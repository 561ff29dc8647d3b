"""RandomSharpness: images blurred or sharpened at random."""

import numpy

from kerasish import ops, registry
from kerasish.layers.preprocessing.image_arguments import factor_range, pixel_range
from kerasish.layers.preprocessing.image_layer import ImageLayer, clipped


@registry.register("layers")
class RandomSharpness(ImageLayer):
    """Sharpness changed in training: output = x + (1 - 2 f) * (blurred - x), clipped.

    f = 0 gives the blurred image (each pixel the mean of 3 x 3, its own weight 5 instead of 1),
    0.5 the image as it is, 1 a sharpened one.

    Args:
        factor: number from 0 to 1: `f` is drawn for each image from 0 to factor; or a pair of
            numbers: between the two.
        value_range: pair of numbers: lowest and highest value of a pixel.
        data_format: "channels_last", "channels_first" or None (the configured default).
        seed: int or None.
        **kwargs: `bounding_box_format`, `name`, `trainable`, `dtype`.

    Call arguments:
        data: images (batch, height, width, channels) or one image; or a dict with "images".
        training: bool.

    Returns:
        images of the same shape, in the compute dtype.

    Raises:
        ValueError: an argument out of range.

    Example:
        >>> RandomSharpness((0.5, 0.5))(ops.ones((1, 2, 1))).tolist()
        [[[1.0], [1.0]]]

    Source: Cubuk et al., 2019 (AutoAugment); Keras 3 names and defaults.
    """

    moves_pixels = False

    def __init__(self, factor, value_range=(0, 255), data_format=None, seed=None, **kwargs):
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self.name, low=0)
        self.value_range = pixel_range(value_range, self.name)
        self.set_seed(seed)

    def draw(self, images, training, seed):
        """How sharp each image becomes."""
        return {"factor": self.uniform(images, *self.factor, seed, (None,))}

    def transform(self, images, transformation, interpolation=None):
        """Blend with the blurred image."""
        factor = self.per_image(transformation["factor"]) * 2.0
        kernel = ops.convert_to_tensor(_WINDOW, images.dtype)
        kernel = ops.tile(kernel, (1, 1, images.shape[self.channel_axis], 1))
        blurred = ops.depthwise_conv(images, kernel, padding="same", data_format=self.data_format)
        return clipped(images + (1.0 - factor) * (blurred - images), self.value_range)


_WINDOW = numpy.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]]).reshape(3, 3, 1, 1) / 13
