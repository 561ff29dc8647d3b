"""tf.train: checkpoints of objects with variables, and the messages of TFRecord files.

The files are the package's own, not TensorFlow's: sealed HDF5, written beside and renamed.
"""

import glob
import importlib
import json
import os

from kerasish.compat.v2.errors import NotFoundError
from kerasish.compat.v2.module import Module
from kerasish.compat.v2.variable import Variable
from kerasish.core.variable import Variable as PlainVariable
from kerasish.layers import Layer
from kerasish.optimizers import Optimizer
from kerasish.saving import hdf5
from kerasish.saving.atomic import atomic_write
from kerasish.saving.state_tree import PackedTree, read_tree

_SUFFIX, _LIST = ".ckpt.h5", "checkpoint"
_MESSAGES = ("BytesList", "FloatList", "Int64List", "Feature", "Features", "FeatureList",
             "FeatureLists", "Example", "SequenceExample")  # fmt: skip


def __getattr__(name):
    if name in _MESSAGES:
        return getattr(importlib.import_module("kerasish.data.protos"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _variables(value, path, found, seen):
    """Variables by the path of attributes that leads to them, the first path of each."""
    if isinstance(value, PlainVariable):
        if value.key not in seen:
            seen.add(value.key)
            found[path] = value
        return
    if isinstance(value, (Layer, Optimizer)):
        for i, variable in enumerate(value.variables):
            _variables(variable, f"{path}/{i}", found, seen)
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            _variables(item, f"{path}/{i}", found, seen)
    elif isinstance(value, dict):
        for key in sorted(value, key=str):
            _variables(value[key], f"{path}/{key}", found, seen)
    elif isinstance(value, (Module, Checkpoint)) and id(value) not in seen:
        seen.add(id(value))
        for key in sorted(vars(value)):
            if key not in ("_traced_methods", "_waiting"):
                _variables(vars(value)[key], f"{path}/{key}", found, seen)


class Status:
    """What a restoration has done."""

    def __init__(self, missing, unused, path):
        self._missing, self._unused, self._path = missing, unused, path

    def assert_consumed(self):
        """Raise AssertionError unless every value of the file has found its variable."""
        self.assert_existing_objects_matched()
        if self._unused:
            raise AssertionError(f"{self._path}: not all values were used: {self._unused}")
        return self

    def assert_existing_objects_matched(self):
        """Raise AssertionError unless every variable has found its value."""
        if self._missing:
            raise AssertionError(f"{self._path}: no values for {self._missing}")
        return self

    def assert_nontrivial_match(self):
        """Raise AssertionError if no value has found a variable."""
        if self._missing and not self._unused:
            raise AssertionError(f"{self._path}: nothing was restored")
        return self

    def expect_partial(self):
        """The status itself: that values are left over is meant."""
        return self


class Checkpoint:
    """Values of the variables of some objects, saved and restored.

    Args:
        root: object, or None.
        **kwargs: objects by name: variables, modules, layers, models, optimizers, lists, dicts.

    Example:
        >>> from kerasish.compat import v2 as tf
        >>> v = tf.Variable(1.0)
        >>> path = tf.train.Checkpoint(v=v).save("saved/ckpt")
        >>> _ = v.assign(5.0)
        >>> _ = tf.train.Checkpoint(v=v).restore(path)
        >>> print(path, v.numpy())
        saved/ckpt-1 1.0

    Source: TensorFlow `tf.train.Checkpoint` (names; the files are the package's own).
    """

    def __init__(self, root=None, **kwargs):
        self.save_counter = Variable(0, trainable=False, dtype="int64", name="save_counter")
        if root is not None:
            self.root = root
        for name, value in kwargs.items():
            setattr(self, name, value)

    def _found(self):
        found = {}
        _variables(self, "", found, set())
        return {path.lstrip("/"): variable for path, variable in found.items()}

    def write(self, file_prefix):
        """Write the present values; returns `file_prefix`."""
        state = {path: v.value for path, v in self._found().items()}
        _write(f"{os.fspath(file_prefix)}{_SUFFIX}", state)
        return os.fspath(file_prefix)

    def save(self, file_prefix):
        """Write to `file_prefix-N` with the next N; returns that name."""
        self.save_counter.assign_add(1)
        path = self.write(f"{os.fspath(file_prefix)}-{int(self.save_counter.numpy())}")
        _note(os.path.dirname(path), [path])
        return path

    def read(self, save_path):
        """Give variables the values of a file.

        Raises:
            NotFoundError: there is no such file.
            ValueError: a shape differs; nothing has changed then.
        """
        path = os.fspath(save_path)
        try:
            with open(f"{path}{_SUFFIX}", "rb") as file, hdf5.Reader(file, path) as reader:
                state = read_tree(reader)
        except FileNotFoundError as error:
            raise NotFoundError(None, "RestoreV2", f"no checkpoint {path!r}") from error
        found = self._found()
        for name, variable in found.items():
            if name in state and tuple(state[name].shape) != tuple(variable.shape):
                raise ValueError(f"{path}: {name} has shape {tuple(state[name].shape)}, the "
                                 f"variable {tuple(variable.shape)}")  # fmt: skip
        for name, variable in found.items():
            if name in state:
                variable.assign(state[name])
        missing, unused = sorted(set(found) - set(state)), sorted(set(state) - set(found))
        return Status(missing, unused, path)

    def restore(self, save_path):
        """As `read`; nothing for None, as `latest_checkpoint` gives for an empty folder."""
        return Status([], [], "") if save_path is None else self.read(save_path)


def _write(path, state):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    writer = hdf5.Writer()
    PackedTree(state).write(writer)
    with atomic_write(path) as file:
        file.write(writer.finish())


def _note(directory, paths, latest=None):
    """Write which checkpoints a folder holds, oldest first."""
    names = [os.path.basename(p) for p in paths]
    text = json.dumps({"latest": latest or (names[-1] if names else None), "all": names})
    with atomic_write(os.path.join(directory or ".", _LIST)) as file:
        file.write(text.encode())


def latest_checkpoint(checkpoint_dir, latest_filename=None):
    """Name of the newest checkpoint in a folder, or None.

    Args:
        checkpoint_dir: str or path-like.
        latest_filename: str; "checkpoint" when None.

    Returns:
        str or None.
    """
    directory = os.fspath(checkpoint_dir)
    try:
        with open(os.path.join(directory, latest_filename or _LIST), encoding="utf-8") as file:
            latest = json.load(file)["latest"]
    except FileNotFoundError:
        return None
    return None if latest is None else os.path.join(directory, latest)


class CheckpointManager:
    """Numbered checkpoints in a folder, of which the newest are kept.

    Args:
        checkpoint: Checkpoint.
        directory: str or path-like.
        max_to_keep: int, or None for all.
        checkpoint_name: str.
        step_counter, checkpoint_interval: save only so many steps after the last time.

    Source: TensorFlow `tf.train.CheckpointManager`.
    """

    def __init__(self, checkpoint, directory, max_to_keep, keep_checkpoint_every_n_hours=None,
                 checkpoint_name="ckpt", step_counter=None, checkpoint_interval=None,
                 init_fn=None):  # fmt: skip
        self.checkpoint, self.directory = checkpoint, os.fspath(directory)
        self._keep, self._name, self._init = max_to_keep, checkpoint_name, init_fn
        self._counter, self.checkpoint_interval = step_counter, checkpoint_interval
        self._last_step = None
        pattern = os.path.join(glob.escape(self.directory), f"{checkpoint_name}-*{_SUFFIX}")
        found = [p.removesuffix(_SUFFIX) for p in glob.glob(pattern)]
        self._paths = sorted(found, key=_number)

    @property
    def checkpoints(self):
        """Names of the checkpoints that are kept, oldest first."""
        return list(self._paths)

    @property
    def latest_checkpoint(self):
        """Name of the newest, or None."""
        return self._paths[-1] if self._paths else None

    def save(self, checkpoint_number=None, check_interval=True, options=None):
        """Write a checkpoint and remove those too many; returns its name, None if not due."""
        if check_interval and self.checkpoint_interval and self._last_step is not None:
            if int(self._counter.numpy()) - self._last_step < self.checkpoint_interval:
                return None
        if checkpoint_number is None:
            self.checkpoint.save_counter.assign_add(1)
            checkpoint_number = self.checkpoint.save_counter.numpy()
        number = int(checkpoint_number.numpy()) if hasattr(checkpoint_number, "numpy") else int(
            checkpoint_number)  # fmt: skip
        path = self.checkpoint.write(os.path.join(self.directory, f"{self._name}-{number}"))
        self._paths = [p for p in self._paths if p != path] + [path]
        if self._counter is not None:
            self._last_step = int(self._counter.numpy())
        kept = self._paths if self._keep is None else self._paths[-self._keep :]
        _note(self.directory, kept)
        for old in self._paths[: len(self._paths) - len(kept)]:
            os.remove(f"{old}{_SUFFIX}")
        self._paths = kept
        return path

    def restore_or_initialize(self):
        """Restore the newest checkpoint, else call `init_fn`; returns its name, or None."""
        if self.latest_checkpoint is not None:
            self.checkpoint.restore(self.latest_checkpoint)
            return self.latest_checkpoint
        if self._init is not None:
            self._init()
        return None


def _number(path):
    digits = path.rpartition("-")[2]
    return int(digits) if digits.isdigit() else -1
