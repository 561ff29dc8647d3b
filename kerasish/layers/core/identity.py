"""Identity: the layer that does nothing."""

from kerasish import registry
from kerasish.layers.layer import Layer


@registry.register("layers")
class Identity(Layer):
    """Layer that returns its input: output = inputs.

    Useful where a model's code expects a layer and none is wanted.

    Call arguments:
        inputs: tensor, or a nested structure of tensors.

    Returns:
        the same.

    Example:
        >>> from kerasish import ops
        >>> Identity()(ops.array([1.0, 2.0])).tolist()
        [1.0, 2.0]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.built = True

    def call(self, inputs):
        """Return the inputs."""
        return inputs
