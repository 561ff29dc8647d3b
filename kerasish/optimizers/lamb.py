"""Lamb: Adam's direction with a step as long as the weight, for large batches."""

from kerasish import ops
from kerasish.optimizers.optimizer import Optimizer
from kerasish.registry import register


@register("optimizers", "lamb")
class Lamb(Optimizer):
    """Adam's update d, rescaled for each variable: `w -= rate * |w| / |d| * d`.

    `d = m_hat / (sqrt(v_hat) + epsilon)` with bias-corrected averages; the ratio of norms is 1
    where either norm is 0.

    Args:
        learning_rate: float, LearningRateSchedule or function.
        beta_1: float from 0 to 1. Share of the old average of gradients.
        beta_2: float from 0 to 1. Share of the old average of squares.
        epsilon: float.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Example:
        >>> from kerasish import Variable
        >>> v = Variable([1.0, 2.0])
        >>> Lamb(learning_rate=0.1).apply([ops.array([1.0, -1.0])], [v])
        >>> [round(x, 4) for x in v.numpy().tolist()]
        [0.8419, 2.1581]

    Source: You et al., 2020; Keras 3 names and defaults.
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
        self._momentums, self._velocities = self.add_optimizer_variables(
            variables, ["momentum", "velocity"]
        )

    def update_step(self, gradient, variable, learning_rate):
        """Update one variable and its state; see `Optimizer.update_step`."""
        i, dtype = self._get_variable_index(variable), variable.dtype
        g, step = ops.cast(gradient, dtype), ops.cast(self.iterations + 1, dtype)
        m, v = self._momentums[i], self._velocities[i]
        self.assign_add(m, (g - m) * (1 - self.beta_1))
        self.assign_add(v, (ops.square(g) - v) * (1 - self.beta_2))
        m_hat = m / (1 - ops.power(self.beta_1, step))
        v_hat = v / (1 - ops.power(self.beta_2, step))
        direction = m_hat / (ops.sqrt(v_hat) + self.epsilon)
        length = ops.sqrt(ops.sum(ops.square(direction)))
        weight_length = ops.sqrt(ops.sum(ops.square(variable)))
        has_both = ops.logical_and(weight_length > 0, length > 0)
        # The divisor is 1 where the ratio is not used, so that no 0 / 0 is computed.
        ratio = ops.where(has_both, weight_length / ops.where(has_both, length, 1.0), 1.0)
        self.assign_sub(variable, ratio * ops.cast(learning_rate, dtype) * direction)

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
