"""LeakyReLU: the rectifier with a slope for negative inputs."""

from kerasish import ops, registry
from kerasish.errors import explain
from kerasish.layers.layer import Layer


@registry.register("layers")
class LeakyReLU(Layer):
    """Rectifier that lets a little through: output = x for x > 0, negative_slope * x below.

    Args:
        negative_slope: float >= 0.

    Call arguments:
        inputs: float tensor of any shape.

    Returns:
        float tensor of the same shape.

    Raises:
        ValueError: a negative slope.

    Example:
        >>> LeakyReLU(0.5)(ops.array([-2.0, 2.0])).tolist()
        [-1.0, 2.0]

    Source: Maas et al., 2013; Keras 3 names and defaults.
    """

    def __init__(self, negative_slope=0.3, **kwargs):
        if "alpha" in kwargs:  # as Keras 2 wrote it
            negative_slope = kwargs.pop("alpha")
        super().__init__(**kwargs)
        if negative_slope is None or negative_slope < 0:
            raise ValueError(
                explain(self.name, "negative_slope cannot be negative", received=negative_slope)
            )
        self.negative_slope = negative_slope
        self.supports_masking = True
        self.built = True

    def call(self, inputs):
        """Apply the rectifier."""
        return ops.leaky_relu(inputs, negative_slope=self.negative_slope)

    def compute_output_shape(self, input_shape):
        """The input shape."""
        return input_shape
