"""RandomInvert: negatives of images at random."""

from kerasish import ops, registry
from kerasish.layers.preprocessing.image_layer import ImageLayer, factor_range


@registry.register("layers")
class RandomInvert(ImageLayer):
    """Images turned into their negative in training: output = high - x, for some of them.

    Args:
        factor: number from 0 to 1: the probability for each image is drawn from 0 to factor; or a
            pair of numbers: between the two.
        value_range: pair of numbers: lowest and highest value of a pixel.
        seed: int or None.
        data_format: "channels_last", "channels_first" or None (the configured default).

    Call arguments:
        data: images (batch, height, width, channels) or one image; or a dict with "images".
        training: bool.

    Returns:
        images of the same shape, in the compute dtype.

    Raises:
        ValueError: a factor out of range.

    Example:
        >>> RandomInvert((1.0, 1.0))(ops.zeros((1, 1, 1))).tolist()
        [[[255.0]]]

    Source: Keras 3 names and defaults.
    """

    moves_pixels = False

    def __init__(self, factor=1.0, value_range=(0, 255), seed=None, data_format=None, **kwargs):
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self.name, low=0)
        self.value_range = value_range
        self.set_seed(seed)

    def draw(self, images, training):
        """Which images to invert."""
        probability = self.uniform(images, *self.factor)
        return ops.less(self.uniform(images, 0.0, 1.0), probability)

    def transform(self, images, drawn, interpolation):
        """Invert."""
        images = ops.cast(images, self.compute_dtype)
        return ops.where(drawn, self.value_range[1] - images, images)

    def compute_output_shape(self, input_shape):
        """The input shape."""
        return input_shape
