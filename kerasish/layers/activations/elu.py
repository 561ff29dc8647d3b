"""ELU: the exponential linear unit as a layer."""

from kerasish import ops, registry
from kerasish.layers.layer import Layer


@registry.register("layers")
class ELU(Layer):
    """Exponential linear unit: output = x for x > 0, alpha * (exp(x) - 1) below.

    Args:
        alpha: float. The output tends to -alpha.

    Call arguments:
        inputs: float tensor of any shape.

    Returns:
        float tensor of the same shape.

    Example:
        >>> ELU()(ops.array([0.0, 2.0])).tolist()
        [0.0, 2.0]

    Source: Clevert et al., 2016; Keras 3 names and defaults.
    """

    def __init__(self, alpha=1.0, **kwargs):
        super().__init__(**kwargs)
        self.alpha = alpha
        self.supports_masking = True
        self.built = True

    def call(self, inputs):
        """Apply the unit."""
        return ops.elu(inputs, alpha=self.alpha)

    def compute_output_shape(self, input_shape):
        """The input shape."""
        return input_shape
