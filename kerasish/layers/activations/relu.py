"""ReLU: the rectifier as a layer."""

from kerasish import activations, registry
from kerasish.errors import explain
from kerasish.layers.layer import Layer


@registry.register("layers")
class ReLU(Layer):
    """Rectifier with optional slope, ceiling and threshold: output = max(inputs, 0).

    Output is `max_value` from there on, the input from `threshold` on, and
    `negative_slope * (input - threshold)` below it.

    Args:
        max_value: float >= 0 or None (no ceiling).
        negative_slope: float >= 0.
        threshold: float >= 0.

    Call arguments:
        inputs: float tensor of any shape.

    Returns:
        float tensor of the same shape.

    Raises:
        ValueError: a negative argument.

    Example:
        >>> from kerasish import ops
        >>> ReLU(max_value=2.0)(ops.array([-1.0, 1.0, 3.0])).tolist()
        [0.0, 1.0, 2.0]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, max_value=None, negative_slope=0.0, threshold=0.0, **kwargs):
        super().__init__(**kwargs)
        given = {"max_value": max_value, "negative_slope": negative_slope, "threshold": threshold}
        for name, value in given.items():
            if (value is None and name != "max_value") or (value is not None and value < 0):
                raise ValueError(explain(self.name, f"{name} cannot be negative", received=value))
        self.max_value, self.negative_slope, self.threshold = max_value, negative_slope, threshold
        self.supports_masking = True
        self.built = True

    def call(self, inputs):
        """Apply the rectifier."""
        return activations.relu(inputs, negative_slope=self.negative_slope,
                                max_value=self.max_value, threshold=self.threshold)  # fmt: skip

    def compute_output_shape(self, input_shape):
        """The input shape."""
        return input_shape
