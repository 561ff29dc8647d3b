"""Adadelta: steps in the units of the weights, scaled by averages of both."""

from kerasish import ops
from kerasish.optimizers.optimizer import Optimizer
from kerasish.registry import register


@register("optimizers", "adadelta")
class Adadelta(Optimizer):
    """Steps scaled by the ratio of recent steps to recent gradients.

    With averages E that keep `rho` of the old value:
    `d = -sqrt(E[d**2] + epsilon) / sqrt(E[g**2] + epsilon) * g`, `w += rate * d`.

    Args:
        learning_rate: float, LearningRateSchedule or function. The paper's is 1.
        rho: float from 0 to 1. Share of the old averages.
        epsilon: float.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Example:
        >>> from kerasish import Variable
        >>> v = Variable([1.0, 2.0])
        >>> Adadelta(learning_rate=1.0).apply([ops.array([1.0, -1.0])], [v])
        >>> [round(x, 4) for x in v.numpy().tolist()]
        [0.9986, 2.0014]

    Source: Zeiler, 2012; Keras 3 names and defaults.
    """

    def __init__(self, learning_rate=0.001, rho=0.95, epsilon=1e-7,
                 weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None,
                 use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
                 loss_scale_factor=None, gradient_accumulation_steps=None, name=None,
                 **kwargs):  # fmt: skip
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema,
                         ema_momentum, ema_overwrite_frequency, loss_scale_factor,
                         gradient_accumulation_steps, name, **kwargs)  # fmt: skip
        self.rho, self.epsilon = rho, epsilon

    def build(self, variables):
        """Make the state for a list of trainable variables."""
        if self.built:
            return
        super().build(variables)
        self._accumulated_grads, self._accumulated_delta_vars = self.add_optimizer_variables(
            variables, ["accumulated_grad", "accumulated_delta_var"]
        )

    def update_step(self, gradient, variable, learning_rate):
        """Update one variable and its state; see `Optimizer.update_step`."""
        i, rho = self._get_variable_index(variable), self.rho
        g = ops.cast(gradient, variable.dtype)
        squares, deltas = self._accumulated_grads[i], self._accumulated_delta_vars[i]
        self.assign(squares, rho * squares + (1 - rho) * ops.square(g))
        ratio = ops.sqrt(deltas + self.epsilon) / ops.sqrt(squares + self.epsilon)
        delta = ratio * g
        self.assign(deltas, rho * deltas + (1 - rho) * ops.square(delta))
        self.assign_sub(variable, ops.cast(learning_rate, variable.dtype) * delta)

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            **super().get_config(),
            "rho": self.rho,
            "epsilon": self.epsilon,
        }
