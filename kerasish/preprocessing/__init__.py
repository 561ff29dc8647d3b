"""`kerasish.preprocessing`: the names of `keras.preprocessing`."""

import importlib

_MODULES = frozenset({"image", "sequence"})

__all__ = sorted(_MODULES)


def __getattr__(name):
    if name not in _MODULES:
        raise AttributeError(f"module 'kerasish.preprocessing' has no attribute {name!r}")
    return importlib.import_module(f"kerasish.preprocessing.{name}")


def __dir__():
    return __all__
