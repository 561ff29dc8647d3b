"""Configs as Keras 2 wrote them, translated to Keras 3's form."""

import inspect

from kerasish import registry
from kerasish.errors import CheckpointError, explain

_RECURRENT = ("RNN", "SimpleRNN", "LSTM", "GRU", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D",
              "Bidirectional")  # fmt: skip
# Arguments that only chose between ways of computing the same thing.
_DROPPED = {"batch_input_shape", "time_major", "implementation", "input_length", "fused", "jit_compile",
            "is_legacy_optimizer", "function_type", "module", "output_shape_type",
            "output_shape_module", "query_shape", "key_shape", "value_shape"}  # fmt: skip
# Arguments that Keras 2 wrote for layers which do not use them.
_UNUSED = {"groups", "kernel_initializer", "kernel_regularizer", "kernel_constraint"}
_RENAMED = {("LeakyReLU", "alpha"): "negative_slope"}
_NEUTRAL = (None, False, "auto", [], {}, 0)
# TensorFlow function of a TFOpLambda layer -> (operation of Keras 3, names of its arguments).
_OPERATIONS = {
    "math.add": ("Add", "x y"), "__operators__.add": ("Add", "x y"),
    "math.subtract": ("Subtract", "x y"), "math.multiply": ("Multiply", "x y"),
    "math.truediv": ("TrueDivide", "x y"), "math.divide": ("TrueDivide", "x y"),
    "math.floordiv": ("FloorDivide", "x y"), "math.pow": ("Power", "x y"),
    "math.maximum": ("Maximum", "x y"), "math.minimum": ("Minimum", "x y"),
    "linalg.matmul": ("Matmul", "a b"), "math.negative": ("Negative", "x"), "math.abs": ("Absolute", "x"),
    "math.square": ("Square", "x"), "math.sqrt": ("Sqrt", "x"), "math.exp": ("Exp", "x"),
    "math.log": ("Log", "x"), "math.tanh": ("Tanh", "x"), "math.sin": ("Sin", "x"),
    "math.cos": ("Cos", "x"), "math.rsqrt": ("Rsqrt", "x"), "math.sigmoid": ("Sigmoid", "x"),
    "nn.relu": ("Relu", "features"), "nn.relu6": ("Relu6", "features"), "nn.elu": ("Elu", "features"),
    "nn.gelu": ("Gelu", "features"), "nn.silu": ("Silu", "features"), "nn.softplus": ("Softplus", "features"),
    "nn.softmax": ("Softmax", "logits axis"), "nn.log_softmax": ("LogSoftmax", "logits axis"),
    "reshape": ("Reshape", "tensor newshape"), "expand_dims": ("ExpandDims", "input axis"),
    "concat": ("Concatenate", "values axis"), "stack": ("Stack", "values axis"),
    "math.reduce_mean": ("Mean", "input_tensor axis keepdims"),
    "math.reduce_sum": ("Sum", "input_tensor axis keepdims"),
    "math.reduce_max": ("Max", "input_tensor axis keepdims"),
    "math.reduce_min": ("Min", "input_tensor axis keepdims"),
}  # fmt: skip
_STATIC = ("axis", "keepdims", "newshape")
_IN_NN = ("Sigmoid", "Relu", "Relu6", "Elu", "Gelu", "Silu", "Softplus", "Softmax", "LogSoftmax")


def translate(config):
    """A config of Keras 2 (an object, or any value inside one) in Keras 3's form.

    Args:
        config: dict with "class_name" and "config", or any JSON value.

    Returns:
        the translated value; the given one is not changed.

    Raises:
        CheckpointError: code (a Lambda layer), or a TensorFlow function that has no counterpart.
    """
    if isinstance(config, list):
        return [translate(item) for item in config]
    if not isinstance(config, dict):
        return config
    if "class_name" not in config:
        return {k: translate(v) for k, v in config.items()}
    name = config["class_name"]
    if name == "__tuple__":
        return [translate(item) for item in config["items"]]
    if name in ("Policy", "PolicyV1"):
        return config["config"]["name"]
    if not isinstance(name, str) or not isinstance(config.get("config"), dict):
        return config
    if name in ("TFOpLambda", "SlicingOpLambda"):
        return _operation(config)
    if name == "Lambda":
        raise CheckpointError(
            explain("loading", "the model has a Lambda layer, whose code is never run from a file",
                    received=config["config"].get("name"),
                    fix="rebuild the model in Python and use load_weights")  # fmt: skip
        )
    name = name.removeprefix("Custom>") if _is_known(name.removeprefix("Custom>")) else name
    entry = {**config, "class_name": name, "registered_name": name if ">" in name else None}
    if name in ("Functional", "Model") and "layers" in config["config"]:
        entry["class_name"], entry["config"] = "Functional", _graph(config["config"])
    elif name == "Sequential":
        entry["config"] = _sequence(config["config"])
    else:
        entry["config"] = _arguments(name, config["config"])
    entry.pop("build_config", None)  # layers are built by the calls of their model
    return entry


def _is_known(name):
    return any(registry.find(family, name) for family in ("layers", "optimizers", "losses", "metrics"))


def _arguments(name, config):
    config = {_RENAMED.get((name, k), k): translate(v) for k, v in config.items()}
    if name == "InputLayer" and "batch_input_shape" in config:
        config["batch_shape"] = config["batch_input_shape"]
    if isinstance(config.get("axis"), list) and len(config["axis"]) == 1:
        config["axis"] = config["axis"][0]
    known = _known_arguments(name)
    dropped = _DROPPED | _UNUSED if name.startswith(("Depthwise", "Separable")) else _DROPPED
    return {
        k: v
        for k, v in config.items()
        if k in known or (k not in dropped and not (known and _is_neutral(v)))
    }


def _is_neutral(value):
    return any(type(value) is type(n) and value == n for n in _NEUTRAL)


def _known_arguments(name):
    """Names of a class's arguments, those of its base classes included; empty when it is unknown."""
    families = ("layers", "optimizers", "losses", "metrics", "initializers", "regularizers",
                "constraints")  # fmt: skip
    cls = next((c for c in (registry.find(f, name) for f in families) if isinstance(c, type)), None)
    found = set()
    for base in cls.__mro__ if cls else ():
        if "__init__" in vars(base) and base is not object:
            found.update(inspect.signature(base.__init__).parameters)
    return found - {"self", "args", "kwargs"}


def _sequence(config):
    if isinstance(config, list):  # Keras 1 and early Keras 2
        config = {"layers": config}
    entries = list(config["layers"])
    first = entries[0]["config"] if entries else {}
    shape = first.get("batch_input_shape")
    if shape is not None and entries[0]["class_name"] != "InputLayer":
        dtype = first.get("dtype", "float32")
        arguments = {"batch_shape": shape, "dtype": dtype if isinstance(dtype, str) else "float32"}
        entries.insert(0, {"class_name": "InputLayer", "config": arguments})
    config = {k: v for k, v in config.items() if k in ("name", "trainable", "build_input_shape")}
    return {**config, "layers": [translate(entry) for entry in entries]}


# ---- functional models: calls as lists of [layer, call, tensor, arguments] ----------------------


def _graph(config):
    config = _with_calls_from_zero(config)
    entries = []
    for entry in config["layers"]:
        new = translate(entry)
        class_name = entry["class_name"]
        new["name"] = entry.get("name") or entry["config"]["name"]
        if class_name not in ("TFOpLambda", "SlicingOpLambda"):
            new["inbound_nodes"] = [_call(c, class_name) for c in entry.get("inbound_nodes", [])]
        entries.append(new)
    return {**{k: v for k, v in config.items() if k in ("name", "trainable")}, "layers": entries,
            "input_layers": _ends(config["input_layers"]),
            "output_layers": _ends(config["output_layers"])}  # fmt: skip


def _with_calls_from_zero(config):
    """A config in which calls of inner models count from 0.

    Keras 2 counts those of a model with an Input from 1 (0 is its own making), Keras 3 only where it
    lists inputs and outputs.
    """
    counts = {e.get("name"): len(e.get("inbound_nodes", [])) for e in config["layers"] if _is_model(e)}
    from_one = {ref[0] for ref in _references(config) if counts.get(ref[0]) == ref[1]}
    functional = {e.get("name") for e in config["layers"] if e["class_name"] in ("Functional", "Model")}

    def moved(value, places):
        if _is_reference(value):
            return [value[0], value[1] + places.get(value[0], 0), *(moved(v, places) for v in value[2:])]
        if isinstance(value, list):
            return [moved(v, places) for v in value]
        return {k: moved(v, places) for k, v in value.items()} if isinstance(value, dict) else value

    inside = {name: -1 for name in from_one}
    ends = {name: (name in functional) - (name in from_one) for name in counts}
    layers = [{**e, "inbound_nodes": moved(e.get("inbound_nodes", []), inside)} for e in config["layers"]]
    return {**config, "layers": layers, "input_layers": moved(config["input_layers"], ends),
            "output_layers": moved(config["output_layers"], ends)}  # fmt: skip


def _is_model(entry):
    return isinstance(entry["config"], dict) and "layers" in entry["config"]


def _is_reference(value):
    """Whether a value is [layer, call, tensor] or [layer, call, tensor, arguments]."""
    return (
        isinstance(value, list)
        and len(value) in (3, 4)
        and isinstance(value[0], str)
        and all(type(v) is int for v in value[1:3])
    )


def _references(config):
    """All references of a model's config, those in arguments of calls included."""
    found = []
    stack = [e.get("inbound_nodes", []) for e in config["layers"]]
    stack += [config["input_layers"], config["output_layers"]]
    while stack:
        value = stack.pop()
        if _is_reference(value):
            found.append(value)
            value = value[3:]
        if isinstance(value, (list, dict)):
            stack.extend(value.values() if isinstance(value, dict) else value)
    return found


def _ends(value):
    """A single tensor stands for itself; Keras 2 put it into a list."""
    is_single = isinstance(value, list) and len(value) == 1 and isinstance(value[0], list)
    return value[0] if is_single else value


def _call(call, class_name):
    if isinstance(call, dict):
        return call
    if call and isinstance(call[0], str):  # one tensor without the outer list
        call = [call]
    tensors = [_tensor(item) for item in call]
    kwargs = {k: _value(v) for k, v in (call[0][3] if len(call[0]) > 3 else {}).items()}
    if class_name in _RECURRENT and len(tensors) > 1:
        return {"args": tensors[:1], "kwargs": {**kwargs, "initial_state": tensors[1:]}}
    return {"args": tensors if len(tensors) == 1 else [tensors], "kwargs": kwargs}


def _tensor(reference):
    history = [reference[0], int(reference[1]), int(reference[2])]
    return {"class_name": "__keras_tensor__",
            "config": {"shape": None, "dtype": None, "keras_history": history}}  # fmt: skip


def _value(value):
    """An argument of a call: [name, number, number] is a tensor."""
    if isinstance(value, list):
        return _tensor(value) if _is_reference(value) else [_value(v) for v in value]
    return {k: _value(v) for k, v in value.items()} if isinstance(value, dict) else value


def _operation(entry):
    """A call of a TensorFlow function as an operation of Keras 3."""
    function = entry["config"].get("function")
    if function not in _OPERATIONS:
        raise CheckpointError(
            explain("loading", "the model calls a TensorFlow function that has no counterpart here",
                    received=function, expected=f"one of {sorted(_OPERATIONS)}",
                    fix="rebuild the model in Python and use load_weights")  # fmt: skip
        )
    name, arguments = _OPERATIONS[function]
    arguments = arguments.split()
    calls, static = [], {}
    for call in entry.get("inbound_nodes", []):
        first = call if isinstance(call[0], str) else call[0]
        given = {k: _value(v) for k, v in (first[3] if len(first) > 3 else {}).items()}
        given.pop("name", None)
        several = not isinstance(call[0], str) and name in ("Concatenate", "Stack")
        given[arguments[0]] = [_tensor(c) for c in call] if several else _tensor(first)
        if name == "Reshape":
            given["newshape"] = given.pop("shape", None)
        static = {k: given.pop(k) for k in _STATIC if k in given}
        args = [given.pop(k) for k in arguments if k in given]
        if any(v is not None for v in given.values()):
            raise CheckpointError(explain("loading", f"arguments of {function} have no counterpart",
                                          received=sorted(given)))  # fmt: skip
        calls.append({"args": args, "kwargs": {}})
    module = "keras.src.ops.nn" if name in _IN_NN else "keras.src.ops.numpy"
    own_name = entry["config"].get("name") or entry.get("name")
    return {"module": module, "class_name": name, "config": {"name": own_name, **static},
            "registered_name": None, "inbound_nodes": calls}  # fmt: skip
