"""Functional models as configs in Keras's form, and back."""

import inspect

from kerasish import ops
from kerasish.core import calls, names, tree
from kerasish.core.tensor import SymbolicTensor
from kerasish.errors import CheckpointError, explain, nearest
from kerasish.layers.layer import Layer
from kerasish.layers.operation import Operation
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object

# Modules of Keras that hold the class of an operation, for those outside `keras.src.ops.numpy`.
_MODULES = {
    "nn": "relu relu6 sigmoid sparse_sigmoid softplus softsign soft_shrink sparse_plus silu "
    "squareplus log_sigmoid leaky_relu hard_sigmoid hard_silu elu selu gelu celu glu "
    "tanh_shrink hard_tanh hard_shrink threshold softmax log_softmax sparsemax max_pool "
    "average_pool conv depthwise_conv separable_conv conv_transpose one_hot multi_hot "
    "moments normalize rms_normalization layer_normalization batch_normalization "
    "binary_crossentropy categorical_crossentropy sparse_categorical_crossentropy "
    "dot_product_attention",
    "math": "segment_sum segment_max top_k in_top_k logsumexp extract_sequences fft fft2 rfft "
    "irfft stft istft rsqrt erf erfinv logdet",
    "core": "cast scatter scatter_update slice slice_update stop_gradient cond map scan unstack "
    "while_loop fori_loop switch vectorized_map shape convert_to_tensor",
    "linalg": "cholesky det eig eigh inv lu_factor norm qr solve solve_triangular svd lstsq",
    "image": "resize affine_transform extract_patches map_coordinates pad_images crop_images "
    "rgb_to_grayscale rgb_to_hsv hsv_to_rgb perspective_transform gaussian_blur",
}
_MODULE_OF = {name: f"keras.src.ops.{m}" for m, text in _MODULES.items() for name in text.split()}
_SHAPE_NAMES = {"reshape": {"shape": "newshape"}}  # our argument -> the attribute of Keras's class


def is_functional_config(config):
    """Whether a config describes layers and their calls (and not a constructor's arguments)."""
    return all(key in config for key in ("layers", "input_layers", "output_layers"))


# ---- writing ---------------------------------------------------------------------------------


def get_config(model):
    """Config of a functional model."""
    places = _node_places(model)

    def reference(tensor):
        node_index = places[id(tensor.node)]
        return [tensor.node.operation.name, node_index, tensor.index]

    def end(tensor):
        name, node_index, tensor_index = reference(tensor)
        return [name, node_index + _first_call(tensor.node.operation), tensor_index]

    def as_json(value):
        if isinstance(value, SymbolicTensor):
            return {
                "class_name": "__keras_tensor__",
                "config": {
                    "shape": list(value.shape),
                    "dtype": value.dtype,
                    "keras_history": reference(value),
                },
            }
        if isinstance(value, (list, tuple)):
            return type(value)([as_json(v) for v in value])
        if isinstance(value, dict):
            return {k: as_json(v) for k, v in value.items()}
        return serialize_keras_object(value)

    entries = []
    for operation in model._operations:
        nodes = [n for n in model._nodes if n.operation is operation]
        calls_made = [_call_parts(n) for n in nodes if n.inputs and not model._makes_input(n)]
        entry = _operation_entry(operation, nodes)
        entry["name"] = operation.name
        entry["inbound_nodes"] = [
            {"args": as_json(list(args)), "kwargs": as_json(kwargs)}
            for args, kwargs, _ in calls_made
        ]
        entries.append(entry)
    return {
        "name": model.name,
        "trainable": model._trainable,
        "layers": entries,
        "input_layers": tree.map_structure(end, model._inputs_structure),
        "output_layers": tree.map_structure(end, model._outputs_structure),
    }


def _node_places(model):
    counts, places = {}, {}
    for node in model._nodes:
        number = counts.get(id(node.operation), 0)
        places[id(node)] = number
        counts[id(node.operation)] = number + 1
    return places


def _first_call(operation):
    """Number of an operation's first call in the lists of inputs and outputs, in Keras's files.

    There, but not among the arguments of calls, call 0 of a functional model is its own making.
    """
    return 1 if hasattr(operation, "_functional_inputs") else 0


def _call_parts(node):
    """(args, kwargs, static parameters) of a call; a function's static arguments are its config."""
    if not isinstance(node.operation, calls.FunctionOperation):
        return node.args, node.kwargs, {}
    signature = inspect.signature(node.operation.function)
    bound = signature.bind(*node.args, **node.kwargs)
    bound.apply_defaults()
    inputs = _input_names(node.operation.function, bound.arguments)
    args, static = [], {}
    for name, value in bound.arguments.items():
        if name in inputs:
            variadic = signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL
            args.extend(value) if variadic else args.append(value)
        else:
            renamed = _SHAPE_NAMES.get(node.operation.function.__name__, {}).get(name, name)
            static[renamed] = value
    return args, {}, static


def _input_names(function, arguments):
    """Names of a function's tensor arguments: declared, or up to the last that holds a tensor."""
    operation = getattr(function, "operation", None)
    if operation is not None:
        return {*operation.input_names, operation.variadic}
    listed = list(arguments)
    holding = [i for i, n in enumerate(listed) if calls.free_tensors(arguments[n])]
    return set(listed[: max(holding, default=0) + 1])


def _operation_entry(operation, nodes):
    if isinstance(operation, Operation):
        return serialize_keras_object(operation)
    function = operation.function.__name__
    _, _, static = _call_parts(nodes[0])
    name = "".join(part.capitalize() for part in function.split("_"))
    module = _MODULE_OF.get(function, "keras.src.ops.numpy")
    config = {"name": operation.name, **serialize_keras_object(static)}
    return {"module": module, "class_name": name, "config": config, "registered_name": name}


# ---- reading ---------------------------------------------------------------------------------


def rebuild(config):
    """Input and output structures of the model that a config describes.

    Raises:
        CheckpointError: the config is not consistent.
    """
    makers, made = {}, {}
    pending = []
    for entry in config["layers"]:
        name = entry.get("name") or entry["config"].get("name")
        makers[name] = _maker(entry)
        operation = makers[name]
        if isinstance(operation, Layer) and _is_input(operation):
            made[(name, 0)] = tree.flatten(operation.output)
        for index, call in enumerate(entry.get("inbound_nodes", [])):
            pending.append((name, index, call))
    _run_calls(pending, makers, made)

    def tensor(reference):
        name, node, index = reference[:3]
        try:
            return made[(name, int(node) - _first_call(makers[name]))][int(index)]
        except (KeyError, IndexError):
            raise CheckpointError(
                explain(
                    "loading a functional model",
                    f"there is no tensor {reference}",
                    expected=f"layers {sorted(makers)[:20]}",
                )
            ) from None

    return _resolve(config["input_layers"], tensor), _resolve(config["output_layers"], tensor)


def _is_input(layer):
    return type(layer).__name__ == "InputLayer"


def _maker(entry):
    module = entry.get("module") or ""
    if module.startswith(("keras.src.ops", "keras.ops")):
        return _FunctionMaker(entry)
    return deserialize_keras_object(
        {k: v for k, v in entry.items() if k not in ("name", "inbound_nodes")}
    )


class _FunctionMaker:
    """Calls a function of `kerasish.ops` with the static arguments of a config."""

    def __init__(self, entry):
        function = names.snake_case(entry["class_name"])
        if not callable(getattr(ops, function, None)):
            raise CheckpointError(
                explain(
                    "loading a functional model",
                    f"unknown operation {entry['class_name']!r}",
                    fix=nearest(function, [n for n in dir(ops) if not n.startswith("_")]),
                )
            )
        self.function = getattr(ops, function)
        renamed = {new: old for old, new in _SHAPE_NAMES.get(function, {}).items()}
        static = {k: v for k, v in entry["config"].items() if k != "name"}
        self.static = {renamed.get(k, k): deserialize_keras_object(v) for k, v in static.items()}
        self.name = entry["config"].get("name") or function

    def __call__(self, *args, **kwargs):
        known = inspect.signature(self.function).parameters
        static = {k: v for k, v in self.static.items() if k in known and k not in kwargs}
        operation = calls.FunctionOperation(self.function, self.name)
        return calls.record_call(operation, self.function, args, {**kwargs, **_hashable(static)})


def _hashable(static):
    return {k: tuple(v) if isinstance(v, list) else v for k, v in static.items()}


def _run_calls(pending, makers, made):
    """Replay the calls, each when its inputs exist (files list them in any order)."""
    while pending:
        waiting = []
        for name, index, call in pending:
            needed = _needed(call)
            if all(key in made for key in needed) and (index == 0 or (name, index - 1) in made):
                args, kwargs = _arguments(call, made)
                result = makers[name](*args, **kwargs)
                made[(name, index)] = tree.flatten(result)
            else:
                waiting.append((name, index, call))
        if len(waiting) == len(pending):
            raise CheckpointError(
                explain(
                    "loading a functional model",
                    "the calls refer to each other in a circle, or to layers that do not exist",
                    received=[w[0] for w in waiting[:5]],
                )
            )
        pending = waiting


def _needed(call):
    found = set()
    if isinstance(call, dict):
        _collect_history([call.get("args", []), call.get("kwargs", {})], found)
    else:  # Keras 2: a list of [name, node, tensor, kwargs]
        for item in call:
            found.add((item[0], item[1]))
    return found


def _collect_history(value, found):
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            name, node = value["config"]["keras_history"][:2]
            found.add((name, int(node)))
        else:
            for v in value.values():
                _collect_history(v, found)
    elif isinstance(value, (list, tuple)):
        for v in value:
            _collect_history(v, found)


def _arguments(call, made):
    if not isinstance(call, dict):
        tensors = [made[(i[0], i[1])][i[2]] for i in call]
        kwargs = dict(call[0][3]) if call and len(call[0]) > 3 else {}
        return ([tensors[0]] if len(tensors) == 1 else [tensors]), kwargs

    def fill(value):
        if isinstance(value, dict):
            if value.get("class_name") == "__keras_tensor__":
                name, node, index = value["config"]["keras_history"]
                return made[(name, int(node))][int(index)]
            if "class_name" in value:
                return deserialize_keras_object(value)
            return {k: fill(v) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [fill(v) for v in value]
        return value

    return fill(call.get("args", [])), fill(call.get("kwargs", {}))


def _resolve(value, tensor):
    if isinstance(value, dict):
        return {k: _resolve(v, tensor) for k, v in value.items()}
    if len(value) == 3 and isinstance(value[0], str) and isinstance(value[1], int):
        return tensor(value)
    return [_resolve(v, tensor) for v in value]
