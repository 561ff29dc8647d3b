"""Attention: dot-product attention (Luong) without projections."""

from kerasish import ops, random, registry
from kerasish.core.rng import SeedGenerator
from kerasish.errors import explain
from kerasish.layers.attention.masks import causal_mask, combined
from kerasish.layers.layer import Layer


@registry.register("layers")
class Attention(Layer):
    """Attention of a query to values: output = softmax(query @ key^T) @ value.

    Args:
        use_scale: bool. Multiply the scores by a trainable scalar.
        score_mode: "dot", or "concat": w * sum(tanh(scale * (query + key))), with trainable w.
        dropout: float. Share of attention weights set to 0 in training.
        seed: int or None. Of the dropout.

    Call arguments:
        inputs: list [query (batch, query length, size), value (batch, key length, size)], and
            optionally the key, else it is the value.
        mask: list [query mask or None, value mask or None], bool (batch, length).
        training: bool.
        return_attention_scores: bool.
        use_causal_mask: bool. No position looks at later ones.

    Returns:
        float tensor (batch, query length, size), 0 where the query is masked; with
        `return_attention_scores` also the weights (batch, query length, key length).

    Raises:
        ValueError: an unknown `score_mode`, or inputs or masks that are not such lists.

    Example:
        >>> from kerasish import ops
        >>> Attention()([ops.ones((1, 5, 8)), ops.ones((1, 3, 8))]).shape
        (1, 5, 8)

    Source: Luong et al., "Effective approaches to attention", 2015; Keras 3 names.
    """

    def __init__(self, use_scale=False, score_mode="dot", dropout=0.0, seed=None, **kwargs):
        super().__init__(**kwargs)
        if score_mode not in ("dot", "concat"):
            raise ValueError(
                explain(
                    self.name,
                    "unknown score_mode",
                    received=score_mode,
                    expected="'dot' or 'concat'",
                )
            )
        self.use_scale, self.score_mode = use_scale, score_mode
        self.dropout, self.seed = dropout, seed
        if dropout > 0:
            self.seed_generator = SeedGenerator(seed)
        self.supports_masking = True

    def build(self, input_shape):
        """Make the scalars."""
        self._check(input_shape)
        self.scale = self.concat_score_weight = None
        if self.use_scale:
            self.scale = self.add_weight((), "ones", name="scale")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight((), "ones", name="concat_score_weight")

    def call(self, inputs, mask=None, training=False, return_attention_scores=False,
             use_causal_mask=False):  # fmt: skip
        self._check(inputs, mask)
        query, value = inputs[0], inputs[1]
        key = inputs[2] if len(inputs) > 2 else value
        query_mask, value_mask = (None, None) if mask is None else (mask[0], mask[1])
        scores = self._calculate_scores(query, key)
        if use_causal_mask:
            lengths = ops.shape(query)[-2], ops.shape(key)[-2]
            if value_mask is not None:
                value_mask = ops.expand_dims(value_mask, -2)
            value_mask = combined(value_mask, causal_mask(*lengths))
        outputs, weights = self._apply_scores(scores, value, value_mask, training)
        if query_mask is not None:
            outputs = ops.where(ops.expand_dims(query_mask, -1), outputs, ops.zeros_like(outputs))
        return (outputs, weights) if return_attention_scores else outputs

    def compute_mask(self, inputs, previous_mask=None):
        """The query's mask."""
        return None if previous_mask is None else previous_mask[0]

    def _calculate_scores(self, query, key):
        """Scores (batch, query length, key length)."""
        if self.score_mode == "dot":
            scores = ops.matmul(query, ops.swapaxes(key, -2, -1))
            return scores if self.scale is None else ops.multiply(scores, self.scale)
        sums = ops.add(ops.expand_dims(query, -2), ops.expand_dims(key, -3))
        if self.scale is not None:
            sums = ops.multiply(sums, self.scale)
        return ops.multiply(ops.sum(ops.tanh(sums), axis=-1), self.concat_score_weight)

    def _apply_scores(self, scores, value, scores_mask=None, training=False):
        """Outputs and weights, for a mask (batch, key length) or (batch, query, key length)."""
        if scores_mask is not None:
            mask = ops.cast(scores_mask, "bool")
            if len(mask.shape) == 2:
                mask = ops.expand_dims(mask, -2)
            # Lowered, not replaced, so that a query that may look nowhere still gets a mean.
            lowered = ops.subtract(scores, 65504.0 if scores.dtype == "float16" else 1e9)
            scores = ops.where(mask, scores, lowered)
        weights = ops.softmax(scores, axis=-1)
        if training and self.dropout > 0:
            weights = random.dropout(weights, self.dropout, seed=self.seed_generator)
        return ops.matmul(weights, value), weights

    def _check(self, inputs, mask=None):
        for name, value in (("inputs", inputs), ("mask", mask)):
            is_list = isinstance(value, (list, tuple)) and len(value) in (2, 3)
            if not is_list and not (value is None and name == "mask"):
                raise ValueError(
                    explain(
                        self.path,
                        f"{name} must be a list of 2 or 3",
                        received=value,
                        fix="layer([query, value]) or layer([query, value, key])",
                    )
                )
