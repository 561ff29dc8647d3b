"""Activation: an activation function as a layer."""

from kerasish import activations, registry
from kerasish.layers.layer import Layer


@registry.register("layers")
class Activation(Layer):
    """An activation function as a layer: output = activation(inputs).

    Args:
        activation: name or callable.

    Call arguments:
        inputs: tensor of any shape.

    Returns:
        tensor of the same shape.

    Raises:
        ValueError: an unknown name.

    Example:
        >>> from kerasish import ops
        >>> Activation("relu")(ops.array([-1.0, 2.0])).tolist()
        [0.0, 2.0]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, activation, **kwargs):
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self.supports_masking = True
        self.built = True

    def call(self, inputs):
        """Apply the activation."""
        return self.activation(inputs)

    def compute_output_shape(self, input_shape):
        """The input shape."""
        return input_shape
