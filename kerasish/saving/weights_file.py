"""`.weights.h5`: the weights of a model, and its optimizer's state, in Keras 3's layout."""

import contextlib
import warnings
from collections.abc import Mapping

from kerasish import saving
from kerasish.arrays import dtypes
from kerasish.core.variable import Variable
from kerasish.errors import CheckpointError, explain
from kerasish.saving.state_walk import walk

_OPTIONAL = {"optimizer", "metrics"}  # parts of a file that a model need not have a place for


def write_state(writer, model, leave_out=()):
    """Write every part of a model into an HDF5 file.

    Args:
        writer: hdf5.Writer.
        model: Model or Layer, built.
        leave_out: parts not to write.
    """
    for part in walk(model, leave_out):
        if part.is_left_out:
            continue
        path = f"{part.path}/vars" if part.path else "vars"
        if isinstance(getattr(part.item, "name", None), str):
            writer.group(path, name=part.item.name)
        part.item.save_own_variables(_WritingStore(writer, path))


def read_state(reader, model, skip_mismatch=False, leave_out=(), is_new=False):
    """Assign the values of a file to a model: all of them, or none when anything does not fit.

    Args:
        reader: hdf5.Reader.
        model: Model or Layer, built.
        skip_mismatch: bool. Warn about what does not fit, and assign the rest.
        leave_out: parts to leave as they are.
        is_new: bool. The model was just made for this file, so its optimizer is as new.

    Raises:
        CheckpointError: a part has other weights than the file, or the file has more.
    """
    parts = walk(model, leave_out)
    with _unchanged_on_failure(parts):
        stores, problems = [], []
        for part in parts:
            if part.is_left_out:
                continue
            store = _ReadingStore(reader, part.find(reader.groups))
            is_optimizer = not hasattr(part.item, "_own_variables")
            if is_optimizer:
                store, problem = _optimizer_store(part, store, model, is_new)
            else:
                problem = _mismatch(part, store, reader)
            if problem is None:
                stores.append((part, store))
            elif is_optimizer and not is_new:
                warnings.warn(f"The optimizer is left as it was. {problem}", stacklevel=4)
            else:
                problems.append(problem)
        problems += _unplaced(reader, parts)
        if problems:
            text = problems[0] if len(problems) == 1 else (
                f"{problems[0]} (and {len(problems) - 1} more mismatches)"
            )  # fmt: skip
            if not skip_mismatch:
                raise CheckpointError(text)
            warnings.warn(f"Weights that do not fit were skipped. {text}", stacklevel=4)
        for part, store in stores:
            if store is not None:
                _load(part, store, reader)


def _load(part, store, reader):
    try:
        part.item.load_own_variables(store)
    except Exception as error:
        raise CheckpointError(
            explain(f"loading {reader.where}", f"{part.label} could not take its weights: {error}")
        ) from error


# ---- checks before anything is assigned --------------------------------------------------------


def _mismatch(part, store, reader):
    """What keeps a layer from taking its weights, as a text; None when all fit."""
    if not _is_standard(part.item):
        return None  # a layer with its own way of loading checks by itself
    own = part.item._own_variables()
    if len(own) != len(store):
        hint = None
        if not getattr(part.item, "built", True):
            hint = "the layer has not been built: call the model on data first"
        return explain(
            f"loading {reader.where}", f"{part.label} has another number of weights",
            received=f" {len(store)} at {part.path or 'the top'!r}: {store.shapes()}",
            expected=f"{len(own)}: {[(v.name, tuple(v.shape)) for v in own]}", fix=hint,
        )  # fmt: skip
    for i, variable in enumerate(own):
        problem = value_mismatch(reader, store.path(str(i)), variable, part.label)
        if problem:
            return problem
    return None


def value_mismatch(reader, path, variable, label):
    """What keeps a variable from taking a data set's values, as a text; None when it can."""
    where, name = f"loading {reader.where}", f"weight {variable.name!r} of {label}"
    if path not in reader.datasets:
        return explain(where, f"{name} is missing", expected=f"a data set {path!r}")
    if reader.shape(path) != tuple(variable.shape):
        return explain(where, f"{name} has another shape",
                       received=f" {reader.shape(path)} at {path!r}",
                       expected=str(tuple(variable.shape)))  # fmt: skip
    dtype = reader.dtype(path)
    if dtype is None or _kind(dtype) != _kind(variable.dtype):
        return explain(where, f"{name} has another kind of values",
                       received=f" {dtype or 'no numbers'} at {path!r}", expected=variable.dtype)  # fmt: skip
    return None


def _kind(dtype):
    if dtypes.is_float(dtype):
        return "float"
    return "bool" if dtype == "bool" else "int"


def _is_standard(item):
    """Whether a layer loads in the standard way: by the class that also orders the weights."""
    for cls in type(item).__mro__:
        if "load_own_variables" in vars(cls):
            return "_own_variables" in vars(cls)
    return False


def _unplaced(reader, parts):
    """Texts about data sets of the file that no part of the model takes."""
    taken = {f"{p.find(reader.groups)}/vars".lstrip("/") for p in parts if p.find(reader.groups) is not None}
    skipped = tuple(f"{p.path}/" for p in parts if p.is_left_out)
    left = [
        path
        for path in reader.datasets
        if path.rpartition("/")[0] not in taken
        and not path.startswith(skipped)
        and not _OPTIONAL.intersection(path.split("/"))
    ]
    if not left:
        return []
    return [explain(f"loading {reader.where}", "the file has weights that the model has no place for",
                    received=f" {sorted(left)[:8]}" + (" ..." if len(left) > 8 else ""),
                    fix="load it into the model it was saved from, or pass skip_mismatch=True")]  # fmt: skip


def _optimizer_store(part, store, model, is_new):
    """(store, None) for an optimizer that can take the file's state, or (None, what is wrong).

    A store of None leaves the optimizer as it is: the file has no state for it.
    """
    optimizer = part.item
    if not len(store):
        return None, None
    if not optimizer.built and len(store) > len(optimizer.variables) and part.parent.item is model:
        optimizer.build(model.trainable_variables)
    variables = optimizer.variables
    values = [store.path(str(i)) for i in range(len(store))]
    has_rate = len(variables) > 1 and variables[1].name == "learning_rate"
    if has_rate and len(store) == len(variables) - 1:
        values.insert(1, None)  # Keras 2 keeps the learning rate in the config only
    is_unused = is_new and len(store) == 1 + has_rate  # saved before the first step
    if len(values) != len(variables) and not is_unused:
        return None, explain(f"loading {store.reader.where}", f"{part.label} has other state",
                             received=f" {len(values)} variables",
                             expected=f"{len(variables)}, for an optimizer of the same class and "
                             "options on the same weights")  # fmt: skip
    for path, variable in zip(values, variables, strict=False):
        problem = path and value_mismatch(store.reader, path, variable, part.label)
        if problem:
            return None, problem
    values += [None] * (len(variables) - len(values))
    return _ReorderedStore(store.reader, values, variables), None


# ---- stores: what `save_own_variables` and `load_own_variables` see ----------------------------


class _WritingStore:
    """Dict-like that writes what is put into it as data sets of one group."""

    def __init__(self, writer, path):
        self._writer, self._path, self._keys = writer, path, []

    def __setitem__(self, key, value):
        key = str(key)
        if not key or "/" in key or "\0" in key or key == ".":
            raise CheckpointError(explain(self._path, "unusable key of a stored value", received=key))
        self._writer.write(f"{self._path}/{key}", value)
        self._keys.append(key)

    def keys(self):
        """Keys written so far."""
        return list(self._keys)

    def __len__(self):
        return len(self._keys)


class _ReadingStore(Mapping):
    """Dict-like of the data sets of one group, read when they are asked for."""

    def __init__(self, reader, group):
        self.reader = reader
        self._group = None if group is None else f"{group}/vars".lstrip("/")
        names = [] if group is None else reader.names(self._group)
        self._keys = sorted(names, key=lambda n: (not n.isdigit(), len(n) if n.isdigit() else 0, n))

    def path(self, key):
        """Full path of the data set of a key."""
        return f"{self._group}/{key}"

    def shapes(self):
        """Shapes of all values, for errors."""
        return [self.reader.shape(self.path(k)) for k in self._keys]

    def __getitem__(self, key):
        if key not in self._keys:
            raise KeyError(key)
        return self.reader.read(self.path(key))

    def __iter__(self):
        return iter(self._keys)

    def __len__(self):
        return len(self._keys)


class _ReorderedStore(Mapping):
    """Values for a list of variables, each from a data set or (path None) what it already has."""

    def __init__(self, reader, paths, variables):
        self._reader, self._paths, self._variables = reader, paths, variables

    def __getitem__(self, key):
        i = int(key)
        path = self._paths[i]
        return self._variables[i].numpy() if path is None else self._reader.read(path)

    def __iter__(self):
        return (str(i) for i in range(len(self._paths)))

    def __len__(self):
        return len(self._paths)


@contextlib.contextmanager
def _unchanged_on_failure(parts):
    """Give every variable of the parts its old value again when the block raises."""
    items = [p.item for p in parts if not p.is_left_out]
    attributes = [(i, _copied(vars(i))) for i in items if not hasattr(i, "_own_variables")]
    variables = [v for item in items for v in _state_of(item)]
    before = [(v, v._array) for v in variables]
    try:
        yield
    except BaseException:
        for item, values in attributes:
            vars(item).clear()
            vars(item).update(values)
        for variable, array in before:
            variable.adopt(array, is_shared=True)
        raise


def _state_of(item):
    found = item._state_variables() if hasattr(item, "_state_variables") else item.variables
    return [v for v in found if isinstance(v, Variable)]


def _copied(attributes):
    return {k: list(v) if type(v) is list else v for k, v in attributes.items()}


def open_state(file, where):
    """Reader of an open `.weights.h5` file."""
    return saving.hdf5.Reader(file, where)
