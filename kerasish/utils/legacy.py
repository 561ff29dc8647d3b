"""`kerasish.utils.legacy`: configs in the form of Keras 2, {"class_name", "config"}."""

from kerasish import registry
from kerasish.errors import explain, nearest
from kerasish.registry import CustomObjectScope

_FAMILIES = ("layers", "losses", "metrics", "optimizers", "initializers", "regularizers",
             "constraints", "activations", "schedules", "callbacks")  # fmt: skip


def serialize_keras_object(instance):
    """Config of an object in the form of Keras 2.

    Args:
        instance: object with `get_config`, function with a name, or None.

    Returns:
        dict, str or None.

    Raises:
        ValueError: a value that has neither.

    Example:
        >>> from kerasish import initializers
        >>> serialize_keras_object(initializers.Constant(2.0))
        {'class_name': 'Constant', 'config': {'value': 2.0}}
    """
    if instance is None:
        return None
    if hasattr(instance, "get_config"):
        name = registry.get_registered_name(type(instance))
        return {"class_name": name, "config": instance.get_config()}
    if hasattr(instance, "__name__"):
        return registry.get_registered_name(instance)
    raise ValueError(explain("serialize_keras_object", "it has no config", received=instance))


def deserialize_keras_object(identifier, module_objects=None, custom_objects=None,
                             printable_module_name="object"):  # fmt: skip
    """Object of a config in the form of Keras 2, or the function of a name.

    Args:
        identifier: dict {"class_name", "config"}, str, callable or None.
        module_objects: dict from name to class or function: where names are looked up.
        custom_objects: dict looked into first.
        printable_module_name: str. What the objects are called in errors.

    Returns:
        the object.

    Raises:
        ValueError: an unknown name (with the nearest one).

    Example:
        >>> from kerasish import initializers
        >>> config = {"class_name": "Constant", "config": {"value": 2.0}}
        >>> deserialize_keras_object(config, vars(initializers)).value
        2.0
    """
    if identifier is None or callable(identifier):
        return identifier
    if isinstance(identifier, dict):
        cls = _found(identifier.get("class_name"), module_objects, custom_objects,
                     printable_module_name)  # fmt: skip
        with CustomObjectScope(custom_objects or {}):
            return cls.from_config(identifier.get("config", {}))
    found = _found(identifier, module_objects, custom_objects, printable_module_name)
    return found() if isinstance(found, type) else found


def _found(name, module_objects, custom_objects, label):
    known = {**(module_objects or {}), **(custom_objects or {})}
    found = known.get(name) or registry.get_registered_object(name, custom_objects)
    for family in _FAMILIES if not known else ():
        found = found or registry.find(family, name)
    if found is None:
        names = [n for n in known if not n.startswith("_")]
        raise ValueError(
            explain("deserialize_keras_object", f"unknown {label}", received=name,
                    fix=nearest(name, names))
        )  # fmt: skip
    return found
