"""Subgraph: a function recorded inside a trace, to be run by a control-flow operation."""

from kerasish.core import modes, tree
from kerasish.core.graph import Graph
from kerasish.core.tensor import SymbolicTensor, Tensor, as_tensor

__all__ = []


class Subgraph:
    """What a function of tensors computes, and what it uses from outside.

    Args:
        name: str. Shown in listings.
        function: callable of tensors; recorded at once.
        specs: list of TensorSpec of its arguments.

    Attributes:
        structure: nested structure that the function returned.
        sources: dict from key to the tensors and variables used from outside.
        variables: list of the variables that the function assigns.
    """

    def __init__(self, name, function, specs):
        self.graph = Graph(name)
        arguments = [self.graph.add_input(spec) for spec in specs]
        self._tapes = modes.state.tapes
        with modes.tracing(self.graph):
            self.structure = function(*arguments)
            leaves = [leaf for leaf in tree.flatten(self.structure) if leaf is not None]
            self.outputs = [self._inside(leaf) for leaf in leaves]
        self.variables = list(self.graph.updates)
        self._feeds = None
        self._collect_sources()

    def _inside(self, value):
        value = self.graph.lift(value)
        return value if isinstance(value, Tensor) else as_tensor(value)

    def _collect_sources(self):
        self.sources = {key: source for key, (source, _) in self.graph.captures.items()}
        used = [x for node in self.graph.nodes for x in node.inputs] + self.outputs
        for x in used:  # constants of the trace whose derivative an open tape may be asked for
            is_constant = isinstance(x, Tensor) and not isinstance(x, SymbolicTensor)
            if is_constant and any(tape.follows((x,)) for tape in self._tapes):
                self.sources[x.key] = x

    def return_variables(self, variables, at=None):
        """Let the final values of variables be outputs too, from position `at` (default: last)."""
        at = len(self.outputs) if at is None else at
        with modes.tracing(self.graph):
            finals = [self.graph.read(v) for v in variables]
        self.outputs = [*self.outputs[:at], *finals, *self.outputs[at:]]
        self._collect_sources()

    def bind(self, places, arguments=None):
        """Say where values will stand when it runs.

        Args:
            places: dict from the key of a source to a position.
            arguments: positions of the arguments; the first ones when None.
        """
        inputs = self.graph.inputs
        arguments = range(len(inputs)) if arguments is None else arguments
        self._feeds = [(x.key, i) for x, i in zip(inputs, arguments, strict=True)]
        for key in self.sources:
            capture = self.graph.captures.get(key)
            self._feeds.append((key if capture is None else capture[1].key, places[key]))

    @property
    def specs(self):
        """Specs of the outputs."""
        return [o.spec for o in self.outputs]

    def _evaluate(self, values, evaluate):
        known = {key: values[i] for key, i in self._feeds}
        for node in self.graph.nodes:
            inputs = tuple([known.get(getattr(x, "key", None), x) for x in node.inputs])
            result = evaluate(node.operation, inputs, node.params)
            results = result if node.is_multiple else (result,)
            known.update(zip([o.key for o in node.outputs], results, strict=True))
        return [known.get(o.key, o) for o in self.outputs]

    def run(self, values):
        """Arrays out for arrays in, which stand where `bind` said."""
        return tuple(getattr(y, "_array", y) for y in self._evaluate(values, _compute))

    def replay(self, values):
        """Tensors out for tensors in, in the current mode; open tapes record it."""
        return self._evaluate(values, modes.apply)


def _compute(operation, inputs, params):
    arrays = [x._array if isinstance(x, Tensor) else x for x in inputs]
    return modes.compute(operation, arrays, params)


def ordered_sources(subgraphs, excluded=()):
    """All sources of several subgraphs as one dict from key to source, without `excluded` keys."""
    found = {}
    for subgraph in subgraphs:
        found.update({k: s for k, s in subgraph.sources.items() if k not in excluded})
    return found


def assigned_variables(subgraphs):
    """The variables that any of the subgraphs assigns."""
    found = {}
    for subgraph in subgraphs:
        found.update({v.key: v for v in subgraph.variables})
    return list(found.values())


def positions(sources, start=0):
    """Dict from the key of each source to its position, counted from `start`."""
    return {key: start + i for i, key in enumerate(sources)}
