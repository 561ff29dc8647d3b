"""The two layers that only architectures use: scaled channels, and a scaled residual sum."""

from kerasish import initializers, ops, registry
from kerasish.layers.layer import Layer


@registry.register("layers")
class LayerScale(Layer):
    """Each channel times a learned factor: output = inputs * gamma.

    Args:
        init_values: float. The factors at the beginning, small.
        projection_dim: int. Number of channels.

    Returns:
        tensor of the inputs' shape.

    Example:
        >>> LayerScale(0.5, 2)(ops.array([[2.0, 4.0]])).tolist()
        [[1.0, 2.0]]

    Source: Touvron et al., "Going deeper with image transformers", 2021, section 2.1.
    """

    def __init__(self, init_values, projection_dim, **kwargs):
        super().__init__(**kwargs)
        self.init_values, self.projection_dim = init_values, projection_dim

    def build(self, input_shape):
        """Make the factors."""
        start = initializers.Constant(self.init_values)
        self.gamma = self.add_weight((self.projection_dim,), start)

    def call(self, inputs):
        """Scale the channels."""
        return ops.multiply(inputs, self.gamma)


@registry.register("layers")
class CustomScaleLayer(Layer):
    """A tensor plus a scaled one: output = inputs[0] + inputs[1] * scale.

    Args:
        scale: float.

    Returns:
        tensor of the shape of either input.

    Example:
        >>> CustomScaleLayer(0.5)([ops.ones((2,)), ops.ones((2,))]).tolist()
        [1.5, 1.5]

    Source: Szegedy et al., "Inception-v4, Inception-ResNet", 2016, section 3.3.
    """

    def __init__(self, scale=1.0, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, inputs):
        """Add the second input, scaled, to the first."""
        return ops.add(inputs[0], ops.multiply(inputs[1], self.scale))
