"""A functional model's calls: their order, for running and for listing, and running them."""

from kerasish.core import tree
from kerasish.core.calls import CallNode
from kerasish.core.tensor import SymbolicTensor
from kerasish.errors import explain


def reachable_nodes(inputs, outputs):
    """Nodes between inputs and outputs, and the order in which their operations were met.

    Args:
        inputs: list of symbolic tensors where the walk stops.
        outputs: list of symbolic tensors.

    Returns:
        (nodes with producers first, dict from id of operation to its number).

    Raises:
        ValueError: an output that does not come from the inputs alone.
    """
    stops = {t.key for t in inputs}
    order, done, met = [], set(), {}
    # An explicit stack: chains of thousands of layers must not exhaust Python's recursion.
    stack = [(t, False) for t in reversed(outputs)]
    while stack:
        item, is_finished = stack.pop()
        node = item if is_finished else item.node
        if is_finished:
            order.append(node)
            continue
        if node is None or not isinstance(node, CallNode):
            raise ValueError(
                explain(
                    "Model(inputs, outputs)",
                    "an output does not come from an Input",
                    received=item,
                    fix="start with kerasish.Input(shape) and use layers",
                )
            )
        if id(node) in done:
            continue
        done.add(id(node))
        met.setdefault(id(node.operation), len(met))
        stack.append((node, True))
        if item.key in stops:
            continue
        if not node.inputs:
            raise ValueError(
                explain(
                    "Model(inputs, outputs)",
                    "an output depends on an Input that is not listed",
                    received=item,
                    expected=f"only {[t.name for t in inputs]}",
                    fix=f"add {item.name!r} to inputs",
                )
            )
        stack.extend((t, False) for t in reversed(node.inputs))
    return order, met


def layers_by_depth(nodes, met, inputs, outputs):
    """Operations of a model in Keras's order: far from the outputs first, then as first met.

    Layer lists, and so the order of weights in files, depend on it.
    """
    node_depth, operation_depth, operations = {}, {}, {}
    producers = {id(t.node) for t in inputs}
    for node in reversed(nodes):
        depth = max(node_depth.get(id(node), 0), operation_depth.get(id(node.operation), 0))
        operation_depth[id(node.operation)] = node_depth[id(node)] = depth
        operations[id(node.operation)] = node.operation
        if id(node) in producers:
            continue
        for t in node.inputs:
            node_depth[id(t.node)] = max(depth + 1, node_depth.get(id(t.node), 0))
    for t in inputs:
        operation = t.node.operation
        if id(operation) not in operation_depth:
            operation_depth[id(operation)], met[id(operation)] = 0, -1
            operations[id(operation)] = operation
    ranked = sorted(operations, key=lambda i: (-operation_depth[i], met[i]))
    return [operations[i] for i in ranked]


def run_nodes(nodes, values, training=None):
    """Run calls in order.

    Args:
        nodes: list of CallNode, producers first.
        values: dict from key of a symbolic tensor to the tensor that stands for it; filled.
        training: bool or None. Replaces what calls were recorded with.
    """
    for node in nodes:
        args, kwargs = node.fill(lambda t: values[t.key])
        if training is not None and "training" in kwargs:
            kwargs = {**kwargs, "training": training}  # the model's mode, as in Keras
        results = tree.flatten(node.operation(*args, **kwargs))
        for symbolic, value in zip(tree.flatten(node.output_structure), results, strict=True):
            if isinstance(symbolic, SymbolicTensor):  # a call may also return None or numbers
                values[symbolic.key] = value
