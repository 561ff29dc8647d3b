"""Saving and loading: `.keras`, `.weights.h5`, `.h5`, and objects as configs.

The functions are imported when they are first named, and h5py when a file is first read or written
(it takes longer to import than everything else), so that `import kerasish` stays quick.
"""

import importlib

from kerasish.registry import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object

_FUNCTIONS = {
    "KerasFileEditor": "kerasish.saving.file_editor",
    "export_numpy": "kerasish.saving.numpy_script",
    "load_model": "kerasish.saving.api",
    "load_weights": "kerasish.saving.api",
    "save_model": "kerasish.saving.api",
    "seal": "kerasish.saving.api",
    "save_weights": "kerasish.saving.api",
}

__all__ = [
    "CustomObjectScope",
    "KerasFileEditor",
    "custom_object_scope",
    "deserialize_keras_object",
    "export_numpy",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "load_weights",
    "register_keras_serializable",
    "save_model",
    "save_weights",
    "seal",
    "serialize_keras_object",
]

# Everything whose classes and functions a file may name, lowest floor first.
_REGISTERING = (
    "activations",
    "initializers",
    "regularizers",
    "constraints",
    "losses",
    "metrics",
    "optimizers",
    "layers",
    "models",
    "utils.feature_space",
    "applications.scaling",
)


def register_all():
    """Import the packages that register names, so that a file can name what nobody has used yet."""
    for name in _REGISTERING:
        importlib.import_module(f"kerasish.{name}")


def __getattr__(name):
    if name == "hdf5":  # the module that imports h5py
        return importlib.import_module("kerasish.saving.hdf5")
    if name not in _FUNCTIONS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_FUNCTIONS[name]), name)
