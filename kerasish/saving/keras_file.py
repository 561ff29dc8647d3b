"""`.keras`: a zip of metadata.json, config.json, model.weights.h5 and assets, read in limits."""

import datetime
import io
import json
import warnings
import zipfile
import zlib

from kerasish import saving
from kerasish.errors import CheckpointError, CorruptFileError, explain
from kerasish.saving import assets, json_text, legacy_config
from kerasish.saving.model_config import build_model, config_of_file
from kerasish.saving.sealing import SEAL_BYTES, seal_of, unsealed
from kerasish.saving.serialization import serialize_keras_object, sharing
from kerasish.saving.weights_file import read_state, write_state

KERAS_VERSION = "3.15.1"  # the version of Keras whose layout we write
_METADATA, _CONFIG, _WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
_MEMBERS = (_METADATA, _CONFIG, _WEIGHTS)
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SMALL, _MAX_EXPANSION = 2**20, 100
_END_BYTES = 22  # of the record that ends an archive without a comment; its last two are zero


def write_model(file, model):
    """Write a model to an open binary file.

    Args:
        file: binary file object.
        model: Model.

    Raises:
        ValueError: a part of the model has no config.
    """
    if not model.built:
        warnings.warn(
            f"The model {model.name!r} has no weights yet: it is saved unbuilt.", stacklevel=3
        )
    with sharing():
        config = json_text.written(serialize_keras_object(model), f"saving {model.name!r}")
    now = datetime.datetime.now()
    metadata = {"keras_version": KERAS_VERSION, "date_saved": now.strftime("%Y-%m-%d@%H:%M:%S")}
    writer = saving.hdf5.Writer()
    write_state(writer, model)
    contents = (json.dumps(metadata).encode(), config.encode(), writer.finish())
    members = [*zip(_MEMBERS, contents, strict=True), *assets.collect(model)]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.comment = b" " * SEAL_BYTES  # the place of the seal
        for name, values in members:
            with archive.open(
                zipfile.ZipInfo(name), "w", force_zip64=len(values) >= 2**31
            ) as member:
                member.write(values)
    with content.getbuffer() as whole:
        whole[-SEAL_BYTES:] = seal_of(whole[:-SEAL_BYTES])
        file.write(whole)


def read_model(file, where, custom_objects=None, compile=True, safe_mode=True):
    """Model from an open `.keras` file.

    Args:
        file: binary file object.
        where: str. What to call the file in errors.
        custom_objects: dict from name to class or function.
        compile: bool. Restore the optimizer, loss and metrics, too.
        safe_mode: bool.

    Raises:
        CheckpointError: not such a file, damaged, or not consistent.
        ValueError: unknown classes (with the nearest names).
    """
    with _opened(file, where) as archive:
        config = json_text.parse_object(_content(archive, _CONFIG, where), f"{where} ({_CONFIG})")
        if not compile:
            config.pop("compile_config", None)
        metadata = json_text.parse_object(
            _content(archive, _METADATA, where), f"{where} ({_METADATA})"
        )
        version = legacy_config.major_version(str(metadata.get("keras_version")))
        with config_of_file(where):
            config = legacy_config.keras_config(config, version)
            model = build_model(config, where, custom_objects, safe_mode)
        with _weights_reader(archive, where) as reader:
            read_state(reader, model, is_new=compile)
        names = [name for name in archive.namelist() if name not in _MEMBERS]
        assets.restore(model, names, lambda name: _content(archive, name, where), where)
    return model


def read_weights(file, where, model, skip_mismatch=False):
    """Assign the weights of an open `.keras` file to a model."""
    with _opened(file, where) as archive, _weights_reader(archive, where) as reader:
        read_state(reader, model, skip_mismatch)


def read_texts(path):
    """The config and the metadata of a `.keras` file, as dicts."""
    where = str(path)
    with open(path, "rb") as file, _opened(file, where) as archive:
        return tuple(
            json_text.parse_object(_content(archive, name, where), f"{where} ({name})")
            for name in (_CONFIG, _METADATA)
        )


def open_weights(path):
    """hdf5.Reader of the weights in a `.keras` file."""
    with open(path, "rb") as file, _opened(file, str(path)) as archive:
        return _weights_reader(archive, str(path))


def _opened(file, where):
    content = file.read()
    _, is_sealed = unsealed(content, where)
    is_ended = content[-_END_BYTES:][:4] == b"PK\5\6" and content[-2:] == b"\0\0"
    if not is_sealed and not is_ended:
        raise CorruptFileError(
            explain(
                where,
                "not a .keras file, or a damaged one: it does not end as a zip archive does",
                fix="write it again, or take another copy",
            )
        )
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise CheckpointError(
            explain(
                where,
                f"not a .keras file, or a damaged one: {error}",
                expected="a zip archive as model.save('....keras') writes it",
            )
        ) from error
    try:
        _check_members(archive, where)
    except BaseException:
        archive.close()
        raise
    return archive


def _check_members(archive, where):
    names = archive.namelist()
    others = [name for name in names if not assets.is_asset_name(name)]
    assets.check_count(names, where)
    if sorted(others) != sorted(_MEMBERS) or len(set(names)) < len(names):
        raise CheckpointError(
            explain(
                where,
                "the archive has other members than a model file",
                received=f" {[n[:60] for n in others[:8]]}",
                expected=f"{list(_MEMBERS)}, each once, and files below {assets.FOLDER}",
            )
        )
    for info in archive.infolist():
        is_bomb = info.file_size > max(_SMALL, _MAX_EXPANSION * info.compress_size)
        if info.flag_bits & 1 or info.compress_type not in _PACKINGS or is_bomb:
            raise CheckpointError(
                explain(
                    where,
                    f"member {info.filename!r} is encrypted, packed in an unknown way, or "
                    "claims a size it does not have",
                    received=f" {info.compress_size} bytes for {info.file_size}",
                )
            )


def _content(archive, name, where):
    """Bytes of a member, never more than the archive declared."""
    size = archive.getinfo(name).file_size
    if name in (_METADATA, _CONFIG) and size > json_text.MAX_BYTES:
        raise CheckpointError(explain(where, f"member {name!r} is too large", received=size))
    try:
        with archive.open(name) as member:
            content = member.read(size + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
        raise CheckpointError(explain(where, f"member {name!r} is damaged: {error}")) from error
    if len(content) != size:
        raise CheckpointError(explain(where, f"member {name!r} is damaged: wrong length"))
    return content


def _weights_reader(archive, where):
    content = io.BytesIO(_content(archive, _WEIGHTS, where))
    return saving.hdf5.Reader(content, f"{where} ({_WEIGHTS})")
