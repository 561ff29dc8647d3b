"""RMSNormalization: each sample divided by its root mean square."""

from kerasish import ops, registry
from kerasish.core.spec import normalize_axis
from kerasish.layers.layer import Layer
from kerasish.layers.normalization.layer_normalization import weight_shape


@registry.register("layers")
class RMSNormalization(Layer):
    """Each sample divided by its root mean square: output = scale * x / sqrt(mean(x**2) + epsilon).

    Args:
        axis: int or sequence of int. The axes to normalize over.
        epsilon: float. Added to the mean square.

    Call arguments:
        inputs: float tensor (batch, ...).

    Returns:
        float tensor of the same shape.

    Raises:
        ValueError: an axis that does not exist, or whose size is unknown.

    Example:
        >>> RMSNormalization(epsilon=0.0)(ops.array([[2.0, -2.0]])).tolist()
        [[1.0, -1.0]]

    Source: Zhang and Sennrich, 2019; Keras 3 names and defaults.
    """

    def __init__(self, axis=-1, epsilon=1e-6, **kwargs):
        super().__init__(**kwargs)
        self.axis, self.epsilon = axis, epsilon

    def build(self, input_shape):
        """Make `scale`, of the sizes of the normalized axes."""
        self.axis = [self.axis] if isinstance(self.axis, int) else sorted(self.axis)
        shape = weight_shape(self.axis, input_shape, self.path)
        self.scale = self.add_weight(shape, "ones", name="scale")

    def call(self, inputs):
        """Normalize."""
        return ops.rms_normalization(inputs, scale=self.scale, axis=tuple(self.axis),
                                     epsilon=self.epsilon)  # fmt: skip

    def compute_output_shape(self, input_shape):
        """The input shape."""
        for axis in [self.axis] if isinstance(self.axis, int) else self.axis:
            normalize_axis(axis, len(input_shape), self.path)
        return input_shape
