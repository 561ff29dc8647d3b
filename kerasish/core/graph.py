"""Graph: nodes in the order they were recorded, with the variables read and written on the way.

A graph is pure: variables it reads become inputs (`captures`), assignments become `updates`, the
values the variables have at the end. A later read in the same trace sees the pending value.
"""

import copy

from kerasish.core import modes, tree
from kerasish.core.spec import TensorSpec
from kerasish.core.tensor import SymbolicTensor, Tensor


class Graph:
    """A trace: what a function computes, without its values.

    Args:
        name: str. Shown in listings.

    Attributes:
        inputs: symbolic tensors fed at each run.
        captures: dict from key to (source, symbolic tensor): variables, or tensors of an
            enclosing trace, that became inputs.
        nodes: list of Node, in recording order (a topological order).
        updates: dict from Variable to its value after the run.
        outputs: list of Tensor, set by whoever records.
        has_own_gradients: whether a derivative was declared by hand, which only tapes that are
            open while Python runs learn of.
    """

    def __init__(self, name="graph"):
        self.name = name
        # What its tensors know it by: pointing at the graph itself they would be reference cycles.
        self.mark = object()
        self.inputs, self.nodes, self.outputs = [], [], []
        self.captures, self.updates, self._pending = {}, {}, {}
        self.has_own_gradients = False

    def add_input(self, spec, name=None):
        """New symbolic input of the given spec."""
        tensor = SymbolicTensor(spec=spec, graph=self.mark, name=name)
        self.inputs.append(tensor)
        return tensor

    def lift(self, x):
        """What stands for `x` inside this graph: captured inputs for what lives outside."""
        if isinstance(x, SymbolicTensor):
            return x if x.graph is self.mark else self._capture(x, x.spec, x.name)
        if hasattr(x, "_as_tensor"):
            return self.read(x)
        return x

    def read(self, variable):
        """Value of a variable at this point of the trace."""
        if variable.key in self._pending:
            return self._pending[variable.key]
        return self._capture(variable, variable.spec, variable.path)

    def write(self, variable, value):
        """Assign to a variable: later reads see `value`, and it is stored after the run."""
        value = self.lift(value)
        if None not in value.shape:
            variable.require_shape_of(value)
        self._pending[variable.key] = value
        self.updates[variable] = value

    def _capture(self, source, spec, name):
        if source.key not in self.captures:
            inner = SymbolicTensor(spec=spec, graph=self.mark, name=name)
            self.captures[source.key] = (source, inner)
        return self.captures[source.key][1]

    def without_outputs(self):
        """The same graph, run for its updates and effects only."""
        twin = copy.copy(self)
        twin.outputs = []
        return twin

    @property
    def captured_variables(self):
        """Variables that the graph reads, in order of first use."""
        return [s for s, _ in self.captures.values() if not isinstance(s, Tensor)]

    def replay(self, inputs):
        """Apply every node again to other inputs, in the current mode; tapes record it.

        Returns:
            list of Tensors standing for `outputs`; variables are assigned as in the trace.
        """
        values = {s.key: x for s, x in zip(self.inputs, inputs, strict=True)}
        values.update({inner.key: source for source, inner in self.captures.values()})

        def value_of(x):
            return values.get(x.key, x) if isinstance(x, SymbolicTensor) else x

        for node in self.nodes:
            result = modes.apply(
                node.operation, tuple(value_of(x) for x in node.inputs), node.params
            )
            results = result if node.is_multiple else (result,)
            values.update({o.key: r for o, r in zip(node.outputs, results, strict=True)})
        finals = [(variable, value_of(value)) for variable, value in self.updates.items()]
        outputs = [value_of(x) for x in self.outputs]
        outputs = [o._as_tensor() if hasattr(o, "_as_tensor") else o for o in outputs]
        for variable, value in finals:
            variable.assign(value)
        return outputs

    def __str__(self):
        lines = [f"graph {self.name}:"]
        lines += [f"  input {s.key}: {s.spec}  # {s.name}" for s in self.inputs]
        lines += [f"  capture {s.key}: {s.spec}  # {s.name}" for _, s in self.captures.values()]
        lines += [f"  {node}" for node in self.nodes]
        lines += [f"  update {v.path} = {getattr(x, 'key', x)}" for v, x in self.updates.items()]
        lines.append(f"  return {', '.join(str(getattr(o, 'key', o)) for o in self.outputs)}")
        return "\n".join(lines)


def specs_of(function, specs, params=None):
    """Specs that a function of tensors returns for input specs, found by recording it.

    Args:
        function: callable of tensors.
        specs: list of TensorSpec, or scalars and None, which pass unchanged.
        params: dict of keyword arguments.

    Returns:
        nested structure of TensorSpec like the function's result.
    """
    graph = Graph(getattr(function, "__name__", "scratch"))
    arguments = [graph.add_input(s) if isinstance(s, TensorSpec) else s for s in specs]
    with modes.tracing(graph):
        result = function(*arguments, **(params or {}))
    return tree.map_structure(lambda t: t.spec if isinstance(t, Tensor) else t, result)
