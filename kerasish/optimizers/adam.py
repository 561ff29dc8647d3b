"""Adam and AdamW: steps from averages of gradients and of their squares."""

from kerasish import ops
from kerasish.errors import explain
from kerasish.optimizers.optimizer import Optimizer
from kerasish.registry import register


@register("optimizers", "adam")
class Adam(Optimizer):
    """Steps from averages of gradients and of their squares.

    `m += (1 - beta_1) * (g - m)`, `v += (1 - beta_2) * (g**2 - v)`, and at step t
    `w -= rate * sqrt(1 - beta_2**t) / (1 - beta_1**t) * m / (sqrt(v) + epsilon)`.

    Args:
        learning_rate: float, LearningRateSchedule or function.
        beta_1: float from 0 to 1. Share of the old average of gradients.
        beta_2: float from 0 to 1. Share of the old average of squares.
        epsilon: float. The paper's "epsilon hat", of the formula before section 2.1.
        amsgrad: bool. Divide by the largest average of squares so far.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Example:
        >>> from kerasish import Variable
        >>> v = Variable([1.0, 2.0])
        >>> Adam(learning_rate=0.1).apply([ops.array([1.0, -1.0])], [v])
        >>> [round(x, 4) for x in v.numpy().tolist()]
        [0.9, 2.1]

    Source: Kingma and Ba, 2015; Reddi et al., 2018 (amsgrad); Keras 3 names and defaults.
    """

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False,
                 weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None,
                 use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
                 loss_scale_factor=None, gradient_accumulation_steps=None, name=None,
                 **kwargs):  # fmt: skip
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema,
                         ema_momentum, ema_overwrite_frequency, loss_scale_factor,
                         gradient_accumulation_steps, name, **kwargs)  # fmt: skip
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon
        self.amsgrad = amsgrad

    def build(self, variables):
        """Make the state for a list of trainable variables."""
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(
            variables, ["momentum", "velocity"]
        )
        if self.amsgrad:
            self._velocity_hats = self.add_optimizer_variables(variables, "velocity_hat")

    def update_step(self, gradient, variable, learning_rate):
        """Update one variable and its state; see `Optimizer.update_step`."""
        i, dtype = self._get_variable_index(variable), variable.dtype
        g, step = ops.cast(gradient, dtype), ops.cast(self.iterations + 1, dtype)
        bias_1 = 1 - ops.power(self.beta_1, step)
        bias_2 = 1 - ops.power(self.beta_2, step)
        alpha = ops.cast(learning_rate, dtype) * ops.sqrt(bias_2) / bias_1
        m, v = self._momentums[i], self._velocities[i]
        self.assign_add(m, (g - m) * (1 - self.beta_1))
        self.assign_add(v, (ops.square(g) - v) * (1 - self.beta_2))
        if self.amsgrad:
            largest = self._velocity_hats[i]
            self.assign(largest, ops.maximum(largest, v))
            v = largest
        self.assign_sub(variable, m * alpha / (ops.sqrt(v) + self.epsilon))

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "amsgrad": self.amsgrad,
        }


@register("optimizers", "adamw")
class AdamW(Adam):
    """Adam with weight decay apart from the gradient: first `w -= weight_decay * rate * w`.

    Args:
        learning_rate: float, LearningRateSchedule or function.
        weight_decay: float.
        beta_1, beta_2, epsilon, amsgrad: see `Adam`.
        clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name: see `Optimizer`.

    Raises:
        ValueError: weight_decay is None.

    Example:
        >>> from kerasish import Variable
        >>> v = Variable([1.0, 2.0])
        >>> AdamW(learning_rate=0.1, weight_decay=0.5).apply([ops.array([1.0, -1.0])], [v])
        >>> [round(x, 4) for x in v.numpy().tolist()]
        [0.85, 2.0]

    Source: Loshchilov and Hutter, 2019; Keras 3 names and defaults.
    """

    def __init__(self, learning_rate=0.001, weight_decay=0.004, beta_1=0.9, beta_2=0.999,
                 epsilon=1e-7, amsgrad=False, clipnorm=None, clipvalue=None, global_clipnorm=None,
                 use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
                 loss_scale_factor=None, gradient_accumulation_steps=None, name=None,
                 **kwargs):  # fmt: skip
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay, clipnorm,
                         clipvalue, global_clipnorm, use_ema, ema_momentum,
                         ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps,
                         name, **kwargs)  # fmt: skip
        if weight_decay is None:
            raise ValueError(
                explain(self.name, "weight_decay must be a float", received=None, fix="use Adam")
            )
