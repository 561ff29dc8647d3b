"""AugMix: mixtures of differently augmented images."""

from kerasish import ops, registry
from kerasish.core.rng import draw_seed
from kerasish.layers.arguments import positive_int
from kerasish.layers.preprocessing.augmentation_layer import (
    ALL,
    AugmentationLayer,
    change_images,
    change_masks,
)
from kerasish.layers.preprocessing.image_layer import clipped
from kerasish.ops.random import random_beta, random_gamma

_ONLY_WITH_ALL_OPS = (
    "random_brightness",
    "random_color_degeneration",
    "random_contrast",
    "random_sharpness",
)


@registry.register("layers")
class AugMix(AugmentationLayer):
    """Images mixed in training with what chains of layers make of them.

    output = m * x + (1 - m) * (w1 * chain1(x) + w2 * chain2(x) + ...), m from Beta(alpha, alpha)
    and w from Dirichlet(alpha, ...), both drawn for the batch.

    Args:
        value_range: pair of numbers: lowest and highest value of a pixel.
        num_chains: int > 0.
        chain_depth: int > 0. Layers of a chain; each is chosen at random, or left out.
        factor: number from 0 to 1: the strength of the layers is drawn from 0 to factor; or a pair
            of numbers: between the two.
        alpha: float > 0.
        all_ops: bool. Also change brightness, color, contrast and sharpness.
        interpolation: "bilinear" or "nearest".
        seed: int or None.
        data_format: "channels_last", "channels_first" or None (the configured default).
        **kwargs: `bounding_box_format`, `name`, `trainable`, `dtype`.

    Call arguments:
        data: images (batch, height, width, 3) or one image; or a dict with "images". Masks are
            mixed as the images (one channel for each class); boxes stay.
        training: bool.

    Returns:
        images of the same shape, in the compute dtype.

    Raises:
        ValueError: an argument out of range.

    Example:
        >>> AugMix(seed=1)(ops.ones((2, 8, 8, 3))).shape
        (2, 8, 8, 3)

    Source: Hendrycks et al., 2020; Keras 3 names and defaults. (In a traced function Keras 3.15
    chooses the layers once; here they are chosen for every batch.)
    """

    def __init__(self, value_range=(0, 255), num_chains=3, chain_depth=3, factor=0.3, alpha=1.0,
                 all_ops=True, interpolation="bilinear", seed=None, data_format=None,
                 **kwargs):  # fmt: skip
        super().__init__(data_format=data_format, **kwargs)
        self.num_chains = positive_int(num_chains, "num_chains", self.name)
        self.chain_depth = positive_int(chain_depth, "chain_depth", self.name)
        self.alpha, self.all_ops = alpha, all_ops
        names = [name for name in ALL if all_ops or name not in _ONLY_WITH_ALL_OPS]
        self.set_layers(names, factor, value_range, interpolation, seed)

    def draw(self, images, training, seed):
        """Weights, the numbers of the layers of each chain, and the transformations of all."""
        alpha = ops.convert_to_tensor(float(self.alpha), "float32")
        shares = random_gamma(draw_seed(seed), alpha, shape=(self.num_chains,))
        chains, depth = self.num_chains, self.chain_depth
        return {
            "chain_mixing_weights": shares / ops.sum(shares),
            "weight_sample": random_beta(draw_seed(seed), alpha, alpha),
            "layer_idxes": self.draw_numbers((chains, depth), len(self._steps) + 1, seed),
            "transforms": [
                [self.draw_steps(images, training, seed) for _ in range(depth)]
                for _ in range(chains)
            ],
        }

    def transform(self, images, transformation, interpolation=None):
        """Mix."""
        images = ops.cast(images, self.compute_dtype)
        shares, own = (
            ops.cast(transformation[key], images.dtype)
            for key in ("chain_mixing_weights", "weight_sample")
        )
        mixed = own * images
        for i, transforms in enumerate(transformation["transforms"]):
            chained = images
            for j, transform in enumerate(transforms):
                chained = self.apply(
                    transformation["layer_idxes"][i, j], transform, chained,
                    change_images if interpolation is None else change_masks,
                )  # fmt: skip
            mixed = mixed + (1.0 - own) * shares[i] * chained
        return mixed if interpolation else clipped(mixed, self.value_range)

    def move_boxes(self, boxes, transformation):
        """Boxes stay: they hold for the image itself, which is a part of the mixture."""
        return boxes
