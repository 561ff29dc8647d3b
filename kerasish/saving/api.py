"""`save_model`, `load_model`, `save_weights`, `load_weights`: the file name tells the format."""

import os
from pathlib import Path

from kerasish import saving
from kerasish.errors import NotBuiltError, explain
from kerasish.saving import keras_file, legacy_h5
from kerasish.saving.atomic import atomic_write
from kerasish.saving.weights_file import read_state, write_state

_LEGACY = (".h5", ".hdf5")


def save_model(model, filepath, overwrite=True, zipped=None, include_optimizer=True):
    """Write a whole model: architecture, weights, and compile arguments with the optimizer's state.

    The file appears whole or not at all; an older one is replaced only when the new one is safe on
    disk.

    Args:
        model: Model.
        filepath: str or path-like ending in `.keras` (or `.h5`, the legacy form), or a binary file
            object for the `.keras` form.
        overwrite: bool. When False, an existing file is an error.
        zipped: True or None; unzipped folders are not written.
        include_optimizer: bool. For `.h5` only.

    Raises:
        ValueError: another ending, or a part that cannot be written.
        FileExistsError: the file exists and `overwrite` is False.
        OSError: the file cannot be written; an older one is unchanged.

    Example:
        >>> import tempfile
        >>> from kerasish import layers, models
        >>> model = models.Sequential([layers.Input((3,)), layers.Dense(2)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_model(model, f"{folder}/model.keras")
        ...     load_model(f"{folder}/model.keras").count_params()
        8

    Source: Keras 3 names and layout.
    """
    if zipped is False:
        raise ValueError(
            explain("save_model", "unzipped models are not supported", fix="zipped=None")
        )
    if hasattr(filepath, "write"):
        keras_file.write_model(filepath, model)
        return
    path = _checked_target(filepath, overwrite, "save_model", (".keras", *_LEGACY))
    if path.suffix == ".keras":
        with atomic_write(path) as file:
            keras_file.write_model(file, model)
    else:
        content = legacy_h5.model_bytes(model, include_optimizer)
        with atomic_write(path) as file:
            file.write(content)


def load_model(filepath, custom_objects=None, compile=True, safe_mode=True):
    """Model from a file that `save_model`, Keras 3 or Keras 2 wrote.

    Classes are looked up by name among those of kerasish and the registered ones; nothing is
    imported or run from a file.

    Args:
        filepath: str or path-like (`.keras`, `.h5`, `.hdf5`), or a binary file object (`.keras`).
        custom_objects: dict from name to class or function of your own.
        compile: bool. Restore optimizer (with its state), loss and metrics.
        safe_mode: bool. Kept for compatibility: code in a file is refused in any case.

    Returns:
        Model.

    Raises:
        FileNotFoundError: no such file.
        CheckpointError: damaged, or of another format.
        ValueError: a class or function is unknown; the nearest name is offered.

    Source: Keras 3 names and defaults.
    """
    if hasattr(filepath, "read"):
        return keras_file.read_model(filepath, "the file", custom_objects, compile, safe_mode)
    path = Path(filepath)
    saving.register_all()
    with _opened(path) as file:
        if _is_hdf5(file, path):
            return legacy_h5.read_model(file, str(path), custom_objects, compile, safe_mode)
        return keras_file.read_model(file, str(path), custom_objects, compile, safe_mode)


def save_weights(model, filepath, overwrite=True, max_shard_size=None, objects_to_skip=None):
    """Write the weights of a model, and its optimizer's state when it is compiled.

    Args:
        model: Model, built.
        filepath: str or path-like ending in `.weights.h5`.
        overwrite: bool. When False, an existing file is an error.
        max_shard_size: only None; weights are written to one file.
        objects_to_skip: list of layers to leave out.

    Raises:
        ValueError: another ending, a shard size, or the model is not built.
        FileExistsError: the file exists and `overwrite` is False.
        OSError: the file cannot be written; an older one is unchanged.

    Source: Keras 3 names and layout.
    """
    if max_shard_size is not None:
        raise ValueError(
            explain("save_weights", "files in shards are not supported", fix="max_shard_size=None")
        )
    path = _checked_target(filepath, overwrite, "save_weights", (".weights.h5",))
    _require_built(model, "save_weights")
    writer = saving.hdf5.Writer()
    write_state(writer, model, objects_to_skip or ())
    content = writer.finish()
    with atomic_write(path) as file:
        file.write(content)


def load_weights(model, filepath, skip_mismatch=False, by_name=None, objects_to_skip=None):
    """Assign the weights of a file to a model: all of them, or none if anything does not fit.

    Args:
        model: Model, built.
        filepath: str or path-like: `.weights.h5`, `.keras`, or `.h5` of Keras 2 or 3.
        skip_mismatch: bool. Warn about layers that do not fit, and load the others.
        by_name: bool. For `.h5` only: match layers by name, not by order.
        objects_to_skip: list of layers to leave as they are; for `.weights.h5` only.

    Raises:
        FileNotFoundError: no such file.
        CheckpointError: damaged, of another format, or for another model; the text names the layer
            with the shapes received and expected.

    Source: Keras 3 names and defaults.
    """
    path = Path(filepath)
    where = str(path)
    is_weights = path.name.endswith(".weights.h5")
    if objects_to_skip is not None and not is_weights:
        raise ValueError(
            explain(
                "load_weights", "objects_to_skip is for '.weights.h5' files only", received=where
            )
        )
    if by_name and (is_weights or path.suffix == ".keras"):
        raise ValueError(
            explain(
                "load_weights", "by_name is for '.h5' files of layer names only", received=where
            )
        )
    _require_built(model, "load_weights")
    with _opened(path) as file:
        if not _is_hdf5(file, path):
            keras_file.read_weights(file, where, model, skip_mismatch)
            return
        with saving.hdf5.Reader(file, where) as reader:
            if legacy_h5.is_legacy(reader):
                legacy_h5.read_weights(reader, model, skip_mismatch, by_name)
            elif by_name:
                raise ValueError(explain(where, "by_name needs a file with layer names"))
            else:
                read_state(reader, model, skip_mismatch, objects_to_skip or ())


def seal(filepath):
    """Seal a file that was changed on purpose, or that came from elsewhere and is trusted now.

    A sealed file is verified and read at once; any other one is parsed by a child process first.

    Args:
        filepath: str or path-like: `.weights.h5` or `.h5`.

    Raises:
        ValueError: another ending.
        CheckpointError: the file holds what no model file does.
        OSError: the file cannot be read or written; it is unchanged.

    Example:
        >>> import tempfile
        >>> import h5py
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with h5py.File(f"{folder}/a.weights.h5", "w") as file:
        ...         file["vars/0"] = [1.0, 2.0]
        ...     seal(f"{folder}/a.weights.h5")
        ...     Path(f"{folder}/a.weights.h5").read_bytes()[-127:][:13]
        b'kerasish-seal'
    """
    path = Path(filepath)
    if path.suffix not in _LEGACY:
        raise ValueError(
            explain("seal", "only HDF5 files can be sealed", received=str(filepath),
                    expected=" or ".join(f"...{e}" for e in _LEGACY))
        )  # fmt: skip
    with _opened(path) as file:
        content = saving.hdf5.sealed(file.read(), str(path))
    with atomic_write(path) as file:
        file.write(content)


def _checked_target(filepath, overwrite, what, endings):
    path = Path(filepath)
    if not path.name.endswith(endings):
        raise ValueError(
            explain(
                what,
                "the file name does not tell a format",
                received=str(filepath),
                expected=" or ".join(f"...{e}" for e in endings),
            )
        )
    if not overwrite and os.path.lexists(path):
        raise FileExistsError(
            explain(
                what,
                "the file exists",
                received=str(filepath),
                fix="overwrite=True, or another name",
            )
        )
    return path


def _require_built(model, what):
    if not model.built:
        raise NotBuiltError(
            explain(
                f"{what} of {model.name!r}",
                "the model has no weights yet",
                fix="call it on data, or build(input_shape), first",
            )
        )


def _opened(path):
    try:
        return open(path, "rb")
    except IsADirectoryError as error:
        raise IsADirectoryError(explain(f"loading {str(path)!r}", "this is a folder")) from error
    except FileNotFoundError as error:
        raise FileNotFoundError(
            explain(
                f"loading {str(path)!r}",
                "there is no such file",
                received=f" working folder {os.getcwd()!r}",
            )
        ) from error


def _is_hdf5(file, path):
    """Whether a file is HDF5, by its first bytes; the name decides for what is neither."""
    head = file.read(8)
    file.seek(0)
    if head[:2] == b"PK":
        return False
    return head == b"\x89HDF\r\n\x1a\n" or path.suffix in _LEGACY
