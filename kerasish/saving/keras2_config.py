"""Configs as Keras 2 wrote them, translated to Keras 3's form."""

import inspect

from kerasish import registry
from kerasish.errors import CheckpointError, explain
from kerasish.saving import keras2_graph

# Arguments that only chose between ways of computing the same thing.
_DROPPED = {
    "batch_input_shape",
    "time_major",
    "implementation",
    "input_length",
    "fused",
    "jit_compile",
    "is_legacy_optimizer",
    "function_type",
    "module",
    "output_shape_type",
    "output_shape_module",
    "query_shape",
    "key_shape",
    "value_shape",
}
# Arguments that Keras 2 wrote for layers which do not use them.
_UNUSED = {"groups", "kernel_initializer", "kernel_regularizer", "kernel_constraint"}
_RENAMED = {("LeakyReLU", "alpha"): "negative_slope"}
_NEUTRAL = (None, False, "auto", [], {}, 0)


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
        return keras2_graph.translate_operation(config)
    if name == "Lambda":
        raise CheckpointError(
            explain(
                "loading",
                "the model has a Lambda layer, whose code is never run from a file",
                received=config["config"].get("name"),
                fix="rebuild the model in Python and use load_weights",
            )
        )
    name = name.removeprefix("Custom>") if _is_known(name.removeprefix("Custom>")) else name
    entry = {**config, "class_name": name, "registered_name": name if ">" in name else None}
    if name in ("Functional", "Model") and "layers" in config["config"]:
        entry["class_name"], entry["config"] = (
            "Functional",
            keras2_graph.translate_graph(config["config"], translate),
        )
    elif name == "Sequential":
        entry["config"] = _sequence(config["config"])
    else:
        entry["config"] = _arguments(name, config["config"])
    entry.pop("build_config", None)  # layers are built by the calls of their model
    return entry


def _is_known(name):
    return any(
        registry.find(family, name) for family in ("layers", "optimizers", "losses", "metrics")
    )


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
        if k in known or (k not in dropped and not (known and _is_neutral(k, v)))
    }


def _is_neutral(key, value):
    return (key == "groups" and value == 1) or any(
        type(value) is type(n) and value == n for n in _NEUTRAL
    )


def _known_arguments(name):
    """Names of a class's arguments, those of its bases included; empty when it is unknown."""
    families = (
        "layers",
        "optimizers",
        "losses",
        "metrics",
        "initializers",
        "regularizers",
        "constraints",
    )
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
