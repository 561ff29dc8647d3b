"""Lion: steps of one size, in the direction of the sign of an averaged gradient."""

from kerasish import ops
from kerasish.errors import explain
from kerasish.optimizers.optimizer import Optimizer
from kerasish.registry import register


@register("optimizers", "lion")
class Lion(Optimizer):
    """Signed momentum: `w -= rate * sign(beta_1 * m + (1 - beta_1) * g)`.

    After that, `m = beta_2 * m + (1 - beta_2) * g`. Use a learning rate 3 to 10 times smaller, and
    a weight decay as much larger, than with AdamW.

    Args:
        learning_rate: float, LearningRateSchedule or function.
        beta_1: float above 0, up to 1. Share of the average in the step.
        beta_2: float from 0 to 1. Share of the old average.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Raises:
        ValueError: beta_1 out of its range.

    Example:
        >>> from kerasish import Variable
        >>> v = Variable([1.0, 2.0])
        >>> Lion(learning_rate=0.5).apply([ops.array([1.0, -1.0])], [v])
        >>> [round(x, 4) for x in v.numpy().tolist()]
        [0.5, 2.5]

    Source: Chen et al., 2023; Keras 3 names and defaults.
    """

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.99,
                 weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None,
                 use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
                 loss_scale_factor=None, gradient_accumulation_steps=None, name=None,
                 **kwargs):  # fmt: skip
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema,
                         ema_momentum, ema_overwrite_frequency, loss_scale_factor,
                         gradient_accumulation_steps, name, **kwargs)  # fmt: skip
        if not 0 < beta_1 <= 1:
            raise ValueError(
                explain(self.name, "beta_1 must be above 0 and at most 1", received=beta_1)
            )
        self.beta_1, self.beta_2 = beta_1, beta_2

    def build(self, variables):
        """Make the state for a list of trainable variables."""
        if self.built:
            return
        super().build(variables)
        self._momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient, variable, learning_rate):
        """Update one variable and its state; see `Optimizer.update_step`."""
        m = self._momentums[self._get_variable_index(variable)]
        g, rate = ops.cast(gradient, variable.dtype), ops.cast(learning_rate, variable.dtype)
        direction = ops.sign(m * self.beta_1 + g * (1.0 - self.beta_1))
        self.assign_sub(variable, rate * direction)
        self.assign(m, m * self.beta_2 + g * (1.0 - self.beta_2))

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
        }
