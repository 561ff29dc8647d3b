"""Graphs of event files: named nodes with inputs, as a GraphDef message."""

import dataclasses
import re

from kerasish.core.graph import Graph
from kerasish.errors import explain
from kerasish.summary.door import tensorboard
from kerasish.summary.node_lists import nodes_of_model, nodes_of_trace

_PRODUCER = 22  # version of TensorFlow's graphs that knows all we write


@dataclasses.dataclass
class GraphNode:
    """A node of a graph.

    Attributes:
        name: str. "a/b" lies inside the group "a".
        op: str. What it does.
        inputs: list of names of nodes; "name:1" is its second output, "^name" only its end.
        shapes: list of the outputs' shapes, whose sizes may be None.
        attributes: dict from name to anything that prints.
        device: str.
    """

    name: str
    op: str
    inputs: list = dataclasses.field(default_factory=list)
    shapes: list = dataclasses.field(default_factory=list)
    attributes: dict = dataclasses.field(default_factory=dict)
    device: str = ""


def graph_def(data):
    """GraphDef message of a graph.

    Args:
        data: a GraphDef; an object with `as_graph_def()` (or with `get_operations()`, as graphs of
            TensorFlow have); a model; a traced Graph; or an iterable of GraphNode.

    Raises:
        TypeError: nothing of these.
    """
    board = tensorboard("a graph")
    if isinstance(data, board.GraphDef):
        return data
    if hasattr(data, "as_graph_def"):
        return board.GraphDef.FromString(data.as_graph_def().SerializeToString())
    message = board.GraphDef()
    message.versions.producer = _PRODUCER
    for node in _nodes(data):
        _add(message, node)
    return message


def _nodes(data):
    if hasattr(data, "get_operations"):
        return [_node_of_operation(operation) for operation in data.get_operations()]
    if isinstance(data, Graph):
        return [GraphNode(**fields) for fields in nodes_of_trace(data)]
    if hasattr(data, "layers") and hasattr(data, "weights"):
        return [GraphNode(**fields) for fields in nodes_of_model(data)]
    nodes = list(data) if hasattr(data, "__iter__") else [data]
    if not all(isinstance(node, GraphNode) for node in nodes):
        raise TypeError(
            explain("summary.graph", "this is no graph", received=data,
                    expected="a model, a traced graph, GraphNodes or a GraphDef message")
        )  # fmt: skip
    return nodes


def _node_of_operation(operation):
    inputs = [tensor.name for tensor in operation.inputs]
    inputs += [f"^{other.name}" for other in operation.control_inputs]
    shapes = [tuple(tensor.shape) for tensor in operation.outputs]
    device = getattr(operation, "device", None) or ""
    return GraphNode(operation.name, operation.type, inputs, shapes, {}, device)


def _add(message, node):
    inputs = [_clean(x.removesuffix(":0")) for x in node.inputs]
    entry = message.node.add(
        name=_clean(node.name), op=str(node.op), input=inputs, device=node.device
    )
    shapes = entry.attr["_output_shapes"].list
    for sizes in node.shapes:
        shape = shapes.shape.add()
        for size in sizes:
            shape.dim.add(size=-1 if size is None else int(size))
    for name, value in node.attributes.items():
        entry.attr[name].s = str(value).encode("utf-8", "replace")


def _clean(name):
    """Name of a node with the characters that graphs allow."""
    return re.sub(r"[^\w.\\/>:^-]", "_", name, flags=re.ASCII)
