"""Resizing: images of one size."""

from kerasish import ops, registry
from kerasish.layers.preprocessing.sized_layer import SizedLayer
from kerasish.ops import image


@registry.register("layers")
class Resizing(SizedLayer):
    """Images scaled to one height and width.

    Args:
        height, width: int > 0. Size of the output.
        interpolation: "bilinear", "nearest", "bicubic", "lanczos3" or "lanczos5".
        crop_to_aspect_ratio: bool. Cut off what does not fit the aspect ratio, from the middle.
        pad_to_aspect_ratio: bool. Fill up what is missing to the aspect ratio, around the image.
        fill_mode: "constant": how to fill up.
        fill_value: float. What to fill up with.
        antialias: bool. Smooth before images are made smaller.
        data_format: "channels_last", "channels_first" or None (the configured default).
        **kwargs: `bounding_box_format`, `name`, `trainable`, `dtype`.

    Call arguments:
        data: images (batch, height, width, channels) or one image; or a dict with "images". Boxes
            of which all numbers are 0 or all are -1 stand for no box and become zeros.

    Returns:
        images of the new size, in the dtype of the input.

    Raises:
        ValueError: a size that is not positive.

    Example:
        >>> from kerasish import ops
        >>> Resizing(2, 3)(ops.ones((1, 8, 8, 1))).shape
        (1, 2, 3, 1)

    Source: Keras 3 names and defaults.
    """

    keeps_dtype = True

    def __init__(self, height, width, interpolation="bilinear", crop_to_aspect_ratio=False,
                 pad_to_aspect_ratio=False, fill_mode="constant", fill_value=0.0, antialias=False,
                 data_format=None, **kwargs):  # fmt: skip
        super().__init__(data_format=data_format, **kwargs)
        self.set_size(height, width)
        self.interpolation, self.antialias = interpolation, bool(antialias)
        self.crop_to_aspect_ratio = crop_to_aspect_ratio
        self.pad_to_aspect_ratio = pad_to_aspect_ratio
        self.fill_mode, self.fill_value = fill_mode, fill_value

    def transform(self, images, transformation, interpolation=None):
        """Resize."""
        return image.resize(
            images, (self.height, self.width), interpolation=interpolation or self.interpolation,
            antialias=self.antialias, crop_to_aspect_ratio=self.crop_to_aspect_ratio,
            pad_to_aspect_ratio=self.pad_to_aspect_ratio, fill_mode=self.fill_mode,
            fill_value=self.fill_value, data_format=self.data_format,
        )  # fmt: skip

    def transform_bounding_boxes(self, bounding_boxes, transformation=None, training=True):
        """The boxes scaled; what stands for no box becomes zeros."""
        given = ops.convert_to_tensor(bounding_boxes["boxes"])
        is_none = ops.logical_or(ops.all(given == -1, axis=-1), ops.all(given == 0, axis=-1))
        moved = super().transform_bounding_boxes(bounding_boxes, transformation, training)
        boxes = ops.where(ops.expand_dims(is_none, -1), 0.0, moved["boxes"])
        return {**moved, "boxes": boxes}

    def move_boxes(self, boxes, transformation):
        """Scale, about the middle where the aspect ratio is kept."""
        height, width = (ops.cast(n, boxes.dtype) for n in self.sizes(transformation))
        ratio_y, ratio_x = self.height / height, self.width / width
        if self.pad_to_aspect_ratio or self.crop_to_aspect_ratio:
            choose = ops.minimum if self.pad_to_aspect_ratio else ops.maximum
            ratio_y = ratio_x = choose(ratio_y, ratio_x)
        top = ops.trunc((self.height - height * ratio_y) / 2)
        left = ops.trunc((self.width - width * ratio_x) / 2)
        return boxes * ops.stack([ratio_x, ratio_y] * 2) + ops.stack([left, top] * 2)
