"""Ftrl: follow the regularized leader, for sparse linear models."""

from kerasish import initializers, ops
from kerasish.errors import explain
from kerasish.optimizers.optimizer import Optimizer
from kerasish.registry import register


@register("optimizers", "ftrl")
class Ftrl(Optimizer):
    """Follow the regularized leader: weights in closed form from sums of gradients.

    With `p = -learning_rate_power` and n' = n + g**2, g2 = g + 2 * shrinkage * w:
    `z += g2 - (n'**p - n**p) / rate * w`, `q = n'**p / rate + 2 * l2 + beta / rate`,
    `w = (clip(z, -l1, l1) - z) / q`, `n = n'`.

    Args:
        learning_rate: float, LearningRateSchedule or function.
        learning_rate_power: float <= 0.
        initial_accumulator_value: float >= 0. Start of n.
        l1_regularization_strength: float >= 0. Sets weights to exactly zero.
        l2_regularization_strength: float >= 0.
        l2_shrinkage_regularization_strength: float >= 0. Added to gradients, not to n.
        beta: float.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Raises:
        ValueError: a strength or the initial value is negative, or the power positive.

    Example:
        >>> from kerasish import Variable
        >>> v = Variable([1.0, 2.0])
        >>> Ftrl(learning_rate=0.5).apply([ops.array([1.0, -1.0])], [v])
        >>> [round(x, 4) for x in v.numpy().tolist()]
        [0.2218, 1.8737]

    Source: McMahan et al., 2013, algorithm 1; Keras 3 names and defaults.
    """

    def __init__(self, learning_rate=0.001, learning_rate_power=-0.5,
                 initial_accumulator_value=0.1, l1_regularization_strength=0.0,
                 l2_regularization_strength=0.0, l2_shrinkage_regularization_strength=0.0,
                 beta=0.0, weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None,
                 use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
                 loss_scale_factor=None, gradient_accumulation_steps=None, name=None,
                 **kwargs):  # fmt: skip
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema,
                         ema_momentum, ema_overwrite_frequency, loss_scale_factor,
                         gradient_accumulation_steps, name, **kwargs)  # fmt: skip
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta
        if learning_rate_power > 0:
            raise ValueError(
                explain(self.name, "learning_rate_power must be <= 0", received=learning_rate_power)
            )
        for key in (
            "initial_accumulator_value",
            "l1_regularization_strength",
            "l2_regularization_strength",
            "l2_shrinkage_regularization_strength",
        ):
            if getattr(self, key) < 0:
                raise ValueError(
                    explain(self.name, f"{key} must be >= 0", received=getattr(self, key))
                )

    def build(self, variables):
        """Make the state for a list of trainable variables."""
        if self.built:
            return
        super().build(variables)
        start = initializers.Constant(self.initial_accumulator_value)
        self._accumulated, self._linears = self.add_optimizer_variables(
            variables, ["accumulator", "linear"], [start, "zeros"]
        )

    def update_step(self, gradient, variable, learning_rate):
        """Update one variable and its state; see `Optimizer.update_step`."""
        i, power = self._get_variable_index(variable), -self.learning_rate_power
        g, rate = ops.cast(gradient, variable.dtype), ops.cast(learning_rate, variable.dtype)
        total, linear = self._accumulated[i], self._linears[i]
        shrunk = g + 2 * self.l2_shrinkage_regularization_strength * variable
        new_total = total + ops.square(g)
        grown = ops.power(new_total, power)
        self.assign_add(linear, shrunk - (grown - ops.power(total, power)) / rate * variable)
        l2 = self.l2_regularization_strength + self.beta / (2.0 * rate)
        l1 = self.l1_regularization_strength
        self.assign(variable, (ops.clip(linear, -l1, l1) - linear) / (grown / rate + 2 * l2))
        self.assign(total, new_total)

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            **super().get_config(),
            "learning_rate_power": self.learning_rate_power,
            "initial_accumulator_value": self.initial_accumulator_value,
            "l1_regularization_strength": self.l1_regularization_strength,
            "l2_regularization_strength": self.l2_regularization_strength,
            "l2_shrinkage_regularization_strength": self.l2_shrinkage_regularization_strength,
            "beta": self.beta,
        }
