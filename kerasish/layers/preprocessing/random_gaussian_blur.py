"""RandomGaussianBlur: images blurred at random."""

from kerasish import ops, registry
from kerasish.layers.preprocessing.image_arguments import (
    factor_range,
    odd_sizes,
    pixel_range,
)
from kerasish.layers.preprocessing.image_layer import ImageLayer, clipped
from kerasish.ops import image


@registry.register("layers")
class RandomGaussianBlur(ImageLayer):
    """Images smoothed by a bell-shaped window in training, some of them.

    Args:
        factor: number from 0 to 1: the probability for each image is drawn from 0 to factor; or a
            pair of numbers: between the two.
        kernel_size: odd int, or pair of odd ints: height and width of the window.
        sigma: number from 0 to 1: the widths of the bell are drawn for the batch from 0 to sigma;
            or a pair of numbers: between the two.
        value_range: pair of numbers: lowest and highest value of a pixel.
        data_format: "channels_last", "channels_first" or None (the configured default).
        seed: int or None.
        **kwargs: `bounding_box_format`, `name`, `trainable`, `dtype`.

    Call arguments:
        data: images (batch, height, width, channels) or one image; or a dict with "images".
        training: bool.

    Returns:
        images of the same shape, in the compute dtype.

    Raises:
        ValueError: an argument out of range.

    Example:
        >>> RandomGaussianBlur(seed=1)(ops.ones((2, 5, 5, 3))).shape
        (2, 5, 5, 3)

    Source: Keras 3 names and defaults.
    """

    moves_pixels = False

    def __init__(self, factor=1.0, kernel_size=3, sigma=1.0, value_range=(0, 255),
                 data_format=None, seed=None, **kwargs):  # fmt: skip
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self.name, low=0)
        self.kernel_size = odd_sizes(kernel_size, "kernel_size", self.name)
        self.sigma = factor_range(sigma, "sigma", self.name, low=0)
        self.value_range = pixel_range(value_range, self.name)
        self.set_seed(seed)

    def draw(self, images, training, seed):
        """Which images to blur, and the widths of the bell along rows and columns."""
        return {
            "should_apply_blur": self.chosen(images, self.factor, seed),
            "blur_factor": self.uniform(images, *self.sigma, seed, (2,)) + 1e-6,
        }

    def transform(self, images, transformation, interpolation=None):
        """Blur and clip."""
        chosen = self.per_image(transformation["should_apply_blur"])
        sigma = ops.cast(transformation["blur_factor"], "float32")
        blurred = image.gaussian_blur(images, self.kernel_size, sigma, self.data_format)
        return clipped(ops.where(chosen, blurred, images), self.value_range)
