"""Optimizer: options, learning rate and the order of a step; formulas are in subclasses."""

import re

from kerasish import identifiers, initializers, ops
from kerasish.config import settings
from kerasish.core.variable import Variable
from kerasish.errors import explain
from kerasish.optimizers import gradients as gradient_steps
from kerasish.optimizers.conditional import update_where
from kerasish.optimizers.options import check_options
from kerasish.optimizers.schedules import LearningRateSchedule
from kerasish.optimizers.state import OptimizerState, check_pairs
from kerasish.saving.serialization import serialize_keras_object


class Optimizer(OptimizerState):
    """Base of all optimizers: keeps the state and runs `update_step` for each variable.

    A subclass makes its state in `build` and writes its formula in `update_step`, with operations
    and `assign` only, so that the same code runs eagerly, traced and on every device.

    Args:
        learning_rate: float, LearningRateSchedule (called with the step number), or a function
            without arguments.
        weight_decay: float or None. Every update first subtracts `weight_decay * learning_rate`
            times the variable from it.
        clipnorm: float or None. Largest L2 norm of each gradient.
        clipvalue: float or None. Largest absolute value in a gradient.
        global_clipnorm: float or None. Largest L2 norm of all gradients together.
        use_ema: bool. Keep a moving average of the variables, which replaces them at the end.
        ema_momentum: float from 0 to 1. Share of the old average at each step.
        ema_overwrite_frequency: int or None. Steps between replacing variables by averages.
        loss_scale_factor: float or None. `scale_loss` multiplies by it, `apply` divides by it.
        gradient_accumulation_steps: int >= 2 or None. Update only every so many steps, with the
            mean of the gradients since.
        name: str. First part of the paths of the state variables.

    Raises:
        ValueError: an argument out of its range, an unknown one, or two kinds of clipping.

    Example:
        >>> from kerasish import Variable
        >>> class SignDescent(Optimizer):
        ...     def update_step(self, gradient, variable, learning_rate):
        ...         self.assign_sub(variable, learning_rate * ops.sign(gradient))
        >>> v = Variable([1.0, 2.0])
        >>> SignDescent(0.5).apply([ops.array([3.0, -1.0])], [v])
        >>> v.numpy().tolist()
        [0.5, 2.5]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, learning_rate, weight_decay=None, clipnorm=None, clipvalue=None,
                 global_clipnorm=None, use_ema=False, ema_momentum=0.99,
                 ema_overwrite_frequency=None, loss_scale_factor=None,
                 gradient_accumulation_steps=None, name=None, **kwargs):  # fmt: skip
        super().__init__(name)
        self.weight_decay = weight_decay
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.use_ema, self.ema_momentum = use_ema, ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        check_options(self, kwargs)
        self._accumulators, self._model_variables_moving_average = [], []
        self._no_decay_ids, self._no_decay_pattern = set(), None
        self._iterations = self.add_variable((), dtype="int64", name="iteration")
        self._learning_rate = None
        self._set_learning_rate(learning_rate)

    @property
    def iterations(self):
        """Number of steps made (with gradient accumulation: of whole groups of steps)."""
        if self.gradient_accumulation_steps:
            return ops.floor_divide(self._iterations, self.gradient_accumulation_steps)
        return self._iterations

    def build(self, variables):
        """Make the state for a list of trainable variables; subclasses add theirs.

        Args:
            variables: list of Variable, the only ones that can be updated from now on.
        """
        variables = list(variables)
        if self.use_ema:
            self._model_variables_moving_average = self.add_optimizer_variables(
                variables, "average"
            )
        if self.gradient_accumulation_steps:
            self._accumulators = [
                self.add_variable_from_reference(v, "gradient_accumulator") for v in variables
            ]
        self._positions = {id(v): i for i, v in enumerate(variables)}
        self._trainable_variables = variables
        self.built = True

    # ---- learning rate ----

    @property
    def learning_rate(self):
        """Variable, or the value of the schedule or function now; assign a number to change it."""
        if isinstance(self._learning_rate, LearningRateSchedule):
            return self._learning_rate(self._iterations)
        if isinstance(self._learning_rate, Variable):
            return self._learning_rate
        return self._learning_rate()

    @learning_rate.setter
    def learning_rate(self, learning_rate):
        self._set_learning_rate(learning_rate)

    def _set_learning_rate(self, learning_rate):
        old = self._learning_rate
        if callable(learning_rate):  # schedules are callable, too
            self._variables = [v for v in self._variables if v is not old]
            self._learning_rate = learning_rate
        elif isinstance(learning_rate, (bool, str)) or not hasattr(learning_rate, "__float__"):
            raise ValueError(
                explain(
                    self.name,
                    "unusable learning rate",
                    received=learning_rate,
                    expected="a float, a LearningRateSchedule or a function",
                )
            )
        elif old is None:
            self._learning_rate = self.add_variable(
                (), initializers.Constant(learning_rate), settings.floatx, name="learning_rate"
            )
        elif isinstance(old, Variable):
            old.assign(learning_rate)
        else:
            raise TypeError(
                explain(
                    self.name,
                    "the learning rate follows a schedule and cannot be set",
                    received=learning_rate,
                    fix="make the optimizer with a float learning_rate",
                )
            )

    # ---- one step ----

    def assign(self, variable, value):
        """Replace the value of a model or state variable."""
        variable.assign(value)

    def assign_add(self, variable, value):
        """Add to a model or state variable."""
        variable.assign_add(value)

    def assign_sub(self, variable, value):
        """Subtract from a model or state variable."""
        variable.assign_sub(value)

    def update_step(self, gradient, variable, learning_rate):
        """Update one variable and its state: the formula of the optimizer.

        Args:
            gradient: tensor of the variable's shape.
            variable: Variable.
            learning_rate: scalar tensor.
        """
        raise NotImplementedError(
            explain(
                type(self).__name__, "update_step(gradient, variable, learning_rate) is missing"
            )
        )

    def _update_steps(self, grads, variables, learning_rate):
        """Update all variables; a subclass may first update state that they share."""
        for gradient, variable in zip(grads, variables, strict=True):
            self.update_step(gradient, variable, learning_rate)

    def apply_gradients(self, grads_and_vars):
        """Update variables by pairs of (gradient, variable), as `apply`.

        Args:
            grads_and_vars: iterable of pairs.

        Returns:
            Variable that counts the steps.
        """
        pairs = [tuple(pair) for pair in grads_and_vars]
        self.apply([g for g, _ in pairs], [v for _, v in pairs])
        return self._iterations

    def apply(self, grads, trainable_variables=None):
        """Update variables by their gradients, one step.

        Args:
            grads: list of tensors; None for a variable without a gradient, which is left alone
                with a warning.
            trainable_variables: list of Variable; those the optimizer was built with when None.

        Raises:
            ValueError: no gradient at all, lists of unequal length, an unknown variable.
            ShapeError: a gradient of another shape than its variable; nothing has been changed.
        """
        grads = list(grads)
        if not grads:
            return
        variables = self._prepare(grads, trainable_variables)
        grads, variables = gradient_steps.drop_missing(self.name, grads, variables)
        grads, variables = self._overwrite_with_gradients(grads, variables)
        if grads:
            if self.loss_scale_factor is not None:
                grads = [g / self.loss_scale_factor for g in grads]
            if self.gradient_accumulation_steps:
                self._accumulate(grads, variables)
            else:
                self._update(grads, variables)
            if self.use_ema:
                self._update_averages()
            for variable in variables:
                if variable.constraint is not None:
                    variable.assign(variable.constraint(variable))
        self._iterations.assign_add(1)

    def _prepare(self, grads, trainable_variables):
        """The variables of a step, checked; builds the state at the first one."""
        if trainable_variables is None and not self.built:
            raise ValueError(
                explain(
                    self.name,
                    "gradients came without variables, and the optimizer is unbuilt",
                    fix="optimizer.build(variables), or pass trainable_variables",
                )
            )
        is_own = trainable_variables is None
        variables = self._trainable_variables if is_own else list(trainable_variables)
        check_pairs(self.name, grads, variables)
        unknown = [v.path for v in variables if self.built and id(v) not in self._positions]
        if unknown:
            raise ValueError(
                explain(
                    self.name,
                    "the optimizer was built without these variables",
                    received=unknown,
                    fix="make a new optimizer for another model",
                )
            )
        if not self.built:
            self.build(variables)
        return variables

    def _overwrite_with_gradients(self, grads, variables):
        """Store gradients that are new values (float8 scales); returns the other pairs."""
        kept = []
        for g, variable in zip(grads, variables, strict=True):
            if not variable.overwrite_with_gradient:
                kept.append((g, variable))
            elif not self.gradient_accumulation_steps:
                variable.assign(g)
            else:  # such values are largest magnitudes, so the largest of the group counts
                total = self._accumulators[self._get_variable_index(variable)]
                total.assign(ops.maximum(g, total))
                variable.assign(ops.where(self._is_last_of_group(), total, variable))
                total.assign(ops.where(self._is_last_of_group(), ops.zeros_like(g), total))
        return [g for g, _ in kept], [v for _, v in kept]

    def _is_last_of_group(self):
        return ops.equal((self._iterations + 1) % self.gradient_accumulation_steps, 0)

    def _accumulate(self, grads, variables):
        """Add up gradients, and update by their mean at the last step of each group."""
        is_last = self._is_last_of_group()
        totals = [self._accumulators[self._get_variable_index(v)] for v in variables]
        for total, g in zip(totals, grads, strict=True):
            total.assign(g + total)
        means = [total / self.gradient_accumulation_steps for total in totals]
        apart = {id(v) for v in (self._iterations, *self._accumulators)}
        state = [v for v in self._variables if id(v) not in apart]
        update_where(is_last, lambda: self._update(means, variables), [*state, *variables])
        for total in self._accumulators:
            total.assign(ops.where(is_last, ops.zeros_like(total), total))

    def _update(self, grads, variables):
        """Clip, decay, and apply the formula."""
        grads = gradient_steps.clip(grads, self.clipnorm, self.global_clipnorm, self.clipvalue)
        learning_rate = ops.convert_to_tensor(self.learning_rate)
        self._apply_weight_decay(variables, learning_rate)
        self._update_steps(grads, variables, learning_rate)

    def scale_loss(self, loss):
        """The loss to differentiate: multiplied by `loss_scale_factor` where one is set."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    # ---- weight decay and averages ----

    def exclude_from_weight_decay(self, var_list=None, var_names=None):
        """Choose variables that `weight_decay` leaves alone; a later call replaces the choice.

        Args:
            var_list: list of Variable.
            var_names: list of regular expressions, searched for in the names of variables.
        """
        self._no_decay_ids = {id(v) for v in var_list or ()}
        self._no_decay_pattern = re.compile("|".join(var_names)) if var_names else None

    def _use_weight_decay(self, variable):
        is_named = self._no_decay_pattern and self._no_decay_pattern.search(variable.name)
        return id(variable) not in self._no_decay_ids and not is_named

    def _apply_weight_decay(self, variables, learning_rate):
        for variable in variables:
            decay = self._weight_decay_of(variable)
            if decay is not None and self._use_weight_decay(variable):
                rate = ops.cast(learning_rate, variable.dtype)
                variable.assign(variable - variable * decay * rate)

    def _weight_decay_of(self, variable):
        """Decay rate of one variable, or None."""
        return self.weight_decay

    def _update_averages(self):
        is_later = ops.not_equal(self.iterations, 0)  # the first average is the variable itself
        pairs = self.averaged_pairs()
        for variable, average in pairs:
            momentum = ops.cast(is_later, variable.dtype) * self.ema_momentum
            average.assign(momentum * average + (1 - momentum) * variable)
        if self.ema_overwrite_frequency:
            is_due = ops.equal((self.iterations + 1) % self.ema_overwrite_frequency, 0)
            for variable, average in pairs:
                variable.assign(ops.where(is_due, average, variable))

    def averaged_pairs(self, variables=None):
        """Variables with their moving averages: a list of pairs, empty without `use_ema`.

        Args:
            variables: list of Variable; all trainable ones when None.
        """
        averages = self._model_variables_moving_average
        if not averages:
            return []
        variables = self._trainable_variables if variables is None else variables
        pairs = [(v, averages[self._get_variable_index(v)]) for v in variables]
        return [(v, average) for v, average in pairs if average is not None]

    def finalize_variable_values(self, var_list):
        """With `use_ema`, replace variables by their moving averages: the end of training.

        Args:
            var_list: list of Variable.
        """
        if self.use_ema:
            for variable, average in self.averaged_pairs(var_list):
                variable.assign(average)

    # ---- configuration ----

    def get_config(self):
        """Dict of the constructor's arguments, with the learning rate as it is now."""
        if isinstance(self._learning_rate, Variable):
            learning_rate = float(self._learning_rate.numpy())
        else:
            learning_rate = serialize_keras_object(self._learning_rate)
        return {
            "name": self.name,
            "learning_rate": learning_rate,
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
            "loss_scale_factor": self.loss_scale_factor,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """An optimizer from `get_config()`, without state."""
        config = dict(config)
        if isinstance(config.get("learning_rate"), dict):
            config["learning_rate"] = identifiers.from_config(
                "schedules", config["learning_rate"], custom_objects
            )
        return cls(**config)
