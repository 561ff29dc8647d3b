"""ActivityRegularization: a penalty on the inputs, handed through unchanged."""

from kerasish import registry, regularizers
from kerasish.layers.layer import Layer


@registry.register("layers")
class ActivityRegularization(Layer):
    """Adds l1 * sum(abs(x)) + l2 * sum(x**2), divided by the batch size, to the losses.

    Args:
        l1: float. Factor of the absolute values.
        l2: float. Factor of the squares.

    Call arguments:
        inputs: float tensor (batch, ...).

    Returns:
        the same.

    Example:
        >>> from kerasish import ops
        >>> layer = ActivityRegularization(l1=0.5)
        >>> _ = layer(ops.ones((2, 3)))
        >>> layer.losses[0].item()
        1.5

    Source: Keras 3 names and defaults.
    """

    def __init__(self, l1=0.0, l2=0.0, **kwargs):
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self.l1, self.l2 = l1, l2
        self.supports_masking = True
        self.built = True

    def call(self, inputs):
        """Return the inputs."""
        return inputs

    def compute_output_shape(self, input_shape):
        """The input shape."""
        return input_shape

    def get_config(self):
        """Constructor arguments."""
        config = super().get_config()
        del config["activity_regularizer"]  # made of l1 and l2
        return config
