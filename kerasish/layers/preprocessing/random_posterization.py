"""RandomPosterization: images of fewer shades at random."""

from kerasish import ops, registry
from kerasish.core.rng import draw_seed
from kerasish.errors import explain
from kerasish.layers.preprocessing.image_arguments import factor_range, pixel_range
from kerasish.layers.preprocessing.image_layer import ImageLayer, rescaled
from kerasish.ops.random import random_integers


@registry.register("layers")
class RandomPosterization(ImageLayer):
    """The lower bits of each channel set to 0 in training.

    Args:
        factor: int from 1 to 8: the number of bits to keep is drawn for each image from 1 to below
            factor; or a pair of ints: from the first to below the second, or both where they are
            equal.
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
        >>> RandomPosterization((2, 2))(ops.array([[[100.0], [200.0]]])).tolist()
        [[[64.0], [192.0]]]

    Source: Cubuk et al., 2019 (AutoAugment); Keras 3 names and defaults.
    """

    moves_pixels = False

    def __init__(self, factor, value_range=(0, 255), data_format=None, seed=None, **kwargs):
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self.name, low=1, high=8)
        if not all(isinstance(bits, int) for bits in self.factor):
            raise ValueError(explain(self.name, "factor must be made of ints", received=factor))
        self.value_range = pixel_range(value_range, self.name)
        self.set_seed(seed)

    def draw(self, images, training, seed):
        """How many bits each image loses."""
        low, high = self.factor
        bits = random_integers(
            draw_seed(seed), images, shape=(None,), minval=low, maxval=max(high, low + 1),
            dtype="uint8",
        )  # fmt: skip
        return {"shift_factor": ops.cast(8 - ops.cast(bits, "int32"), "uint8")}

    def transform(self, images, transformation, interpolation=None):
        """Drop the bits."""
        shift = self.per_image(transformation["shift_factor"], "uint8")
        pixels = ops.clip(rescaled(images, self.value_range, (0, 255)), 0.0, 255.0)
        pixels = ops.right_shift(ops.cast(pixels, "uint8"), shift)
        pixels = ops.cast(ops.left_shift(pixels, shift), images.dtype)
        return rescaled(pixels, (0, 255), self.value_range)
