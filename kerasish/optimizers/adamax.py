"""Adamax: Adam with the largest gradient in place of the average of squares."""

from kerasish import ops
from kerasish.optimizers.optimizer import Optimizer
from kerasish.registry import register


@register("optimizers", "adamax")
class Adamax(Optimizer):
    """Adam by the infinity norm: `u = max(beta_2 * u, |g|)`.

    `m += (1 - beta_1) * (g - m)`, and at step t
    `w -= rate / (1 - beta_1**t) * m / (u + epsilon)`.

    Args:
        learning_rate: float, LearningRateSchedule or function.
        beta_1: float from 0 to 1. Share of the old average of gradients.
        beta_2: float from 0 to 1. Decay of the largest gradient.
        epsilon: float.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Example:
        >>> from kerasish import Variable
        >>> v = Variable([1.0, 2.0])
        >>> Adamax(learning_rate=0.1).apply([ops.array([1.0, -1.0])], [v])
        >>> [round(x, 4) for x in v.numpy().tolist()]
        [0.9, 2.1]

    Source: Kingma and Ba, 2015, section 7; Keras 3 names and defaults.
    """

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7,
                 weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None,
                 use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
                 loss_scale_factor=None, gradient_accumulation_steps=None, name=None,
                 **kwargs):  # fmt: skip
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema,
                         ema_momentum, ema_overwrite_frequency, loss_scale_factor,
                         gradient_accumulation_steps, name, **kwargs)  # fmt: skip
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def build(self, variables):
        """Make the state for a list of trainable variables."""
        if self.built:
            return
        super().build(variables)
        self._momentums, self._norms = self.add_optimizer_variables(variables, ["momentum", "norm"])

    def update_step(self, gradient, variable, learning_rate):
        """Update one variable and its state; see `Optimizer.update_step`."""
        i, dtype = self._get_variable_index(variable), variable.dtype
        g, step = ops.cast(gradient, dtype), ops.cast(self.iterations + 1, dtype)
        bias = 1 - ops.power(self.beta_1, step)
        m, u = self._momentums[i], self._norms[i]
        self.assign_add(m, (g - m) * (1 - self.beta_1))
        self.assign(u, ops.maximum(self.beta_2 * u, ops.abs(g)))
        self.assign_sub(variable, ops.cast(learning_rate, dtype) * m / (bias * (u + self.epsilon)))

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
