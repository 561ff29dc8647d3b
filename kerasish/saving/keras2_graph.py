"""Functional models as Keras 2 wrote them: calls as lists of [layer, call, tensor, arguments]."""

from kerasish.errors import CheckpointError, explain

_RECURRENT = (
    "RNN",
    "SimpleRNN",
    "LSTM",
    "GRU",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "ConvLSTM3D",
    "Bidirectional",
)
# TensorFlow function of a TFOpLambda layer, operation of Keras 3, and the arguments of the former.
_OPERATIONS = {
    row.split()[0]: tuple(row.split()[1:])
    for row in """
    math.add Add x y
    __operators__.add Add x y
    math.subtract Subtract x y
    math.multiply Multiply x y
    math.truediv TrueDivide x y
    math.divide TrueDivide x y
    math.floordiv FloorDivide x y
    math.pow Power x y
    math.maximum Maximum x y
    math.minimum Minimum x y
    linalg.matmul Matmul a b
    math.negative Negative x
    math.abs Absolute x
    math.square Square x
    math.sqrt Sqrt x
    math.rsqrt Rsqrt x
    math.exp Exp x
    math.log Log x
    math.sin Sin x
    math.cos Cos x
    math.tanh Tanh x
    math.sigmoid Sigmoid x
    nn.relu Relu features
    nn.relu6 Relu6 features
    nn.elu Elu features
    nn.gelu Gelu features
    nn.silu Silu features
    nn.softplus Softplus features
    nn.softmax Softmax logits axis
    nn.log_softmax LogSoftmax logits axis
    reshape Reshape tensor newshape
    expand_dims ExpandDims input axis
    concat Concatenate values axis
    stack Stack values axis
    math.reduce_mean Mean input_tensor axis keepdims
    math.reduce_sum Sum input_tensor axis keepdims
    math.reduce_max Max input_tensor axis keepdims
    math.reduce_min Min input_tensor axis keepdims
    """.strip().splitlines()
}
_STATIC = ("axis", "keepdims", "newshape")
_IN_NN = ("Sigmoid", "Relu", "Relu6", "Elu", "Gelu", "Silu", "Softplus", "Softmax", "LogSoftmax")


def translate_graph(config, translate):
    """Config of a functional model in Keras 3's form.

    Args:
        config: dict with "layers", "input_layers" and "output_layers".
        translate: function for the config of one layer.

    Raises:
        CheckpointError: a TensorFlow function that has no counterpart.
    """
    config = _with_calls_from_zero(config)
    entries = []
    for entry in config["layers"]:
        new = translate(entry)
        class_name = entry["class_name"]
        new["name"] = entry.get("name") or entry["config"]["name"]
        if class_name not in ("TFOpLambda", "SlicingOpLambda"):
            new["inbound_nodes"] = [_call(c, class_name) for c in entry.get("inbound_nodes", [])]
        entries.append(new)
    return {
        **{k: v for k, v in config.items() if k in ("name", "trainable")},
        "layers": entries,
        "input_layers": _ends(config["input_layers"]),
        "output_layers": _ends(config["output_layers"]),
    }


def _with_calls_from_zero(config):
    """A config in which calls of inner models count from 0.

    Keras 2 counts those of a model with an Input from 1 (0 is its own making), Keras 3 only where
    it lists inputs and outputs.
    """
    counts = {
        e.get("name"): len(e.get("inbound_nodes", [])) for e in config["layers"] if _is_model(e)
    }
    from_one = {ref[0] for ref in _references(config) if counts.get(ref[0]) == ref[1]}
    functional = {
        e.get("name") for e in config["layers"] if e["class_name"] in ("Functional", "Model")
    }

    def moved(value, places):
        if _is_reference(value):
            return [
                value[0],
                value[1] + places.get(value[0], 0),
                *(moved(v, places) for v in value[2:]),
            ]
        if isinstance(value, list):
            return [moved(v, places) for v in value]
        return {k: moved(v, places) for k, v in value.items()} if isinstance(value, dict) else value

    inside = {name: -1 for name in from_one}
    ends = {name: (name in functional) - (name in from_one) for name in counts}
    layers = [
        {**e, "inbound_nodes": moved(e.get("inbound_nodes", []), inside)} for e in config["layers"]
    ]
    return {
        **config,
        "layers": layers,
        "input_layers": moved(config["input_layers"], ends),
        "output_layers": moved(config["output_layers"], ends),
    }


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
    return {
        "class_name": "__keras_tensor__",
        "config": {"shape": None, "dtype": None, "keras_history": history},
    }


def _value(value):
    """An argument of a call: [name, number, number] is a tensor."""
    if isinstance(value, list):
        return _tensor(value) if _is_reference(value) else [_value(v) for v in value]
    return {k: _value(v) for k, v in value.items()} if isinstance(value, dict) else value


def translate_operation(entry):
    """A TFOpLambda layer, which calls a TensorFlow function, as an operation of Keras 3.

    Raises:
        CheckpointError: the function, or an argument of it, has no counterpart.
    """
    function = entry["config"].get("function")
    if function not in _OPERATIONS:
        raise CheckpointError(
            explain(
                "loading",
                "the model calls a TensorFlow function that has no counterpart here",
                received=function,
                expected=f"one of {sorted(_OPERATIONS)}",
                fix="rebuild the model in Python and use load_weights",
            )
        )
    name, *arguments = _OPERATIONS[function]
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
            raise CheckpointError(
                explain(
                    "loading",
                    f"arguments of {function} have no counterpart",
                    received=sorted(given),
                )
            )
        calls.append({"args": args, "kwargs": {}})
    module = "keras.src.ops.nn" if name in _IN_NN else "keras.src.ops.numpy"
    own_name = entry["config"].get("name") or entry.get("name")
    return {
        "module": module,
        "class_name": name,
        "config": {"name": own_name, **static},
        "registered_name": None,
        "inbound_nodes": calls,
    }
