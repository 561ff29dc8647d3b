"""Rescaling: a linear map of the inputs, such as pixels to 0..1."""

from kerasish import ops, registry
from kerasish.config import image_data_format
from kerasish.layers.layer import Layer


@registry.register("layers")
class Rescaling(Layer):
    """Linear map of the inputs: output = inputs * scale + offset.

    Rescaling(1 / 255) brings pixels to 0..1, Rescaling(1 / 127.5, offset=-1) to -1..1.

    Args:
        scale: number, or sequence of numbers for the last axis.
        offset: number, or sequence of numbers for the last axis.

    Call arguments:
        inputs: tensor of any shape and number type.

    Returns:
        tensor of the same shape, in the compute dtype.

    Example:
        >>> Rescaling(0.5, offset=1.0)(ops.array([2.0, 4.0])).tolist()
        [2.0, 3.0]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, scale, offset=0.0, **kwargs):
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset
        self.supports_masking = True

    def call(self, inputs):
        """Scale and shift."""
        inputs = ops.cast(inputs, self.compute_dtype)
        scale, offset = self._factor(self.scale), self._factor(self.offset)
        return ops.add(ops.multiply(inputs, scale), offset)

    def _factor(self, value):
        if isinstance(value, (int, float)):
            return value
        value = ops.convert_to_tensor(value, self.compute_dtype)
        if len(value.shape) == 1 and image_data_format() == "channels_first":
            value = ops.reshape(value, (-1, 1, 1))
        return value

    def compute_output_shape(self, input_shape):
        """The input shape."""
        return input_shape
