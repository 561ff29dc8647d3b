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
        **kwargs: `bounding_box_format`, `name`, `trainable`, `dtype`.

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

    def draw(self, images, training, seed):
        """Which images to mirror."""
        return {"flips": ops.less_equal(self.uniform(images, 0.0, 1.0, seed), 0.5)}

    def transform(self, images, transformation, interpolation=None):
        """Mirror."""
        axes = {"horizontal": self.width_axis, "vertical": self.height_axis}
        chosen = tuple(axis for name, axis in axes.items() if name in self.mode)
        return ops.where(transformation["flips"], ops.flip(images, axis=chosen), images)

    def move_boxes(self, boxes, transformation):
        """Mirror."""
        height, width = (ops.cast(n, boxes.dtype) for n in self.sizes(transformation))
        x1, y1, x2, y2 = ops.split(boxes, 4, axis=-1)
        if "horizontal" in self.mode:
            x1, x2 = width - x2, width - x1
        if "vertical" in self.mode:
            y1, y2 = height - y2, height - y1
        flips = ops.reshape(transformation["flips"], (-1, 1, 1))
        return ops.where(flips, ops.concatenate([x1, y1, x2, y2], axis=-1), boxes)
