"""Muon: orthogonalized momentum for matrices, Adam for everything else."""

import math
import re

from kerasish import ops
from kerasish.optimizers.optimizer import Optimizer
from kerasish.registry import register


@register("optimizers", "muon")
class Muon(Optimizer):
    """Momentum whose matrix is made nearly orthogonal; other variables are updated by Adam.

    Matrices: `m = momentum * m + g`, d = the orthogonalized `g + momentum * m` (or m), then
    `w -= rate * rms_rate * sqrt(max(rows, columns)) * d`. Orthogonalized: five rounds of
    `X = a X + (b A + c A A) X` with `A = X X'`, from X of Frobenius norm 1.

    Args:
        learning_rate: float, LearningRateSchedule or function.
        adam_beta_1, adam_beta_2, epsilon: of Adam.
        adam_weight_decay: float or None. Weight decay of the variables that Adam updates.
        exclude_layers: list of regular expressions; matrices with such a path go to Adam.
        exclude_embeddings: bool. Matrices with "embedding" in their path go to Adam.
        muon_a, muon_b, muon_c: float. Coefficients of the iteration.
        adam_lr_ratio: float. Adam's learning rate, in shares of `learning_rate`.
        momentum: float from 0 to 1.
        ns_steps: int. Rounds of the iteration.
        nesterov: bool. Look ahead.
        rms_rate: float or None. Size of a step's entries in shares of the rate; None: not scaled.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Example:
        >>> from kerasish import Variable
        >>> v = Variable(ops.eye(2))
        >>> Muon(0.1, weight_decay=None).apply([ops.array([[2.0, 0.0], [0.0, 2.0]])], [v])
        >>> v.shape
        (2, 2)

    Source: Jordan et al., 2024; Liu et al., 2025 (rms_rate); Keras 3 names and defaults.
    """

    def __init__(self, learning_rate=0.001, adam_beta_1=0.9, adam_beta_2=0.999,
                 adam_weight_decay=0.004, epsilon=1e-7, weight_decay=0.004, clipnorm=None,
                 clipvalue=None, global_clipnorm=None, use_ema=False, ema_momentum=0.99,
                 ema_overwrite_frequency=None, loss_scale_factor=None,
                 gradient_accumulation_steps=None, name=None, exclude_layers=None,
                 exclude_embeddings=True, muon_a=3.4445, muon_b=-4.7750, muon_c=2.0315,
                 adam_lr_ratio=1, momentum=0.95, ns_steps=5, nesterov=True, rms_rate=0.2,
                 **kwargs):  # fmt: skip
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema,
                         ema_momentum, ema_overwrite_frequency, loss_scale_factor,
                         gradient_accumulation_steps, name, **kwargs)  # fmt: skip
        self.adam_beta_1, self.adam_beta_2, self.epsilon = adam_beta_1, adam_beta_2, epsilon
        self.adam_weight_decay, self.adam_lr_ratio = adam_weight_decay, adam_lr_ratio
        self.exclude_layers = list(exclude_layers or [])
        self.exclude_embeddings = exclude_embeddings
        self.muon_a, self.muon_b, self.muon_c = muon_a, muon_b, muon_c
        self.momentum, self.ns_steps, self.nesterov = momentum, ns_steps, nesterov
        self.rms_rate = rms_rate

    def _goes_to_adam(self, variable):
        is_embedding = self.exclude_embeddings and "embedding" in variable.path.lower()
        is_excluded = any(re.search(pattern, variable.path) for pattern in self.exclude_layers)
        return variable.ndim != 2 or is_embedding or is_excluded

    def build(self, variables):
        """Make the state for a list of trainable variables."""
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = [], []
        for variable in variables:
            is_used = not variable.overwrite_with_gradient
            self._momentums.append(
                self.add_variable_from_reference(variable, "momentum") if is_used else None
            )
            self._velocities.append(
                self.add_variable_from_reference(variable, "velocity")
                if is_used and self._goes_to_adam(variable)
                else None
            )

    def _weight_decay_of(self, variable):
        return self.adam_weight_decay if self._goes_to_adam(variable) else self.weight_decay

    def update_step(self, gradient, variable, learning_rate):
        """Update one variable and its state; see `Optimizer.update_step`."""
        i = self._get_variable_index(variable)
        g, rate = ops.cast(gradient, variable.dtype), ops.cast(learning_rate, variable.dtype)
        if self._velocities[i] is not None:
            self._adam_step(g, variable, rate * self.adam_lr_ratio, i)
            return
        m = self._momentums[i]
        self.assign_add(m, g + m * (self.momentum - 1))
        direction = self._orthogonalized(g + self.momentum * m if self.nesterov else m)
        if self.rms_rate is not None:
            rate = rate * (math.sqrt(max(variable.shape)) * self.rms_rate)
        self.assign_sub(variable, rate * direction)

    def _adam_step(self, g, variable, rate, i):
        step = ops.cast(self.iterations + 1, variable.dtype)
        bias_1 = 1 - ops.power(self.adam_beta_1, step)
        bias_2 = 1 - ops.power(self.adam_beta_2, step)
        alpha = rate * ops.sqrt(bias_2) / bias_1
        m, v = self._momentums[i], self._velocities[i]
        self.assign_add(m, (g - m) * (1 - self.adam_beta_1))
        self.assign_add(v, (ops.square(g) - v) * (1 - self.adam_beta_2))
        self.assign_sub(variable, m * alpha / (ops.sqrt(v) + self.epsilon))

    def _orthogonalized(self, x):
        is_tall = x.shape[0] > x.shape[1]
        x = ops.transpose(x) if is_tall else x  # the products are the smaller way round
        x = x / (ops.sqrt(ops.sum(ops.square(x))) + 1e-7)
        for _ in range(self.ns_steps):
            square = ops.matmul(x, ops.transpose(x))
            mixed = self.muon_b * square + self.muon_c * ops.matmul(square, square)
            x = self.muon_a * x + ops.matmul(mixed, x)
        return ops.transpose(x) if is_tall else x

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            **super().get_config(),
            "adam_beta_1": self.adam_beta_1,
            "adam_beta_2": self.adam_beta_2,
            "adam_weight_decay": self.adam_weight_decay,
            "epsilon": self.epsilon,
            "exclude_layers": self.exclude_layers,
            "exclude_embeddings": self.exclude_embeddings,
            "muon_a": self.muon_a,
            "muon_b": self.muon_b,
            "muon_c": self.muon_c,
            "adam_lr_ratio": self.adam_lr_ratio,
            "momentum": self.momentum,
            "ns_steps": self.ns_steps,
            "nesterov": self.nesterov,
            "rms_rate": self.rms_rate,
        }
