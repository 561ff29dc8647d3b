"""MultiHeadAttention: scaled dot-product attention in several learned projections."""

from kerasish import registry
from kerasish.errors import ShapeError, explain
from kerasish.layers.activations.softmax import Softmax
from kerasish.layers.arguments import positive_int
from kerasish.layers.attention import equations
from kerasish.layers.attention.projected_attention import ProjectedAttention
from kerasish.layers.regularization.dropout import Dropout


@registry.register("layers")
class MultiHeadAttention(ProjectedAttention):
    """Attention with several heads: output = concat_i(softmax(Q_i K_i^T / sqrt(key_dim)) V_i) W.

    Q_i, K_i and V_i are learned projections of query, key and value. With all three the same
    tensor it is self-attention.

    Args:
        num_heads: int > 0.
        key_dim: int > 0. Size of a head of query and key.
        value_dim: int or None. Size of a head of value; `key_dim` when None.
        dropout: float. Share of attention weights set to 0 in training.
        use_bias: bool. All projections have a bias.
        output_shape: int, tuple or None. Sizes after the last projection; the query's when None.
        attention_axes: int, tuple or None. Axes attended over; all between batch and features.
        sliding_window: int or None. Positions this far apart, or farther, do not see each other.
        flash_attention: accepted; the device's fastest exact form is used in any case.
        kernel_initializer, bias_initializer: name or initializer, of all projections.
        kernel_regularizer, bias_regularizer: regularizer or None.
        activity_regularizer: regularizer of the output of each projection, or None.
        kernel_constraint, bias_constraint: constraint or None.
        use_gate: bool. Multiply the heads by sigmoid(query projected once more).
        seed: int or None. Of the dropout.

    Call arguments:
        query: float tensor (batch, query length, features).
        value: float tensor (batch, key length, features).
        key: like value, or None: the value.
        query_mask, value_mask, key_mask: bool (batch, length); the tensors' own when None.
        attention_mask: bool (batch, query length, key length), True where attention may go.
        return_attention_scores: bool.
        training: bool.
        use_causal_mask: bool. No position looks at later ones.

    Returns:
        float tensor (batch, query length, features), and with `return_attention_scores` the scores
        (batch, num_heads, query length, key length).

    Raises:
        ValueError: sizes that are not positive ints, or flash attention together with dropout.
        ShapeError: key and value of different lengths.

    Example:
        >>> from kerasish import ops
        >>> attend = MultiHeadAttention(num_heads=2, key_dim=4)
        >>> attend(ops.ones((1, 5, 8)), ops.ones((1, 3, 8))).shape
        (1, 5, 8)

    Source: Vaswani et al., "Attention is all you need", 2017, section 3.2; Keras 3 names.
    """

    def __init__(self, num_heads, key_dim, value_dim=None, dropout=0.0, use_bias=True,
                 output_shape=None, attention_axes=None, sliding_window=None, flash_attention=None,
                 kernel_initializer="glorot_uniform", bias_initializer="zeros",
                 kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None,
                 kernel_constraint=None, bias_constraint=None, use_gate=False, seed=None,
                 **kwargs):  # fmt: skip
        super().__init__(
            dropout=dropout, use_bias=use_bias, sliding_window=sliding_window,
            flash_attention=flash_attention, kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer, kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer, activity_regularizer=activity_regularizer,
            kernel_constraint=kernel_constraint, bias_constraint=bias_constraint,
            use_gate=use_gate, seed=seed, **kwargs,
        )  # fmt: skip
        self.num_heads = positive_int(num_heads, "num_heads", self.name)
        self.key_dim = positive_int(key_dim, "key_dim", self.name)
        value_dim = key_dim if value_dim is None else value_dim
        self.value_dim = positive_int(value_dim, "value_dim", self.name)
        self.attention_axes = _as_tuple(attention_axes)
        self._output_shape = _as_tuple(output_shape)

    @property
    def query_dense(self):
        """Projection of the query; it exists once the layer is built, like the next three."""
        return self._query_dense

    @property
    def key_dense(self):
        """Projection of the key."""
        return self._key_dense

    @property
    def value_dense(self):
        """Projection of the value."""
        return self._value_dense

    @property
    def output_dense(self):
        """Projection of the heads to the output."""
        return self._output_dense

    def get_config(self):
        """Arguments that make an equal layer, as JSON-ready values."""
        return {**super().get_config(), "output_shape": self._output_shape}

    def build(self, query_shape, value_shape, key_shape=None):
        """Make the projections."""
        key_shape = value_shape if key_shape is None else key_shape
        if tuple(value_shape[1:-1]) != tuple(key_shape[1:-1]):
            raise ShapeError(
                explain(
                    self.path,
                    "key and value differ in length",
                    received=f" key {key_shape}, value {value_shape}",
                )
            )
        rank = len(value_shape) + 1  # of the projected tensors, which have an axis of heads more
        self._choose_axes(rank)
        self._query_dense = self._heads("query", query_shape, self.key_dim)
        self._key_dense = self._heads("key", key_shape, self.key_dim)
        if self.use_gate:
            self._gate_dense = self._heads("gate", query_shape, self.value_dim, "sigmoid")
        self._value_dense = self._heads("value", value_shape, self.value_dim)
        self._softmax = Softmax(
            axis=tuple(range(-len(self.attention_axes), 0)), dtype=self.dtype_policy
        )
        self._dropout_layer = Dropout(self.dropout, seed=self.seed, dtype=self.dtype_policy)
        heads_shape = (*query_shape[:-1], self.num_heads, self.value_dim)
        self._output_dense = self._projection(
            "attention_output", heads_shape, 2, self._output_shape or (query_shape[-1],)
        )

    def _choose_axes(self, rank):
        axes = self.attention_axes
        if axes is None:
            axes = range(1, rank - 2)
        self.attention_axes = tuple(a if a >= 0 else rank - 1 + a for a in axes)
        self._score_equation, self._output_equation = equations.attention(rank, self.attention_axes)
        self._head_axis = -2 * len(self.attention_axes) - 1

    def _heads(self, name, shape, size, activation=None):
        return self._projection(name, shape, 1, (self.num_heads, size), activation)


def _as_tuple(value):
    if value is None:
        return None
    return (value,) if isinstance(value, int) else tuple(value)
