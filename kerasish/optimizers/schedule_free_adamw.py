"""ScheduleFreeAdamW: AdamW that averages its iterates in place of a schedule."""

from kerasish import ops
from kerasish.core import modes
from kerasish.optimizers.optimizer import Optimizer
from kerasish.registry import register


@register("optimizers", "schedulefreeadamw")
class ScheduleFreeAdamW(Optimizer):
    """Adam steps on a hidden point z; the variable is between z and the average x of all z.

    `v += (1 - beta_2) * (g**2 - v)`, `z -= rate * g / (sqrt(v / (1 - beta_2**t)) + epsilon)`,
    `x += (z - x) / t`, `w = beta_1 * x + (1 - beta_1) * z`, at step t.

    Args:
        learning_rate: float, LearningRateSchedule or function.
        beta_1: float above 0, up to 1. Share of the average in the variable.
        beta_2: float from 0 to 1. Share of the old average of squares.
        epsilon: float.
        warmup_steps: int. Steps over which the learning rate rises from 0.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Example:
        >>> from kerasish import Variable
        >>> v = Variable([1.0, 2.0])
        >>> ScheduleFreeAdamW(learning_rate=0.1).apply([ops.array([1.0, -1.0])], [v])
        >>> [round(x, 4) for x in v.numpy().tolist()]
        [0.9, 2.1]

    Source: Defazio et al., 2024; Keras 3 names and defaults.
    """

    def __init__(self, learning_rate=0.0025, beta_1=0.9, beta_2=0.999, epsilon=1e-8,
                 warmup_steps=0,
                 weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None,
                 use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
                 loss_scale_factor=None, gradient_accumulation_steps=None, name=None,
                 **kwargs):  # fmt: skip
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema,
                         ema_momentum, ema_overwrite_frequency, loss_scale_factor,
                         gradient_accumulation_steps, name, **kwargs)  # fmt: skip
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon
        self.warmup_steps = warmup_steps

    def build(self, variables):
        """Make the state for a list of trainable variables."""
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(
            variables, ["momentum", "velocity"]
        )
        with modes.outside_trace():  # the start happens now, not at every run of a traced step
            for z, variable in zip(self._momentums, variables, strict=True):
                if z is not None:
                    z.assign(variable)

    def update_step(self, gradient, variable, learning_rate):
        """Update one variable and its state; see `Optimizer.update_step`."""
        i, dtype = self._get_variable_index(variable), variable.dtype
        g, step = ops.cast(gradient, dtype), ops.cast(self.iterations + 1, dtype)
        rate = ops.cast(learning_rate, dtype)
        if self.warmup_steps > 0:
            rate = rate * ops.minimum(step / self.warmup_steps, 1.0)
        z, v = self._momentums[i], self._velocities[i]
        average = (variable - (1 - self.beta_1) * z) / self.beta_1
        self.assign_add(v, (ops.square(g) - v) * (1 - self.beta_2))
        bias = 1 - ops.power(self.beta_2, step)
        self.assign_sub(z, rate * g / (ops.sqrt(v / bias) + self.epsilon))
        share = 1.0 / step
        average = (1 - share) * average + share * z
        self.assign(variable, (1 - self.beta_1) * z + self.beta_1 * average)

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "warmup_steps": self.warmup_steps,
        }
