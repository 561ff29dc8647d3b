"""SizedLayer: the base of layers that make images of one height and width."""

from kerasish import ops
from kerasish.layers.arguments import positive_int
from kerasish.layers.preprocessing.image_layer import ImageLayer
from kerasish.ops import image
from kerasish.ops.resampling import window_of_ratio


class SizedLayer(ImageLayer):
    """Base of CenterCrop, RandomCrop and Resizing."""

    is_random = False
    keeps_size = False

    def set_size(self, height, width):
        """Keep the size of the output."""
        self.height = positive_int(height, "height", self.name)
        self.width = positive_int(width, "width", self.name)

    def output_size(self, height, width):
        """The size asked for."""
        return self.height, self.width

    def crop(self, images, top, left):
        """A window of the images, at offsets that are ints or scalar tensors."""
        for axis, start, size in (
            (self.height_axis, top, self.height), (self.width_axis, left, self.width),
        ):  # fmt: skip
            if isinstance(start, int):
                index = [slice(None)] * 4
                index[axis] = slice(start, start + size)
                images = images[tuple(index)]
            else:
                places = ops.add(ops.arange(size, dtype="int32"), ops.cast(start, "int32"))
                images = ops.take(images, places, axis=axis)
        return images

    def fill(self, images, interpolation):
        """The largest window of the right aspect ratio in the middle, scaled to the size."""
        return image.resize(images, (self.height, self.width), crop_to_aspect_ratio=True,
                            interpolation=interpolation or "bilinear",
                            data_format=self.data_format)  # fmt: skip

    def boxes_of_fill(self, boxes, height, width):
        """Where boxes of images of this size come to lie under `fill`."""
        top, left, rows, columns = window_of_ratio(height, width, self.height, self.width)
        moved = boxes - ops.array([left, top] * 2, dtype=boxes.dtype)
        return moved * ops.array(
            [self.width / columns, self.height / rows] * 2, dtype=boxes.dtype
        )  # fmt: skip
