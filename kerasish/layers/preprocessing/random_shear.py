"""RandomShear: images leaned over at random."""

from kerasish import ops, registry
from kerasish.layers.preprocessing.affine_layer import AffineLayer, affine_rows
from kerasish.layers.preprocessing.image_arguments import factor_range


@registry.register("layers")
class RandomShear(AffineLayer):
    """Images sheared in training, each by amounts of its own: (x, y) shows (x + a y, y + b x).

    Args:
        x_factor: number from 0 to 1, or pair of numbers from -1 to 1: `a` is drawn from -factor to
            factor, or between the two, and changes its sign, with that of `b`, for half of the
            images.
        y_factor: the same for `b`.
        interpolation: "bilinear" or "nearest".
        fill_mode: "reflect", "wrap", "constant" or "nearest": what comes in at the border.
        fill_value: float. What comes in where fill_mode is "constant".
        data_format: "channels_last", "channels_first" or None (the configured default).
        seed: int or None.
        **kwargs: `bounding_box_format`, `name`, `trainable`, `dtype`.

    Call arguments:
        data: images (batch, height, width, channels) or one image; or a dict with "images".
        training: bool.

    Returns:
        images of the same shape, in the compute dtype.

    Raises:
        ValueError: a factor out of range, an unknown fill_mode or interpolation.

    Example:
        >>> RandomShear(0.2, seed=1)(ops.ones((2, 4, 4, 3))).shape
        (2, 4, 4, 3)

    Source: Keras 3 names and defaults. (Boxes follow the pixels; Keras 3.15's do so only where
    images are square and one of the factors is 0.)
    """

    def __init__(self, x_factor=0.0, y_factor=0.0, interpolation="bilinear", fill_mode="reflect",
                 fill_value=0.0, data_format=None, seed=None, **kwargs):  # fmt: skip
        super().__init__(data_format=data_format, **kwargs)
        self.x_factor, self.y_factor = x_factor, y_factor
        self._x = factor_range(x_factor, "x_factor", self.name)
        self._y = factor_range(y_factor, "y_factor", self.name)
        self.set_filling(interpolation, fill_value, seed, fill_mode)

    def draw(self, images, training, seed):
        """The amounts along x and y."""
        is_other_way = self.uniform(images, 0.0, 1.0, seed, (None, 1)) > 0.5
        amounts = [self.uniform(images, *f, seed, (None, 1)) for f in (self._x, self._y)]
        factor = ops.concatenate(amounts, axis=1)
        return {"shear_factor": ops.where(is_other_way, -factor, factor)}

    def matrix(self, transformation):
        """The maps (x + a y, y + b x)."""
        a, b = ops.split(ops.cast(transformation["shear_factor"], "float32"), 2, axis=1)
        one, zero = ops.ones_like(a), ops.zeros_like(a)
        return affine_rows(one, a, zero, b, one, zero)
