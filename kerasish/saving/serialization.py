"""Objects as JSON-ready configs in Keras's form, and back; names are looked up, never imported."""

import contextlib
import threading
import types

import numpy

from kerasish import dtype_policies, registry, saving
from kerasish.core.tensor import Tensor
from kerasish.core.variable import Variable
from kerasish.errors import CheckpointError, UnknownObjectError, explain, nearest

_FAMILIES = (
    "layers",
    "losses",
    "metrics",
    "optimizers",
    "schedules",
    "initializers",
    "regularizers",
    "constraints",
    "activations",
    "ops",
    "random",
    "callbacks",
    "utils",
)
_MODULE_OF_FAMILY = {"schedules": "keras.optimizers.schedules"}
_MODULE_OF_CLASS = {
    "Sequential": "keras",
    "Model": "keras",
    "SeedGenerator": "keras.random",
    "Functional": "keras.src.models.functional",
    **dict.fromkeys(
        ("Cross", "Feature", "TFDIdentity"), "keras.src.layers.preprocessing.feature_space"
    ),
    "LayerScale": "keras.src.applications.convnext",
    "CustomScaleLayer": "keras.src.applications.inception_resnet_v2",
}
_PLAIN = (type(None), bool, int, float, str)
_local = threading.local()


@contextlib.contextmanager
def sharing():
    """Context in which an object met twice is written, and read back, as one and the same object.

    Example:
        >>> from kerasish.layers import Dense
        >>> layer = Dense(2)
        >>> with sharing():
        ...     configs = serialize_keras_object([layer, layer])
        >>> with sharing():
        ...     first, second = deserialize_keras_object(configs)
        >>> first is second
        True
    """
    before = getattr(_local, "shared", None)
    _local.shared = {}
    try:
        yield
    finally:
        _local.shared = before


def serialize_keras_object(obj):
    """Config of a value: plain data, containers, arrays, or any object with `get_config`.

    Args:
        obj: the value.

    Returns:
        JSON-ready value.

    Raises:
        ValueError: a lambda, or an object without `get_config`.

    Example:
        >>> serialize_keras_object({"rate": 0.5, "shape": (2, 3)})
        {'rate': 0.5, 'shape': (2, 3)}

    Source: Keras 3 names and config form.
    """
    if isinstance(obj, _PLAIN):
        return obj
    if isinstance(obj, numpy.generic):
        return obj.item()
    if isinstance(obj, (list, tuple)):
        return type(obj)([serialize_keras_object(v) for v in obj])
    if isinstance(obj, dict):
        return {str(k): serialize_keras_object(v) for k, v in obj.items()}
    if isinstance(obj, (numpy.ndarray, Tensor, Variable)):
        array = numpy.asarray(obj)
        kind = "__numpy__" if isinstance(obj, numpy.ndarray) else "__tensor__"
        value = {"value": array.tolist(), "dtype": array.dtype.name}
        return {"class_name": kind, "config": value}
    if isinstance(obj, numpy.dtype):
        return obj.name
    if isinstance(obj, bytes):
        return {"class_name": "__bytes__", "value": obj.decode("latin-1")}
    if isinstance(obj, slice):
        value = {"start": obj.start, "stop": obj.stop, "step": obj.step}
        return {"class_name": "__slice__", "config": value}
    if obj is Ellipsis:
        return {"class_name": "__ellipsis__", "config": {}}
    if isinstance(obj, dtype_policies.DTypePolicy):
        return dtype_policies.serialize(obj)
    if isinstance(obj, types.FunctionType):
        return _serialize_function(obj)
    if isinstance(obj, type):
        return {"class_name": "type", "config": obj.__name__}
    return _serialize_object(obj)


def _serialize_function(function):
    if function.__name__ == "<lambda>":
        raise ValueError(
            explain(
                "saving",
                "a lambda cannot be written to a config",
                received=function,
                fix="define a named function and decorate it with "
                "@kerasish.saving.register_keras_serializable()",
            )
        )
    origin = registry.origin(function)
    module = f"keras.{origin[0]}" if origin else "builtins"
    name = origin[1] if origin else function.__name__
    registered = registry.get_registered_name(function)
    return {
        "module": module,
        "class_name": "function",
        "config": name,
        "registered_name": registered,
    }


def _serialize_object(item):
    shared = getattr(_local, "shared", None)
    if shared is None:
        return _config_of(item)
    if id(item) in shared:
        _, first, number = shared[id(item)]
        first["shared_object_id"] = number
        return dict(first)
    config = _config_of(item)
    # The item is held, so that its id is not given to another one.
    shared[id(item)] = (item, config, len(shared) + 1)
    return config


def _config_of(item):
    if not hasattr(item, "get_config"):
        raise ValueError(
            explain(
                "saving",
                "an object without get_config() cannot be written to a config",
                received=item,
                fix="add get_config() to its class",
            )
        )
    cls = type(item)
    origin = registry.origin(cls)
    registered = registry.get_registered_name(cls)
    if origin:
        module = _MODULE_OF_CLASS.get(origin[1]) or _MODULE_OF_FAMILY.get(
            origin[0], f"keras.{origin[0]}"
        )
        is_public = not module.startswith("keras.src")
        result = {
            "module": module,
            "class_name": origin[1],
            "config": serialize_keras_object(item.get_config()),
            "registered_name": None if is_public else origin[1],
        }
    else:
        result = {
            "module": None,
            "class_name": cls.__name__,
            "config": serialize_keras_object(item.get_config()),
            "registered_name": registered,
        }
    if hasattr(item, "get_build_config"):
        build = item.get_build_config()
        if build is not None:
            result["build_config"] = serialize_keras_object(build)
    if hasattr(item, "get_compile_config"):
        result["compile_config"] = item.get_compile_config() or {}
    return result


def deserialize_keras_object(config, custom_objects=None, safe_mode=True, **kwargs):
    """Value of a config that `serialize_keras_object`, or real Keras, made.

    Args:
        config: JSON-ready value.
        custom_objects: dict from name to class or function.
        safe_mode: bool. Refuse configs that carry code (there is no way here to run any).
        **kwargs: `module_objects`, a dict from name to object, as of Keras.

    Returns:
        the value.

    Raises:
        ValueError: unknown name (with the nearest one), or code in the config.
    """
    if kwargs:
        unknown = sorted(set(kwargs) - {"module_objects", "printable_module_name"})
        if unknown:
            raise TypeError(explain("deserialize", "unknown arguments", received=unknown))
        custom_objects = {**(kwargs.get("module_objects") or {}), **(custom_objects or {})}
    if custom_objects:
        with registry.CustomObjectScope(custom_objects):
            return deserialize_keras_object(config, None, safe_mode)
    if isinstance(config, _PLAIN):
        return config
    if isinstance(config, (list, tuple)):
        return type(config)([deserialize_keras_object(v, None, safe_mode) for v in config])
    if not isinstance(config, dict):
        raise TypeError(explain("deserialize", "not a config", received=config))
    if "class_name" not in config or ("config" not in config and "value" not in config):
        return {k: deserialize_keras_object(v, None, safe_mode) for k, v in config.items()}
    special = _SPECIAL.get(config["class_name"])
    if special is not None:
        return special(config)
    if config["class_name"] == "function":
        return find_function(config)
    if config["class_name"] in ("DTypePolicy", "DTypePolicyMap", "FloatDTypePolicy"):
        return dtype_policies.get(config)
    return _deserialize_object(config, safe_mode)


def _refuse_lambda(config):
    raise ValueError(
        explain(
            "loading",
            "the config holds a lambda, which is code; it is never run here",
            fix="rebuild the model with a named function passed as custom_objects",
        )
    )


def _array(config):
    value = config["config"]
    return numpy.array(value["value"], dtype=value["dtype"])


_SPECIAL = {
    "__lambda__": _refuse_lambda,
    "__numpy__": _array,
    "__tensor__": lambda config: Tensor(_array(config)),
    "__bytes__": lambda config: config["value"].encode("latin-1"),
    "__ellipsis__": lambda config: Ellipsis,
    "__slice__": lambda config: slice(*[config["config"][k] for k in ("start", "stop", "step")]),
}


def find_class(config):
    """The class that a config names: a custom one, or one of the package."""
    name, registered = config["class_name"], config.get("registered_name")
    if not isinstance(name, str):
        raise CheckpointError(explain("loading", "class_name must be a string", received=name))
    for key in (registered, name):
        custom = registry.get_registered_object(key) if key else None
        if custom is not None:
            return custom
    saving.register_all()
    module = config.get("module") or ""
    preferred = [f for f in _FAMILIES if f in module.replace("_", ".").split(".")]
    for family in (*preferred, *_FAMILIES):
        found = registry.find(family, name)
        if found is not None:
            return found
    known = {n for f in (preferred or _FAMILIES) for n in registry.names(f)}
    raise UnknownObjectError(
        explain(
            "loading",
            f"unknown class {name!r}",
            received=config.get("registered_name") or name,
            fix=f"{nearest(name, known)} For a class of your own pass "
            f"custom_objects={{{name!r}: {name}}} or decorate it with "
            "@kerasish.saving.register_keras_serializable()",
        )
    )


def find_function(config):
    """The function that a config names: a custom one, or one of the package."""
    name = config["config"] if isinstance(config, dict) else config
    if isinstance(name, dict):  # configs of wrapped functions carry the name one level down
        name = name.get("name") or name.get("function_name")
    registered = config.get("registered_name") if isinstance(config, dict) else None
    for key in (registered, name):
        custom = registry.get_registered_object(key) if key else None
        if custom is not None:
            return custom
    saving.register_all()
    for family in ("activations", "losses", "metrics", "ops", "initializers"):
        found = registry.find(family, name)
        if found is not None:
            return found
    raise UnknownObjectError(
        explain(
            "loading",
            f"unknown function {name!r}",
            fix=f"pass custom_objects={{{name!r}: ...}} or decorate it with "
            "@kerasish.saving.register_keras_serializable()",
        )
    )


def _is_custom(method):
    return not method.__module__.startswith("kerasish.")


def _deserialize_object(config, safe_mode):
    cls = find_class(config)
    if not isinstance(cls, type):
        return cls
    inner = config["config"]
    if not isinstance(inner, dict):
        raise CheckpointError(
            explain(f"loading {cls.__name__}", "config must be a dict", received=inner)
        )
    if not hasattr(cls, "from_config"):
        raise ValueError(explain(f"loading {cls.__name__}", "the class has no from_config"))
    shared, key = getattr(_local, "shared", None), config.get("shared_object_id")
    is_shared = shared is not None and isinstance(key, int)
    if is_shared and isinstance(shared.get(key), cls):
        return shared[key]
    outer = getattr(_local, "pending", None)
    _local.pending = pending = [] if outer is None else outer
    try:
        item = cls.from_config(inner)
    finally:
        _local.pending = outer
    if is_shared:
        shared[key] = item
    if config.get("build_config") and hasattr(item, "build_from_config"):
        if _is_custom(type(item).build_from_config):  # it may know more than a model's calls tell
            item.build_from_config(config["build_config"])
        else:
            pending.append((item, config["build_config"]))
    if outer is None:
        # A model builds the layers inside by calling them, under its own path; what it leaves
        # unbuilt is built alone.
        for part, build in reversed(pending):
            if not part.built:
                part.build_from_config(build)
    if config.get("compile_config") and hasattr(item, "compile_from_config"):
        item.compile_from_config(config["compile_config"])
    return item
