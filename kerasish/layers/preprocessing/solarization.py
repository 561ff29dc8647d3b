"""Solarization: bright pixels of images inverted."""

from kerasish import ops, registry
from kerasish.layers.preprocessing.image_arguments import factor_range, pixel_range
from kerasish.layers.preprocessing.image_layer import ImageLayer, rescaled


@registry.register("layers")
class Solarization(ImageLayer):
    """Pixels at or above a threshold inverted in training: output = low + high - (x + a), clipped.

    With the defaults all pixels are inverted.

    Args:
        addition_factor: number from 0 to 1: what is added before, as a part of the range of values,
            is drawn for each image from 0 to the factor; or a pair of numbers: between the two.
        threshold_factor: the same for the threshold.
        value_range: pair of numbers: lowest and highest value of a pixel.
        seed: int or None.
        **kwargs: `bounding_box_format`, `data_format`, `name`, `trainable`, `dtype`.

    Call arguments:
        data: images (batch, height, width, channels) or one image; or a dict with "images".
        training: bool.

    Returns:
        images of the same shape, in the compute dtype.

    Raises:
        ValueError: an argument out of range.

    Example:
        >>> Solarization(threshold_factor=(0.5, 0.5))(ops.array([[[10.0], [200.0]]])).tolist()
        [[[10.0], [55.0]]]

    Source: Cubuk et al., 2019 (AutoAugment); Keras 3 names and defaults. (Keras 3.15 forgets to
    scale the lower end of the two factors, against its description.)
    """

    moves_pixels = False

    def __init__(self, addition_factor=0.0, threshold_factor=0.0, value_range=(0, 255), seed=None,
                 **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        self.addition_factor = factor_range(addition_factor, "addition_factor", self.name, low=0)
        self.threshold_factor = factor_range(threshold_factor, "threshold_factor", self.name, low=0)
        self.value_range = pixel_range(value_range, self.name)
        self.set_seed(seed)

    def draw(self, images, training, seed):
        """What to add to each image, and its threshold, for pixels from 0 to 255."""
        return {
            "additions": self.uniform(images, *self.addition_factor, seed) * 255.0,
            "thresholds": self.uniform(images, *self.threshold_factor, seed) * 255.0,
        }

    def transform(self, images, transformation, interpolation=None):
        """Add and invert."""
        pixels = rescaled(images, self.value_range, (0, 255))
        pixels = pixels + self.per_image(transformation["additions"])
        pixels = ops.clip(pixels, 0.0, 255.0)
        is_dark = pixels < self.per_image(transformation["thresholds"])
        pixels = ops.where(is_dark, pixels, 255.0 - pixels)
        return rescaled(pixels, (0, 255), self.value_range)
