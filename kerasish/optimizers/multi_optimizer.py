"""MultiOptimizer: several optimizers, each for its part of the variables, chosen by path."""

import re

from kerasish import identifiers
from kerasish.errors import explain
from kerasish.optimizers.loss_scale_optimizer import LossScaleOptimizer
from kerasish.optimizers.optimizer import Optimizer
from kerasish.registry import register
from kerasish.saving.serialization import serialize_keras_object


@register("optimizers", "optimizermap")
class OptimizerMap:
    """Optimizers by variable path or regular expression for whole paths, with a default.

    Args:
        default_optimizer: Optimizer of the variables that nothing matches.
        optimizer_map: dict from path or regular expression to Optimizer.

    Raises:
        ValueError: a key that is no string or taken, or a value that is no plain optimizer.

    Example:
        >>> from kerasish.optimizers import SGD, Adam
        >>> chosen = OptimizerMap(SGD(), {"encoder/.*": Adam()})
        >>> type(chosen["encoder/dense/kernel"]).__name__, type(chosen["head/kernel"]).__name__
        ('Adam', 'SGD')

    Source: Keras 3 names and defaults.
    """

    def __init__(self, default_optimizer, optimizer_map=None):
        _check_part(default_optimizer)
        self.default_optimizer = default_optimizer
        self._by_pattern = {}
        for pattern, optimizer in (optimizer_map or {}).items():
            self[pattern] = optimizer

    def __getitem__(self, path):
        if path in self._by_pattern:
            return self._by_pattern[path]
        matching = [p for p in self._by_pattern if re.fullmatch(p, path)]
        if len(matching) > 1:
            raise ValueError(
                explain("OptimizerMap", f"several patterns match {path!r}", received=matching)
            )
        return self._by_pattern[matching[0]] if matching else self.default_optimizer

    def __setitem__(self, pattern, optimizer):
        if not isinstance(pattern, str) or pattern in self._by_pattern:
            raise ValueError(
                explain("OptimizerMap", "a key must be a new string", received=pattern)
            )
        _check_part(optimizer)
        self._by_pattern[pattern] = optimizer

    def __delitem__(self, pattern):
        del self._by_pattern[pattern]

    def __len__(self):
        return len(self._by_pattern)

    def __iter__(self):
        return iter(self._by_pattern)

    def __call__(self, variable):
        """Optimizer of a variable."""
        return self[variable.path]

    def values(self):
        """The optimizers that were given a pattern."""
        return self._by_pattern.values()

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            "default_optimizer": serialize_keras_object(self.default_optimizer),
            "optimizer_map": serialize_keras_object(self._by_pattern),
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """A map from `get_config()`."""

        def read(part):
            return identifiers.from_config("optimizers", part, custom_objects)

        by_pattern = {key: read(part) for key, part in config["optimizer_map"].items()}
        return cls(read(config["default_optimizer"]), by_pattern)


def _check_part(optimizer):
    is_plain = isinstance(optimizer, Optimizer)
    if not is_plain or isinstance(optimizer, (LossScaleOptimizer, MultiOptimizer)):
        raise ValueError(
            explain("MultiOptimizer", "its parts must be plain optimizers", received=optimizer)
        )


@register("optimizers", "multioptimizer")
class MultiOptimizer(Optimizer):
    """Update each variable by the optimizer that a map, or a function, chooses for it.

    The learning rate is that of the parts: see `optimizers`.

    Args:
        optimizer_map: OptimizerMap, or function from Variable to Optimizer.
        loss_scale_factor: float or None. Replaces that of every part.
        name: str.

    Example:
        >>> from kerasish import Variable, ops
        >>> from kerasish.optimizers import SGD
        >>> a, b = Variable(1.0, name="a"), Variable(1.0, name="b")
        >>> both = MultiOptimizer(OptimizerMap(SGD(0.5), {"b": SGD(0.25)}))
        >>> both.apply([ops.array(1.0), ops.array(1.0)], [a, b])
        >>> float(a), float(b)
        (0.5, 0.75)

    Source: Keras 3 names and defaults.
    """

    def __init__(self, optimizer_map, loss_scale_factor=None, name=None):
        self._parts = []
        super().__init__(0.0, loss_scale_factor=loss_scale_factor, name=name)
        self._optimizer_map = optimizer_map
        for optimizer in optimizer_map.values() if hasattr(optimizer_map, "values") else ():
            self._add_part(optimizer)
        if hasattr(optimizer_map, "default_optimizer"):
            self._add_part(optimizer_map.default_optimizer)

    def _add_part(self, optimizer):
        _check_part(optimizer)
        if optimizer not in self._parts:
            optimizer.loss_scale_factor = self.loss_scale_factor
            self._parts.append(optimizer)

    def build(self, variables):
        """Make the state of all parts for a list of trainable variables."""
        if self.built:
            return
        self._part_of = {}
        for variable in variables:
            part = self._optimizer_map(variable)
            self._add_part(part)
            self._part_of[id(variable)] = part
        for part in self._parts:
            own = [v for v in variables if self._part_of[id(v)] is part]
            if own:
                part.build(own)
        super().build(variables)

    @property
    def optimizers(self):
        """List of the parts."""
        return list(self._parts)

    @property
    def variables(self):
        """State variables of the whole, then those of its parts."""
        return [*self._variables, *(v for part in self._parts for v in part.variables)]

    @property
    def iterations(self):
        """Number of steps made."""
        return self._iterations

    @property
    def learning_rate(self):
        """Raises AttributeError: the parts may differ."""
        raise AttributeError(
            explain(
                self.name,
                "a MultiOptimizer has no learning rate of its own",
                fix="use that of each of `optimizers`",
            )
        )

    @learning_rate.setter
    def learning_rate(self, learning_rate):
        raise AttributeError(
            explain(
                self.name,
                "a MultiOptimizer has no learning rate of its own",
                received=learning_rate,
                fix="set that of each of `optimizers`",
            )
        )

    @property
    def loss_scale_factor(self):
        """Factor of `scale_loss`; assigning sets it for every part."""
        return self._loss_scale_factor

    @loss_scale_factor.setter
    def loss_scale_factor(self, value):
        self._loss_scale_factor = value
        for part in self._parts:
            part.loss_scale_factor = value

    def apply(self, grads, trainable_variables=None):
        """Update variables by their gradients, one step of every part; see `Optimizer`."""
        grads = list(grads)
        if not grads:
            return
        variables = self._prepare(grads, trainable_variables)
        for part in self._parts:
            own = [(g, v) for g, v in zip(grads, variables, strict=True)
                   if self._part_of[id(v)] is part]  # fmt: skip
            part.apply([g for g, _ in own], [v for _, v in own])
        self._iterations.assign_add(1)

    def finalize_variable_values(self, var_list):
        """Replace the variables of parts with `use_ema` by their averages."""
        for part in self._parts:
            part.finalize_variable_values([v for v in var_list if self._part_of[id(v)] is part])

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            "optimizer_map": serialize_keras_object(self._optimizer_map),
            "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """An optimizer from `get_config()`, without state."""
        chosen = identifiers.from_config("optimizers", config["optimizer_map"], custom_objects)
        return cls(**{**config, "optimizer_map": chosen})
