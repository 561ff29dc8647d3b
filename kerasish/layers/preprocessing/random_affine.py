"""RandomTranslation, RandomZoom, RandomRotation: images moved, scaled or turned at random."""

import math

from kerasish import ops, registry
from kerasish.layers.arguments import choice
from kerasish.layers.preprocessing.image_layer import ImageLayer, factor_range
from kerasish.ops import image

_FILL_MODES = ("reflect", "wrap", "constant", "nearest")


class RandomAffine(ImageLayer):
    """Base of the layers that draw an affine map for each image; subclasses define `draw`.

    The map (a0, a1, a2, b0, b1, b2, 0, 0) gives the place (a0 x + a1 y + a2, b0 x + b1 y + b2) of
    the input that the place (x, y) of the output shows.
    """

    def set_filling(self, fill_mode, interpolation, fill_value, seed):
        """Keep how pixels between and outside those of the image are made up."""
        self.fill_mode = choice(fill_mode, "fill_mode", _FILL_MODES, self.name)
        self.interpolation = choice(
            interpolation, "interpolation", ("nearest", "bilinear"), self.name
        )
        self.fill_value = fill_value
        self.set_seed(seed)

    def transform(self, images, drawn, interpolation):
        """Apply the maps."""
        images = ops.cast(images, self.compute_dtype)
        return image.affine_transform(
            images, drawn, interpolation=interpolation or self.interpolation,
            fill_mode=self.fill_mode, fill_value=self.fill_value, data_format=self.data_format,
        )  # fmt: skip

    def sizes(self, images):
        """Height and width as floats, or as scalar float tensors where they are unknown."""
        found = ops.shape(images)
        found = found[self.height_axis], found[self.width_axis]
        return [float(n) if isinstance(n, int) else ops.cast(n, "float32") for n in found]

    def column(self, images, low, high):
        """A number from `low` to `high` for each image: (batch, 1)."""
        return ops.reshape(self.uniform(images, low, high), (-1, 1))

    def compute_output_shape(self, input_shape):
        """The input shape."""
        return input_shape


def affine_rows(a0, a1, a2, b0, b1, b2):
    """Maps (batch, 8) from columns (batch, 1)."""
    zero = ops.zeros_like(a0)
    return ops.concatenate([a0, a1, a2, b0, b1, b2, zero, zero], axis=1)


@registry.register("layers")
class RandomTranslation(RandomAffine):
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
        self.set_filling(fill_mode, interpolation, fill_value, seed)

    def draw(self, images, training):
        """The maps (x - right, y - down)."""
        height, width = self.sizes(images)
        down = self.column(images, *self._heights) * height
        right = self.column(images, *self._widths) * width
        one, zero = ops.ones_like(down), ops.zeros_like(down)
        return affine_rows(one, zero, -right, zero, one, -down)


@registry.register("layers")
class RandomZoom(RandomAffine):
    """Images scaled about their center in training, each by factors of its own.

    Args:
        height_factor: number, or pair of numbers, above -1 and up to 1: 0.2 shows 20 percent more
            of the height (zooms out), -0.2 less; drawn from -factor to factor, or between the two.
        width_factor: the same for the width; None takes the height's, which keeps the aspect ratio.
        fill_mode: "reflect", "wrap", "constant" or "nearest": what comes in at the border.
        interpolation: "bilinear" or "nearest".
        seed: int or None.
        fill_value: float. What comes in where fill_mode is "constant".
        data_format: "channels_last", "channels_first" or None (the configured default).

    Call arguments:
        data: images (batch, height, width, channels) or one image; or a dict with "images".
        training: bool.

    Returns:
        images of the same shape, in the compute dtype.

    Raises:
        ValueError: a factor out of range, an unknown fill_mode or interpolation.

    Example:
        >>> RandomZoom(0.2, seed=1)(ops.ones((2, 4, 4, 3))).shape
        (2, 4, 4, 3)

    Source: Keras 3 names and defaults.
    """

    def __init__(self, height_factor, width_factor=None, fill_mode="reflect",
                 interpolation="bilinear", seed=None, fill_value=0.0, data_format=None,
                 **kwargs):  # fmt: skip
        super().__init__(data_format=data_format, **kwargs)
        self.height_factor, self.width_factor = height_factor, width_factor
        self._heights = factor_range(height_factor, "height_factor", self.name)
        self._widths = None
        if width_factor is not None:
            self._widths = factor_range(width_factor, "width_factor", self.name)
        self.set_filling(fill_mode, interpolation, fill_value, seed)

    def draw(self, images, training):
        """The maps that scale about the center."""
        height, width = self.sizes(images)
        zoom_height = self.column(images, *self._heights) + 1.0
        zoom_width = zoom_height
        if self._widths is not None:
            zoom_width = self.column(images, *self._widths) + 1.0
        zero = ops.zeros_like(zoom_height)
        left = (width - 1.0) / 2.0 * (1.0 - zoom_width)
        top = (height - 1.0) / 2.0 * (1.0 - zoom_height)
        return affine_rows(zoom_width, zero, left, zero, zoom_height, top)


@registry.register("layers")
class RandomRotation(RandomAffine):
    """Images turned about their center in training, each by an angle of its own.

    Args:
        factor: number, or pair of numbers, from -1 to 1, as part of a whole turn: 0.1 draws the
            angle from -36 to 36 degrees.
        fill_mode: "reflect", "wrap", "constant" or "nearest": what comes in at the border.
        interpolation: "bilinear" or "nearest".
        seed: int or None.
        fill_value: float. What comes in where fill_mode is "constant".
        data_format: "channels_last", "channels_first" or None (the configured default).

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
        self.set_filling(fill_mode, interpolation, fill_value, seed)

    def draw(self, images, training):
        """The maps that turn about the center."""
        height, width = self.sizes(images)
        low, high = self.factor
        angle = self.column(images, low * 2 * math.pi, high * 2 * math.pi)
        cos, sin = ops.cos(angle), ops.sin(angle)
        x, y = (width - 1.0) / 2.0, (height - 1.0) / 2.0
        return affine_rows(cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y)
