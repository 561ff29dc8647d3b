"""AutoContrast: images spread over the whole range of values."""

from kerasish import ops, registry
from kerasish.layers.preprocessing.image_arguments import pixel_range
from kerasish.layers.preprocessing.image_layer import ImageLayer, clipped


@registry.register("layers")
class AutoContrast(ImageLayer):
    """Each channel of each image stretched so that it reaches from the lowest to the highest value.

    It acts in training and outside alike. Channels of one value stay as they are.

    Args:
        value_range: pair of numbers: lowest and highest value of a pixel.
        **kwargs: `bounding_box_format`, `data_format`, `name`, `trainable`, `dtype`.

    Call arguments:
        data: images (batch, height, width, channels) or one image; or a dict with "images".
        training: bool.

    Returns:
        images of the same shape, in the compute dtype.

    Raises:
        ValueError: an argument out of range.

    Example:
        >>> AutoContrast()(ops.array([[[50.0], [100.0]]])).tolist()
        [[[0.0], [255.0]]]

    Source: Keras 3 names and defaults.
    """

    moves_pixels = False
    is_random = False

    def __init__(self, value_range=(0, 255), **kwargs):
        super().__init__(**kwargs)
        self.value_range = pixel_range(value_range, self.name)

    def transform(self, images, transformation, interpolation=None):
        """Stretch."""
        axes = (self.height_axis, self.width_axis)
        low = ops.min(images, axis=axes, keepdims=True)
        spread = ops.max(images, axis=axes, keepdims=True) - low
        bottom, top = self.value_range
        is_flat = spread <= 0
        scale = (top - bottom) / ops.where(is_flat, 1.0, spread)
        stretched = clipped((images - low) * scale + bottom, self.value_range)
        return ops.where(is_flat, images, stretched)
