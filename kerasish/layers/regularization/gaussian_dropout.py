"""GaussianDropout: inputs multiplied by normal noise while training."""

import math

from kerasish import ops, registry
from kerasish.core.rng import SeedGenerator
from kerasish.errors import explain
from kerasish.layers.arguments import fraction
from kerasish.layers.draws import normal_like
from kerasish.layers.layer import Layer


@registry.register("layers")
class GaussianDropout(Layer):
    """Inputs multiplied by noise in training: output = inputs * N(1, sqrt(rate / (1 - rate))).

    Args:
        rate: float from 0 to below 1. The noise has the deviation that Dropout of this rate has.
        seed: int or None.

    Call arguments:
        inputs: float tensor.
        training: bool.

    Returns:
        float tensor of the same shape.

    Raises:
        ValueError: `rate` is out of range.

    Example:
        >>> GaussianDropout(0.5)(ops.ones((1, 3))).tolist()
        [[1.0, 1.0, 1.0]]

    Source: Srivastava et al., 2014, section 10; Keras 3 names and defaults.
    """

    def __init__(self, rate, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.rate, self.seed = fraction(rate, "rate", self.name), seed
        if rate == 1:
            raise ValueError(
                explain(
                    self.name, "rate must be below 1: at 1 the noise is infinite", received=rate
                )
            )
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)
        self.supports_masking = True
        self.built = True

    def call(self, inputs, training=False):
        """Multiply by noise in training."""
        if not training or self.rate == 0:
            return inputs
        deviation = math.sqrt(self.rate / (1.0 - self.rate))
        noise = ops.multiply(normal_like(inputs, self.seed_generator), deviation)
        return ops.multiply(inputs, ops.add(noise, 1.0))

    def compute_output_shape(self, input_shape):
        """The input shape."""
        return input_shape
