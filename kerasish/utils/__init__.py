"""`kerasish.utils`: small helpers under Keras's names."""

from kerasish.core.names import reset as reset_names
from kerasish.core.rng import set_random_seed
from kerasish.registry import CustomObjectScope, get_custom_objects, register_keras_serializable
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.utils import bounding_boxes
from kerasish.utils.arrays import normalize, pad_sequences, to_categorical
from kerasish.utils.py_dataset import PyDataset

Sequence = PyDataset  # the name Keras 2 gave it

__all__ = [
    "CustomObjectScope",
    "PyDataset",
    "Sequence",
    "bounding_boxes",
    "clear_session",
    "deserialize_keras_object",
    "get_custom_objects",
    "normalize",
    "pad_sequences",
    "register_keras_serializable",
    "serialize_keras_object",
    "set_random_seed",
    "to_categorical",
]


def clear_session(free_memory=True):
    """Start the automatic names of layers again.

    Args:
        free_memory: accepted for compatibility; nothing outlives the models that use it.
    """
    reset_names()
