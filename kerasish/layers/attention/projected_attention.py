"""ProjectedAttention: what multi-head and grouped-query attention have in common."""

import math

from kerasish import constraints, initializers, ops, regularizers
from kerasish.errors import explain
from kerasish.layers.attention import equations
from kerasish.layers.attention.masks import attention_mask as combined_mask
from kerasish.layers.attention.masks import causal_mask, combined
from kerasish.layers.core.einsum_dense import EinsumDense
from kerasish.layers.layer import Layer
from kerasish.saving.serialization import serialize_keras_object


class ProjectedAttention(Layer):
    """Base: query, key and value are projected to heads, attend, and are projected back.

    Subclasses make, in `build`, the layers `_query_dense`, `_key_dense`, `_value_dense`,
    `_output_dense`, `_gate_dense` (with `use_gate`), `_softmax` and `_dropout_layer`, under whose
    names files hold them, and the attributes `_score_equation`, `_output_equation` and, for several
    axes, `_head_axis`.
    """

    def __init__(self, *, dropout, use_bias, sliding_window, flash_attention, kernel_initializer,
                 bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
                 kernel_constraint, bias_constraint, use_gate, seed, **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        if sliding_window is not None and not _is_positive_int(sliding_window):
            raise ValueError(
                explain(
                    self.name,
                    "sliding_window must be a positive int or None",
                    received=sliding_window,
                )
            )
        if flash_attention and dropout > 0:
            raise ValueError(
                explain(
                    self.name,
                    "flash attention does not go with dropout",
                    received=dropout,
                    fix="dropout=0.0",
                )
            )
        self.dropout, self.use_bias, self.use_gate = dropout, use_bias, use_gate
        self.sliding_window, self.flash_attention = sliding_window, flash_attention
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self._projection_regularizer = regularizers.get(activity_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.seed = seed
        self.supports_masking = True

    @classmethod
    def _own_parameters(cls):
        parameters = super()._own_parameters()
        return {n: p for n, p in parameters.items() if n != "flash_attention"}

    def get_config(self):
        """Arguments that make an equal layer, as JSON-ready values."""
        regularizer = serialize_keras_object(self._projection_regularizer)
        return {**super().get_config(), "activity_regularizer": regularizer}

    def _projection(self, name, shape, bound, sizes, activation=None):
        """A dense layer that replaces the last `bound` axes of an input by axes of these sizes."""
        equation, added = equations.projection(len(shape), bound, len(sizes))
        layer = EinsumDense(
            equation,
            (*[None] * (len(shape) - bound - 1), *sizes),
            activation=activation,
            bias_axes=added if self.use_bias else None,
            name=name,
            activity_regularizer=self._projection_regularizer,
            kernel_initializer=_clone(self.kernel_initializer),
            bias_initializer=_clone(self.bias_initializer),
            kernel_regularizer=self.kernel_regularizer,
            bias_regularizer=self.bias_regularizer,
            kernel_constraint=self.kernel_constraint,
            bias_constraint=self.bias_constraint,
            dtype=self.dtype_policy,
        )
        layer.build(tuple(shape))
        return layer

    def call(self, query, value, key=None, query_mask=None, value_mask=None, key_mask=None,
             attention_mask=None, return_attention_scores=False, training=None,
             use_causal_mask=False):  # fmt: skip
        if return_attention_scores and self.flash_attention:
            raise ValueError(
                explain(
                    self.path,
                    "flash attention does not return attention scores",
                    fix="flash_attention=False",
                )
            )
        key = value if key is None else key
        given = (query_mask, value_mask, key_mask, attention_mask, self.sliding_window)
        is_causal = use_causal_mask and all(m is None for m in given)
        mask = combined_mask(
            query, value, query_mask=query_mask, value_mask=value_mask, key_mask=key_mask,
            attention_mask=attention_mask, use_causal_mask=use_causal_mask and not is_causal,
            sliding_window=self.sliding_window,
        )  # fmt: skip
        gate = self._gate_dense(query) if self.use_gate else None
        outputs, scores = self._compute_attention(
            self._query_dense(query), self._key_dense(key), self._value_dense(value), mask,
            training, return_attention_scores, is_causal,
        )  # fmt: skip
        if gate is not None:
            outputs = ops.multiply(outputs, gate)
        outputs = self._output_dense(outputs)
        return (outputs, scores) if return_attention_scores else outputs

    def compute_mask(self, inputs, previous_mask):
        """The query's mask."""
        return previous_mask

    def _repeated(self, projected):
        """Key or value heads, as many as the query has."""
        return projected

    def _compute_attention(self, query, key, value, attention_mask=None, training=None,
                           return_attention_scores=False, use_causal_mask=False):  # fmt: skip
        """Outputs (batch, ..., heads, size) and scores (None where they are not asked for)."""
        scale = 1.0 / math.sqrt(query.shape[-1])
        has_dropout = self.dropout > 0 and training
        if len(query.shape) == 4 and not has_dropout and not return_attention_scores:
            outputs = ops.dot_product_attention(
                query, key, value, mask=self._expanded(attention_mask, 4), scale=scale,
                is_causal=use_causal_mask,
            )  # fmt: skip
            return outputs, None
        if use_causal_mask:
            lengths = ops.shape(query)[1], ops.shape(key)[1]
            attention_mask = combined(attention_mask, causal_mask(*lengths))
        key, value = self._repeated(key), self._repeated(value)
        scores = ops.einsum(self._score_equation, key, ops.multiply(query, scale))
        mask = self._expanded(attention_mask, len(scores.shape))
        scores = self._softmax(scores, mask=mask)
        weights = self._dropout_layer(scores, training=training) if has_dropout else scores
        return ops.einsum(self._output_equation, weights, value), scores

    def _expanded(self, mask, rank):
        """The mask with axes of size 1 for the heads, and what else scores have before them."""
        if mask is None:
            return None
        for _ in range(rank - len(mask.shape)):
            mask = ops.expand_dims(mask, axis=self._head_axis)
        return mask

    # Scores are (..., heads, query axes, key axes), with one axis each unless more are given.
    _head_axis = -3


def _is_positive_int(value):
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _clone(initializer):
    """Another initializer of the same kind: one object gives each projection the same values."""
    return initializer.clone() if hasattr(initializer, "clone") else initializer
