"""What the picture of a model shows: boxes with lines of text, arrows, and models inside models."""

from dataclasses import dataclass, field

from kerasish.core import tree
from kerasish.errors import NotBuiltError, explain


@dataclass
class Box:
    """A layer or operation.

    Attributes:
        key: tuple that identifies it in the whole diagram.
        title: str. The line on top.
        lines: list of pairs (name, value), such as ("Output shape", "(None, 3)").
        trainable: bool, or None where it is not shown.
    """

    key: tuple
    title: str
    lines: list = field(default_factory=list)
    trainable: bool | None = None


@dataclass
class Diagram:
    """A model: boxes and diagrams, and arrows between the keys of boxes.

    Attributes:
        key: tuple that identifies it.
        name: str.
        items: list of Box and Diagram.
        arrows: list of pairs of keys of boxes, perhaps of inner diagrams.
    """

    key: tuple
    name: str
    items: list = field(default_factory=list)
    arrows: list = field(default_factory=list)


@dataclass(frozen=True)
class Shown:
    """Which lines the boxes have.

    Attributes:
        shapes, dtype, layer_names, activations, trainable: bool.
    """

    shapes: bool = False
    dtype: bool = False
    layer_names: bool = True
    activations: bool = False
    trainable: bool = False


def diagram_of(model, shown, expand_nested, where):
    """Diagram of a model.

    Args:
        model: Model.
        shown: Shown.
        expand_nested: bool. Show the layers of models inside the model.
        where: str. Who asks.

    Raises:
        NotBuiltError: the model has not been built.
    """
    if not getattr(model, "built", False):
        raise NotBuiltError(
            explain(
                where,
                "the model has not been built, so its layers are not known",
                fix="call it on data, or model.build(input_shape)",
            )
        )
    if _graph(model) is None:
        key = (id(model),)
        return Diagram(key, model.name, [_box(model, key, model.inbound_nodes, shown)])
    return _nested(model, (), shown, expand_nested)


def _graph(model):
    """The functional model that a model is or, when sequential, has; None for others."""
    found = getattr(model, "_functional", model)
    return found if hasattr(found, "_functional_inputs") else None


def _hides_inputs(model):
    return hasattr(model, "_functional")


def _is_input(operation):
    return type(operation).__name__ == "InputLayer"


def _nested(model, above, shown, expand_nested):
    key = (*above, id(model))
    graph, diagram = _graph(model), Diagram(key, model.name)
    for operation in graph._operations:
        if _hides_inputs(model) and _is_input(operation):
            continue
        if expand_nested and _graph(operation) is not None:
            diagram.items.append(_nested(operation, key, shown, True))
        else:
            calls = [n for n in graph._nodes if n.operation is operation]
            diagram.items.append(_box(operation, (*key, id(operation)), calls, shown))
    for node in graph._nodes:
        for i, tensor in enumerate(node.inputs):
            source = tensor.node.operation
            if node.operation is source or (_hides_inputs(model) and _is_input(source)):
                continue
            start, end = (*key, id(source)), (*key, id(node.operation))
            if expand_nested:
                start = _exit(source, start, tensor.index)
                end = _entry(node.operation, end, i)
            if end is not None and (start, end) not in diagram.arrows:
                diagram.arrows.append((start, end))
    return diagram


def _exit(operation, key, index):
    """Key of the box inside that makes an output."""
    while _graph(operation) is not None:
        tensor = _graph(operation)._functional_outputs[index]
        operation, index = tensor.node.operation, tensor.index
        key = (*key, id(operation))
    return key


def _entry(operation, key, index):
    """Key of the box inside that takes an input; None where nothing inside does."""
    while _graph(operation) is not None:
        graph = _graph(operation)
        tensor = graph._functional_inputs[index]
        if not _hides_inputs(operation):
            return (*key, id(tensor.node.operation))
        users = [(n, [t.key for t in n.inputs]) for n in graph._nodes]
        found = [(n.operation, keys.index(tensor.key)) for n, keys in users if tensor.key in keys]
        if not found:
            return None
        operation, index = found[0]
        key = (*key, id(operation))
    return key


# ---- the lines of a box ------------------------------------------------------------------------


def _box(operation, key, calls, shown):
    class_name = type(operation).__name__
    if class_name == "FunctionOperation":
        class_name = "".join(word.capitalize() for word in operation.function.__name__.split("_"))
    title = f"{operation.name} ({class_name})" if shown.layer_names else class_name
    box = Box(key, title)
    activation = getattr(operation, "activation", None)
    if shown.activations and activation is not None:
        box.lines.append(("Activation", _name_of(activation)))
    node = calls[0] if calls else None
    if shown.shapes:
        if not _is_input(operation):
            box.lines.append(("Input shape", _shapes(node and node.inputs)))
        box.lines.append(("Output shape", _shapes(node and node.output_structure)))
    if shown.dtype:
        dtypes = [t.dtype for t in node.outputs] if node else ["?"]
        box.lines.append(("Output dtype", ", ".join(dict.fromkeys(dtypes))))
    if shown.trainable and getattr(operation, "weights", None):
        box.trainable = bool(operation.trainable)
    return box


def _name_of(activation):
    return getattr(activation, "name", None) or getattr(activation, "__name__", str(activation))


def _shapes(tensors):
    if tensors is None:
        return "?"
    flat = [str(tuple(t.shape)) for t in tree.flatten(tensors)]
    return flat[0] if len(flat) == 1 else f"[{', '.join(flat)}]"
