"""Metric, the base class: variables that batches add to, and a result computed from them."""

from kerasish import dtype_policies, initializers
from kerasish.config import settings
from kerasish.core import names, tree
from kerasish.core.stateless import StatelessScope, pairs_of_state
from kerasish.core.variable import Variable
from kerasish.errors import explain


class Metric:
    """Base class of metrics: `update_state` adds a batch, `result` computes from what was added.

    Subclass it, make variables with `add_variable` in `__init__`, and write `update_state` and
    `result` with `kerasish.ops`, so that they also run inside a compiled training step.

    Args:
        dtype: dtype-like or dtype policy of the result; floatx when None.
        name: str. Snake case of the class name, made unique, when None.

    Call arguments:
        *args, **kwargs: passed to `update_state`; the call then returns `result()`.

    Example:
        >>> from kerasish import ops
        >>> class Largest(Metric):
        ...     def __init__(self, name="largest"):
        ...         super().__init__(name=name)
        ...         self.value = self.add_variable((), "zeros", name="value")
        ...     def update_state(self, y_true, y_pred, sample_weight=None):
        ...         self.value.assign(ops.maximum(self.value, ops.max(y_pred)))
        ...     def result(self):
        ...         return self.value
        >>> Largest()([0.0], [3.0]).numpy().item()
        3.0

    Source: Keras 3 names and defaults.
    """

    def __init__(self, dtype=None, name=None):
        self.name = name or names.unique_name(names.snake_case(type(self).__name__))
        self._dtype_policy = dtype_policies.get(settings.floatx if dtype is None else dtype)
        self._metrics = []
        self._variables = []  # from here on attributes are tracked
        self._build_arguments = None

    @property
    def dtype(self):
        """Name of the dtype of the result."""
        return self._dtype_policy.compute_dtype

    def add_variable(self, shape=(), initializer=None, dtype=None, aggregation="sum", name=None):
        """New variable of the state.

        Args:
            shape: sequence of int.
            initializer: name, object or callable `f(shape, dtype)`; zeros when None.
            dtype: dtype-like; floatx when None.
            aggregation: kept for compatibility; unused on one device.
            name: str.

        Returns:
            Variable, not trainable.
        """
        self._require_init()
        with names.scope(self.name.replace("/", ">")):
            variable = Variable(
                initializers.get("zeros" if initializer is None else initializer),
                shape=tuple(shape),
                dtype=settings.floatx if dtype is None else dtype,
                trainable=False,
                autocast=False,
                aggregation=aggregation,
                synchronization="on_read",
                name=name,
            )
        self._track(variable)
        return variable

    def add_weight(self, shape=(), initializer=None, dtype=None, name=None):
        """New variable of the state; another name of `add_variable`."""
        return self.add_variable(shape, initializer, dtype, name=name)

    @property
    def variables(self):
        """Variables of this metric, then those of metrics it holds."""
        return [*self._variables, *[v for metric in self._metrics for v in metric.variables]]

    def update_state(self, *args, **kwargs):
        """Add a batch; to be written by subclasses.

        Raises:
            NotImplementedError: always, here.
        """
        raise NotImplementedError(
            explain(type(self).__name__, "a metric needs update_state()", fix="write it")
        )

    def result(self):
        """Value of all that was added; to be written by subclasses.

        Raises:
            NotImplementedError: always, here.
        """
        raise NotImplementedError(
            explain(type(self).__name__, "a metric needs result()", fix="write it")
        )

    def reset_state(self):
        """Forget all that was added."""
        for variable in self.variables:
            variable.clear()

    def merge_state(self, metrics):
        """Add what other metrics of this class have seen, as if their batches had come here.

        Args:
            metrics: list of metrics of the same class and configuration.

        Raises:
            ValueError: another class or state of another shape; nothing is changed then.

        Example:
            >>> from kerasish.metrics import Mean
            >>> a, b = Mean(), Mean()
            >>> _ = a(1.0), b(3.0)
            >>> a.merge_state([b])
            >>> a.result().item()
            2.0
        """
        others = list(metrics)
        for other in others:
            if type(other) is not type(self):
                raise ValueError(
                    explain(
                        f"{self.name}.merge_state",
                        "a metric of another class",
                        received=other,
                        expected=type(self).__name__,
                    )
                )
        built = [m for m in others if m._build_arguments is not None]
        if self._build_arguments is None and built:
            self._build(*built[0]._build_arguments)
        if self._build_arguments is not None:
            others = built  # the rest have seen nothing yet
        for other in others:
            if self._shapes() != other._shapes():
                raise ValueError(
                    explain(
                        f"{self.name}.merge_state",
                        "state of another shape",
                        received=other._shapes(),
                        expected=str(self._shapes()),
                    )
                )
        for other in others:
            for mine, its in zip(self.variables, other.variables, strict=True):
                mine.assign_add(its.value)

    def _shapes(self):
        return [tuple(v.shape) for v in self.variables]

    def _build(self, *arguments):
        """Make the variables whose shape depends on the first batch."""
        self._build_arguments = arguments

    def stateless_update_state(self, metric_variables, *args, **kwargs):
        """Values of `variables` after `update_state`, from given values; the metric is unchanged.

        Args:
            metric_variables: list of array-like, one for each of `variables`.
            *args, **kwargs: as for `update_state`.

        Returns:
            list of tensors.

        Raises:
            ValueError: not one value for each variable.
        """
        return self._with_state(
            metric_variables,
            lambda: (self.update_state(*args, **kwargs), [v.value for v in self.variables])[1],
        )

    def stateless_result(self, metric_variables):
        """`result()` for given values of `variables`; the metric is unchanged.

        Args:
            metric_variables: list of array-like, one for each of `variables`.

        Returns:
            what `result` returns.

        Raises:
            ValueError: not one value for each variable.
        """
        return self._with_state(metric_variables, self.result)

    def stateless_reset_state(self):
        """Values of `variables` after `reset_state`; the metric is unchanged."""
        current = [v.value for v in self.variables]
        return self._with_state(
            current, lambda: (self.reset_state(), [v.value for v in self.variables])[1]
        )

    def _with_state(self, values, function):
        with StatelessScope(pairs_of_state(self.name, "values", self.variables, values)):
            return function()

    def __call__(self, *args, **kwargs):
        self._require_init()
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self):
        """Dict of constructor arguments."""
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config):
        """Metric from what `get_config` returned."""
        return cls(**config)

    def __setattr__(self, name, value):
        if "_variables" in vars(self):
            for leaf in tree.flatten(value):
                self._track(leaf)
        super().__setattr__(name, value)

    def _track(self, value):
        for kind, store in ((Variable, self._variables), (Metric, self._metrics)):
            if isinstance(value, kind) and not any(value is known for known in store):
                store.append(value)

    def _require_init(self):
        if "_variables" not in vars(self):
            raise RuntimeError(
                explain(
                    type(self).__name__,
                    "the base class is not set up",
                    fix="call super().__init__() first in __init__()",
                )
            )

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}>"
