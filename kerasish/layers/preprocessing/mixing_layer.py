"""MixingLayer: the base of layers that mix each image of a batch with another one."""

from kerasish import ops
from kerasish.arrays import dtypes
from kerasish.core.rng import draw_seed
from kerasish.errors import DTypeError, explain
from kerasish.layers.preprocessing.image_layer import ImageLayer
from kerasish.ops.random import random_beta, random_permutation


class MixingLayer(ImageLayer):
    """Base of CutMix and MixUp: labels are mixed in the proportion of the images."""

    def draw_order(self, images, seed):
        """For each image, the number of the one that it is mixed with."""
        return random_permutation(draw_seed(seed), images, axis=0)

    def draw_weight(self, images, alpha, seed):
        """Share of each image itself: beta numbers (batch,) of alpha and alpha."""
        alpha = ops.convert_to_tensor(alpha, "float32")
        return random_beta(draw_seed(seed), alpha, alpha, images, shape=(None,))

    def blend(self, values, transformation):
        """Weighted means of values and those of the other images."""
        weight = ops.cast(transformation["mix_weight"], values.dtype)
        weight = ops.reshape(weight, (-1, *(1,) * (len(values.shape) - 1)))
        return weight * values + (1.0 - weight) * self.others(values, transformation)

    def others(self, values, transformation):
        """The values of the images that each is mixed with."""
        return ops.take(values, transformation["permutation_order"], axis=0)

    def transform_labels(self, labels, transformation=None, training=True):
        """Labels mixed as the images."""
        if self._rests(transformation, training):
            return labels
        labels = ops.convert_to_tensor(labels)
        if len(labels.shape) == 1 and not dtypes.is_float(labels.dtype):
            raise DTypeError(
                explain(
                    self.path,
                    "numbers of classes cannot be mixed",
                    received=labels,
                    fix="labels = ops.one_hot(labels, num_classes)",
                )
            )
        if not dtypes.is_float(labels.dtype):
            labels = ops.cast(labels, self.compute_dtype)
        return self.blend(labels, transformation)
