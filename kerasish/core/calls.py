"""Calls on `Input` tensors: what functional models are made of.

Calling a layer, or a function of `kerasish.ops`, on a symbolic tensor that belongs to no trace runs
nothing: the call is recorded as a node, with outputs of the shapes that a scratch trace finds.
"""

import functools

from kerasish.core import masks, modes, names, tree
from kerasish.core.graph import Graph
from kerasish.core.tensor import SymbolicRead, SymbolicTensor, Tensor


class CallNode:
    """One recorded call: operation(*args, **kwargs) = outputs, with symbolic tensors inside.

    Attributes:
        operation: Layer, Model or FunctionOperation.
        args, kwargs: the arguments as given.
        inputs: flat list of the symbolic tensors among them.
        outputs: flat list of symbolic tensors.
        output_structure: nested structure as the call returned it.
    """

    def __init__(self, operation, args, kwargs, outputs):
        self.operation, self.args, self.kwargs = operation, args, kwargs
        self.inputs = free_tensors((args, kwargs))
        self.output_structure = outputs
        self.outputs = [t for t in tree.flatten(outputs) if isinstance(t, SymbolicTensor)]
        for i, output in enumerate(self.outputs):
            output.node, output.index = self, i

    def fill(self, value_of):
        """args and kwargs with every symbolic tensor replaced by `value_of(tensor)`."""
        return tree.map_structure(
            lambda x: value_of(x) if isinstance(x, SymbolicTensor) else x, (self.args, self.kwargs)
        )


class FunctionOperation:
    """A public function of `kerasish.ops` as the operation of a CallNode."""

    def __init__(self, function, name=None):
        self.function = function
        self.name = name or names.unique_name(function.__name__)

    def __call__(self, *args, **kwargs):
        return self.function(*args, **kwargs)


def free_tensors(structure):
    """Symbolic tensors outside any trace, among the leaves of a structure."""
    return [t for t in tree.flatten(structure) if isinstance(t, SymbolicTensor) and t.graph is None]


def has_free_tensor(args, kwargs):
    """Whether a call has an argument that is an `Input` or made from one."""
    for value in args:
        if type(value) is SymbolicTensor:
            if value.graph is None:
                return True
        elif isinstance(value, (list, tuple, dict)) and free_tensors(value):
            return True
    return bool(kwargs) and bool(free_tensors(kwargs))


def record_call(operation, function, args, kwargs):
    """Record a call on symbolic tensors; returns its symbolic outputs.

    Args:
        operation: what the node names.
        function: what computes the outputs; run once, inside a scratch trace.
    """
    graph = Graph(operation.name)
    stand_ins = {}

    def stand_in(x):
        if not (isinstance(x, SymbolicTensor) and x.graph is None):
            return x
        if x.key not in stand_ins:
            stand_ins[x.key] = graph.add_input(x.spec, x.name)
            if masks.get_mask(x) is not None:
                masks.set_mask(stand_ins[x.key], stand_in(masks.get_mask(x)))
        return stand_ins[x.key]

    inner_args, inner_kwargs = tree.map_structure(stand_in, (args, kwargs))
    with modes.tracing(graph):
        result = function(*inner_args, **inner_kwargs)
    outputs = tree.map_structure(
        lambda t: SymbolicTensor(spec=t.spec) if isinstance(t, Tensor) else t, result
    )
    node = CallNode(operation, args, kwargs, outputs)
    getattr(operation, "inbound_nodes", []).append(node)
    for inner, outer in zip(tree.flatten(result), tree.flatten(outputs), strict=True):
        if isinstance(inner, Tensor) and masks.get_mask(inner) is not None:
            masks.set_mask(outer, _mask_of_output(outer, masks.get_mask(inner).spec))
    return outputs


def _mask_of_output(output, spec):
    """Symbolic tensor for the mask that an output of a call carries when the call runs."""
    mask = SymbolicTensor(spec=spec)
    CallNode(FunctionOperation(masks.get_mask), (output,), {}, mask)
    return mask


def symbolic_aware(function):
    """Let a function of `kerasish.ops` take `Input` tensors: it is then recorded, not run."""

    @functools.wraps(function)
    def call(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except SymbolicRead as read:
            if hasattr(read.tensor, "record_call"):  # a graph that records calls in its own way
                return read.tensor.record_call(call, args, kwargs)
            if read.tensor.graph is not None:
                raise
            return record_call(FunctionOperation(call), function, args, kwargs)

    return call
