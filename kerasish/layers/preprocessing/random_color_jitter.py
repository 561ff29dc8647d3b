"""RandomColorJitter: brightness, contrast, saturation and hue changed one after the other."""

from kerasish import registry
from kerasish.layers.preprocessing.image_arguments import pixel_range
from kerasish.layers.preprocessing.image_layer import ImageLayer
from kerasish.layers.preprocessing.random_brightness import RandomBrightness
from kerasish.layers.preprocessing.random_contrast import RandomContrast
from kerasish.layers.preprocessing.random_hue import RandomHue
from kerasish.layers.preprocessing.random_saturation import RandomSaturation

_STEPS = {
    "random_brightness": RandomBrightness,
    "random_contrast": RandomContrast,
    "random_saturation": RandomSaturation,
    "random_hue": RandomHue,
}


@registry.register("layers")
class RandomColorJitter(ImageLayer):
    """Brightness, contrast, saturation and hue changed in training, in this order.

    Args:
        value_range: pair of numbers: lowest and highest value of a pixel.
        brightness_factor: see RandomBrightness; None leaves it out.
        contrast_factor: see RandomContrast; None leaves it out.
        saturation_factor: see RandomSaturation; None leaves it out.
        hue_factor: see RandomHue; None leaves it out.
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
        >>> from kerasish import ops
        >>> jitter = RandomColorJitter(brightness_factor=0.2, hue_factor=0.1, seed=1)
        >>> jitter(ops.ones((2, 4, 4, 3))).shape
        (2, 4, 4, 3)

    Source: Keras 3 names and defaults.
    """

    moves_pixels = False

    def __init__(self, value_range=(0, 255), brightness_factor=None, contrast_factor=None,
                 saturation_factor=None, hue_factor=None, seed=None, data_format=None,
                 **kwargs):  # fmt: skip
        super().__init__(data_format=data_format, **kwargs)
        self.value_range = pixel_range(value_range, self.name)
        self.brightness_factor, self.contrast_factor = brightness_factor, contrast_factor
        self.saturation_factor, self.hue_factor = saturation_factor, hue_factor
        self.set_seed(seed)
        factors = (brightness_factor, contrast_factor, saturation_factor, hue_factor)
        self._steps = {}
        for (name, layer), factor in zip(_STEPS.items(), factors, strict=True):
            step = None
            if factor is not None:
                step = self._steps[name] = layer(
                    factor, self.value_range, seed=seed, data_format=self.data_format,
                    dtype=self.dtype_policy,
                )  # fmt: skip
                step.seed_generator = self.seed_generator  # one stream of numbers for all
            setattr(self, name, step)

    def draw(self, images, training, seed):
        """The transformation of each step."""
        return {name: step.draw(images, training, seed) for name, step in self._steps.items()}

    def transform(self, images, transformation, interpolation=None):
        """One step after the other."""
        for name, step in self._steps.items():
            images = step.transform(images, transformation[name])
        return images
