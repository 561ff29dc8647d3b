"""Names of configurable objects: registration, lookup by name with suggestions, custom scopes.

Loading a file looks names up here and nowhere else, so a config can only name what was registered.
"""

import threading

from kerasish.errors import explain, nearest

_origins = {}  # class or function -> (family, main name)
_families = {}  # family -> {name: class or function}
_custom = {}  # registered name ("Package>Name") -> object
_custom_names = {}  # object -> registered name
_local = threading.local()


def register(family, *aliases, name=None):
    """Class or function decorator that files an object under its name in a family.

    Args:
        family: "layers", "losses", "metrics", "optimizers", "initializers", ...
        *aliases: further names that `get` accepts ("mse", "MSE").
        name: str. The main name when it is not `__name__`.

    Example:
        >>> @register("examples", "first")
        ... class First:
        ...     pass
        >>> lookup("examples", "first") is First
        True
    """

    def decorate(item):
        table = _families.setdefault(family, {})
        for key in (name or item.__name__, *aliases):
            table[key] = item
        _origins.setdefault(item, (family, name or item.__name__))
        return item

    return decorate


def names(family):
    """Sorted names registered in a family."""
    return sorted(_families.get(family, {}))


def origin(item):
    """(family, name) under which a class or function of the package is registered, or None."""
    try:
        return _origins.get(item)
    except TypeError:  # not hashable, so never registered
        return None


def lookup(family, name, *, where=None):
    """The object registered under `name` in a family or in the custom scopes.

    Raises:
        ValueError: unknown name; the text offers the nearest one.
    """
    found = find(family, name)
    if found is None:
        known = names(family)
        raise ValueError(
            explain(
                where or family,
                f"unknown name in {family}",
                received=name,
                fix=f"{nearest(name, known)} Or register your own with "
                "@kerasish.saving.register_keras_serializable() or pass custom_objects",
            )
        )
    return found


def find(family, name):
    """Like `lookup`, but None for an unknown name."""
    for scope in (*reversed(_scopes()), _custom):
        if name in scope:
            return scope[name]
    table = _families.get(family, {})
    return table.get(name)


def _scopes():
    if not hasattr(_local, "scopes"):
        _local.scopes = []
    return _local.scopes


class CustomObjectScope:
    """Context in which the given names resolve to the given objects.

    Args:
        custom_objects: dict from name to class or function.

    Example:
        >>> with CustomObjectScope({"twice": lambda x: 2 * x}):
        ...     lookup("activations", "twice")(3)
        6
    """

    def __init__(self, custom_objects):
        self.custom_objects = dict(custom_objects or {})

    def __enter__(self):
        _scopes().append(self.custom_objects)
        return self

    def __exit__(self, *exc_info):
        _scopes().pop()


custom_object_scope = CustomObjectScope


def register_keras_serializable(package="Custom", name=None):
    """Decorator that lets saved files name a custom class or function as "package>name".

    Args:
        package: str. Prefix that keeps names of different libraries apart.
        name: str or None. The object's own name when None.

    Raises:
        ValueError: a class without get_config.

    Source: Keras 3 names and defaults.
    """

    def decorate(item):
        if isinstance(item, type) and not hasattr(item, "get_config"):
            raise ValueError(
                explain(
                    item.__name__,
                    "a registered class needs get_config()",
                    fix="add get_config(self), which returns the constructor's arguments",
                )
            )
        key = f"{package}>{name or item.__name__}"
        _custom[key] = item
        _custom_names[item] = key
        return item

    return decorate


def get_registered_name(obj):
    """The "package>name" of a custom object, or its `__name__`.

    Args:
        obj: class or function.

    Returns:
        str.
    """
    return _custom_names.get(obj, getattr(obj, "__name__", str(obj)))


def get_registered_object(name, custom_objects=None, module_objects=None):
    """The custom object registered under a name, or None.

    Args:
        name: str. "package>name".
        custom_objects: dict from name to object; looked into first.
        module_objects: dict from name to object; looked into last.

    Returns:
        class, function or None.
    """
    for scope in (custom_objects or {}, *reversed(_scopes()), _custom, module_objects or {}):
        if name in scope:
            return scope[name]
    return None


def get_custom_objects():
    """The live dict of globally registered custom objects."""
    return _custom
