"""LossScaleOptimizer: a wrapper that keeps float16 gradients in range by scaling the loss."""

from kerasish import identifiers, initializers, ops
from kerasish.errors import explain
from kerasish.optimizers.conditional import update_where
from kerasish.optimizers.optimizer import Optimizer
from kerasish.registry import register
from kerasish.saving.serialization import serialize_keras_object

_WITHOUT_EFFECT = {  # what older files hold for the wrapper: allowed at these values only
    "weight_decay": None,
    "clipnorm": None,
    "global_clipnorm": None,
    "clipvalue": None,
    "use_ema": False,
    "ema_momentum": 0.99,
    "ema_overwrite_frequency": None,
    "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
    "dynamic": True,
}


@register("optimizers", "lossscaleoptimizer")
class LossScaleOptimizer(Optimizer):
    """Scale the loss by a factor s that adapts, and divide the gradients by it again.

    A step with a gradient that is not finite changes nothing but s, which is halved; after
    `dynamic_growth_steps` finite steps in a row s is doubled.

    Args:
        inner_optimizer: Optimizer that makes the updates.
        initial_scale: float. First s; too large a value does little harm.
        dynamic_growth_steps: int.
        name: str.

    Raises:
        ValueError: an option that belongs to the inner optimizer.

    Example:
        >>> from kerasish import Variable
        >>> from kerasish.optimizers import SGD
        >>> optimizer, v = LossScaleOptimizer(SGD(0.5), initial_scale=8.0), Variable(1.0)
        >>> optimizer.build([v])
        >>> optimizer.apply([ops.array(float("inf"))])
        >>> float(v), float(optimizer.dynamic_scale)
        (1.0, 4.0)

    Source: Micikevicius et al., 2018; Keras 3 names and defaults.
    """

    def __init__(self, inner_optimizer, initial_scale=2.0**15, dynamic_growth_steps=2000,
                 name=None, **kwargs):  # fmt: skip
        for key, value in kwargs.items():
            if key not in _WITHOUT_EFFECT or value != _WITHOUT_EFFECT[key]:
                raise ValueError(
                    explain(
                        "LossScaleOptimizer",
                        f"argument {key!r} is not supported here",
                        received=value,
                        fix="give it to the inner optimizer",
                    )
                )
        super().__init__(0.0, name=name)
        self.inner_optimizer = inner_optimizer
        self.initial_scale, self.dynamic_growth_steps = initial_scale, dynamic_growth_steps
        inner_optimizer.loss_scale_factor = None  # gradients are divided once
        # Made here, since a training step is traced, loss and all, before it builds its optimizer.
        self.step_counter = self.add_variable((), dtype="int64", name="step_counter")
        self.dynamic_scale = self.add_variable(
            (), initializers.Constant(initial_scale), "float32", name="dynamic_scale"
        )

    def build(self, variables):
        """Make the state of both optimizers for a list of trainable variables."""
        if self.built:
            return
        self.inner_optimizer.build(variables)
        super().build(variables)

    @property
    def variables(self):
        """State variables of the wrapper, then those of the inner optimizer."""
        return [*self._variables, *self.inner_optimizer.variables]

    @property
    def learning_rate(self):
        """Learning rate of the inner optimizer."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate):
        self.inner_optimizer.learning_rate = learning_rate

    @property
    def iterations(self):
        """Number of updates that the inner optimizer has made."""
        return self.inner_optimizer.iterations

    def scale_loss(self, loss):
        """The loss to differentiate: multiplied by the present scale."""
        return loss * ops.cast(self.dynamic_scale, loss.dtype)

    def apply(self, grads, trainable_variables=None):
        """Update variables by gradients of the scaled loss, or skip the step; see `Optimizer`."""
        grads = list(grads)
        if not grads:
            return
        variables = self._prepare(grads, trainable_variables)
        finite = ops.convert_to_tensor(True)
        for g in grads:
            if g is not None:
                finite = ops.logical_and(finite, ops.all(ops.isfinite(g)))
        usable = [
            g if g is None or v.overwrite_with_gradient else self._unscaled(g, finite)
            for g, v in zip(grads, variables, strict=True)
        ]
        inner = self.inner_optimizer
        update_where(finite, lambda: inner.apply(usable, variables), [*inner.variables, *variables])
        is_due = ops.equal(self.step_counter, self.dynamic_growth_steps - 1)
        goes_on = ops.logical_and(finite, ops.logical_not(is_due))
        factor = ops.where(finite, ops.where(is_due, 2.0, 1.0), 0.5)
        self.step_counter.assign(ops.where(goes_on, self.step_counter + 1, 0))
        self.dynamic_scale.assign(self.dynamic_scale * factor)

    def _unscaled(self, g, finite):
        # Zeros where the step is skipped: what is thrown away must not raise floating-point flags.
        return ops.where(finite, g, 0.0) / self.dynamic_scale

    def finalize_variable_values(self, var_list):
        """With `use_ema` of the inner optimizer, replace variables by their averages."""
        self.inner_optimizer.finalize_variable_values(var_list)

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            "name": self.name,
            "inner_optimizer": serialize_keras_object(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """An optimizer from `get_config()`, without state."""
        inner = identifiers.from_config("optimizers", config["inner_optimizer"], custom_objects)
        return cls(inner, **{k: v for k, v in config.items() if k != "inner_optimizer"})
