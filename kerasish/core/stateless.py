"""StatelessScope: variables with other values for a while, and updates that reach no variable."""

from kerasish.core import modes
from kerasish.core.structural import convert_to_tensor
from kerasish.core.variable import Variable
from kerasish.errors import ShapeError, explain


class StatelessScope:
    """Context in which reading and assigning variables goes to a mapping instead.

    Inside, a variable has the value that the mapping gives it, or its own; an assignment changes
    the mapping alone. Tapes see a mapped value as the tensor that it is, so derivatives can be
    taken by it.

    Args:
        state_mapping: iterable of pairs (Variable, value of its shape), or None.
        collect_losses: bool. Keep what layers add by `add_loss` in `losses`, away from the layers.
        initialize_variables: accepted for compatibility; variables have values from the start.

    Raises:
        ValueError: a key that is no Variable.
        ShapeError: a value of another shape.

    Example:
        >>> v = Variable(1.0)
        >>> with StatelessScope([(v, 5.0)]) as scope:
        ...     _ = v.assign_add(2.0)
        >>> scope.get_current_value(v).item(), float(v)
        (7.0, 1.0)

    Source: Keras 3 names and defaults.
    """

    def __init__(self, state_mapping=None, collect_losses=False, initialize_variables=True):
        self.collect_losses, self.initialize_variables = collect_losses, initialize_variables
        self.losses = []
        self._values, self._before = {}, None
        for variable, value in state_mapping or ():
            if not isinstance(variable, Variable):
                raise ValueError(
                    explain("StatelessScope", "a key is no Variable", received=variable)
                )
            value = convert_to_tensor(value, variable.dtype)
            if tuple(value.shape) != tuple(variable.shape):
                raise ShapeError(
                    explain(
                        "StatelessScope",
                        f"the value for {variable.path!r} has another shape",
                        received=tuple(value.shape),
                        expected=str(tuple(variable.shape)),
                    )
                )
            self._values[variable.key] = value

    def __enter__(self):
        self._before = modes.state.stateless
        modes.state.stateless = self
        return self

    def __exit__(self, *exc_info):
        modes.state.stateless = self._before

    def get_current_value(self, variable):
        """The value that a variable has here; None if it has not been given or assigned one.

        Args:
            variable: Variable.

        Returns:
            Tensor or None.
        """
        return self._values.get(variable.key)

    def add_update(self, update):
        """Give a variable another value here.

        Args:
            update: pair (Variable, Tensor of its shape and dtype).
        """
        variable, value = update
        self._values[variable.key] = value

    def add_loss(self, loss):
        """Keep a loss; `loss` is a scalar tensor."""
        self.losses.append(loss)

    def replaced(self, inputs):
        """Inputs of an operation, with the values that variables have here."""
        return tuple([self._value_of(x) if hasattr(x, "_as_tensor") else x for x in inputs])

    def _value_of(self, variable):
        value = self.get_current_value(variable)
        return variable if value is None else value


class ReadingScope(StatelessScope):
    """Context that changes nothing, and knows afterwards which values of variables were read.

    Attributes:
        reads: dict from the key of a variable to the pair (variable, value before the first
            assignment): what a second run needs in order to do the same.
    """

    def __init__(self):
        super().__init__(collect_losses=True)
        self.reads = {}

    def get_current_value(self, variable):
        """The value as outside; noted."""
        outer = self._before
        value = None if outer is None else outer.get_current_value(variable)
        if variable.key not in self.reads:
            modes.state.stateless = outer
            try:
                held = variable._snapshot() if value is None else value
            finally:
                modes.state.stateless = self
            self.reads[variable.key] = (variable, held)
        return value

    def add_update(self, update):
        """Assign as outside."""
        variable, value = update
        self.get_current_value(variable)
        modes.state.stateless = self._before
        try:
            variable.assign(value)
        finally:
            modes.state.stateless = self


def pairs_of_state(where, name, variables, values):
    """Pairs (variable, value) for a StatelessScope.

    Raises:
        ValueError: not one value for each variable.
    """
    values = list(values)
    if len(values) != len(variables):
        raise ValueError(
            explain(
                where,
                f"{name}: there must be one value for each variable",
                received=f" {len(values)} values",
                expected=f"{len(variables)}: {[v.path for v in variables[:8]]}",
            )
        )
    return list(zip(variables, values, strict=True))
