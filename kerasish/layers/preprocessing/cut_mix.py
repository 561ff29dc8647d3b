"""CutMix: a rectangle of each image replaced by that of another one."""

from kerasish import ops, registry
from kerasish.layers.preprocessing.image_arguments import factor_range
from kerasish.layers.preprocessing.mixing_layer import MixingLayer
from kerasish.layers.preprocessing.rectangles import draw_rectangles


@registry.register("layers")
class CutMix(MixingLayer):
    """A random rectangle of each image replaced in training by that of another image of the batch.

    The rectangle's part of the area is 1 - w with w from Beta(a, a); the labels become the means
    of both labels with these weights.

    Args:
        factor: number from 0 to 1: `a` is drawn for the batch from 0 to factor; or a pair of
            numbers: between the two.
        seed: int or None.
        data_format: "channels_last", "channels_first" or None (the configured default).
        **kwargs: `name`, `trainable`, `dtype`.

    Call arguments:
        data: images (batch, height, width, channels), or one image, which stays; or a dict with
            "images" and perhaps "labels" (batch, classes) and "segmentation_masks".
        training: bool.

    Returns:
        images of the same shape, in the compute dtype; or a dict.

    Raises:
        ValueError: a factor out of range.
        NotImplementedError: bounding boxes.

    Example:
        >>> data = {"images": ops.ones((2, 4, 4, 3)), "labels": ops.eye(2)}
        >>> mixed = CutMix(seed=1)(data)
        >>> mixed["labels"].numpy().sum(axis=1).round(4).tolist()
        [1.0, 1.0]

    Source: Yun et al., 2019; Keras 3 names and defaults.
    """

    def __init__(self, factor=1.0, seed=None, data_format=None, **kwargs):
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self.name, low=0)
        self.set_seed(seed)

    def draw(self, images, training, seed):
        """The other images, the rectangles, and the part of each image that stays."""
        alpha = self.uniform(images, *self.factor, seed, ()) + 1e-6
        side = ops.sqrt(1.0 - self.draw_weight(images, alpha, seed))
        masks, part = draw_rectangles(self, images, side, side, seed)
        order = self.draw_order(images, seed)
        return {"permutation_order": order, "batch_masks": masks, "mix_weight": 1.0 - part}

    def transform(self, images, transformation, interpolation=None):
        """Paste, in images as in masks."""
        images = ops.convert_to_tensor(images)
        return ops.where(transformation["batch_masks"], self.others(images, transformation), images)
