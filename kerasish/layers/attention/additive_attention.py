"""AdditiveAttention: attention with scores from a sum of query and key (Bahdanau)."""

from kerasish import ops, registry
from kerasish.layers.attention.attention import Attention


@registry.register("layers")
class AdditiveAttention(Attention):
    """Attention with additive scores: score = sum(scale * tanh(query + key)) over the features.

    Args:
        use_scale: bool. `scale` is a trainable vector (features,), else 1.
        dropout: float. Share of attention weights set to 0 in training.

    Call arguments:
        as of Attention.

    Returns:
        float tensor (batch, query length, size); with `return_attention_scores` also the weights.

    Raises:
        ValueError: inputs or masks that are not lists of 2 or 3.

    Example:
        >>> AdditiveAttention()([ops.ones((1, 5, 8)), ops.ones((1, 3, 8))]).shape
        (1, 5, 8)

    Source: Bahdanau et al., "Neural machine translation by jointly learning to align and
    translate", 2015; Keras 3 names.
    """

    def __init__(self, use_scale=True, dropout=0.0, **kwargs):
        super().__init__(use_scale=use_scale, dropout=dropout, **kwargs)

    @classmethod
    def _own_parameters(cls):
        parameters = super()._own_parameters()
        return {n: p for n, p in parameters.items() if n != "score_mode"}

    def build(self, input_shape):
        """Make `scale`."""
        self._check(input_shape)
        self.scale = None
        if self.use_scale:
            self.scale = self.add_weight((input_shape[0][-1],), "glorot_uniform", name="scale")

    def _calculate_scores(self, query, key):
        sums = ops.tanh(ops.add(ops.expand_dims(query, -2), ops.expand_dims(key, -3)))
        if self.scale is not None:
            sums = ops.multiply(sums, self.scale)
        return ops.sum(sums, axis=-1)
