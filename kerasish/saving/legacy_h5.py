"""`.h5`: Keras's older form of whole models and of weights by layer name, of Keras 2 and 3."""

import warnings

from kerasish import registry, saving
from kerasish.errors import CheckpointError, NotBuiltError, explain
from kerasish.saving import json_text, legacy_config
from kerasish.saving.assignment import summarized, unchanged_on_failure, value_mismatch
from kerasish.saving.legacy_optimizer import read_optimizer
from kerasish.saving.model_config import build_model, config_of_file
from kerasish.saving.serialization import serialize_keras_object
from kerasish.saving.state_walk import Part

KERAS_VERSION = "3.15.1"
_WEIGHTS, _TOP = "model_weights", "top_level_model_weights"


# ---- writing -----------------------------------------------------------------------------------


def model_bytes(model, include_optimizer=True):
    """A whole model as the bytes of an `.h5` file.

    Args:
        model: Sequential or functional Model.
        include_optimizer: bool. Write the compile arguments and the optimizer's state, too.

    Raises:
        ValueError: a subclassed model, or names that cannot be told apart in such a file.
    """
    names = {origin[1] for c in type(model).__mro__ if (origin := registry.origin(c))}
    if not names & {"Sequential", "Functional"}:
        raise ValueError(
            explain(
                f"saving {model.name!r} as .h5",
                "this form holds Sequential and functional models only",
                received=model,
                fix="save it as '....keras', or its weights as '....weights.h5'",
            )
        )
    where = f"saving {model.name!r} as .h5"
    serialized = serialize_keras_object(model)
    writer = saving.hdf5.Writer()
    entry = legacy_config.shortened(serialized)
    writer.group(
        "",
        keras_version=KERAS_VERSION,
        backend="kerasish",
        model_config=json_text.written(entry, where).encode(),
    )
    compiled = serialized.get("compile_config") if include_optimizer else None
    if compiled and model.optimizer is not None:
        text = json_text.written(legacy_config.shortened_compile_config(compiled), where)
        writer.group("", training_config=text.encode())
    _write_weights(writer, model)
    if compiled and model.optimizer is not None:
        writer.group("optimizer_weights")
        _write_variables(writer, "optimizer_weights", model.optimizer.variables)
    return writer.finish()


def _write_weights(writer, model):
    layers = model.layers
    _check_names([layer.name for layer in layers])
    writer.group(_WEIGHTS, keras_version=KERAS_VERSION.encode(), backend=b"kerasish")
    writer.texts(_WEIGHTS, "layer_names", [layer.name for layer in layers])
    for layer in sorted(layers, key=lambda x: x.name):
        writer.group(f"{_WEIGHTS}/{layer.name}")
        _write_variables(writer, f"{_WEIGHTS}/{layer.name}", _ordered(layer))
    writer.group(f"{_WEIGHTS}/{_TOP}")
    _write_variables(writer, f"{_WEIGHTS}/{_TOP}", _top_level(model))


def _write_variables(writer, group, variables):
    names = _unique([v.path for v in variables])
    writer.texts(group, "weight_names", names)
    for name, variable in zip(names, variables, strict=True):
        writer.write(f"{group}/{name}", variable.numpy())


def _unique(names):
    """The names, changed where they cannot stand together; files list them in order.

    Two weights may have one path, and one weight's path may go on from another's.
    """
    found, above = [], set()
    for name in names:
        candidate, number = name, 0
        while not _is_usable(candidate) or candidate in above or _places(candidate) & set(found):
            number += 1
            candidate = f"{name.replace('/', '_')}_{number}".replace("\0", "_")
        found.append(candidate)
        above |= _places(candidate) - {candidate}
    return found


def _places(name):
    """A path and all paths above it."""
    parts = name.split("/")
    return {"/".join(parts[: i + 1]) for i in range(len(parts))}


def _is_usable(name):
    return all(part not in ("", ".") and "\0" not in part for part in name.split("/"))


def _check_names(names):
    for name in names:
        if not _is_usable(name) or name == _TOP:
            raise ValueError(
                explain(
                    "saving as .h5",
                    "a layer's name cannot be used in this form",
                    received=name,
                    fix="rename the layer, or save as '....keras'",
                )
            )
        clashing = (_places(name) - {name}) & set(names)
        if clashing or names.count(name) > 1:
            raise ValueError(
                explain(
                    "saving as .h5",
                    f"layers {name!r} and {min(clashing, default=name)!r} would share a place",
                    fix="rename one, or save as '....keras'",
                )
            )


def _ordered(layer):
    """Weights in the order of these files: what is trained first."""
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def _top_level(model):
    return model._own_variables()


# ---- reading -----------------------------------------------------------------------------------


def is_legacy(reader):
    """Whether an HDF5 file lists weights by layer name."""
    return _root(reader) is not None


def _root(reader):
    for path in ("", _WEIGHTS):
        if path in reader.groups and reader.has_texts(path, "layer_names"):
            return path
    return None


def read_model(file, where, custom_objects=None, compile=True, safe_mode=True):
    """Model from an open `.h5` file of Keras 2 or 3.

    Raises:
        CheckpointError: not such a file, damaged, or not consistent.
        ValueError: unknown classes (with the nearest names).
    """
    with saving.hdf5.Reader(file, where) as reader, registry.CustomObjectScope(custom_objects):
        text = reader.text("", "model_config")
        if text is None:
            raise CheckpointError(
                explain(
                    where,
                    "the file holds no model, only values",
                    fix="build the model in Python and use load_weights",
                )
            )
        version = legacy_config.major_version(reader.text("", "keras_version"))
        config = json_text.parse_object(text, f"{where} (model_config)")
        with config_of_file(where):
            config = legacy_config.model_config(config, version)
            model = build_model(config, where, None, safe_mode)
        read_weights(reader, model)
        training = reader.text("", "training_config") if compile else None
        if training is not None:
            arguments = json_text.parse_object(training, f"{where} (training_config)")
            with config_of_file(where):
                model.compile_from_config(legacy_config.compile_config(arguments, version))
            read_optimizer(reader, model)
    return model


def read_weights(reader, model, skip_mismatch=False, by_name=False):
    """Assign the weights of an `.h5` file: all of them, or none when anything does not fit.

    Args:
        reader: hdf5.Reader.
        model: Model, built.
        skip_mismatch: bool. Warn about what does not fit, and assign the rest.
        by_name: bool. Match layers by name; layers that the file or the model lacks are left out.

    Raises:
        CheckpointError: other layers, other numbers of weights, or other shapes.
    """
    root = _root(reader)
    if root is None:
        raise CheckpointError(explain(reader.where, "the file does not list layers with weights"))
    if not model.built:
        raise NotBuiltError(
            explain(
                f"loading {reader.where}",
                "the model has no weights yet: the file does not tell its input shape",
            )
        )
    prefix = f"{root}/" if root else ""
    saved = {n: _paths(reader, f"{prefix}{n}") for n in reader.texts(root, "layer_names")}
    if f"{prefix}{_TOP}" in reader.groups:
        saved[_TOP] = _paths(reader, f"{prefix}{_TOP}")
    pairs, problems = _matched(saved, model, by_name, reader.where)
    loaded = []
    for layer, paths in pairs:
        variables = _top_level(model) if layer is model else _ordered(layer)
        label = Part(layer, None, "").label
        if len(paths) != len(variables):
            problems.append(
                explain(
                    f"loading {reader.where}",
                    f"{label} has another number of weights",
                    received=f" {len(paths)}: {paths[:8]}",
                    expected=f"{len(variables)}: {[v.name for v in variables]}",
                )
            )
            continue
        for variable, path in zip(variables, _in_order(paths, variables), strict=True):
            problem = value_mismatch(reader, path, variable, label)
            problems += [problem] if problem else []
            loaded += [] if problem else [(variable, path)]
    if problems and not skip_mismatch:
        raise CheckpointError(summarized(problems))
    if problems:
        warnings.warn(f"Weights that do not fit were skipped. {summarized(problems)}", stacklevel=4)
    with unchanged_on_failure([layer for layer, _ in pairs]):
        for variable, path in loaded:
            variable.assign(reader.read(path))
        for layer, _ in pairs:
            if hasattr(layer, "finalize_state"):
                layer.finalize_state()


def _paths(reader, group):
    if group not in reader.groups:
        raise CheckpointError(
            explain(reader.where, f"the file lists {group!r} but does not have it")
        )
    return [f"{group}/{name}" for name in reader.texts(group, "weight_names")]


def _matched(saved, model, by_name, where):
    """(pairs of layer and paths of its weights, list of problems)."""
    top = [(model, saved.pop(_TOP))] if _TOP in saved else []
    if by_name:
        by_layer = {layer.name: layer for layer in model.layers}
        return [*((by_layer[n], paths) for n, paths in saved.items() if n in by_layer), *top], []
    layers = [layer for layer in model.layers if layer.weights]
    saved = {n: paths for n, paths in saved.items() if paths}
    problems = []
    if len(saved) != len(layers):
        problems = [
            explain(
                f"loading {where}",
                "the file has weights for another number of layers",
                received=f" {len(saved)}: {list(saved)[:12]}",
                expected=f"{len(layers)}: {[x.name for x in layers][:12]}",
                fix="by_name=True matches layers by their names",
            )
        ]
    return [*zip(layers, saved.values(), strict=False), *top], problems


def _in_order(paths, variables):
    """The paths in the order of the variables.

    What is not trained comes last in these files, and whether a layer is frozen may differ between
    file and model; then the last part of the names ("gamma", "moving_mean") tells the order.
    """
    saved = _numbered([path.rpartition("/")[2].partition(":")[0] for path in paths])
    wanted = _numbered([v.path.rpartition("/")[2] for v in variables])
    if sorted(saved) != sorted(wanted):
        return paths
    places = dict(zip(saved, paths, strict=True))
    return [places[key] for key in wanted]


def _numbered(keys):
    counts, found = {}, []
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
        found.append((key, counts[key]))
    return found
