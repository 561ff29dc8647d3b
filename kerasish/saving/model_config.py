"""A model from the config in a file: whatever is wrong with it becomes one kind of error."""

import contextlib

from kerasish.errors import CheckpointError, explain
from kerasish.saving.serialization import deserialize_keras_object, sharing


@contextlib.contextmanager
def config_of_file(where):
    """Context for work on a config that came from a file.

    Args:
        where: str. What to call the file in errors.

    Raises:
        ValueError: as the block raises it: an unknown name, an argument that a class refuses.
        CheckpointError: for any other exception of the block.
    """
    try:
        yield
    except (ValueError, MemoryError):
        raise
    except Exception as error:
        text = f"the config cannot be used: {type(error).__name__}: {str(error)[:500]}"
        raise CheckpointError(explain(where, text)) from error


def build_model(config, where, custom_objects=None, safe_mode=True):
    """Model of a config that came from a file.

    Args:
        config: dict.
        where: str. What to call the file in errors.
        custom_objects: dict from name to class or function.
        safe_mode: bool.

    Raises:
        ValueError: an unknown name, or an argument that a class refuses.
        CheckpointError: the config does not describe a model.
    """
    with sharing():
        model = deserialize_keras_object(config, custom_objects, safe_mode)
    is_model = hasattr(model, "layers") and hasattr(model, "load_weights")
    if not is_model and not getattr(model, "is_saved_alone", False):
        raise CheckpointError(explain(where, "the file does not hold a model", received=model))
    return model
