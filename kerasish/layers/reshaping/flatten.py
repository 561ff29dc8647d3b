"""Flatten: all axes but the batch's as one."""

from kerasish import ops, registry
from kerasish.config import standardize_data_format
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.layer import Layer


@registry.register("layers")
class Flatten(Layer):
    """All axes but the batch's as one: (batch, a, b, ...) -> (batch, a * b * ...).

    Args:
        data_format: "channels_last", "channels_first" (the channels are moved last first), or None
            for the configured default.

    Call arguments:
        inputs: tensor (batch, ...).

    Returns:
        tensor (batch, features).

    Example:
        >>> Flatten()(ops.ones((2, 3, 4))).shape
        (2, 12)

    Source: Keras 3 names and defaults.
    """

    def __init__(self, data_format=None, **kwargs):
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs):
        """Reshape to two axes."""
        ndim = len(inputs.shape)
        if self.data_format == "channels_first" and ndim > 1:
            inputs = ops.transpose(inputs, (0, *range(2, ndim), 1))
        features = self.compute_output_shape(inputs.shape)[1]
        if features:  # known and not 0, so that the batch can be the open size
            return ops.reshape(inputs, (-1, features))
        return ops.reshape(inputs, (ops.shape(inputs)[0], -1 if features is None else 0))

    def compute_output_shape(self, input_shape):
        """(batch, features)."""
        features = 1
        for size in input_shape[1:]:
            features = None if size is None or features is None else features * size
        return (input_shape[0], features)
