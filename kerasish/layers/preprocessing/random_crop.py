"""RandomCrop: a window of images at a random place."""

from kerasish import ops, registry
from kerasish.errors import ShapeError, explain
from kerasish.layers.arguments import positive_int
from kerasish.layers.draws import uniform_like
from kerasish.layers.preprocessing.image_layer import ImageLayer
from kerasish.ops import image


@registry.register("layers")
class RandomCrop(ImageLayer):
    """A window of the images, at one random place for the whole batch, in training.

    Outside training, and where images are too small, the largest window of the right aspect ratio
    in the middle is scaled to the size asked for.

    Args:
        height, width: int > 0. Size of the output.
        seed: int or None.
        data_format: "channels_last", "channels_first" or None (the configured default).
        name: str.

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

    Source: Keras 3 names and defaults.
    """

    is_random = False  # it also acts outside training

    def __init__(self, height, width, seed=None, data_format=None, name=None, **kwargs):
        super().__init__(data_format=data_format, name=name, **kwargs)
        self.height = positive_int(height, "height", self.name)
        self.width = positive_int(width, "width", self.name)
        self.set_seed(seed)

    def draw(self, images, training):
        """Top and left of the window, or None to take the middle."""
        height, width = images.shape[self.height_axis], images.shape[self.width_axis]
        if height is None or width is None:
            raise ShapeError(
                explain(
                    self.path,
                    "height and width of the images must be known",
                    received=f" shape {tuple(images.shape)}",
                )
            )
        if not training or height <= self.height or width <= self.width:
            return None
        spare = (height - self.height + 1, width - self.width + 1)
        return [
            ops.cast(uniform_like(images, (), self.seed_generator) * float(n), "int32")
            for n in spare
        ]

    def transform(self, images, drawn, interpolation):
        """Crop, or crop and resize."""
        images = ops.cast(images, self.compute_dtype)
        if drawn is not None:
            return self.crop(images, *drawn, self.height, self.width)
        return image.resize(images, (self.height, self.width), crop_to_aspect_ratio=True,
                            interpolation=interpolation or "bilinear",
                            data_format=self.data_format)  # fmt: skip
