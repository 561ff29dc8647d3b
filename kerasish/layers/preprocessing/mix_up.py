"""MixUp: weighted means of two images."""

from kerasish import ops, registry
from kerasish.layers.preprocessing.mixing_layer import MixingLayer


@registry.register("layers")
class MixUp(MixingLayer):
    """Each image replaced in training by w * x + (1 - w) * other, w from Beta(alpha, alpha).

    Labels and masks are mixed by the same weights; the boxes of both images stay.

    Args:
        alpha: float > 0. Small values give weights near 0 and 1.
        data_format: "channels_last", "channels_first" or None (the configured default).
        seed: int or None.
        **kwargs: `bounding_box_format`, `name`, `trainable`, `dtype`.

    Call arguments:
        data: images (batch, height, width, channels), or one image, which stays; or a dict with
            "images" and perhaps "labels" (batch, classes), "segmentation_masks" (one channel for
            each class) and "bounding_boxes".
        training: bool.

    Returns:
        images of the same shape, in the compute dtype; or a dict.

    Example:
        >>> data = {"images": ops.ones((2, 4, 4, 3)), "labels": ops.eye(2)}
        >>> mixed = MixUp(seed=1)(data)
        >>> mixed["labels"].numpy().sum(axis=1).round(4).tolist()
        [1.0, 1.0]

    Source: Zhang et al., 2018; Keras 3 names and defaults. (Keras 3.15 appends the other images'
    box labels along the batch instead of the boxes, and takes masks from one flat row.)
    """

    def __init__(self, alpha=0.2, data_format=None, seed=None, **kwargs):
        super().__init__(data_format=data_format, **kwargs)
        self.alpha = alpha
        self.set_seed(seed)

    def draw(self, images, training, seed):
        """The other images, and the weight of each image itself."""
        order = self.draw_order(images, seed)
        weight = self.draw_weight(images, float(self.alpha), seed)
        return {"mix_weight": weight, "permutation_order": order}

    def transform(self, images, transformation, interpolation=None):
        """Mix, in images as in masks."""
        return self.blend(ops.cast(images, self.compute_dtype), transformation)

    def transform_bounding_boxes(self, bounding_boxes, transformation=None, training=True):
        """The boxes of both images."""
        if self._rests(transformation, training):
            return bounding_boxes
        both = {
            key: ops.concatenate([value, self.others(value, transformation)], axis=1)
            for key, value in bounding_boxes.items()
        }
        return both
