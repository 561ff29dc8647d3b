"""ReversibleEmbedding: an embedding that also projects vectors back to scores of the ids."""

from kerasish import ops, registry
from kerasish.core import masks
from kerasish.layers.embedding.embedding import Embedding


@registry.register("layers")
class ReversibleEmbedding(Embedding):
    """Embedding, and with `reverse=True` its opposite: logits = inputs @ transpose(embeddings).

    Args:
        input_dim: int > 0. Number of ids.
        output_dim: int > 0. Size of a vector.
        tie_weights: bool. Both directions use one table; False: the way back has its own,
            `reverse_embeddings` (output_dim, input_dim).
        embeddings_initializer: initializer of the tables.
        embeddings_regularizer: regularizer of the table.
        embeddings_constraint: constraint of the table.
        mask_zero: bool. Id 0 is padding: layers behind skip those steps.
        reverse_dtype: dtype in which the way back is computed; that of its inputs when None.
        logit_soft_cap: number c or None: logits become c * tanh(logits / c).

    Call arguments:
        inputs: integer tensor (...); with `reverse` a float tensor (..., output_dim).
        reverse: bool.

    Returns:
        float tensor (..., output_dim); with `reverse` (..., input_dim).

    Example:
        >>> layer = ReversibleEmbedding(10, 4)
        >>> layer(layer(ops.array([[1, 2, 0]])), reverse=True).shape
        (1, 3, 10)

    Source: Press and Wolf, "Using the output embedding to improve language models", 2016;
    Keras 3 names and defaults.
    """

    def __init__(self, input_dim, output_dim, tie_weights=True, embeddings_initializer="uniform",
                 embeddings_regularizer=None, embeddings_constraint=None, mask_zero=False,
                 reverse_dtype=None, logit_soft_cap=None, **kwargs):  # fmt: skip
        self.tie_weights = tie_weights
        self.reverse_dtype, self.logit_soft_cap = reverse_dtype, logit_soft_cap
        super().__init__(
            input_dim, output_dim, embeddings_initializer, embeddings_regularizer,
            embeddings_constraint, mask_zero, **kwargs,
        )  # fmt: skip

    def build(self, input_shape=None):
        """Make the table, or both."""
        super().build(input_shape)
        if not self.tie_weights:
            self.reverse_embeddings = self.add_weight(
                (self.output_dim, self.input_dim),
                self.embeddings_initializer,
                name="reverse_embeddings",
            )

    def stored_beside(self):
        """The table of the way back."""
        return [] if self.tie_weights else [self.reverse_embeddings]

    def call(self, inputs, reverse=False):
        """Look up, or project back."""
        if not reverse:
            outputs = super().call(inputs)
            mask = super().compute_mask(inputs)
            if mask is not None:
                masks.set_mask(outputs, mask)
            return outputs
        kernel = ops.transpose(self.embeddings) if self.tie_weights else self.reverse_embeddings
        dtype = self.reverse_dtype or inputs.dtype
        logits = ops.matmul(ops.cast(inputs, dtype), ops.cast(kernel, dtype))
        if self.logit_soft_cap is None:
            return logits
        return ops.multiply(ops.tanh(ops.divide(logits, self.logit_soft_cap)), self.logit_soft_cap)

    def compute_mask(self, inputs, previous_mask=None):
        """None: `call` sets the mask, since the way back has none."""
        return
