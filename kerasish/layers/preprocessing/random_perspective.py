"""RandomPerspective: images seen from the side at random."""

from kerasish import ops, registry
from kerasish.layers.arguments import fraction
from kerasish.layers.preprocessing.affine_layer import AffineLayer
from kerasish.layers.preprocessing.image_arguments import factor_range
from kerasish.ops.warping import homography

_IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)


@registry.register("layers")
class RandomPerspective(AffineLayer):
    """Images distorted in training so that their corners move, each with a probability of its own.

    Args:
        factor: number from 0 to 1: the probability for each image is drawn from 0 to factor; or a
            pair of numbers: between the two.
        scale: number from 0 to 1. The coordinates of each corner, counted from the top left one,
            change by up to this part of half of them.
        interpolation: "bilinear" or "nearest".
        fill_value: float. What comes in at the border.
        seed: int or None.
        data_format: "channels_last", "channels_first" or None (the configured default).
        **kwargs: `bounding_box_format`, `name`, `trainable`, `dtype`.

    Call arguments:
        data: images (batch, height, width, channels) or one image; or a dict with "images".
        training: bool.

    Returns:
        images of the same shape, in the compute dtype.

    Raises:
        ValueError: a factor or scale out of range, an unknown interpolation.

    Example:
        >>> RandomPerspective(scale=0.3, seed=1)(ops.ones((2, 4, 4, 3))).shape
        (2, 4, 4, 3)

    Source: Keras 3 names and defaults.
    """

    def __init__(self, factor=1.0, scale=1.0, interpolation="bilinear", fill_value=0.0, seed=None,
                 data_format=None, **kwargs):  # fmt: skip
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self.name, low=0)
        self.scale = fraction(scale, "scale", self.name)
        self.set_filling(interpolation, fill_value, seed)

    def draw(self, images, training, seed):
        """Which images to distort, their corners, and where the corners come to lie."""
        bottom, right = (ops.cast(n - 1.0, "float32") for n in self.float_sizes(ops.shape(images)))
        zero = ops.zeros_like(right)
        corners = [(zero, zero), (right, zero), (zero, bottom), (right, bottom)]
        corners = ops.stack([ops.stack(corner) for corner in corners])
        chosen = self.chosen(images, self.factor, seed)
        half = 0.5 * self.scale
        moves = self.uniform(images, -half, half, seed, (None, 4, 2))
        start = corners + ops.zeros_like(moves)
        return {"apply_perspective": chosen, "start_points": start,
                "end_points": start + corners * moves}  # fmt: skip

    def matrix(self, transformation):
        """The maps that take the new corners to the old ones; nothing for the images not chosen."""
        start, end = (
            ops.cast(transformation[k], "float32") for k in ("start_points", "end_points")
        )
        chosen = ops.reshape(transformation["apply_perspective"], (-1, 1))
        return ops.where(chosen, homography(start, end), ops.array(_IDENTITY, "float32"))
