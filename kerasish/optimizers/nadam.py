"""Nadam: Adam with Nesterov's look-ahead."""

from kerasish import ops
from kerasish.config import settings
from kerasish.core.variable import Variable
from kerasish.optimizers.optimizer import Optimizer
from kerasish.registry import register


@register("optimizers", "nadam")
class Nadam(Optimizer):
    """Adam with Nesterov's look-ahead and a warmed-up momentum.

    With `u_t = beta_1 * (1 - 0.96**t / 2)`, U the product of all u so far, and Adam's m and v:
    `w -= rate * (u_(t+1) m / (1 - U u_(t+1)) + (1 - u_t) g / (1 - U)) / (sqrt(v_hat) + epsilon)`,
    where `v_hat = v / (1 - beta_2**t)`.

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
        >>> Nadam(learning_rate=0.1).apply([ops.array([1.0, -1.0])], [v])
        >>> [round(x, 4) for x in v.numpy().tolist()]
        [0.8937, 2.1063]

    Source: Dozat, 2015; Keras 3 names and defaults.
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
        dtype = variables[0].dtype if variables else settings.floatx
        # Keras saves it last, and under no better name.
        self._u_product = Variable(1.0, dtype=dtype, trainable=False, name="variable")

    def _warmed(self, step):
        return self.beta_1 * (1.0 - 0.5 * ops.power(0.96, step))

    def _update_steps(self, grads, variables, learning_rate):
        step = ops.cast(self.iterations + 1, self._u_product.dtype)
        self.assign(self._u_product, self._u_product * self._warmed(step))
        super()._update_steps(grads, variables, learning_rate)

    def update_step(self, gradient, variable, learning_rate):
        """Update one variable and its state; see `Optimizer.update_step`."""
        i, dtype = self._get_variable_index(variable), variable.dtype
        g, step = ops.cast(gradient, dtype), ops.cast(self.iterations + 1, dtype)
        now, ahead = self._warmed(step), self._warmed(step + 1)
        product = ops.cast(self._u_product, dtype)
        m, v = self._momentums[i], self._velocities[i]
        self.assign_add(m, (g - m) * (1 - self.beta_1))
        self.assign_add(v, (ops.square(g) - v) * (1 - self.beta_2))
        m_hat = ahead / (1 - product * ahead) * m + (1 - now) / (1 - product) * g
        v_hat = v / (1 - ops.power(self.beta_2, step))
        rate = ops.cast(learning_rate, dtype)
        self.assign_sub(variable, m_hat * rate / (ops.sqrt(v_hat) + self.epsilon))

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
