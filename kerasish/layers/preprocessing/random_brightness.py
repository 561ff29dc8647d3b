"""RandomBrightness: images made brighter or darker at random."""

from kerasish import registry
from kerasish.layers.preprocessing.image_arguments import factor_range, pixel_range
from kerasish.layers.preprocessing.image_layer import ImageLayer, clipped


@registry.register("layers")
class RandomBrightness(ImageLayer):
    """Images brighter or darker in training: output = clip(x + delta * (high - low), low, high).

    Args:
        factor: number, or pair of numbers, from -1 to 1: `delta` is drawn for each image from
            -factor to factor, or between the two.
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
        >>> from kerasish import ops
        >>> RandomBrightness((0.5, 0.5))(ops.zeros((1, 1, 1))).tolist()
        [[[127.5]]]

    Source: Keras 3 names and defaults.
    """

    moves_pixels = False

    def __init__(self, factor, value_range=(0, 255), seed=None, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor_range(factor, "factor", self.name)
        self.value_range = pixel_range(value_range, self.name)
        self.set_seed(seed)

    def draw(self, images, training, seed):
        """What to add to each image."""
        low, high = self.value_range
        return {"rgb_delta": self.uniform(images, *self.factor, seed) * float(high - low)}

    def transform(self, images, transformation, interpolation=None):
        """Add and clip."""
        return clipped(images + self.per_image(transformation["rgb_delta"]), self.value_range)
