"""Embedding: a table of vectors, looked up by integer ids."""

from kerasish import constraints, initializers, ops, registry, regularizers
from kerasish.errors import explain
from kerasish.layers.core.low_rank import LowRankUpdate, refuse_quantization
from kerasish.layers.layer import Layer


@registry.register("layers")
class Embedding(LowRankUpdate, Layer):
    """Rows of a trainable table: outputs[..., :] = embeddings[inputs[...]].

    Args:
        input_dim: int > 0. Number of ids; inputs are 0 to input_dim - 1.
        output_dim: int > 0. Size of a vector.
        embeddings_initializer: initializer of the table.
        embeddings_regularizer: regularizer of the table.
        embeddings_constraint: constraint of the table.
        mask_zero: bool. Id 0 is padding: layers behind skip those steps.
        weights: array (input_dim, output_dim), or a list with it. First values of the table.
        lora_rank: int or None. Rank of the trained update; then the table itself is frozen.
        lora_alpha: number or None. The update is scaled by lora_alpha / lora_rank.
        quantization_config: only None; there is no quantization.

    Call arguments:
        inputs: integer tensor (...).

    Returns:
        float tensor (..., output_dim).

    Raises:
        ValueError: a size that is not a positive int, or a quantization config.

    Example:
        >>> Embedding(10, 4)(ops.convert_to_tensor([[1, 2, 0]])).shape
        (1, 3, 4)

    Source: Keras 3 names and defaults.
    """

    adapted_name = "embeddings"
    is_frozen_listed_last = False

    def __init__(self, input_dim, output_dim, embeddings_initializer="uniform",
                 embeddings_regularizer=None, embeddings_constraint=None, mask_zero=False,
                 weights=None, lora_rank=None, lora_alpha=None, quantization_config=None,
                 **kwargs):  # fmt: skip
        for name, value in (("input_dim", input_dim), ("output_dim", output_dim)):
            if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
                raise ValueError(
                    explain(
                        "Embedding",
                        f"{name} must be a positive int",
                        received=value,
                        fix="Embedding(1000, 64)",
                    )
                )
        kwargs.pop("input_length", None)  # Keras 2's; the length is read off the input
        kwargs.setdefault("autocast", False)  # ids given as floats must keep every digit
        super().__init__(**kwargs)
        self.input_dim, self.output_dim = input_dim, output_dim
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = self.supports_masking = mask_zero
        self.quantization_config = refuse_quantization(quantization_config, self.name)
        self.set_low_rank(lora_rank, lora_alpha)
        if weights is not None:
            self.build(None)
            self.set_weights(weights if isinstance(weights, list) else [weights])

    @classmethod
    def _own_parameters(cls):
        parameters = super()._own_parameters()
        return {n: p for n, p in parameters.items() if n != "weights"}

    def get_config(self):
        """Arguments that make an equal layer, without the values of the table."""
        config = {"activity_regularizer": None, **super().get_config()}
        return self.without_low_rank_defaults(config)

    @property
    def embeddings(self):
        """The table, with its update where there is one."""
        return self.adapted_weight()

    def build(self, input_shape=None):
        """Make the table."""
        self._embeddings = self.add_weight(
            shape=(self.input_dim, self.output_dim),
            initializer=self.embeddings_initializer,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
            name="embeddings",
        )
        self.build_low_rank()

    def compute_mask(self, inputs, previous_mask=None):
        """True where the id is not 0; None without `mask_zero`."""
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    def call(self, inputs):
        if inputs.dtype not in ("int32", "int64"):
            inputs = ops.cast(inputs, "int32")
        outputs = ops.take(self._embeddings, inputs, axis=0)
        if self.lora_enabled:  # of the rows wanted only, not of the table
            rows = ops.take(self.lora_embeddings_a, inputs, axis=0)
            outputs = ops.add(outputs, self.low_rank_product(rows))
        return ops.cast(outputs, self.compute_dtype)
