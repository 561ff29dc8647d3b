"""`kerasish.utils`: small helpers under Keras's names."""

import importlib

from kerasish.core.names import reset as reset_names
from kerasish.core.rng import set_random_seed
from kerasish.registry import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.switches import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
from kerasish.utils import legacy
from kerasish.utils.arrays import normalize, pad_sequences, to_categorical
from kerasish.utils.batches import pack_x_y_sample_weight, unpack_x_y_sample_weight
from kerasish.utils.config_dict import Config
from kerasish.utils.get_file import get_file
from kerasish.utils.progbar import Progbar
from kerasish.utils.py_dataset import PyDataset
from kerasish.utils.tensors import get_source_inputs, is_keras_tensor, standardize_dtype

Sequence = PyDataset  # the name Keras 2 gave it

# Loaded when they are first used: they need data sets, layers and models.
_HOMES = {
    "kerasish.utils.feature_space": "FeatureSpace",
    "kerasish.utils.dataset_splitting": "split_dataset",
    "kerasish.utils.directory_datasets": "audio_dataset_from_directory "
    "image_dataset_from_directory text_dataset_from_directory",
    "kerasish.utils.timeseries": "timeseries_dataset_from_array",
    "kerasish.utils.images": "array_to_img img_to_array load_img save_img",
    "kerasish.utils.plotting": "model_to_dot plot_model",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "Config",
    "Progbar",
    "custom_object_scope",
    "disable_interactive_logging",
    "enable_interactive_logging",
    "get_file",
    "get_registered_name",
    "get_registered_object",
    "get_source_inputs",
    "is_interactive_logging_enabled",
    "is_keras_tensor",
    "legacy",
    "pack_x_y_sample_weight",
    "standardize_dtype",
    "unpack_x_y_sample_weight",
    "CustomObjectScope",
    "FeatureSpace",
    "PyDataset",
    "Sequence",
    "array_to_img",
    "audio_dataset_from_directory",
    "bounding_boxes",
    "clear_session",
    "deserialize_keras_object",
    "get_custom_objects",
    "image_dataset_from_directory",
    "img_to_array",
    "load_img",
    "model_to_dot",
    "normalize",
    "pad_sequences",
    "plot_model",
    "register_keras_serializable",
    "save_img",
    "serialize_keras_object",
    "set_random_seed",
    "split_dataset",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
    "to_categorical",
]


def __getattr__(name):
    if name == "bounding_boxes":
        return importlib.import_module("kerasish.utils.bounding_boxes")
    if name in _HOME_OF:
        return getattr(importlib.import_module(_HOME_OF[name]), name)
    raise AttributeError(f"module 'kerasish.utils' has no attribute {name!r}")


def __dir__():
    return __all__


def clear_session(free_memory=True):
    """Start the automatic names of layers again.

    Args:
        free_memory: accepted for compatibility; nothing outlives the models that use it.
    """
    reset_names()
