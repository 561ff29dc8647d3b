"""LowRankAdaptation: the part of Dense and EinsumDense that learns a small update of the kernel."""

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


class LowRankAdaptation:
    """Mixin of layers with one kernel: kernel = frozen kernel + lora_alpha / lora_rank * a @ b.

    Only `lora_kernel_a` (..., rank) and `lora_kernel_b` (rank, units) are then trained. Files hold
    the sum, so that a tuned layer is saved like any other.

    Source: Hu et al., "LoRA", 2021, section 4.1; Keras 3 names.
    """

    def set_low_rank(self, lora_rank, lora_alpha):
        """Keep the constructor's arguments."""
        self.lora_rank = lora_rank
        self.lora_alpha = lora_alpha if lora_alpha is not None else lora_rank
        self.lora_enabled = False
        self._kernel = None

    @property
    def kernel(self):
        """The weight that the layer multiplies by.

        Raises:
            NotBuiltError: there is none yet (an AttributeError too, for `hasattr`).
        """
        if self._kernel is None:
            raise _KernelNotBuiltError(
                explain(self.path, "not built, so it has no kernel", fix="call it on data first")
            )
        return self._merged_kernel() if self.lora_enabled else self._kernel

    def _merged_kernel(self):
        update = ops.matmul(self.lora_kernel_a, self.lora_kernel_b)
        return ops.add(self._kernel, ops.multiply(update, self.lora_alpha / self.lora_rank))

    def build_low_rank(self):
        """Enable the update at the end of `build`, where the constructor asked for it."""
        if self.lora_rank:
            self.enable_lora(self.lora_rank, self.lora_alpha)

    def enable_lora(self, rank, lora_alpha=None, a_initializer="he_uniform", b_initializer="zeros"):
        """Freeze the kernel and train an update of it of low rank instead.

        Args:
            rank: int > 0.
            lora_alpha: number; `rank` when None.
            a_initializer: initializer of the first factor.
            b_initializer: initializer of the second factor.

        Raises:
            ValueError: the layer is not built, has a kernel constraint, or was adapted before.
        """
        problem = None
        if self.kernel_constraint is not None:
            problem = "low-rank adaptation does not go with a kernel constraint"
        elif self._kernel is None:
            problem = "the layer must be built before low-rank adaptation"
        elif self.lora_enabled:
            problem = "low-rank adaptation is enabled already"
        if problem:
            raise ValueError(explain(self.path, problem))
        shape = tuple(self._kernel.shape)
        self.lora_kernel_a = self.add_weight((*shape[:-1], rank), initializers.get(a_initializer),
                                             regularizer=self.kernel_regularizer,
                                             name="lora_kernel_a")  # fmt: skip
        self.lora_kernel_b = self.add_weight((rank, shape[-1]), initializers.get(b_initializer),
                                             regularizer=self.kernel_regularizer,
                                             name="lora_kernel_b")  # fmt: skip
        self._kernel.trainable = self._kernel.declared_trainable = False
        self.lora_rank, self.lora_enabled = rank, True
        self.lora_alpha = lora_alpha if lora_alpha is not None else rank

    def without_low_rank_defaults(self, config):
        """A config less the keys of LoRA where it is off, as Keras writes it."""
        for key in ("lora_rank", "lora_alpha"):
            if not self.lora_rank:
                config.pop(key, None)
        return config

    def save_own_variables(self, store):
        """Put the weights into a store; the kernel with its update added."""
        if not self.lora_enabled:
            super().save_own_variables(store)
            return
        store["0"] = self._merged_kernel().numpy()
        if self.bias is not None:
            store["1"] = self.bias.numpy()

    def load_own_variables(self, store):
        """Assign the weights from a store; an update that is on starts again from nothing.

        Raises:
            ShapeError: another number of arrays, or another shape; nothing has changed.
        """
        if not self.lora_enabled:
            super().load_own_variables(store)
            return
        own = [w for w in (self._kernel, self.bias) if w is not None]
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
        self.lora_kernel_b.assign(ops.zeros_like(self.lora_kernel_b))


class _KernelNotBuiltError(NotBuiltError, AttributeError):
    """So that `hasattr(layer, "kernel")` is False before the layer is built."""
