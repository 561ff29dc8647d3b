"""RandomInvert: negatives of images at random."""

from kerasish import ops, registry
from kerasish.layers.preprocessing.image_arguments import factor_range, pixel_range
from kerasish.layers.preprocessing.image_layer import ImageLayer


@registry.register("layers")
class RandomInvert(ImageLayer):
    """Images turned into their negative in training: output = high - x, for some of them.

    Args:
        factor: number from 0 to 1: the probability for each image is drawn from 0 to factor; or a
            pair of numbers: between the two.
        value_range: pair of numbers: lowest and highest value of a pixel.
        seed: int or None.
        data_format: "channels_last", "channels_first" or None (the configured default).
        **kwargs: `bounding_box_format`, `name`, `trainable`, `dtype`.

    Call arguments:
        data: images (batch, height, width, channels) or one image; or a dict with "images".
        training: bool.

    Returns:
        images of the same shape, in the compute dtype.

    Raises:
        ValueError: an argument out of range.

    Example:
        >>> RandomInvert((1.0, 1.0))(ops.zeros((1, 1, 1))).tolist()
        [[[255.0]]]

    Source: Keras 3 names and defaults.
    """

    moves_pixels = False

    def __init__(self, factor=1.0, value_range=(0, 255), seed=None, data_format=None, **kwargs):
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self.name, low=0)
        self.value_range = pixel_range(value_range, self.name)
        self.set_seed(seed)

    def draw(self, images, training, seed):
        """Which images to invert."""
        return {"apply_inversion": self.chosen(images, self.factor, seed)}

    def transform(self, images, transformation, interpolation=None):
        """Invert."""
        chosen = self.per_image(transformation["apply_inversion"])
        return ops.where(chosen, self.value_range[1] - images, images)
