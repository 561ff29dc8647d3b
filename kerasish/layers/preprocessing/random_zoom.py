"""RandomZoom: images scaled at random."""

from kerasish import ops, registry
from kerasish.layers.preprocessing.affine_layer import AffineLayer, affine_rows
from kerasish.layers.preprocessing.image_arguments import factor_range


@registry.register("layers")
class RandomZoom(AffineLayer):
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
        **kwargs: `bounding_box_format`, `name`, `trainable`, `dtype`.

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
        self.set_filling(interpolation, fill_value, seed, fill_mode)

    def draw(self, images, training, seed):
        """How much of the height and width is shown, as parts of all."""
        height = self.uniform(images, *self._heights, seed, (None, 1)) + 1.0
        width = height
        if self._widths is not None:
            width = self.uniform(images, *self._widths, seed, (None, 1)) + 1.0
        return {"height_zoom": height, "width_zoom": width}

    def matrix(self, transformation):
        """The maps that scale about the center."""
        height, width = self.float_sizes(transformation["input_shape"])
        zoom_y, zoom_x = transformation["height_zoom"], transformation["width_zoom"]
        zero = ops.zeros_like(zoom_y)
        left = (width - 1.0) / 2.0 * (1.0 - zoom_x)
        top = (height - 1.0) / 2.0 * (1.0 - zoom_y)
        return affine_rows(zoom_x, zero, left, zero, zoom_y, top)
