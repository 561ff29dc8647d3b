"""RandomCrop: a window of images at a random place."""

from kerasish import ops, registry
from kerasish.layers.preprocessing.bounding_boxes.geometry import pad
from kerasish.layers.preprocessing.sized_layer import SizedLayer


@registry.register("layers")
class RandomCrop(SizedLayer):
    """A window of the images, at one random place for the whole batch, in training.

    Outside training, and where images are too small, the largest window of the right aspect ratio
    in the middle is scaled to the size asked for.

    Args:
        height, width: int > 0. Size of the output.
        seed: int or None.
        data_format: "channels_last", "channels_first" or None (the configured default).
        name: str.
        **kwargs: `bounding_box_format`, `trainable`, `dtype`.

    Call arguments:
        data: images (batch, height, width, channels) or one image; or a dict with "images".
        training: bool.

    Returns:
        images of the new size, in the compute dtype.

    Raises:
        ValueError: a size that is not positive, or images of unknown size.

    Example:
        >>> RandomCrop(2, 3, seed=1)(ops.ones((4, 8, 8, 3))).shape
        (4, 2, 3, 3)

    Source: Keras 3 names and defaults. (Keras 3.15 hands images through outside training, against
    its own description and output shape, and moves boxes by x and y confused.)
    """

    def __init__(self, height, width, seed=None, data_format=None, name=None, **kwargs):
        super().__init__(data_format=data_format, name=name, **kwargs)
        self.set_size(height, width)
        self.set_seed(seed)

    def draw(self, images, training, seed):
        """Top and left of the window; nothing where the middle is taken."""
        height, width = self.known_sizes(images)
        if not training or height <= self.height or width <= self.width:
            return {}
        ends = {"top": height - self.height + 1, "left": width - self.width + 1}
        drawn = {key: self.uniform(images, 0, end, seed, ()) for key, end in ends.items()}
        return {key: ops.cast(value, "int32") for key, value in drawn.items()}

    def transform(self, images, transformation, interpolation=None):
        """Crop, or crop and resize."""
        if not transformation or "top" not in transformation:
            return self.fill(images, interpolation)
        return self.crop(images, transformation["top"], transformation["left"])

    def move_boxes(self, boxes, transformation):
        """Boxes of the window."""
        if "top" not in transformation:
            return self.boxes_of_fill(boxes, *self.sizes(transformation))
        top, left = (ops.cast(transformation[k], boxes.dtype) for k in ("top", "left"))
        return pad(boxes, -top, -left)
