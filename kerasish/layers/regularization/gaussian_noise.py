"""GaussianNoise: normal noise added while training."""

from kerasish import ops, registry
from kerasish.core.rng import SeedGenerator
from kerasish.layers.arguments import fraction
from kerasish.layers.draws import normal_like
from kerasish.layers.layer import Layer


@registry.register("layers")
class GaussianNoise(Layer):
    """Noise added in training: output = inputs + N(0, stddev).

    Args:
        stddev: float from 0 to 1.
        seed: int or None.

    Call arguments:
        inputs: float tensor.
        training: bool.

    Returns:
        float tensor of the same shape.

    Raises:
        ValueError: `stddev` is out of range.

    Example:
        >>> GaussianNoise(0.5)(ops.ones((1, 3))).tolist()
        [[1.0, 1.0, 1.0]]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, stddev, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.stddev, self.seed = fraction(stddev, "stddev", self.name), seed
        if stddev > 0:
            self.seed_generator = SeedGenerator(seed)
        self.supports_masking = True
        self.built = True

    def call(self, inputs, training=False):
        """Add noise in training."""
        if not training or self.stddev == 0:
            return inputs
        noise = ops.multiply(normal_like(inputs, self.seed_generator), self.stddev)
        return ops.add(inputs, noise)

    def compute_output_shape(self, input_shape):
        """The input shape."""
        return input_shape
