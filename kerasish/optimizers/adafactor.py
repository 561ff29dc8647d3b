"""Adafactor: Adam's scaling with two vectors in place of each matrix of averages."""

from kerasish import ops
from kerasish.core.variable import Variable
from kerasish.optimizers.optimizer import Optimizer
from kerasish.registry import register


@register("optimizers", "adafactor")
class Adafactor(Optimizer):
    """Squared gradients averaged by rows and columns only, to save memory on large matrices.

    At step t with `b = 1 - t**beta_2_decay`: r and c are averages (share b of the old) of
    `g**2 + epsilon_1` over the last and the last but one axis, `v = r c / mean(r)` (a full
    average for vectors), `u = g / sqrt(v)`, and with rho = min(rate, 1 / sqrt(t))
    `w -= rho * max(epsilon_2, rms(w)) * u / max(1, rms(u) / clip_threshold)`.

    Args:
        learning_rate: float, LearningRateSchedule or function.
        beta_2_decay: float < 0.
        epsilon_1: float. Added to squared gradients.
        epsilon_2: float. Least size of a weight, for the size of its step.
        clip_threshold: float. Largest root mean square of u.
        relative_step: bool. Kept for compatibility: rho is bounded either way.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Example:
        >>> from kerasish import Variable
        >>> v = Variable([1.0, 2.0])
        >>> Adafactor(learning_rate=0.1).apply([ops.array([1.0, -1.0])], [v])
        >>> [round(x, 4) for x in v.numpy().tolist()]
        [0.8419, 2.1581]

    Source: Shazeer and Stern, 2018; Keras 3 names and defaults.
    """

    def __init__(self, learning_rate=0.001, beta_2_decay=-0.8, epsilon_1=1e-30, epsilon_2=1e-3,
                 clip_threshold=1.0, relative_step=True,
                 weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None,
                 use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
                 loss_scale_factor=None, gradient_accumulation_steps=None, name=None,
                 **kwargs):  # fmt: skip
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema,
                         ema_momentum, ema_overwrite_frequency, loss_scale_factor,
                         gradient_accumulation_steps, name, **kwargs)  # fmt: skip
        self.beta_2_decay, self.epsilon_1, self.epsilon_2 = beta_2_decay, epsilon_1, epsilon_2
        self.clip_threshold, self.relative_step = clip_threshold, relative_step

    def build(self, variables):
        """Make the state for a list of trainable variables."""
        if self.built:
            return
        super().build(variables)
        self._rows, self._columns, self._velocities = [], [], []
        for variable in variables:
            row, column = self._factors_of(variable)
            self._rows.append(row)
            self._columns.append(column)
            self._velocities.append(
                None
                if variable.overwrite_with_gradient
                else self.add_variable_from_reference(variable, "velocity")
            )

    def _factors_of(self, variable):
        """State for the averages by row and column; Keras's files hold two scalars for vectors."""
        if variable.ndim < 2:
            unused = [Variable(0, trainable=False, name=variable.name)
                      for _ in range(2)]  # fmt: skip
            for placeholder in unused:
                self._track(placeholder)
            return unused
        if variable.overwrite_with_gradient:
            return None, None
        shape = variable.shape
        return [
            self.add_variable(s, dtype=variable.dtype, name=variable.name)
            for s in (shape[:-1], shape[:-2] + shape[-1:])
        ]

    def update_step(self, gradient, variable, learning_rate):
        """Update one variable and its state; see `Optimizer.update_step`."""
        i, dtype = self._get_variable_index(variable), variable.dtype
        g, step = ops.cast(gradient, dtype), ops.cast(self.iterations + 1, dtype)
        decay = 1 - ops.power(step, self.beta_2_decay)
        squares = ops.square(g) + self.epsilon_1
        v = self._velocities[i]
        if variable.ndim < 2:
            self.assign(v, decay * v + (1 - decay) * squares)
        else:
            r, c = self._rows[i], self._columns[i]
            self.assign(r, decay * r + (1 - decay) * ops.mean(squares, axis=-1))
            self.assign(c, decay * c + (1 - decay) * ops.mean(squares, axis=-2))
            share = r / ops.mean(r, axis=-1, keepdims=True)
            self.assign(v, ops.expand_dims(share, -1) * ops.expand_dims(c, -2))
        update = g / ops.sqrt(v)
        rho = ops.minimum(ops.cast(learning_rate, dtype), 1 / ops.sqrt(step))
        size = rho * ops.maximum(_root_mean_square(variable), self.epsilon_2)
        excess = ops.maximum(_root_mean_square(update) / self.clip_threshold, 1.0)
        self.assign_sub(variable, size * (update / excess))

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            **super().get_config(),
            "beta_2_decay": self.beta_2_decay,
            "epsilon_1": self.epsilon_1,
            "epsilon_2": self.epsilon_2,
            "clip_threshold": self.clip_threshold,
            "relative_step": self.relative_step,
        }


def _root_mean_square(x):
    return ops.sqrt(ops.mean(ops.square(x)))
