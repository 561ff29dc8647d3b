"""AlphaDropout: dropout that keeps mean and variance of self-normalizing networks."""

from kerasish import ops, registry
from kerasish.core.rng import SeedGenerator
from kerasish.errors import explain
from kerasish.layers.arguments import fraction
from kerasish.layers.draws import uniform_like
from kerasish.layers.layer import Layer
from kerasish.layers.regularization.dropout import checked_noise_shape

_DROPPED = -1.6732632423543772848 * 1.0507009873554804934  # selu at minus infinity


@registry.register("layers")
class AlphaDropout(Layer):
    """Random elements set to selu's lowest value in training: output = a * (x or d) + b.

    With d = -alpha * scale of selu, a = ((1 - rate) (1 + rate d**2))**-0.5 and b = -a d rate,
    inputs of mean 0 and variance 1 keep both.

    Args:
        rate: float from 0 to below 1. Probability of each element to be dropped.
        noise_shape: tuple of int or None. Shape of the random choice, as in Dropout.
        seed: int or None.

    Call arguments:
        inputs: float tensor.
        training: bool.

    Returns:
        float tensor of the same shape.

    Raises:
        ValueError: `rate` is out of range.

    Example:
        >>> AlphaDropout(0.5)(ops.ones((1, 3))).tolist()
        [[1.0, 1.0, 1.0]]

    Source: Klambauer et al., 2017, section 2; Keras 3 names and defaults.
    """

    def __init__(self, rate, noise_shape=None, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.rate, self.seed = fraction(rate, "rate", self.name), seed
        if rate == 1:
            raise ValueError(
                explain(self.name, "rate must be below 1: at 1 nothing is kept", received=rate)
            )
        self.noise_shape = checked_noise_shape(noise_shape, self.name)
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)
        self.supports_masking = True
        self.built = True

    def call(self, inputs, training=False):
        """Drop elements in training."""
        if not training or self.rate == 0:
            return inputs
        shape = self.noise_shape or (None,) * len(inputs.shape)
        keep = ops.greater_equal(uniform_like(inputs, shape, self.seed_generator), self.rate)
        a = ((1 - self.rate) * (1 + self.rate * _DROPPED**2)) ** -0.5
        b = -a * _DROPPED * self.rate
        return ops.add(ops.multiply(ops.where(keep, inputs, _DROPPED), a), b)

    def compute_output_shape(self, input_shape):
        """The input shape."""
        return input_shape
