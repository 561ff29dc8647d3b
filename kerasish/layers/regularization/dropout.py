"""Dropout: random elements set to zero while training."""

from kerasish import random, registry
from kerasish.core.rng import SeedGenerator
from kerasish.errors import explain
from kerasish.layers.arguments import fraction
from kerasish.layers.layer import Layer


@registry.register("layers")
class Dropout(Layer):
    """Random elements set to zero in training: output = inputs * keep / (1 - rate).

    Each `keep` is 0 with probability `rate`, else 1, so the expected output is the input. Outside
    training the input is handed through.

    Args:
        rate: float from 0 to 1.
        noise_shape: tuple of int or None. Shape of `keep`, which broadcasts with the inputs (None:
            the input's size): (None, 1, None) drops the same features at all steps.
        seed: int or None.

    Call arguments:
        inputs: float tensor.
        training: bool.

    Returns:
        float tensor of the same shape.

    Raises:
        ValueError: `rate` is out of range, or `noise_shape` is not a shape.

    Example:
        >>> from kerasish import ops
        >>> Dropout(0.5)(ops.ones((1, 3))).tolist()
        [[1.0, 1.0, 1.0]]

    Source: Srivastava et al., 2014; Keras 3 names and defaults.
    """

    def __init__(self, rate, noise_shape=None, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.rate, self.seed = fraction(rate, "rate", self.name), seed
        self.noise_shape = checked_noise_shape(noise_shape, self.name)
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)
        self.supports_masking = True
        self.built = True

    def call(self, inputs, training=False):
        """Drop elements in training."""
        if not training or self.rate == 0:
            return inputs
        return random.dropout(inputs, self.rate, noise_shape=self.noise_shape_for(inputs),
                              seed=self.seed_generator)  # fmt: skip

    def noise_shape_for(self, inputs):
        """Shape of the random numbers, or None for the inputs' own."""
        return self.noise_shape

    def compute_output_shape(self, input_shape):
        """The input shape."""
        return input_shape


def checked_noise_shape(shape, where):
    """Tuple of positive ints and None, or None.

    Raises:
        ValueError: anything else.
    """
    if shape is None:
        return None
    is_sequence = isinstance(shape, (list, tuple))
    if not is_sequence or any(n is not None and (not isinstance(n, int) or n < 1) for n in shape):
        raise ValueError(
            explain(
                where,
                "noise_shape is not a shape",
                received=shape,
                expected="a tuple of positive ints and None",
            )
        )
    return tuple(shape)
