"""Permute: the axes of each sample in another order."""

from kerasish import ops, registry
from kerasish.errors import explain
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.layer import Layer


@registry.register("layers")
class Permute(Layer):
    """The axes of each sample in another order: axis i of the output is axis dims[i] of the input.

    Args:
        dims: tuple of int, a permutation of 1, 2, ...; the batch axis 0 stays.

    Call arguments:
        inputs: tensor (batch, ...).

    Returns:
        tensor with its axes permuted.

    Raises:
        ValueError: `dims` is not a permutation.

    Example:
        >>> Permute((2, 1))(ops.ones((5, 2, 3))).shape
        (5, 3, 2)

    Source: Keras 3 names and defaults.
    """

    def __init__(self, dims, **kwargs):
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(
                explain(
                    self.name,
                    "dims must be a permutation",
                    received=dims,
                    expected="each of 1, 2, ... once; the batch axis 0 is left out",
                )
            )
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs):
        """Transpose."""
        return ops.transpose(inputs, (0, *self.dims))

    def compute_output_shape(self, input_shape):
        """The input shape permuted."""
        return (input_shape[0], *[input_shape[d] for d in self.dims])
