"""The variables that an optimizer keeps: making, listing, saving and restoring them."""

from kerasish import initializers
from kerasish.core import names
from kerasish.core.stateless import StatelessScope, pairs_of_state
from kerasish.core.variable import Variable
from kerasish.errors import CheckpointError, ShapeError, explain


class OptimizerState:
    """The part of an optimizer that owns its state variables; see `Optimizer`."""

    def __init__(self, name):
        self._variables = []
        self._trainable_variables = []
        self._positions = {}  # id of a trainable variable -> its place among them
        self.built = False
        self.name = name or names.unique_name(names.snake_case(type(self).__name__))

    def __setattr__(self, name, value):
        # A Variable that a subclass keeps as an attribute is state like any other.
        if isinstance(value, Variable):
            self._track(value)
        super().__setattr__(name, value)

    def _track(self, variable):
        if "_variables" not in self.__dict__:
            raise RuntimeError(
                explain(
                    type(self).__name__,
                    "a variable was made before the optimizer was set up",
                    fix="call super().__init__(...) first in __init__",
                )
            )
        if not any(v is variable for v in self._variables):
            self._variables.append(variable)

    @property
    def variables(self):
        """List of the state variables, in the order in which they are saved."""
        return list(self._variables)

    def add_variable(self, shape, initializer="zeros", dtype=None, aggregation="none",
                     layout=None, name=None):  # fmt: skip
        """Make a state variable.

        Args:
            shape: tuple of int.
            initializer: name or Initializer.
            dtype: dtype-like; floatx when None.
            aggregation: kept for compatibility.
            layout: kept for compatibility.
            name: str.

        Returns:
            Variable, not trainable, of path "<optimizer name>/<name>".
        """
        with names.scope(self.name):
            variable = Variable(
                initializers.get(initializer), shape=shape, dtype=dtype, trainable=False,
                aggregation=aggregation, name=name,
            )  # fmt: skip
        self._track(variable)
        return variable

    def add_variable_from_reference(self, reference_variable, name=None, initializer="zeros"):
        """Make a state variable of the shape and dtype of a model variable.

        Args:
            reference_variable: Variable.
            name: str. Last part of the name, after the model variable's path; "var" when None.
            initializer: name or Initializer.

        Returns:
            Variable.
        """
        prefix = reference_variable.path.replace("/", "_")
        return self.add_variable(
            reference_variable.shape,
            initializer,
            reference_variable.dtype,
            name=f"{prefix}_{name or 'var'}",
        )

    def add_optimizer_variables(self, trainable_variables, name, initializer="zeros"):
        """Make one state variable, or one for each of several names, for every model variable.

        Args:
            trainable_variables: list of Variable.
            name: str, or list of str.
            initializer: one for all names, or a list of as many.

        Returns:
            list of Variable, or one list for each name. The place of a variable that is
            overwritten with its gradient holds None.

        Raises:
            ValueError: not as many initializers as names.
        """
        all_names = [name] if isinstance(name, str) else list(name)
        is_shared = not isinstance(initializer, (list, tuple))
        starts = [initializer] * len(all_names) if is_shared else list(initializer)
        if len(starts) != len(all_names):
            received = f" {len(all_names)} names, {len(starts)} initializers"
            raise ValueError(
                explain(self.name, "each name needs an initializer", received=received)
            )
        made = tuple([] for _ in all_names)
        for variable in trainable_variables:
            for slots, slot_name, start in zip(made, all_names, starts, strict=True):
                is_used = not variable.overwrite_with_gradient
                slots.append(
                    self.add_variable_from_reference(variable, slot_name, start)
                    if is_used
                    else None
                )
        return made[0] if isinstance(name, str) else made

    def _get_variable_index(self, variable):
        return self._positions[id(variable)]

    def set_weights(self, weights):
        """Assign all state variables, in the order of `variables`.

        Args:
            weights: list of arrays.

        Raises:
            ValueError: the optimizer is not built.
            CheckpointError: another number of arrays, or another shape; nothing has been changed.
        """
        if not self.built:
            raise ValueError(
                explain(
                    self.name,
                    "the optimizer has no state yet",
                    fix="optimizer.build(trainable_variables)",
                )
            )
        self._assign_all(list(weights))

    def stateless_apply(self, optimizer_variables, grads, trainable_variables):
        """What `apply` would make of given values; nothing is assigned.

        Args:
            optimizer_variables: list of values, one for each of `self.variables`.
            grads: list of gradients.
            trainable_variables: list of values, one for each variable the optimizer was built with.

        Returns:
            (list of values of the trainable variables, list of values of `self.variables`).

        Raises:
            ValueError: the optimizer is not built, or another number of values.

        Example:
            >>> from kerasish import ops
            >>> from kerasish.optimizers import SGD
            >>> sgd, v = SGD(0.5), Variable(1.0)
            >>> sgd.build([v])
            >>> state = [x.value for x in sgd.variables]
            >>> [w], state = sgd.stateless_apply(state, [ops.array(1.0)], [ops.array(3.0)])
            >>> w.item(), float(v)
            (2.5, 1.0)
        """
        if not self.built:
            raise ValueError(
                explain(
                    f"{self.name}.stateless_apply",
                    "the optimizer is not built",
                    fix="optimizer.build(trainable_variables)",
                )
            )
        own, trained = self.variables, self._trainable_variables
        mapping = [
            *pairs_of_state(self.name, "trainable_variables", trained, trainable_variables),
            *pairs_of_state(self.name, "optimizer_variables", own, optimizer_variables),
        ]
        with StatelessScope(mapping) as scope:
            self.apply(grads)
        return tuple([scope.get_current_value(v) for v in group] for group in (trained, own))

    def save_own_variables(self, store):
        """Write the state into a dict-like under the keys "0", "1", ..."""
        for i, variable in enumerate(self.variables):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store):
        """Read the state from a dict-like written by `save_own_variables`.

        Raises:
            CheckpointError: another number of variables, or another shape; nothing has been
                changed.
        """
        self._assign_all([store[key] for key in sorted(store.keys(), key=int)])

    def _assign_all(self, values):
        variables = self.variables
        if len(values) != len(variables):
            raise CheckpointError(
                explain(
                    self.name,
                    "the saved optimizer has another number of variables",
                    received=f" {len(values)} arrays",
                    expected=f"{len(variables)}: {', '.join(v.path for v in variables[:8])}"
                    + (", ..." if len(variables) > 8 else ""),
                    fix="build the optimizer on the same model, with the same options",
                )
            )
        for variable, value in zip(variables, values, strict=True):
            if tuple(value.shape) != tuple(variable.shape):
                raise CheckpointError(
                    explain(
                        variable.path,
                        "the saved value has another shape",
                        received=tuple(value.shape),
                        expected=str(variable.shape),
                    )
                )
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)


def check_pairs(where, gradients, variables):
    """Raise unless there is one gradient, None or of the same shape, for each variable.

    Raises:
        ValueError: lists of unequal length.
        ShapeError: shapes that differ.
    """
    if len(gradients) != len(variables):
        raise ValueError(
            explain(
                where,
                "there must be one gradient for each variable",
                received=f" {len(gradients)} gradients, {len(variables)} variables",
            )
        )
    for gradient, variable in zip(gradients, variables, strict=True):
        if gradient is None:
            continue
        shape, wanted = tuple(gradient.shape), tuple(variable.shape)
        if len(shape) != len(wanted) or any(m not in (n, None) for m, n in zip(shape, wanted)):
            raise ShapeError(
                explain(
                    where,
                    f"the gradient of {variable.path!r} has another shape",
                    received=shape,
                    expected=str(wanted),
                )
            )
