"""RandomColorDegeneration: images made duller at random."""

from kerasish import registry
from kerasish.layers.preprocessing.image_arguments import factor_range, pixel_range
from kerasish.layers.preprocessing.image_layer import ImageLayer, clipped
from kerasish.ops import image


@registry.register("layers")
class RandomColorDegeneration(ImageLayer):
    """Colors brought nearer to gray in training: output = x + f * (gray - x), clipped.

    Args:
        factor: number, or pair of numbers, from -1 to 1: `f` is drawn for each image from -factor
            to factor, or between the two; below 0 colors become stronger.
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
        >>> from kerasish import ops
        >>> dull = RandomColorDegeneration((1.0, 1.0))(ops.array([[[100.0, 0.0, 0.0]]]))
        >>> [round(v, 2) for v in dull[0, 0].tolist()]
        [29.89, 29.89, 29.89]

    Source: Keras 3 names and defaults.
    """

    moves_pixels = False

    def __init__(self, factor, value_range=(0, 255), data_format=None, seed=None, **kwargs):
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self.name)
        self.value_range = pixel_range(value_range, self.name)
        self.set_seed(seed)

    def draw(self, images, training, seed):
        """How near to gray."""
        return {"factor": self.uniform(images, *self.factor, seed)}

    def transform(self, images, transformation, interpolation=None):
        """Blend with gray."""
        gray = image.rgb_to_grayscale(images, data_format=self.data_format)
        factor = self.per_image(transformation["factor"])
        return clipped(images + factor * (gray - images), self.value_range)
