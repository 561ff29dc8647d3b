"""`Saver`: variables of a session in files, and the file "checkpoint" that lists them.

The files are kerasish's own: for the prefix "dir/model-100" the sealed HDF5 file
"dir/model-100.ckpt.h5". TensorFlow's checkpoints are not read, and graphs are not written.
"""

import contextlib
import os
import re
import time

import numpy

from kerasish import saving
from kerasish.compat.v1 import errors
from kerasish.compat.v1.graph import get_default_graph
from kerasish.compat.v1.variables import Variable
from kerasish.errors import CheckpointError, explain
from kerasish.saving.atomic import atomic_write
from kerasish.saving.state_tree import PackedTree, read_tree

_SUFFIX = ".ckpt.h5"


class Saver:
    """Saves and restores variables by name.

    Args:
        var_list: list of variables, or dict from the name in the file to a variable; all global
            variables when None.
        reshape: bool. Restore into variables of another shape with as many elements.
        max_to_keep: int. Older files are deleted; None or 0 keeps all.
        keep_checkpoint_every_n_hours: float. A file as old as this after the last kept one stays.

    Raises:
        ValueError: there are no variables, or two of one name.
        TypeError: something that is not a variable.

    Example:
        >>> import os, tempfile
        >>> import kerasish.compat.v1 as tf
        >>> with tf.Graph().as_default(), tempfile.TemporaryDirectory() as folder:
        ...     v = tf.Variable([1.0, 2.0], name="v")
        ...     saver, prefix = tf.train.Saver(), os.path.join(folder, "model")
        ...     with tf.Session() as session:
        ...         _ = session.run(v.initializer), saver.save(session, prefix, global_step=7)
        ...     with tf.Session() as session:
        ...         saver.restore(session, tf.train.latest_checkpoint(folder))
        ...         session.run(v).tolist()
        [1.0, 2.0]

    Source: TensorFlow 1 (names and defaults).
    """

    def __init__(self, var_list=None, reshape=False, sharded=False, max_to_keep=5,
                 keep_checkpoint_every_n_hours=10000.0, name=None, restore_sequentially=False,
                 saver_def=None, builder=None, defer_build=False, allow_empty=False,
                 write_version=None, pad_step_number=False, save_relative_paths=False,
                 filename=None):  # fmt: skip
        if var_list is None:
            graph = get_default_graph()
            var_list = graph.get_collection("variables") + graph.get_collection("local_variables")
        self._variables = _by_name(var_list)
        if not self._variables and not allow_empty:
            raise ValueError("No variables to save")
        self._reshape, self._keep = reshape, max_to_keep or 0
        self._kept_apart = keep_checkpoint_every_n_hours * 3600
        self._next_kept = time.time() + self._kept_apart
        self._pad, self._relative = pad_step_number, save_relative_paths
        self._last = []  # (prefix, time of writing)

    @property
    def last_checkpoints(self):
        """Prefixes of the files that are kept, oldest first."""
        return [prefix for prefix, _ in self._last]

    def set_last_checkpoints(self, prefixes):
        """Count these as written by this saver."""
        self._last = [(str(p), 0.0) for p in prefixes]

    def save(self, sess, save_path, global_step=None, latest_filename=None, meta_graph_suffix=None,
             write_meta_graph=True, write_state=True, strip_default_attrs=False,
             save_debug_info=False):  # fmt: skip
        """Write the variables; the file appears whole or not at all.

        Args:
            sess: Session.
            save_path: prefix of the file.
            global_step: int, variable or tensor whose value is added to the prefix.

        Returns:
            prefix, to be given to `restore`.

        Raises:
            errors.FailedPreconditionError: a variable has no value.
            ValueError: the prefix is a folder's name, or its folder does not exist.
        """
        save_path = os.fspath(save_path)
        if not os.path.basename(save_path):
            raise ValueError(explain("tf.train.Saver.save", "the path names no file",
                                     received=save_path))  # fmt: skip
        if not os.path.isdir(os.path.dirname(save_path) or "."):
            raise ValueError(f"Parent directory of {save_path} doesn't exist, can't save.")
        if global_step is not None:
            step = (
                global_step
                if isinstance(global_step, (int, numpy.integer))
                else int(sess.run(global_step))
            )
            save_path = f"{save_path}-{step:08d}" if self._pad else f"{save_path}-{step}"
        names = list(self._variables)
        values = sess.run([self._variables[n] for n in names]) if names else []
        writer = saving.hdf5.Writer()
        PackedTree({"variables": dict(zip(names, values, strict=True))}).write(writer)
        with atomic_write(save_path + _SUFFIX) as file:
            file.write(writer.finish())
        if write_state:
            self._record(save_path, latest_filename)
        return save_path

    def _record(self, prefix, latest_filename):
        self._last = [(p, t) for p, t in self._last if p != prefix] + [(prefix, time.time())]
        while self._keep and len(self._last) > self._keep:
            old, written = self._last.pop(0)
            if written > self._next_kept:
                self._next_kept += self._kept_apart
                continue
            with contextlib.suppress(FileNotFoundError):
                os.remove(old + _SUFFIX)
        update_checkpoint_state(os.path.dirname(prefix), prefix, self.last_checkpoints,
                                latest_filename)  # fmt: skip

    def restore(self, sess, save_path):
        """Give the variables the values in a file; they need not be initialised.

        Raises:
            ValueError: no such file.
            errors.NotFoundError: the file lacks a variable.
            errors.InvalidArgumentError: a variable has another shape.
            CheckpointError: the file is damaged.
        """
        if save_path is None:
            raise ValueError("Can't load save_path when it is None.")
        if not checkpoint_exists(save_path):
            raise ValueError(f"The passed save_path is not a valid checkpoint: {save_path}")
        found, loaded = _read(save_path), []
        for name, variable in self._variables.items():
            if name not in found:
                raise errors.NotFoundError(
                    None, variable.op, f"Key {name} not found in checkpoint {save_path}"
                )
            value = found[name]
            if self._reshape and variable.shape.num_elements() == value.size:
                value = value.reshape(variable.sizes)
            if variable.validate_shape and not variable.shape.is_compatible_with(value.shape):
                raise errors.InvalidArgumentError(
                    None, variable.op,
                    f"Assign requires shapes of both tensors to match. lhs shape= {variable.shape}"
                    f" rhs shape= {value.shape} for {name!r} of {save_path}",
                )  # fmt: skip
            if value.dtype != variable.dtype.as_numpy_dtype:
                raise errors.InvalidArgumentError(
                    None, variable.op,
                    f"tensor_name = {name}; expected dtype {variable.dtype.enum_name} does not "
                    f"equal original dtype {value.dtype}",
                )  # fmt: skip
            loaded.append((variable, value))
        for variable, value in loaded:  # all of them fit: only now is anything changed
            variable.set_in(sess, value)

    def export_meta_graph(self, filename=None, *args, **kwargs):
        """Raises: operations are Python functions, which are not written to files."""
        raise _no_meta_graph()


def _by_name(var_list):
    if isinstance(var_list, dict):
        pairs = list(var_list.items())
    else:
        pairs = [(getattr(getattr(v, "op", None), "name", None), v) for v in var_list]
    found = {}
    for name, variable in pairs:
        if not isinstance(variable, Variable):
            raise TypeError(f"Variable to save is not a Variable: {variable}")
        if name in found:
            raise ValueError(f"At least two variables have the same name: {name}")
        found[name] = variable
    return found


def _read(prefix):
    where = os.fspath(prefix) + _SUFFIX
    with open(where, "rb") as file, saving.hdf5.Reader(file, where) as reader:
        content = read_tree(reader)
    if not isinstance(content.get("variables"), dict):
        raise CheckpointError(explain(where, "the file holds no variables"))
    return {k: numpy.asarray(v) for k, v in content["variables"].items()}


def checkpoint_exists(checkpoint_prefix):
    """Whether a file of this prefix exists."""
    return os.path.isfile(os.fspath(checkpoint_prefix) + _SUFFIX)


def list_variables(ckpt_dir_or_file):
    """List of (name, shape) of the variables in a checkpoint."""
    prefix = ckpt_dir_or_file
    if os.path.isdir(prefix):
        prefix = latest_checkpoint(prefix)
    return sorted((name, list(value.shape)) for name, value in _read(prefix).items())


def load_variable(ckpt_dir_or_file, name):
    """The array of one variable in a checkpoint."""
    prefix = ckpt_dir_or_file
    prefix = latest_checkpoint(prefix) if os.path.isdir(prefix) else prefix
    return _read(prefix)[name]


# ---- the file "checkpoint" -------------------------------------------------------------------


class CheckpointState:
    """What the file "checkpoint" of a folder says: the latest file, and all that are kept."""

    def __init__(self, model_checkpoint_path, all_model_checkpoint_paths):
        self.model_checkpoint_path = model_checkpoint_path
        self.all_model_checkpoint_paths = all_model_checkpoint_paths


def update_checkpoint_state(save_dir, model_checkpoint_path, all_model_checkpoint_paths=None,
                            latest_filename=None):  # fmt: skip
    """Write the file "checkpoint" of a folder."""
    paths = list(all_model_checkpoint_paths or [])
    if model_checkpoint_path not in paths:
        paths.append(model_checkpoint_path)
    own = [_relative(p, save_dir) for p in (model_checkpoint_path, *paths)]
    names = ["model_checkpoint_path"] + ["all_model_checkpoint_paths"] * len(paths)
    text = "".join(f"{n}: {_quoted(p)}\n" for n, p in zip(names, own, strict=True))
    with atomic_write(os.path.join(save_dir, latest_filename or "checkpoint"), "w") as file:
        file.write(text)


def _relative(path, folder):
    return os.path.basename(path) if os.path.dirname(path) == folder else path


def _quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def get_checkpoint_state(checkpoint_dir, latest_filename=None):
    """CheckpointState of a folder, or None where nothing was saved."""
    path = os.path.join(checkpoint_dir, latest_filename or "checkpoint")
    try:
        with open(path, encoding="utf-8") as file:
            lines = re.findall(r'^(\w+): "(.*)"$', file.read(), re.MULTILINE)
    except FileNotFoundError:
        return None
    found = {"model_checkpoint_path": [], "all_model_checkpoint_paths": []}
    for name, value in lines:
        value = value.replace('\\"', '"').replace("\\\\", "\\")
        found.setdefault(name, []).append(os.path.join(checkpoint_dir, value))
    if not found["model_checkpoint_path"]:
        raise CheckpointError(explain(path, "the file names no checkpoint"))
    return CheckpointState(found["model_checkpoint_path"][0], found["all_model_checkpoint_paths"])


def latest_checkpoint(checkpoint_dir, latest_filename=None):
    """Prefix of the newest file of a folder, or None."""
    state = get_checkpoint_state(checkpoint_dir, latest_filename)
    if state is None or not checkpoint_exists(state.model_checkpoint_path):
        return None
    return state.model_checkpoint_path


def _no_meta_graph():
    return errors.UnimplementedError(
        None, None,
        explain("tf.train", "graphs are not written to files, since their operations are Python "
                "functions", fix="build the graph with the same code, then Saver().restore"),
    )  # fmt: skip


def export_meta_graph(*args, **kwargs):
    """Raises: operations are Python functions, which are not written to files."""
    raise _no_meta_graph()


def import_meta_graph(*args, **kwargs):
    """Raises: operations are Python functions, which are not written to files."""
    raise _no_meta_graph()
