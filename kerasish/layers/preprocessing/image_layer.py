"""ImageLayer: the base of layers that transform images, their masks, boxes and labels alike."""

from kerasish import ops
from kerasish.config import standardize_data_format
from kerasish.core.modes import outside_trace
from kerasish.core.rng import SeedGenerator
from kerasish.errors import ShapeError, explain
from kerasish.layers.draws import uniform_like
from kerasish.layers.layer import Layer
from kerasish.layers.preprocessing.bounding_boxes.formats import check_format, convert_format
from kerasish.layers.preprocessing.bounding_boxes.geometry import clip_to_image_size
from kerasish.layers.preprocessing.bounding_boxes.inputs import as_dense


class ImageLayer(Layer):
    """Base of the image layers.

    A layer draws once how to change a batch (`draw`: a dict of tensors, the transformation), and
    changes all that belongs to the images by it: the images (`transform`) and, where pixels move,
    the masks (`transform` with interpolation "nearest") and the boxes (`move_boxes`). Single
    images are batches of one.

    Args:
        bounding_box_format: str, see `kerasish.utils.bounding_boxes.convert_format`, or None:
            there are no boxes.
        data_format: "channels_last", "channels_first" or None (the configured default).
        others: as of Layer.

    Call arguments:
        data: images (batch, height, width, channels) or one image, or channels first; or a dict
            with "images" and perhaps "labels", "bounding_boxes" (a dict with "boxes" and
            "labels") and "segmentation_masks". Masks keep their dtype; boxes outside the
            image get the label -1; other entries are handed through.
        training: bool. Random layers change nothing outside training.
    """

    moves_pixels = True  # False: colors change only, so that masks and boxes stay
    is_random = True  # False: it also acts outside training
    keeps_size = True
    keeps_dtype = False  # False: images come out in the compute dtype
    seed_generator = None

    def __init__(self, bounding_box_format=None, data_format=None, **kwargs):
        super().__init__(**kwargs)
        self.bounding_box_format = bounding_box_format
        if bounding_box_format is not None:
            self.bounding_box_format = check_format(bounding_box_format, self.name)
        self.data_format = standardize_data_format(data_format)

    # ---- for subclasses ----

    def draw(self, images, training, seed):
        """The transformation of a batch: a dict of tensors, without entries where none is needed.

        Args:
            images: tensor with 4 axes.
            training: bool.
            seed: SeedGenerator; None in layers that have none.
        """
        return {}

    def transform(self, images, transformation, interpolation=None):
        """A batch of images transformed; `interpolation` is "nearest" for masks."""
        raise NotImplementedError(
            explain(type(self).__name__, "an image layer defines transform()")
        )

    def move_boxes(self, boxes, transformation):
        """Boxes (batch, boxes, 4) of corners in pixels, where they come to lie."""
        raise NotImplementedError(
            explain(self.path, "boxes cannot be moved", fix='leave out "bounding_boxes"')
        )

    def output_size(self, height, width):
        """Height and width of the result."""
        return height, width

    def set_seed(self, seed):
        """Keep the seed and make the generator."""
        self.seed = seed
        self.seed_generator = SeedGenerator(seed)

    @property
    def height_axis(self):
        """Axis of the rows, counted from the end."""
        return -3 if self.data_format == "channels_last" else -2

    @property
    def width_axis(self):
        """Axis of the columns."""
        return self.height_axis + 1

    @property
    def channel_axis(self):
        """Axis of the channels."""
        return -1 if self.data_format == "channels_last" else -3

    def sizes(self, transformation):
        """Height and width of the images before: ints, or scalar tensors where unknown."""
        shape = transformation["input_shape"]
        return shape[self.height_axis], shape[self.width_axis]

    def known_sizes(self, images):
        """Height and width of images as ints.

        Raises:
            ShapeError: they are unknown.
        """
        height, width = images.shape[self.height_axis], images.shape[self.width_axis]
        if height is None or width is None:
            raise ShapeError(
                explain(
                    self.path,
                    "height and width of the images must be known",
                    received=f" shape {tuple(images.shape)}",
                )
            )
        return height, width

    def uniform(self, images, low, high, seed, shape=(None, 1, 1, 1)):
        """Numbers from `low` to `high`; None in `shape` is the size of the batch."""
        values = uniform_like(images, shape, seed)
        return ops.add(ops.multiply(values, float(high - low)), float(low))

    def chosen(self, images, probability, seed):
        """Which images to change, each with a probability drawn from a pair: bools (batch,)."""
        return ops.less(
            self.uniform(images, 0.0, 1.0, seed, (None,)),
            self.uniform(images, *probability, seed, (None,)),
        )

    def per_image(self, values, dtype=None):
        """One value for each image in a shape that broadcasts with them."""
        values = ops.convert_to_tensor(values)
        values = values if values.dtype == "bool" else ops.cast(values, dtype or self.compute_dtype)
        return ops.reshape(values, (-1, 1, 1, 1))

    # ---- Keras's methods ----

    def get_random_transformation(self, data, training=True, seed=None):
        """What to hand to the transform methods: one draw for all that belongs to some images.

        Args:
            data: as of the call.
            training: bool.
            seed: int, SeedGenerator, or None (the layer's own).

        Returns:
            dict, or None where nothing is to be changed.
        """
        if self.is_random and not training:
            return None
        images, _ = self._batch(data["images"] if isinstance(data, dict) else data)
        if seed is None:
            seed = self.seed_generator
        elif not isinstance(seed, SeedGenerator):
            with outside_trace():
                seed = SeedGenerator(seed)
        drawn = self.draw(images, training, seed)
        return {**drawn, "input_shape": ops.shape(images)} if self.moves_pixels else drawn

    def _rests(self, transformation, training):
        return self.is_random and (transformation is None or not training)

    def transform_images(self, images, transformation=None, training=True):
        """A batch of images transformed."""
        images = ops.convert_to_tensor(images)
        if not self.keeps_dtype:
            images = ops.cast(images, self.compute_dtype)
        if self._rests(transformation, training):
            return images
        return self.transform(images, transformation)

    def transform_labels(self, labels, transformation=None, training=True):
        """The labels of a batch; they stay."""
        return labels

    def transform_segmentation_masks(self, segmentation_masks, transformation=None, training=True):
        """The masks of a batch, moved as the images."""
        if not self.moves_pixels or self._rests(transformation, training):
            return segmentation_masks
        return self.transform(segmentation_masks, transformation, interpolation="nearest")

    def transform_bounding_boxes(self, bounding_boxes, transformation=None, training=True):
        """The boxes of a batch moved as the images, and clipped."""
        if not self.moves_pixels or self._rests(transformation, training):
            return bounding_boxes
        known, (height, width) = self.bounding_box_format, self.sizes(transformation)
        boxes = convert_format(bounding_boxes["boxes"], known, "xyxy", height, width)
        boxes = self.move_boxes(boxes, transformation)
        height, width = self.output_size(height, width)
        clipped = clip_to_image_size({**bounding_boxes, "boxes": boxes}, height, width)
        return convert_format(clipped, "xyxy", known, height, width)

    def call(self, data, training=True):
        """Transform images and what belongs to them."""
        if not isinstance(data, dict):
            images, is_single = self._batch(data)
            transformation = self.get_random_transformation(images, training)
            return _unbatch(self.transform_images(images, transformation, training), is_single)
        images, is_single = self._batch(data["images"])
        batch = {"images": images}
        if "bounding_boxes" in data:
            if self.bounding_box_format is None:
                raise ValueError(
                    explain(
                        self.path,
                        "the format of the bounding boxes is not known",
                        fix=f'{type(self).__name__}(..., bounding_box_format="xyxy")',
                    )
                )
            batch["bounding_boxes"] = as_dense(data["bounding_boxes"], not is_single, self.path)
        for key in ("labels", "segmentation_masks"):
            if key in data:
                batch[key] = ops.convert_to_tensor(data[key])
        if is_single:
            extra = {k: v for k, v in batch.items() if k != "images"}
            batch.update(_each(lambda x: ops.expand_dims(x, 0), extra))
        transformation = self.get_random_transformation(images, training)
        for key, value in batch.items():
            changed = getattr(self, f"transform_{key}")(value, transformation, training)
            batch[key] = _each(lambda x: _unbatch(x, is_single), changed)
        return {**data, **batch}

    def _batch(self, images):
        """Images with the batch axis, and whether they had none."""
        images = ops.convert_to_tensor(images)
        rank = len(images.shape)
        if rank not in (3, 4):
            raise ShapeError(
                explain(
                    self.path,
                    "images must have 3 axes, or 4 with the batch axis",
                    received=f" shape {tuple(images.shape)}",
                )
            )
        return (ops.expand_dims(images, 0), True) if rank == 3 else (images, False)

    def compute_output_shape(self, input_shape):
        """The input shape, where the size stays."""
        if self.keeps_size and not isinstance(input_shape, dict):
            return input_shape
        return super().compute_output_shape(input_shape)

    def get_config(self):
        """Constructor arguments; the format of boxes where there is one, as Keras writes it."""
        config = super().get_config()
        if self.bounding_box_format is None:
            config.pop("bounding_box_format")
        return config


def _unbatch(x, is_single):
    return ops.squeeze(x, 0) if is_single else x


def _each(function, value):
    if isinstance(value, dict):
        return {key: _each(function, part) for key, part in value.items()}
    return function(value)


def rescaled(images, source, target):
    """Images of one range of values brought to another, both pairs of numbers."""
    if tuple(source) == tuple(target):
        return images
    scale = (target[1] - target[0]) / (source[1] - source[0])
    return ops.add(ops.multiply(images, scale), target[0] - source[0] * scale)


def clipped(images, value_range):
    """Images with values inside a range."""
    return ops.clip(images, float(value_range[0]), float(value_range[1]))
