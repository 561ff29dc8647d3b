"""Low-rank adaptation: the part of Dense and Embedding that learns a small update of a weight."""

from kerasish import initializers, ops
from kerasish.errors import NotBuiltError, ShapeError, explain


def refuse_quantization(config, where):
    """None, or a ValueError for a quantization config: there are no quantized layers.

    Raises:
        ValueError: a config.
    """
    if config is not None:
        raise ValueError(
            explain(
                where,
                "quantization is not supported",
                received=config,
                fix="leave quantization_config=None",
            )
        )


class LowRankUpdate:
    """Mixin of layers with a weight that can be frozen: weight + lora_alpha / lora_rank * a @ b.

    Only `lora_NAME_a` (..., rank) and `lora_NAME_b` (rank, units) are then trained. Files hold the
    sum, so that a tuned layer is saved like any other.

    Attributes:
        adapted_name: str. NAME; the layer keeps the weight itself as `_NAME`.
        is_frozen_listed_last: bool. Whether `weights` then lists it among those that never train.

    Source: Hu et al., "LoRA", 2021, section 4.1; Keras 3 names.
    """

    adapted_name = "kernel"
    is_frozen_listed_last = True

    def set_low_rank(self, lora_rank, lora_alpha):
        """Keep the constructor's arguments."""
        self.lora_rank = lora_rank
        self.lora_alpha = lora_alpha if lora_alpha is not None else lora_rank
        self.lora_enabled = False
        setattr(self, f"_{self.adapted_name}", None)

    @property
    def _frozen(self):
        return getattr(self, f"_{self.adapted_name}")

    def _factor(self, side):
        return getattr(self, f"lora_{self.adapted_name}_{side}")

    def adapted_weight(self):
        """The weight that the layer computes with: the sum, where there is an update.

        Raises:
            NotBuiltError: there is none yet (an AttributeError too, for `hasattr`).
        """
        if self._frozen is None:
            raise _WeightNotBuiltError(
                explain(
                    self.path,
                    f"not built, so it has no {self.adapted_name}",
                    fix="call it on data first",
                )
            )
        return self._merged() if self.lora_enabled else self._frozen

    def low_rank_product(self, rows):
        """What the update adds where the first factor is `rows`."""
        product = ops.matmul(rows, self._factor("b"))
        return ops.multiply(product, self.lora_alpha / self.lora_rank)

    def _merged(self):
        return ops.add(self._frozen, self.low_rank_product(self._factor("a")))

    def build_low_rank(self):
        """Enable the update at the end of `build`, where the constructor asked for it."""
        if self.lora_rank:
            self.enable_lora(self.lora_rank, self.lora_alpha)

    def enable_lora(self, rank, lora_alpha=None, a_initializer="he_uniform", b_initializer="zeros"):
        """Freeze the weight and train an update of it of low rank instead.

        Args:
            rank: int > 0.
            lora_alpha: number; `rank` when None.
            a_initializer: initializer of the first factor.
            b_initializer: initializer of the second factor.

        Raises:
            ValueError: the layer is not built, has a constraint, or was adapted before.
        """
        name, problem = self.adapted_name, None
        if getattr(self, f"{name}_constraint") is not None:
            problem = f"low-rank adaptation does not go with a {name} constraint"
        elif self._frozen is None:
            problem = "the layer must be built before low-rank adaptation"
        elif self.lora_enabled:
            problem = "low-rank adaptation is enabled already"
        if problem:
            raise ValueError(explain(self.path, problem))
        shape = tuple(self._frozen.shape)
        for side, size, initializer in (
            ("a", (*shape[:-1], rank), a_initializer), ("b", (rank, shape[-1]), b_initializer),
        ):  # fmt: skip
            factor = f"lora_{name}_{side}"
            weight = self.add_weight(size, initializers.get(initializer), name=factor,
                                     regularizer=getattr(self, f"{name}_regularizer"))  # fmt: skip
            setattr(self, factor, weight)
        self._frozen.trainable = False
        if self.is_frozen_listed_last:
            self._frozen.declared_trainable = False
        self.lora_rank, self.lora_enabled = rank, True
        self.lora_alpha = lora_alpha if lora_alpha is not None else rank

    def without_low_rank_defaults(self, config):
        """A config less the keys of LoRA where it is off, as Keras writes it."""
        for key in ("lora_rank", "lora_alpha"):
            if not self.lora_rank:
                config.pop(key, None)
        return config

    def stored_beside(self):
        """List of the weights that files hold after the adapted one."""
        return []

    def save_own_variables(self, store):
        """Put the weights into a store; the adapted one with its update added."""
        if not self.lora_enabled:
            super().save_own_variables(store)
            return
        for i, weight in enumerate([self._merged(), *self.stored_beside()]):
            store[str(i)] = weight.numpy()

    def load_own_variables(self, store):
        """Assign the weights from a store; an update that is on starts again from nothing.

        Raises:
            ShapeError: another number of arrays, or another shape; nothing has changed.
        """
        if not self.lora_enabled:
            super().load_own_variables(store)
            return
        own = [self._frozen, *self.stored_beside()]
        values = [store[str(i)] for i in range(len(store))]
        if [tuple(v.shape) for v in values] != [tuple(w.shape) for w in own]:
            raise ShapeError(
                explain(
                    self.path,
                    "the file holds other weights",
                    received=f" shapes {[tuple(v.shape) for v in values]}",
                    expected=str([tuple(w.shape) for w in own]),
                )
            )
        for weight, value in zip(own, values, strict=True):
            weight.assign(value)
        self._factor("b").assign(ops.zeros_like(self._factor("b")))


class LowRankAdaptation(LowRankUpdate):
    """Mixin of layers with one kernel and perhaps a bias."""

    @property
    def kernel(self):
        """The weight that the layer multiplies by."""
        return self.adapted_weight()

    def stored_beside(self):
        """The bias."""
        return [] if self.bias is None else [self.bias]


class _WeightNotBuiltError(NotBuiltError, AttributeError):
    """So that `hasattr(layer, "kernel")` is False before the layer is built."""
