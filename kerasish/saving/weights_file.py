"""`.weights.h5`: the weights of a model, and its optimizer's state, in Keras 3's layout."""

import warnings

from kerasish.errors import CheckpointError, explain
from kerasish.saving.assignment import (
    is_optimizer,
    summarized,
    unchanged_on_failure,
    value_mismatch,
)
from kerasish.saving.state_walk import walk
from kerasish.saving.stores import OrderedStore, ReadingStore, WritingStore

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
            writer.group(path, name=part.item.name.replace("\0", "\\0"))
        part.item.save_own_variables(WritingStore(writer, path))


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
    used = [part for part in parts if not part.is_left_out]
    with unchanged_on_failure([part.item for part in used]):
        stores, problems, warned = [], [], []
        for part in used:
            store, problem = _store_for(part, reader, model, is_new)
            if problem is None:
                stores.append((part, store))
            else:
                (warned if is_optimizer(part.item) and not is_new else problems).append(problem)
        problems += _unplaced(reader, parts)
        if problems and not skip_mismatch:
            raise CheckpointError(summarized(problems))
        for part, store in stores:
            if store is not None:
                _load(part, store, reader)
    if problems:
        warnings.warn(f"Weights that do not fit were skipped. {summarized(problems)}", stacklevel=4)
    for problem in warned:
        warnings.warn(f"The optimizer is left as it was. {problem}", stacklevel=4)


def _store_for(part, reader, model, is_new):
    """(what a part loads from, None), or (None, what keeps it from loading)."""
    group = part.find(reader.groups)
    store = ReadingStore(reader, None if group is None else f"{group}/vars".lstrip("/"))
    if is_optimizer(part.item):
        return _optimizer_store(part, store, model, is_new)
    problem = _mismatch(part, store, reader)
    if problem and not _is_standard(part.item) and _can_load(part.item, store):
        problem = None  # a layer may keep its weights in files in a way of its own
    return store, problem


def _can_load(item, store):
    try:
        with unchanged_on_failure([item]):
            item.load_own_variables(store)
    except Exception:  # noqa: BLE001 (whatever a layer of the user raises, it cannot load)
        return False
    return True


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
    own = part.item._own_variables()
    if len(own) != len(store):
        hint = None
        if not getattr(part.item, "built", True):
            hint = "the layer has not been built: call the model on data first"
        return explain(
            f"loading {reader.where}",
            f"{part.label} has another number of weights",
            received=f" {len(store)} at {part.path or 'the top'!r}: {store.shapes()}",
            expected=f"{len(own)}: {[(v.name, tuple(v.shape)) for v in own]}",
            fix=hint,
        )
    for i, variable in enumerate(own):
        problem = value_mismatch(reader, store.path(str(i)), variable, part.label)
        if problem:
            return problem
    return None


def _is_standard(item):
    """Whether a layer loads in the standard way: by the class that also orders the weights."""
    for cls in type(item).__mro__:
        if "load_own_variables" in vars(cls):
            return "_own_variables" in vars(cls)
    return False


def _unplaced(reader, parts):
    """Texts about data sets of the file that no part of the model takes."""
    taken = {
        f"{p.find(reader.groups)}/vars".lstrip("/")
        for p in parts
        if p.find(reader.groups) is not None
    }
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
    return [
        explain(
            f"loading {reader.where}",
            "the file has weights that the model has no place for",
            received=f" {sorted(left)[:8]}" + (" ..." if len(left) > 8 else ""),
            fix="load it into the model it was saved from, or pass skip_mismatch=True",
        )
    ]


def _optimizer_store(part, store, model, is_new):
    """(store, None) for an optimizer that can take the file's state, or (None, what is wrong).

    A store of None leaves the optimizer as it is: the file has no state for it.
    """
    optimizer = part.item
    if not len(store):
        if is_new:
            warnings.warn(no_optimizer_state(store.reader.where), stacklevel=5)
        return None, None
    if not optimizer.built and len(store) > len(optimizer.variables) and part.parent.item is model:
        optimizer.build(model.trainable_variables)
    variables = optimizer.variables
    paths = [store.path(str(i)) for i in range(len(store))]
    if (
        len(variables) > 1
        and variables[1].name == "learning_rate"
        and len(paths) + 1 == len(variables)
    ):
        paths.insert(1, None)  # Keras 2 keeps the learning rate in the config only
    if len(paths) != len(variables) and (is_new or int(optimizer.iterations) == 0):
        paths = as_unbuilt(paths, optimizer) or paths
    if len(paths) != len(variables):
        return None, explain(
            f"loading {store.reader.where}",
            f"{part.label} has other state",
            received=f" {len(paths)} variables",
            expected=f"{len(variables)}, for an optimizer of the same class and "
            "options on the same weights",
            fix="load_model(..., compile=False), and compile again",
        )
    for path, variable in zip(paths, variables, strict=True):
        problem = path and value_mismatch(store.reader, path, variable, part.label)
        if problem:
            return None, problem
    return OrderedStore(store.reader, paths, variables), None


def no_optimizer_state(where):
    """Text of the warning about a compiled model whose file holds no state of its optimizer."""
    return f"{where} holds no optimizer state: training goes on with a new optimizer."


def as_unbuilt(paths, optimizer):
    """Paths of the state of an optimizer saved before its first step, one for each variable now.

    None stands for state that was made since; there is no list at all when the number of paths is
    not that of an optimizer before its first step.
    """
    unbuilt = [v.path for v in type(optimizer).from_config(optimizer.get_config()).variables]
    if len(unbuilt) != len(paths):
        return None
    places = dict(zip(unbuilt, paths, strict=True))
    return [places.get(v.path) for v in optimizer.variables]
