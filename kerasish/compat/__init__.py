"""Other frameworks' names on kerasish: `compat.v1` is TensorFlow 1, `compat.v2` TensorFlow 2."""

import importlib

_MODULES = ("v1", "v2")

__all__ = list(_MODULES)


def __getattr__(name):
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module(f"{__name__}.{name}")
