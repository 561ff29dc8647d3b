"""RandomHue: the colors of images turned around the color wheel at random."""

from kerasish import ops, registry
from kerasish.layers.preprocessing.image_arguments import factor_range, pixel_range
from kerasish.layers.preprocessing.image_layer import ImageLayer, clipped, rescaled
from kerasish.ops import image


@registry.register("layers")
class RandomHue(ImageLayer):
    """Hue changed in training by a part of the color wheel, for each image of its own.

    Args:
        factor: number from 0 to 1: `f` is drawn from 0 to factor; or a pair of numbers: between the
            two. Hues move by f / 2 of the wheel, in one or the other direction.
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
        >>> red = ops.array([[[255.0, 0.0, 0.0]]])
        >>> RandomHue((1.0, 1.0))(red).numpy().round(2).tolist()
        [[[0.0, 255.0, 255.0]]]

    Source: Keras 3 names and defaults.
    """

    moves_pixels = False

    def __init__(self, factor, value_range=(0, 255), data_format=None, seed=None, **kwargs):
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self.name, low=0)
        self.value_range = pixel_range(value_range, self.name)
        self.set_seed(seed)

    def draw(self, images, training, seed):
        """How far to turn, in turns of the wheel."""
        is_other_way = self.uniform(images, 0.0, 1.0, seed, (None,)) > 0.5
        factor = self.uniform(images, *self.factor, seed, (None,)) * 0.5
        return {"factor": ops.where(is_other_way, -factor, factor)}

    def transform(self, images, transformation, interpolation=None):
        """Add to the hue."""
        images = rescaled(images, self.value_range, (0, 1))
        images = image.rgb_to_hsv(images, data_format=self.data_format)
        hue, saturation, value = ops.split(images, 3, axis=self.channel_axis)
        hue = ops.mod(hue + self.per_image(transformation["factor"]), 1.0)
        images = ops.concatenate([hue, saturation, value], axis=self.channel_axis)
        images = image.hsv_to_rgb(images, data_format=self.data_format)
        return rescaled(clipped(images, (0, 1)), (0, 1), self.value_range)
