"""RandomRotation: images turned at random."""

import math

from kerasish import ops, registry
from kerasish.layers.preprocessing.affine_layer import AffineLayer, affine_rows
from kerasish.layers.preprocessing.image_arguments import factor_range


@registry.register("layers")
class RandomRotation(AffineLayer):
    """Images turned about their center in training, each by an angle of its own.

    Args:
        factor: number, or pair of numbers, from -1 to 1, as part of a whole turn: 0.1 draws the
            angle from -36 to 36 degrees.
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
        >>> RandomRotation(0.2, seed=1)(ops.ones((2, 4, 4, 3))).shape
        (2, 4, 4, 3)

    Source: Keras 3 names and defaults.
    """

    def __init__(self, factor, fill_mode="reflect", interpolation="bilinear", seed=None,
                 fill_value=0.0, data_format=None, **kwargs):  # fmt: skip
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self.name)
        self.set_filling(interpolation, fill_value, seed, fill_mode)

    def draw(self, images, training, seed):
        """The angles in degrees, counterclockwise as the picture is seen."""
        low, high = self.factor
        return {"angle": self.uniform(images, low * 360.0, high * 360.0, seed, (None,))}

    def matrix(self, transformation):
        """The maps that turn about the center."""
        height, width = self.float_sizes(transformation["input_shape"])
        angle = ops.reshape(transformation["angle"], (-1, 1)) * (math.pi / 180)
        cos, sin = ops.cos(angle), ops.sin(angle)
        x, y = (width - 1.0) / 2.0, (height - 1.0) / 2.0
        return affine_rows(cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y)
