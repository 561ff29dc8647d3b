"""RandAugment: a few image layers chosen at random."""

from kerasish import ops, registry
from kerasish.layers.arguments import positive_int
from kerasish.layers.preprocessing.augmentation_layer import (
    ALL,
    AugmentationLayer,
    change_boxes,
    change_images,
    change_masks,
)


@registry.register("layers")
class RandAugment(AugmentationLayer):
    """Images changed in training by `num_ops` of eleven layers, chosen for the batch.

    They shear, move, turn, brighten, dull, sharpen, posterize, solarize and equalize images, and
    change their contrast in two ways.

    Args:
        value_range: pair of numbers: lowest and highest value of a pixel.
        num_ops: int > 0. How many layers act, one after the other.
        factor: number from 0 to 1: the strength of all of them is drawn from 0 to factor; or a pair
            of numbers: between the two.
        interpolation: "bilinear" or "nearest".
        seed: int or None.
        data_format: "channels_last", "channels_first" or None (the configured default).
        **kwargs: `bounding_box_format`, `name`, `trainable`, `dtype`.

    Call arguments:
        data: images (batch, height, width, 3) or one image; or a dict with "images".
        training: bool.

    Returns:
        images of the same shape, in the compute dtype.

    Raises:
        ValueError: an argument out of range.

    Example:
        >>> RandAugment(seed=1)(ops.ones((2, 8, 8, 3))).shape
        (2, 8, 8, 3)

    Source: Cubuk et al., 2020; Keras 3 names and defaults.
    """

    def __init__(self, value_range=(0, 255), num_ops=2, factor=0.5, interpolation="bilinear",
                 seed=None, data_format=None, **kwargs):  # fmt: skip
        super().__init__(data_format=data_format, **kwargs)
        self.num_ops = positive_int(num_ops, "num_ops", self.name)
        self.set_layers(ALL, factor, value_range, interpolation, seed)

    def draw(self, images, training, seed):
        """The numbers of the layers, and the transformation of each."""
        numbers = self.draw_numbers((self.num_ops,), len(self._steps), seed)
        return {"layer_idxes": numbers, "transforms": self.draw_steps(images, training, seed)}

    def _chain(self, value, transformation, change):
        for i in range(self.num_ops):
            number = transformation["layer_idxes"][i]
            value = self.apply(number, transformation["transforms"], value, change)
        return value

    def transform(self, images, transformation, interpolation=None):
        """One layer after the other."""
        change = change_images if interpolation is None else change_masks
        return self._chain(ops.convert_to_tensor(images), transformation, change)

    def move_boxes(self, boxes, transformation):
        """Boxes moved by one layer after the other."""
        return self._chain(boxes, transformation, change_boxes)
