"""RMSprop: gradients divided by a moving average of their size."""

from kerasish import ops
from kerasish.optimizers.optimizer import Optimizer
from kerasish.registry import register


@register("optimizers", "rmsprop")
class RMSprop(Optimizer):
    """Steps scaled by recent gradient size: `w -= rate * g / sqrt(v + epsilon)`.

    `v = rho * v + (1 - rho) * g**2`; `centered` subtracts from it the square of the average
    gradient; `momentum` adds up the steps: `m = momentum * m + step`, `w -= m`.

    Args:
        learning_rate: float, LearningRateSchedule or function.
        rho: float from 0 to 1. Share of the old average.
        momentum: float from 0 to 1.
        epsilon: float. Inside the square root.
        centered: bool. Divide by the standard deviation of gradients.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Example:
        >>> from kerasish import Variable
        >>> v = Variable([1.0, 2.0])
        >>> RMSprop(learning_rate=0.1).apply([ops.array([1.0, -1.0])], [v])
        >>> [round(x, 4) for x in v.numpy().tolist()]
        [0.6838, 2.3162]

    Source: Tieleman and Hinton, 2012, lecture 6.5; Keras 3 names and defaults.
    """

    def __init__(self, learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False,
                 weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None,
                 use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
                 loss_scale_factor=None, gradient_accumulation_steps=None, name=None,
                 **kwargs):  # fmt: skip
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema,
                         ema_momentum, ema_overwrite_frequency, loss_scale_factor,
                         gradient_accumulation_steps, name, **kwargs)  # fmt: skip
        self.rho, self.momentum, self.epsilon = rho, momentum, epsilon
        self.centered = centered

    def build(self, variables):
        """Make the state for a list of trainable variables."""
        if self.built:
            return
        super().build(variables)
        self._velocities = self.add_optimizer_variables(variables, "velocity")
        if self.momentum > 0:
            self._momentums = self.add_optimizer_variables(variables, "momentum")
        if self.centered:
            self._average_gradients = self.add_optimizer_variables(variables, "average_gradient")

    def update_step(self, gradient, variable, learning_rate):
        """Update one variable and its state; see `Optimizer.update_step`."""
        i, rho = self._get_variable_index(variable), self.rho
        g = ops.cast(gradient, variable.dtype)
        v = self._velocities[i]
        self.assign(v, rho * v + (1 - rho) * ops.square(g))
        variance = v + self.epsilon
        if self.centered:
            mean = self._average_gradients[i]
            self.assign(mean, rho * mean + (1 - rho) * g)
            variance = v - ops.square(mean) + self.epsilon
        step = ops.cast(learning_rate, variable.dtype) * g / ops.sqrt(variance)
        if self.momentum > 0:
            m = self._momentums[i]
            self.assign(m, self.momentum * m + step)
            step = m
        self.assign_sub(variable, step)

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            **super().get_config(),
            "rho": self.rho,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "centered": self.centered,
        }
