"""RandomElasticTransform: images distorted as if drawn on rubber."""

from kerasish import ops, registry
from kerasish.core.rng import draw_seed
from kerasish.layers.arguments import choice
from kerasish.layers.preprocessing.affine_layer import FILL_MODES
from kerasish.layers.preprocessing.image_arguments import factor_range, pixel_range
from kerasish.layers.preprocessing.image_layer import ImageLayer, clipped
from kerasish.ops.image_filters import bell_up_to, distort
from kerasish.ops.warping import wide


@registry.register("layers")
class RandomElasticTransform(ImageLayer):
    """Images distorted by smooth random displacements in training, some of them.

    Args:
        factor: number from 0 to 1: the probability for each image is drawn from 0 to factor; or a
            pair of numbers: between the two.
        scale: number from 0 to 1, or pair of numbers: the strength `s`, drawn for the whole batch
            from 0 to scale, or between the two. Displacements have a strength of 0.1 `s` times the
            longer side and a smoothness of 0.05 `s` times the shorter one.
        interpolation: "bilinear" or "nearest".
        fill_mode: "reflect", "wrap", "mirror", "constant" or "nearest": what comes in at
            the border.
        fill_value: float. What comes in where fill_mode is "constant".
        value_range: pair of numbers: lowest and highest value of a pixel.
        seed: int or None.
        data_format: "channels_last", "channels_first" or None (the configured default).
        **kwargs: `bounding_box_format`, `name`, `trainable`, `dtype`.

    Call arguments:
        data: images (batch, height, width, channels) or one image; or a dict with "images" and no
            bounding boxes.
        training: bool.

    Returns:
        images of the same shape, in the compute dtype.

    Raises:
        ValueError: an argument out of range, or images of unknown size.
        NotImplementedError: bounding boxes.

    Example:
        >>> RandomElasticTransform(seed=1)(ops.ones((2, 9, 9, 3))).shape
        (2, 9, 9, 3)

    Source: Simard et al., 2003; Keras 3 names and defaults. (Masks are distorted as their images;
    Keras 3.15 draws new displacements for them.)
    """

    def __init__(self, factor=1.0, scale=1.0, interpolation="bilinear", fill_mode="reflect",
                 fill_value=0.0, value_range=(0, 255), seed=None, data_format=None,
                 **kwargs):  # fmt: skip
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self.name, low=0)
        self.scale = factor_range(scale, "scale", self.name, low=0)
        self.interpolation = choice(
            interpolation, "interpolation", ("nearest", "bilinear"), self.name
        )
        self.fill_mode = choice(fill_mode, "fill_mode", (*FILL_MODES, "mirror"), self.name)
        self.fill_value = fill_value
        self.value_range = pixel_range(value_range, self.name)
        self.set_seed(seed)

    def draw(self, images, training, seed):
        """Which images to distort, how much, and the seed of the displacements."""
        return {
            "apply_transform": self.chosen(images, self.factor, seed),
            "distortion_factor": self.uniform(images, *self.scale, seed, ()),
            "seed": draw_seed(seed),
        }

    def transform(self, images, transformation, interpolation=None):
        """Distort."""
        height, width = self.known_sizes(images)
        if self.scale[1] == 0:
            return images
        # One dtype for images and masks: the displacements depend on it.
        x = ops.cast(images, "float64") if self.compute_dtype == "float64" else wide(images)
        strength = ops.cast(transformation["distortion_factor"], x.dtype)
        smoothness = 0.05 * min(height, width)
        sigma = strength * smoothness
        moved = distort(
            x, bell_up_to(sigma, smoothness * self.scale[1]), sigma,
            strength * (0.1 * max(height, width)), interpolation or self.interpolation,
            self.fill_mode, self.fill_value, transformation["seed"], self.data_format,
        )  # fmt: skip
        moved = ops.where(self.per_image(transformation["apply_transform"]), moved, x)
        if interpolation is None:
            moved = clipped(moved, self.value_range)
        return ops.cast(moved, images.dtype)
