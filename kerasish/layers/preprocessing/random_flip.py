"""RandomFlip: images mirrored at random."""

from kerasish import ops, registry
from kerasish.layers.arguments import choice
from kerasish.layers.preprocessing.image_layer import ImageLayer

_MODES = ("horizontal", "vertical", "horizontal_and_vertical")


@registry.register("layers")
class RandomFlip(ImageLayer):
    """Each image mirrored with probability 1/2 in training.

    With "horizontal_and_vertical" an image is mirrored both ways or not at all, as in Keras.

    Args:
        mode: "horizontal" (left and right), "vertical" or "horizontal_and_vertical".
        seed: int or None.
        data_format: "channels_last", "channels_first" or None (the configured default).

    Call arguments:
        data: images (batch, height, width, channels) or one image; or a dict with "images".
        training: bool.

    Returns:
        images of the same shape, in the compute dtype.

    Raises:
        ValueError: an unknown mode.

    Example:
        >>> RandomFlip(seed=1)(ops.ones((2, 4, 4, 3))).shape
        (2, 4, 4, 3)

    Source: Keras 3 names and defaults.
    """

    def __init__(self, mode="horizontal_and_vertical", seed=None, data_format=None, **kwargs):
        super().__init__(data_format=data_format, **kwargs)
        self.mode = choice(mode, "mode", _MODES, self.name)
        self.set_seed(seed)

    def draw(self, images, training):
        """Which images to mirror."""
        return ops.less_equal(self.uniform(images, 0.0, 1.0), 0.5)

    def transform(self, images, drawn, interpolation):
        """Mirror."""
        images = ops.cast(images, self.compute_dtype)
        axes = {"horizontal": self.width_axis, "vertical": self.height_axis}
        chosen = tuple(axis for name, axis in axes.items() if name in self.mode)
        return ops.where(drawn, ops.flip(images, axis=chosen), images)

    def compute_output_shape(self, input_shape):
        """The input shape."""
        return input_shape
