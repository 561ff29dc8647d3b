"""CategoryEncoding: integers as one-hot codes, multi-hot codes or counts."""

from kerasish import registry
from kerasish.errors import explain
from kerasish.layers.layer import Layer
from kerasish.layers.preprocessing.categories import (
    as_integers,
    check_output_mode,
    encode,
    encoded_shape,
)
from kerasish.layers.preprocessing.host_layer import TakesData

_MODES = ("one_hot", "multi_hot", "count")


@registry.register("layers")
class CategoryEncoding(TakesData, Layer):
    """Codes of integers: one_hot: output[..., inputs[...]] = 1; multi_hot and count: per sample.

    Integers outside of 0 to `num_tokens - 1` have no code.

    Args:
        num_tokens: int > 0. Number of categories, the last size of the output.
        output_mode: "one_hot" (a code for each integer; a last axis of 1 is replaced),
            "multi_hot" (1 for each category that occurs in a sample) or "count".
        sparse: only False; there are no sparse tensors.

    Call arguments:
        inputs: integer tensor (batch, categories), or (categories,) for one sample.
        count_weights: tensor of the same shape, for "count": what each integer counts.

    Returns:
        tensor (batch, num_tokens), or (..., num_tokens) for "one_hot", in the compute dtype.

    Raises:
        ValueError: no or bad `num_tokens`, an unknown mode, or weights without "count".

    Example:
        >>> CategoryEncoding(4)([[0, 1], [3, 3]]).tolist()
        [[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, num_tokens=None, output_mode="multi_hot", sparse=False, **kwargs):
        super().__init__(autocast=False, **kwargs)
        if num_tokens is None or num_tokens < 1:
            raise ValueError(
                explain(
                    self.name,
                    "num_tokens must be a positive int",
                    received=num_tokens,
                    fix="where it is not known, use layers.IntegerLookup",
                )
            )
        self.num_tokens = num_tokens
        self.output_mode = check_output_mode(self.name, output_mode, _MODES, sparse)
        self.sparse = False

    def call(self, inputs, count_weights=None):
        """Encode."""
        if count_weights is not None and self.output_mode != "count":
            raise ValueError(
                explain(
                    self.path, 'count_weights go with output_mode "count"',
                    received=self.output_mode,
                )
            )  # fmt: skip
        mode, dtype = self.output_mode, self.compute_dtype
        return encode(as_integers(inputs), mode, self.num_tokens, dtype, count_weights)

    def compute_output_shape(self, input_shape):
        """The input shape with `num_tokens` for, or after, the categories."""
        return encoded_shape(input_shape, self.output_mode, self.num_tokens)

    def get_config(self):
        """Constructor arguments, less `sparse`, as Keras writes them."""
        config = super().get_config()
        del config["sparse"]
        return config
