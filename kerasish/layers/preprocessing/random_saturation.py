"""RandomSaturation: images made more or less colorful at random."""

from kerasish import ops, registry
from kerasish.config import settings
from kerasish.layers.preprocessing.image_arguments import factor_range, pixel_range
from kerasish.layers.preprocessing.image_layer import ImageLayer, clipped, rescaled
from kerasish.ops import image


@registry.register("layers")
class RandomSaturation(ImageLayer):
    """Saturation changed in training: s becomes s * f / (1 - f), at most 1, for each image.

    f = 0 makes an image gray, 0.5 leaves it as it is, 1 gives full colors.

    Args:
        factor: number, or pair of numbers, from -1 to 1: `f` is drawn from -factor to factor, or
            between the two; below 0 images become gray.
        value_range: pair of numbers: lowest and highest value of a pixel.
        data_format: "channels_last", "channels_first" or None (the configured default).
        seed: int or None.
        **kwargs: `bounding_box_format`, `name`, `trainable`, `dtype`.

    Call arguments:
        data: images (batch, height, width, 3) or one image; or a dict with "images".
        training: bool.

    Returns:
        images of the same shape, in the compute dtype.

    Raises:
        ValueError: an argument out of range.

    Example:
        >>> pink = ops.array([[[255.0, 204.0, 204.0]]])
        >>> RandomSaturation((0.8, 0.8))(pink).numpy().round(1).tolist()
        [[[255.0, 51.0, 51.0]]]

    Source: Keras 3 names and defaults. (Keras 3.15 limits the saturation to `value_range`, so
    that colors leave the range (0, 255); here they stay inside.)
    """

    moves_pixels = False

    def __init__(self, factor, value_range=(0, 255), data_format=None, seed=None, **kwargs):
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self.name)
        self.value_range = pixel_range(value_range, self.name)
        self.set_seed(seed)

    def draw(self, images, training, seed):
        """What to multiply the saturation by."""
        f = self.uniform(images, *self.factor, seed, (None,))
        return {"factor": f / (1.0 - f + settings.epsilon)}

    def transform(self, images, transformation, interpolation=None):
        """Multiply the saturation."""
        images = rescaled(images, self.value_range, (0, 1))
        images = image.rgb_to_hsv(images, data_format=self.data_format)
        hue, saturation, value = ops.split(images, 3, axis=self.channel_axis)
        saturation = clipped(saturation * self.per_image(transformation["factor"]), (0, 1))
        images = ops.concatenate([hue, saturation, value], axis=self.channel_axis)
        images = image.hsv_to_rgb(images, data_format=self.data_format)
        return rescaled(images, (0, 1), self.value_range)
