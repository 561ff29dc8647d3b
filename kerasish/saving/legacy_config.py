"""The JSON texts in `.h5` model files: architecture and compile arguments, written and read."""

import re

from kerasish.saving.keras2_config import translate

_WRAPPERS = ("MeanMetricWrapper", "LossFunctionWrapper")  # Keras 2's classes around a function
_CHOSEN_BY_SHAPE = ("accuracy", "acc", "crossentropy", "ce")


def shortened(entry):
    """A layer's config as `.h5` files have it: name of class and arguments only."""
    config = entry["config"]
    if isinstance(config, dict) and isinstance(config.get("layers"), list):
        config = {**config, "layers": [shortened(inner) for inner in config["layers"]]}
    registered = entry.get("registered_name") or ""
    is_custom = ">" in registered
    short = {"class_name": registered if is_custom else entry["class_name"], "config": config}
    for key in ("name", "inbound_nodes"):
        if key in entry:
            short[key] = entry[key]
    return short


def lengthened(entry):
    """The config of a layer from its short form.

    Keras 3 writes an operation such as Add like the layer of that name; but layers always have the
    argument "trainable".
    """
    name, config = entry["class_name"], entry["config"]
    is_layer = name == "InputLayer" or not isinstance(config, dict) or "trainable" in config
    if isinstance(config, dict) and isinstance(config.get("layers"), list):
        config = {**config, "layers": [lengthened(inner) for inner in config["layers"]]}
    module = "keras.layers" if is_layer else "keras.src.ops.numpy"
    return {
        "module": module,
        "registered_name": name if ">" in name else None,
        **entry,
        "class_name": name,
        "config": config,
    }


def major_version(text):
    """First number of a version of Keras; 1 for files that do not tell it."""
    major = (text or "1").partition(".")[0]
    return int(major) if major.isdigit() and len(major) < 3 else 1


def keras_config(config, keras_version):
    """The config of a `.keras` file in Keras 3's form; Keras 2 wrote such files, too."""
    if keras_version >= 3:
        return config
    new = translate({k: v for k, v in config.items() if k != "compile_config"})
    arguments = config.get("compile_config")
    if arguments:
        arguments = {**arguments, "optimizer_config": arguments["optimizer"]}
        new["compile_config"] = compile_config(arguments, keras_version)
    return new


def model_config(config, keras_version):
    """Config of a model for `deserialize_keras_object`, from a file's "model_config"."""
    return translate(config) if keras_version < 3 else lengthened(config)


def shortened_compile_config(config):
    """A file's "training_config" from what `get_compile_config` returned."""
    short = {k: _without_modules(v) for k, v in config.items() if k != "optimizer"}
    short["optimizer_config"] = _without_modules(config["optimizer"])
    return short


def _without_modules(value):
    if isinstance(value, dict) and "class_name" in value and "config" in value:
        registered = value.get("registered_name") or ""
        name = registered if ">" in registered else value["class_name"]
        return {"class_name": name, "config": value["config"]}
    if isinstance(value, dict):
        return {k: _without_modules(v) for k, v in value.items()}
    return [_without_modules(v) for v in value] if isinstance(value, list) else value


def compile_config(config, keras_version):
    """Config for `compile_from_config`, from a file's "training_config"."""
    optimizer = translate(config["optimizer_config"])
    optimizer["module"] = "keras.optimizers"
    _replace_decay(optimizer["config"])
    found = {
        "optimizer": optimizer,
        "loss": _with_module(config.get("loss"), "keras.losses"),
        "loss_weights": config.get("loss_weights"),
    }
    for key in ("metrics", "weighted_metrics"):
        value = config.get(key)
        if keras_version < 3 and isinstance(value, list):
            value = _unwrapped(value)
        found[key] = _with_module(value, "keras.metrics")
    for key in ("run_eagerly", "steps_per_execution"):
        if config.get(key) is not None:
            found[key] = config[key]
    return found


def _replace_decay(arguments):
    """Keras 2's `decay`: learning rate / (1 + decay * steps), which is a schedule now."""
    decay = arguments.pop("decay", 0.0)
    rate = arguments.pop("lr", None)
    if rate is not None:
        arguments.setdefault("learning_rate", rate)
    if decay:
        schedule = {
            "initial_learning_rate": arguments["learning_rate"],
            "decay_steps": 1,
            "decay_rate": decay,
        }
        arguments["learning_rate"] = {
            "module": "keras.optimizers.schedules",
            "class_name": "InverseTimeDecay",
            "config": schedule,
            "registered_name": None,
        }


def _unwrapped(items):
    """Metrics of Keras 2: a list for each output; none at all where every list is empty."""
    if not any(items):
        return None
    return items[0] if len(items) == 1 and isinstance(items[0], list) else items


def _with_module(value, module):
    if isinstance(value, dict) and "class_name" in value:
        value = translate(value)
        arguments = value["config"]
        if value["class_name"] in _WRAPPERS:
            return _wrapped_function(arguments, module)
        return {**value, "module": module}
    if isinstance(value, dict):
        return {k: _with_module(v, module) for k, v in value.items()}
    return [_with_module(v, module) for v in value] if isinstance(value, list) else value


def _wrapped_function(arguments, module):
    """Keras 2's wrapper of a metric function: the class of that name, or the plain name."""
    name, function = arguments.get("name"), arguments.get("fn")
    if name in _CHOSEN_BY_SHAPE:
        return name
    if not isinstance(function, str):
        return name
    class_name = re.sub("(?:^|_)(.)", lambda m: m.group(1).upper(), function)
    return {
        "module": module,
        "class_name": class_name,
        "config": {"name": name},
        "registered_name": None,
    }
