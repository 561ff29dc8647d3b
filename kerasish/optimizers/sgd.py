"""SGD: gradient descent, with momentum and Nesterov's look-ahead."""

from kerasish import ops
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.options import check_fraction
from kerasish.registry import register


@register("optimizers", "sgd")
class SGD(Optimizer):
    """Gradient descent: `w -= learning_rate * g`, with momentum `m = momentum * m - rate * g`.

    With momentum the update is `w += m`, with `nesterov` it is `w += momentum * m - rate * g`.

    Args:
        learning_rate: float, LearningRateSchedule or function.
        momentum: float from 0 to 1.
        nesterov: bool.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Raises:
        ValueError: momentum out of its range.

    Example:
        >>> from kerasish import Variable
        >>> v = Variable([1.0, 2.0])
        >>> SGD(learning_rate=0.5).apply([ops.array([1.0, -1.0])], [v])
        >>> [round(x, 4) for x in v.numpy().tolist()]
        [0.5, 2.5]

    Source: Sutskever et al., 2013; Keras 3 names and defaults.
    """

    def __init__(self, learning_rate=0.01, momentum=0.0, nesterov=False,
                 weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None,
                 use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
                 loss_scale_factor=None, gradient_accumulation_steps=None, name=None,
                 **kwargs):  # fmt: skip
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema,
                         ema_momentum, ema_overwrite_frequency, loss_scale_factor,
                         gradient_accumulation_steps, name, **kwargs)  # fmt: skip
        check_fraction(self.name, "momentum", momentum)
        self.momentum, self.nesterov = momentum, nesterov

    def build(self, variables):
        """Make the state for a list of trainable variables."""
        if self.built:
            return
        super().build(variables)
        self.momentums = (
            self.add_optimizer_variables(variables, "momentum") if self.momentum else []
        )

    def update_step(self, gradient, variable, learning_rate):
        """Update one variable and its state; see `Optimizer.update_step`."""
        step = ops.cast(gradient, variable.dtype) * ops.cast(learning_rate, variable.dtype)
        if not self.momentum:
            self.assign_sub(variable, step)
            return
        m = self.momentums[self._get_variable_index(variable)]
        self.assign(m, m * self.momentum - step)
        self.assign_add(variable, m * self.momentum - step if self.nesterov else m)

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            **super().get_config(),
            "momentum": self.momentum,
            "nesterov": self.nesterov,
        }
