"""RandomBrightness: images made brighter or darker at random."""

from kerasish import ops, registry
from kerasish.layers.preprocessing.image_layer import ImageLayer, factor_range


@registry.register("layers")
class RandomBrightness(ImageLayer):
    """Images brighter or darker in training: output = clip(x + delta * (high - low), low, high).

    Args:
        factor: number, or pair of numbers, from -1 to 1: `delta` is drawn for each image from
            -factor to factor, or between the two.
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
        >>> RandomBrightness((0.5, 0.5))(ops.zeros((1, 1, 1))).tolist()
        [[[127.5]]]

    Source: Keras 3 names and defaults.
    """

    moves_pixels = False

    def __init__(self, factor, value_range=(0, 255), seed=None, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor_range(factor, "factor", self.name)
        self.value_range = sorted(value_range)
        self.set_seed(seed)

    def draw(self, images, training):
        """What to add to each image."""
        low, high = self.value_range
        return ops.multiply(self.uniform(images, *self.factor), float(high - low))

    def transform(self, images, drawn, interpolation):
        """Add and clip."""
        images = ops.cast(images, self.compute_dtype)
        images = ops.add(images, ops.cast(drawn, images.dtype))
        return ops.clip(images, float(self.value_range[0]), float(self.value_range[1]))

    def compute_output_shape(self, input_shape):
        """The input shape."""
        return input_shape

    def get_config(self):
        """Constructor arguments, with the layout."""
        return {**super().get_config(), "data_format": self.data_format}
