"""RandomTranslation: images moved at random."""

from kerasish import ops, registry
from kerasish.layers.preprocessing.affine_layer import AffineLayer, affine_rows
from kerasish.layers.preprocessing.image_arguments import factor_range


@registry.register("layers")
class RandomTranslation(AffineLayer):
    """Images moved in training, each by amounts of its own.

    Args:
        height_factor: number, or pair of numbers, from -1 to 1: how far down, as a part of the
            height; drawn from -factor to factor, or between the two.
        width_factor: the same, to the right.
        fill_mode: "reflect", "wrap", "constant" or "nearest": what comes in at the border.
        interpolation: "bilinear" or "nearest".
        seed: int or None.
        fill_value: float. What comes in where fill_mode is "constant".
        data_format: "channels_last", "channels_first" or None (the configured default).
        **kwargs: `bounding_box_format`, `name`, `trainable`, `dtype`.

    Call arguments:
        data: images (batch, height, width, channels) or one image; or a dict with "images".
        training: bool.

    Returns:
        images of the same shape, in the compute dtype.

    Raises:
        ValueError: a factor out of range, an unknown fill_mode or interpolation.

    Example:
        >>> RandomTranslation(0.2, 0.2, seed=1)(ops.ones((2, 4, 4, 3))).shape
        (2, 4, 4, 3)

    Source: Keras 3 names and defaults.
    """

    def __init__(self, height_factor, width_factor, fill_mode="reflect", interpolation="bilinear",
                 seed=None, fill_value=0.0, data_format=None, **kwargs):  # fmt: skip
        super().__init__(data_format=data_format, **kwargs)
        self.height_factor, self.width_factor = height_factor, width_factor
        self._heights = factor_range(height_factor, "height_factor", self.name)
        self._widths = factor_range(width_factor, "width_factor", self.name)
        self.set_filling(interpolation, fill_value, seed, fill_mode)

    def draw(self, images, training, seed):
        """How far to the right and down."""
        height, width = self.float_sizes(ops.shape(images))
        down = self.uniform(images, *self._heights, seed, (None, 1)) * height
        right = self.uniform(images, *self._widths, seed, (None, 1)) * width
        return {"translations": ops.concatenate([right, down], axis=1)}

    def matrix(self, transformation):
        """The maps (x - right, y - down)."""
        right, down = ops.split(transformation["translations"], 2, axis=1)
        one, zero = ops.ones_like(down), ops.zeros_like(down)
        return affine_rows(one, zero, -right, zero, one, -down)
