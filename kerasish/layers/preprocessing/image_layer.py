"""ImageLayer: the base of layers that transform images, single or in batches, at random or not."""

from kerasish import ops
from kerasish.config import standardize_data_format
from kerasish.core.rng import SeedGenerator
from kerasish.errors import ShapeError, explain
from kerasish.layers.draws import uniform_like
from kerasish.layers.layer import Layer


class ImageLayer(Layer):
    """Base of the image layers: subclasses define `transform` and, for random ones, `draw`.

    Call arguments:
        data: images (batch, height, width, channels) or one image (height, width, channels), or
            channels first; or a dict with "images" and perhaps "segmentation_masks", which are
            moved alike, and further entries such as "labels", which are handed through.
        training: bool. Random layers change nothing outside training.
    """

    moves_pixels = True  # False: colors change only, so that segmentation masks stay
    is_random = True

    def __init__(self, data_format=None, **kwargs):
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)

    def set_seed(self, seed):
        """Keep the seed and make the generator."""
        self.seed = seed
        self.seed_generator = SeedGenerator(seed)

    @property
    def height_axis(self):
        """Axis of the rows of a batch."""
        return 1 if self.data_format == "channels_last" else 2

    @property
    def width_axis(self):
        """Axis of the columns of a batch."""
        return self.height_axis + 1

    def draw(self, images, training):
        """Random numbers that say how to transform a batch; None where there are none."""
        return

    def transform(self, images, drawn, interpolation):
        """A batch of images transformed; to be defined by subclasses."""
        raise NotImplementedError(
            explain(type(self).__name__, "an image layer defines transform()")
        )

    def call(self, data, training=True):
        """Transform images, and segmentation masks in the same way."""
        is_dict = isinstance(data, dict)
        if is_dict and "bounding_boxes" in data:
            raise ValueError(
                explain(
                    self.path,
                    "bounding boxes are not supported",
                    fix='leave "bounding_boxes" out of the data',
                )
            )
        images = data["images"] if is_dict else data
        rank = len(images.shape)
        if rank not in (3, 4):
            raise ShapeError(
                explain(
                    self.path,
                    "images must have 3 axes, or 4 with the batch axis",
                    received=f" shape {tuple(images.shape)}",
                )
            )
        images = self._batch(images, rank)
        if self.is_random and not training:
            return data if is_dict else self._unbatch(ops.cast(images, self.compute_dtype), rank)
        drawn = self.draw(images, training)
        images = self._unbatch(self.transform(images, drawn, None), rank)
        if not is_dict:
            return images
        result = {**data, "images": images}
        if "segmentation_masks" in data and self.moves_pixels:
            masks = data["segmentation_masks"]
            moved = self.transform(self._batch(masks, rank), drawn, "nearest")
            result["segmentation_masks"] = self._unbatch(moved, rank)
        return result

    def _batch(self, images, rank):
        images = ops.convert_to_tensor(images)
        return ops.expand_dims(images, 0) if rank == 3 else images

    def _unbatch(self, images, rank):
        return ops.squeeze(images, 0) if rank == 3 else images

    def uniform(self, images, low, high):
        """A number from `low` to `high` for each image: (batch, 1, 1, 1)."""
        values = uniform_like(images, (None, 1, 1, 1), self.seed_generator)
        return ops.add(ops.multiply(values, high - low), low)

    def crop(self, images, top, left, height, width):
        """A window of the images, at offsets that are ints or scalar tensors."""
        for axis, start, size in (
            (self.height_axis, top, height), (self.width_axis, left, width),
        ):  # fmt: skip
            if isinstance(start, int):
                index = [slice(None)] * 4
                index[axis] = slice(start, start + size)
                images = images[tuple(index)]
            else:
                images = ops.take(
                    images, ops.add(ops.arange(size, dtype="int32"), start), axis=axis
                )
        return images


def factor_range(factor, name, where, low=-1.0, high=1.0):
    """(lower, upper) from a number, taken to both sides, or a pair of numbers.

    Args:
        factor: number or pair of numbers.
        name: str. The argument's name.
        where: str. The layer's name.
        low, high: bounds. A single number spreads to both sides of 0 as far as they allow.

    Raises:
        ValueError: not a number or pair within the bounds.
    """
    pair = factor if isinstance(factor, (list, tuple)) else (factor,)
    valid = len(pair) in (1, 2) and all(
        isinstance(f, (int, float)) and not isinstance(f, bool) and low <= f <= high for f in pair
    )
    if not valid or (len(pair) == 1 and isinstance(factor, (list, tuple))):
        raise ValueError(
            explain(
                where,
                f"{name} is not usable",
                received=factor,
                expected=f"a number, or a pair of numbers, from {low} to {high}",
            )
        )
    if len(pair) == 2:
        return tuple(sorted(pair))
    return (max(-abs(factor), low), abs(factor))
