"""One checkpoint on disk: a folder named by its step, which appears whole or not at all.

`step-0000000012/` holds `checkpoint.json` (step and metrics) and `state.h5` (the state, with its
digest). A second checkpoint of one step is `step-0000000012-1`, so that the first stays until the
second is durable. Names that begin with a dot are unfinished, or about to be removed.
"""

import contextlib
import json
import os
import re
import shutil

from kerasish import saving
from kerasish.errors import CheckpointError, explain
from kerasish.saving import json_text
from kerasish.saving.atomic import open_temporary, sync_folder
from kerasish.saving.state_tree import read_tree

_NAME = re.compile(r"step-(\d{10,})(?:-(\d+))?")
_UNFINISHED = re.compile(r"\.step-\d{10,}.*\.part")
_FACTS, _STATE = "checkpoint.json", "state.h5"


def find(directory):
    """Checkpoints in a directory, oldest first.

    Returns:
        list of (step, number of the checkpoint among those of the step, path).
    """
    try:
        names = os.listdir(directory)
    except FileNotFoundError:
        return []
    found = [(m, name) for name in names if (m := _NAME.fullmatch(name))]
    return sorted((int(m[1]), int(m[2] or 0), directory / name) for m, name in found)


def write(directory, step, packed, metrics):
    """Write a checkpoint; it is durable when this returns.

    Args:
        directory: Path.
        step: int.
        packed: PackedTree.
        metrics: dict from name to float.

    Returns:
        Path of the new folder.

    Raises:
        OSError: the disk, or the rights, do not allow it; nothing has changed.
    """
    os.makedirs(directory, exist_ok=True)
    number = max((n for s, n, _ in find(directory) if s == step), default=-1) + 1
    name = f"step-{step:010d}" + (f"-{number}" if number else "")
    temporary = directory / f".{name}.{os.getpid()}-{os.urandom(4).hex()}.part"
    writer = saving.hdf5.Writer()
    packed.write(writer)
    facts = json.dumps({"step": step, "metrics": metrics})
    os.mkdir(temporary)
    try:
        _write_file(temporary / _STATE, writer.finish())
        _write_file(temporary / _FACTS, facts.encode())
        sync_folder(temporary)
        os.rename(temporary, directory / name)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    sync_folder(directory)
    return directory / name


def _write_file(path, content):
    with open_temporary(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def read(path):
    """The state of a checkpoint.

    Raises:
        CheckpointError: it is damaged.
    """
    where = str(path / _STATE)
    try:
        with open(path / _STATE, "rb") as file, saving.hdf5.Reader(file, where) as reader:
            return read_tree(reader)
    except FileNotFoundError as error:
        raise CheckpointError(explain(where, "the checkpoint lacks its state")) from error


def read_metrics(path):
    """The metrics of a checkpoint.

    Raises:
        CheckpointError: the file is damaged.
    """
    where = str(path / _FACTS)
    try:
        facts = json_text.parse_object((path / _FACTS).read_bytes(), where)
        return {str(k): float(v) for k, v in facts["metrics"].items()}
    except (FileNotFoundError, KeyError, AttributeError, TypeError, ValueError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(explain(where, "the file lacks what a checkpoint has")) from error


def remove(path):
    """Remove a checkpoint: it is gone as a whole before its files are."""
    hidden = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.part")
    with contextlib.suppress(FileNotFoundError):
        os.rename(path, hidden)
        shutil.rmtree(hidden)


def remove_unfinished(directory):
    """Remove what a killed process has left; the caller knows that no other one writes here."""
    for name in os.listdir(directory):
        if _UNFINISHED.fullmatch(name):
            shutil.rmtree(directory / name)
