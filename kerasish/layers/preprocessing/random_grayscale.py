"""RandomGrayscale: images without color at random."""

from kerasish import ops, registry
from kerasish.layers.arguments import fraction
from kerasish.layers.preprocessing.image_layer import ImageLayer
from kerasish.ops import image


@registry.register("layers")
class RandomGrayscale(ImageLayer):
    """Images turned gray in training, each with probability `factor`; they keep three channels.

    Args:
        factor: number from 0 to 1.
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
        >>> RandomGrayscale(1.0)(ops.ones((1, 1, 3))).shape
        (1, 1, 3)

    Source: Keras 3 names and defaults.
    """

    moves_pixels = False

    def __init__(self, factor=0.5, data_format=None, seed=None, **kwargs):
        super().__init__(data_format=data_format, **kwargs)
        self.factor = fraction(factor, "factor", self.name)
        self.set_seed(seed)

    def draw(self, images, training, seed):
        """Which images to turn gray."""
        return {"should_apply": ops.less(self.uniform(images, 0.0, 1.0, seed), self.factor)}

    def transform(self, images, transformation, interpolation=None):
        """Replace the three channels by their brightness."""
        gray = image.rgb_to_grayscale(images, data_format=self.data_format)
        return ops.where(transformation["should_apply"], gray, images)
