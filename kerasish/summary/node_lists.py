"""The nodes of a model, layer by layer, and of a trace, operation by operation."""

import inspect

from kerasish.core.tensor import SymbolicTensor

# Every generator and function here gives dicts of the fields of `graphs.GraphNode`.


def nodes_of_model(model):
    """Nodes of a model: its layers with their weights, in nested models too.

    What connects the layers of a subclassed model is known to its `call` alone: they are shown
    without connections.
    """
    names, nodes = _Names(), []
    if functional_of(model) is not None:
        _walk(model, "", None, names, nodes)
    else:
        _list_layers(model, "", names, nodes)
    return nodes


def functional_of(model):
    """The functional model that a model is or, when sequential, has; None for others."""
    found = getattr(model, "_functional", model)
    return found if hasattr(found, "_functional_inputs") else None


class _Names:
    """Unique names, and the nodes of weights that are there."""

    def __init__(self):
        self._counts, self.weights = {}, {}

    def new(self, name):
        number = self._counts.get(name, 0)
        self._counts[name] = number + 1
        return self.new(f"{name}_{number}") if number else name


def _walk(model, prefix, sources, names, nodes):
    """Add the nodes of a functional model fed by the named nodes; returns its outputs' names."""
    graph, name_of = functional_of(model), {}
    for i, tensor in enumerate(graph._functional_inputs):
        name = names.new(prefix + tensor.node.operation.name)
        fed = [] if sources is None else [sources[i]]
        nodes.append(dict(name=name, op="InputLayer", inputs=fed, shapes=[tensor.shape]))
        name_of[tensor.key] = name
    for node in graph._nodes:
        if all(t.key in name_of for t in node.outputs):
            continue
        inputs = [name_of[t.key] for t in node.inputs]
        operation = node.operation
        if functional_of(operation) is not None:
            inside = names.new(prefix + operation.name) + "/"
            outputs = _walk(operation, inside, inputs, names, nodes)
        else:
            name = _add_layer(operation, prefix, inputs, node.outputs, names, nodes)
            outputs = [f"{name}:{i}" if i else name for i in range(len(node.outputs))]
        name_of.update((t.key, name) for t, name in zip(node.outputs, outputs, strict=True))
    return [name_of[t.key] for t in graph._functional_outputs]


def _list_layers(model, prefix, names, nodes):
    for layer in model.layers:
        if functional_of(layer) is not None:
            _walk(layer, names.new(prefix + layer.name) + "/", [], names, nodes)
        elif hasattr(layer, "layers"):
            _list_layers(layer, names.new(prefix + layer.name) + "/", names, nodes)
        else:
            _add_layer(layer, prefix, [], [], names, nodes)


def _add_layer(operation, prefix, inputs, outputs, names, nodes):
    """Add a layer, or a function as one, and its weights; returns its name."""
    name = names.new(prefix + operation.name)
    weights = [_add_weight(w, name, names, nodes) for w in getattr(operation, "weights", ())]
    function = getattr(operation, "function", None)
    op = getattr(function, "__name__", None) or type(operation).__name__
    shapes = [t.shape for t in outputs]
    attributes = _arguments(operation)
    nodes.append(
        dict(name=name, op=op, inputs=inputs + weights, shapes=shapes, attributes=attributes)
    )
    return name


def _add_weight(weight, owner, names, nodes):
    if weight.path not in names.weights:
        name = names.new(f"{owner}/{weight.path.rsplit('/', 1)[-1]}")
        names.weights[weight.path] = name
        facts = {"dtype": weight.dtype, "trainable": weight.trainable}
        nodes.append(dict(name=name, op="Variable", shapes=[weight.shape], attributes=facts))
    return names.weights[weight.path]


def _arguments(operation):
    """The arguments of a layer's constructor that are short to print."""
    found = {}
    for name in inspect.signature(type(operation).__init__).parameters:
        value = getattr(operation, name, None)
        if name == "activation" and callable(value):
            value = getattr(value, "__name__", type(value).__name__)
        is_list = isinstance(value, (tuple, list)) and all(isinstance(x, int) for x in value)
        if isinstance(value, (bool, int, float, str)) or (is_list and value):
            found[name] = value
    found.pop("name", None)
    return found


# ---- traces ----------------------------------------------------------------------------------


def nodes_of_trace(graph):
    """Nodes of a traced graph: inputs, variables, operations, and the assignments at its end."""
    names, nodes, name_of = _Names(), [], {}

    def add(name, op, inputs=(), tensors=(), attributes=None):
        name = names.new(name)
        shapes = [t.shape for t in tensors]
        nodes.append(
            dict(name=name, op=op, inputs=list(inputs), shapes=shapes, attributes=attributes or {})
        )
        name_of.update((t.key, f"{name}:{i}" if i else name) for i, t in enumerate(tensors))

    def sources(values):
        return [name_of[x.key] for x in values if isinstance(x, SymbolicTensor)]

    for number, tensor in enumerate(graph.inputs):
        add(f"inputs/{tensor.name or number}", "Placeholder", (), [tensor])
    for source, tensor in graph.captures.values():
        add(f"variables/{getattr(source, 'path', None) or tensor.name}", "Variable", (), [tensor])
    for node in graph.nodes:
        params = {key: value for key, value in _params(node).items() if value is not None}
        add(node.operation.name, node.operation.name, sources(node.inputs), node.outputs, params)
    for variable, value in graph.updates.items():
        add(f"updates/{variable.path}", "Assign", sources([value]))
    return nodes


def _params(node):
    params = node.params
    return params if isinstance(params, dict) else dict(enumerate(params or ()))
