"""GroupedQueryAttention: multi-head attention in which groups of heads share keys and values."""

from kerasish import ops, registry
from kerasish.errors import ShapeError, explain
from kerasish.layers.activations.softmax import Softmax
from kerasish.layers.arguments import positive_int
from kerasish.layers.attention import equations
from kerasish.layers.attention.projected_attention import ProjectedAttention
from kerasish.layers.regularization.dropout import Dropout


@registry.register("layers", "GroupedQueryAttention", name="GroupQueryAttention")
class GroupedQueryAttention(ProjectedAttention):
    """Attention whose query heads share fewer key and value heads; less memory when generating.

    One key and value head serves num_query_heads / num_key_value_heads query heads. With as many of
    each it is multi-head attention, with one it is multi-query attention.

    Args:
        head_dim: int > 0. Size of every head.
        num_query_heads: int > 0.
        num_key_value_heads: int > 0 that divides `num_query_heads`.
        dropout: float. Share of attention weights set to 0 in training.
        use_bias: bool. All projections have a bias.
        sliding_window: int or None. Positions this far apart, or farther, do not see each other.
        flash_attention: accepted; the device's fastest exact form is used in any case.
        kernel_initializer, bias_initializer: name or initializer, of all projections.
        kernel_regularizer, bias_regularizer: regularizer or None.
        activity_regularizer: regularizer of the outputs of each projection and of the layer.
        kernel_constraint, bias_constraint: constraint or None.
        use_gate: bool. Multiply the heads by sigmoid(query projected once more).
        seed: int or None. Of the dropout.

    Call arguments:
        as of MultiHeadAttention.

    Returns:
        float tensor (batch, query length, features), and with `return_attention_scores` the scores
        (batch, num_query_heads, query length, key length).

    Raises:
        ValueError: sizes that are not positive ints, or head numbers that do not divide.
        ShapeError: an input that has not 3 axes.

    Example:
        >>> x = ops.ones((1, 5, 8))
        >>> GroupedQueryAttention(head_dim=4, num_query_heads=4, num_key_value_heads=2)(x, x).shape
        (1, 5, 8)

    Source: Ainslie et al., "GQA", 2023; Keras 3 names.
    """

    def __init__(self, head_dim, num_query_heads, num_key_value_heads, dropout=0.0, use_bias=True,
                 sliding_window=None, flash_attention=None, kernel_initializer="glorot_uniform",
                 bias_initializer="zeros", kernel_regularizer=None, bias_regularizer=None,
                 activity_regularizer=None, kernel_constraint=None, bias_constraint=None,
                 use_gate=False, seed=None, **kwargs):  # fmt: skip
        super().__init__(
            dropout=dropout, use_bias=use_bias, sliding_window=sliding_window,
            flash_attention=flash_attention, kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer, kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer, activity_regularizer=activity_regularizer,
            kernel_constraint=kernel_constraint, bias_constraint=bias_constraint,
            use_gate=use_gate, seed=seed, **kwargs,
        )  # fmt: skip
        self.head_dim = positive_int(head_dim, "head_dim", self.name)
        self.num_query_heads = positive_int(num_query_heads, "num_query_heads", self.name)
        self.num_key_value_heads = positive_int(
            num_key_value_heads, "num_key_value_heads", self.name
        )
        if num_query_heads % num_key_value_heads:
            raise ValueError(
                explain(
                    self.name,
                    "num_key_value_heads must divide num_query_heads",
                    received=(num_key_value_heads, num_query_heads),
                )
            )
        self.activity_regularizer = self._projection_regularizer
        self._score_equation, self._output_equation = equations.attention(4, (1,))

    def build(self, query_shape, value_shape, key_shape=None):
        """Make the projections."""
        key_shape = value_shape if key_shape is None else key_shape
        for shape in (query_shape, value_shape, key_shape):
            if len(shape) != 3:
                raise ShapeError(
                    explain(
                        self.path,
                        "query, key and value need 3 axes",
                        received=f" shape {shape}",
                        expected="(batch, length, features)",
                    )
                )
        query_heads = (self.num_query_heads, self.head_dim)
        shared_heads = (self.num_key_value_heads, self.head_dim)
        self._query_dense = self._projection("query", query_shape, 1, query_heads)
        self._key_dense = self._projection("key", key_shape, 1, shared_heads)
        if self.use_gate:
            self._gate_dense = self._projection("gate", query_shape, 1, query_heads, "sigmoid")
        self._value_dense = self._projection("value", value_shape, 1, shared_heads)
        self._softmax = Softmax(axis=-1, dtype=self.dtype_policy)
        self._dropout_layer = Dropout(self.dropout, seed=self.seed, dtype=self.dtype_policy)
        self._output_dense = self._projection(
            "attention_output", (*query_shape[:-1], *query_heads), 2, (query_shape[-1],)
        )

    def _repeated(self, projected):
        repeats = self.num_query_heads // self.num_key_value_heads
        return projected if repeats == 1 else ops.repeat(projected, repeats, axis=2)
