"""What `get` means in every family: an object named by a string, a config, its class or itself."""

from kerasish import registry
from kerasish.errors import explain
from kerasish.saving.serialization import deserialize_keras_object


def resolve(family, identifier):
    """Object of a family.

    Args:
        family: str. Family of the registry, such as "initializers".
        identifier: name of a class that needs no arguments, a config dict, a class, or an object,
            which is returned as it is. None stays None.

    Returns:
        the object.

    Raises:
        ValueError: an unknown name (the nearest one is offered), or nothing callable.
    """
    if identifier is None:
        return None
    found = identifier
    if isinstance(identifier, str):
        found = registry.lookup(family, identifier, where=f"{family}.get")
    elif isinstance(identifier, dict):
        found = from_config(family, identifier)
    if isinstance(found, type):
        found = found()
    if not callable(found):
        raise ValueError(  # noqa: TRY004 (as in Keras)
            explain(
                f"{family}.get",
                "not usable",
                received=identifier,
                expected="a name, a config, a class or a callable",
            )
        )
    return found


def from_config(family, config, custom_objects=None):
    """Object of a family from its config, a dict with at least "class_name"; or from its name.

    Args:
        family: str. Where the class name is looked up unless the config says more.
        config: dict, or str.
        custom_objects: dict from name to class or function.

    Returns:
        the object.

    Raises:
        ValueError: an unknown name, or a malformed config.
    """
    with registry.CustomObjectScope(custom_objects):
        if isinstance(config, str):
            return resolve(family, config)
        if not isinstance(config, dict) or not isinstance(config.get("class_name"), str):
            raise ValueError(  # noqa: TRY004 (as in Keras)
                explain(
                    f"{family}.deserialize",
                    "not a config",
                    received=config,
                    expected='a dict with "class_name" and "config"',
                )
            )
        is_custom = registry.get_registered_object(config.get("registered_name")) is not None
        if is_custom or registry.find(family, config["class_name"]) is None:
            return deserialize_keras_object(config)
        cls = registry.lookup(family, config["class_name"])
        return cls.from_config(dict(config.get("config") or {})) if isinstance(cls, type) else cls
