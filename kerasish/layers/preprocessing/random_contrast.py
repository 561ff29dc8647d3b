"""RandomContrast: differences within images made larger or smaller at random."""

from kerasish import ops, registry
from kerasish.layers.preprocessing.image_arguments import factor_range, pixel_range
from kerasish.layers.preprocessing.image_layer import ImageLayer, clipped


@registry.register("layers")
class RandomContrast(ImageLayer):
    """Contrast changed in training: output = (x - mean) * contrast + mean, clipped.

    The mean is that of each channel of each image.

    Args:
        factor: number from 0 to 1: `contrast` is drawn for each image from 1 to 1 + factor; or a
            pair (lower, upper): from 1 - lower to 1 + upper.
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
        >>> RandomContrast(0.5)(ops.ones((1, 2, 2))).tolist()
        [[[1.0, 1.0], [1.0, 1.0]]]

    Source: Keras 3 names and defaults.
    """

    moves_pixels = False

    def __init__(self, factor, value_range=(0, 255), seed=None, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor_range(factor, "factor", self.name, low=0)
        self.value_range = pixel_range(value_range, self.name)
        self.set_seed(seed)

    def draw(self, images, training, seed):
        """Contrast of each image."""
        low, high = 1.0 - self.factor[0], 1.0 + self.factor[1]
        return {"contrast_factor": self.uniform(images, low, high, seed)}

    def transform(self, images, transformation, interpolation=None):
        """Spread the values around their mean and clip."""
        contrast = self.per_image(transformation["contrast_factor"])
        mean = ops.mean(images, axis=(self.height_axis, self.width_axis), keepdims=True)
        return clipped((images - mean) * contrast + mean, self.value_range)
