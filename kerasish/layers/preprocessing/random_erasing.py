"""RandomErasing: a rectangle of images blanked at random."""

from kerasish import ops, registry
from kerasish.errors import explain
from kerasish.layers.draws import normal_like
from kerasish.layers.preprocessing.image_arguments import factor_range, pixel_range
from kerasish.layers.preprocessing.image_layer import ImageLayer, clipped
from kerasish.layers.preprocessing.rectangles import draw_rectangles


@registry.register("layers")
class RandomErasing(ImageLayer):
    """A random rectangle of some images replaced in training by noise or a color.

    Args:
        factor: number from 0 to 1: the probability for each image is drawn from 0 to factor; or a
            pair of numbers: between the two.
        scale: number from 0 to 1, or pair of numbers: the squares of the rectangle's sides, as
            parts of those of the image, are drawn from 0 to scale, or between the two.
        fill_value: number, three numbers (one for each channel), or None: normal noise.
        value_range: pair of numbers: lowest and highest value of a pixel; what comes in is clipped
            to it.
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
        >>> RandomErasing(seed=1)(ops.ones((2, 4, 4, 3))).shape
        (2, 4, 4, 3)

    Source: Zhong et al., 2020; Keras 3 names and defaults.
    """

    moves_pixels = False

    def __init__(self, factor=1.0, scale=(0.02, 0.33), fill_value=None, value_range=(0, 255),
                 seed=None, data_format=None, **kwargs):  # fmt: skip
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self.name, low=0)
        self.scale = factor_range(scale, "scale", self.name, low=0)
        is_color = isinstance(fill_value, (list, tuple)) and len(fill_value) == 3
        if not (fill_value is None or is_color or isinstance(fill_value, (int, float))):
            raise ValueError(
                explain(
                    self.name,
                    "fill_value is not usable",
                    received=fill_value,
                    expected="a number, three numbers, or None",
                )
            )
        self.fill_value = fill_value
        self.value_range = pixel_range(value_range, self.name)
        self.set_seed(seed)

    def draw(self, images, training, seed):
        """Which images to change, the rectangles, and what comes in."""
        sides = ops.sqrt(self.uniform(images, *self.scale, seed, (None, 2)))
        masks, _ = draw_rectangles(self, images, sides[:, 0], sides[:, 1], seed)
        chosen = self.chosen(images, self.factor, seed)
        return {"apply_erasing": chosen, "batch_masks": masks,
                "fill_value": clipped(self._filling(images, seed), self.value_range)}  # fmt: skip

    def _filling(self, images, seed):
        if self.fill_value is None:
            noise = normal_like(ops.cast(images, self.compute_dtype), seed)
            return noise * self.value_range[1]
        color = ops.array(self.fill_value, dtype=self.compute_dtype)
        if isinstance(self.fill_value, (list, tuple)) and self.channel_axis == -3:
            color = ops.reshape(color, (3, 1, 1))
        return color

    def transform(self, images, transformation, interpolation=None):
        """Replace the rectangles."""
        chosen = self.per_image(transformation["apply_erasing"])
        erased = ops.logical_and(chosen, transformation["batch_masks"])
        filling = ops.cast(transformation["fill_value"], images.dtype)
        return ops.where(erased, filling, images)
