"""AugmentationLayer: the base of layers that apply other image layers, chosen at random."""

from kerasish import ops
from kerasish.core.rng import draw_seed
from kerasish.layers.arguments import choice
from kerasish.layers.preprocessing.auto_contrast import AutoContrast
from kerasish.layers.preprocessing.equalization import Equalization
from kerasish.layers.preprocessing.image_arguments import factor_range, pixel_range
from kerasish.layers.preprocessing.image_layer import ImageLayer
from kerasish.layers.preprocessing.random_brightness import RandomBrightness
from kerasish.layers.preprocessing.random_color_degeneration import RandomColorDegeneration
from kerasish.layers.preprocessing.random_contrast import RandomContrast
from kerasish.layers.preprocessing.random_posterization import RandomPosterization
from kerasish.layers.preprocessing.random_rotation import RandomRotation
from kerasish.layers.preprocessing.random_sharpness import RandomSharpness
from kerasish.layers.preprocessing.random_shear import RandomShear
from kerasish.layers.preprocessing.random_translation import RandomTranslation
from kerasish.layers.preprocessing.solarization import Solarization
from kerasish.ops.random import random_integers

# What to make each layer of, from the strength (a pair) and what colors and movements need more.
_MAKERS = {
    "random_shear": lambda f, color, move: RandomShear(f, f, **move),
    "random_translation": lambda f, color, move: RandomTranslation(f, f, **move),
    "random_rotation": lambda f, color, move: RandomRotation(f, **move),
    "random_brightness": lambda f, color, move: RandomBrightness(f, **color),
    "random_color_degeneration": lambda f, color, move: RandomColorDegeneration(f, **color),
    "random_contrast": lambda f, color, move: RandomContrast(f, **color),
    "random_sharpness": lambda f, color, move: RandomSharpness(f, **color),
    "random_posterization": lambda f, color, move: RandomPosterization(
        max(1, int(8 * f[1])), **color
    ),
    "solarization": lambda f, color, move: Solarization(f, f, **color),
    "auto_contrast": lambda f, color, move: AutoContrast(**_seedless(color)),
    "equalization": lambda f, color, move: Equalization(**_seedless(color)),
}
ALL = tuple(_MAKERS)


def _seedless(arguments):
    return {key: value for key, value in arguments.items() if key != "seed"}


class AugmentationLayer(ImageLayer):
    """Base of RandAugment and AugMix."""

    def set_layers(self, names, factor, value_range, interpolation, seed):
        """Keep the arguments and make the layers, which share one stream of random numbers."""
        self.factor = factor_range(factor, "factor", self.name, low=0)
        self.value_range = pixel_range(value_range, self.name)
        self.interpolation = choice(
            interpolation, "interpolation", ("nearest", "bilinear"), self.name
        )
        self.set_seed(seed)
        shared = {"seed": seed, "data_format": self.data_format, "dtype": self.dtype_policy,
                  "bounding_box_format": self.bounding_box_format}  # fmt: skip
        color = {"value_range": self.value_range, **shared}
        move = {"interpolation": interpolation, **shared}
        self._steps = {name: _MAKERS[name](self.factor, color, move) for name in names}
        for name, step in self._steps.items():
            if step.seed_generator is not None:
                step.seed_generator = self.seed_generator
            setattr(self, name, step)

    def draw_numbers(self, shape, end, seed):
        """Numbers of layers, below `end`."""
        return random_integers(draw_seed(seed), shape=shape, minval=0, maxval=end)

    def draw_steps(self, images, training, seed):
        """The transformation of every layer."""
        return {
            name: step.get_random_transformation(images, training, seed)
            for name, step in self._steps.items()
        }

    def apply(self, number, transformations, value, change):
        """What one layer, chosen by its number, makes of a value.

        Args:
            number: int tensor; one more than there are layers stands for none.
            transformations: dict from name to transformation.
            value: tensor.
            change: f(layer, value, transformation) -> tensor of the shape and dtype of `value`.
        """
        branches = [
            lambda value, step=step, name=name: change(step, value, transformations[name])
            for name, step in self._steps.items()
        ]
        return ops.switch(number, [*branches, lambda value: value], value)


def change_images(step, images, transformation):
    """Images changed by one of the layers."""
    return ops.cast(step.transform(images, transformation), images.dtype)


def change_masks(step, masks, transformation):
    """Masks moved by one of the layers."""
    return step.transform_segmentation_masks(masks, transformation)


def change_boxes(step, boxes, transformation):
    """Boxes of corners moved by one of the layers."""
    return step.move_boxes(boxes, transformation) if step.moves_pixels else boxes
