"""RandomContrast: images of more or less contrast at random."""

from kerasish import ops, registry
from kerasish.layers.preprocessing.image_layer import ImageLayer, factor_range


@registry.register("layers")
class RandomContrast(ImageLayer):
    """Contrast changed in training: output = (x - mean) * contrast + mean, clipped.

    The mean is that of each channel of each image.

    Args:
        factor: number from 0 to 1: `contrast` is drawn for each image from 1 to 1 + factor; or a
            pair (lower, upper): from 1 - lower to 1 + upper.
        value_range: pair of numbers: lowest and highest value of a pixel.
        seed: int or None.
        **kwargs: `data_format`, `name`, `trainable`, `dtype`.

    Call arguments:
        data: images (batch, height, width, channels) or one image; or a dict with "images".
        training: bool.

    Returns:
        images of the same shape, in the compute dtype.

    Raises:
        ValueError: a factor out of range.

    Example:
        >>> RandomContrast(0.5)(ops.ones((1, 2, 2))).tolist()
        [[[1.0, 1.0], [1.0, 1.0]]]

    Source: Keras 3 names and defaults.
    """

    moves_pixels = False

    def __init__(self, factor, value_range=(0, 255), seed=None, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor_range(factor, "factor", self.name, low=0)
        self.value_range = value_range
        self.set_seed(seed)

    def draw(self, images, training):
        """Contrast of each image."""
        return self.uniform(images, 1.0 - self.factor[0], 1.0 + self.factor[1])

    def transform(self, images, drawn, interpolation):
        """Spread the values around their mean and clip."""
        images = ops.cast(images, self.compute_dtype)
        mean = ops.mean(images, axis=(self.height_axis, self.width_axis), keepdims=True)
        images = (images - mean) * ops.cast(drawn, images.dtype) + mean
        return ops.clip(images, float(self.value_range[0]), float(self.value_range[1]))

    def compute_output_shape(self, input_shape):
        """The input shape."""
        return input_shape

    def get_config(self):
        """Constructor arguments, with the layout."""
        return {**super().get_config(), "data_format": self.data_format}
