"""RepeatVector: each vector n times, as a sequence."""

from kerasish import ops, registry
from kerasish.layers.arguments import positive_int
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.layer import Layer


@registry.register("layers")
class RepeatVector(Layer):
    """Each vector n times, as a sequence: (batch, features) -> (batch, n, features).

    Args:
        n: int > 0.

    Call arguments:
        inputs: tensor (batch, features).

    Returns:
        tensor (batch, n, features).

    Raises:
        ValueError: `n` is not a positive int.

    Example:
        >>> RepeatVector(3)(ops.ones((2, 4))).shape
        (2, 3, 4)

    Source: Keras 3 names and defaults.
    """

    def __init__(self, n, **kwargs):
        super().__init__(**kwargs)
        self.n = positive_int(n, "n", self.name)
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs):
        """Repeat along a new axis 1."""
        return ops.repeat(ops.expand_dims(inputs, 1), self.n, axis=1)

    def compute_output_shape(self, input_shape):
        """(batch, n, features)."""
        return (input_shape[0], self.n, input_shape[1])
