"""`kerasish.preprocessing`: the names of `keras.preprocessing`."""

import importlib

_MODULES = frozenset({"image", "sequence"})
_HOMES = {
    "kerasish.utils.directory_datasets": "image_dataset_from_directory text_dataset_from_directory",
    "kerasish.utils.timeseries": "timeseries_dataset_from_array",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = sorted([*_MODULES, *_HOME_OF])


def __getattr__(name):
    if name in _HOME_OF:
        return getattr(importlib.import_module(_HOME_OF[name]), name)
    if name in _MODULES:
        return importlib.import_module(f"kerasish.preprocessing.{name}")
    raise AttributeError(f"module 'kerasish.preprocessing' has no attribute {name!r}")


def __dir__():
    return __all__
