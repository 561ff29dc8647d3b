"""KerasFileEditor: looks into a `.keras` or `.weights.h5` file, changes its weights, writes it."""

import copy
from pathlib import Path

import numpy

from kerasish import saving
from kerasish.errors import explain, nearest
from kerasish.saving import keras_file
from kerasish.saving.atomic import atomic_write
from kerasish.saving.state_walk import walk


class KerasFileEditor:
    """The weights of a file as nested dicts, to be listed, compared, renamed, removed and added.

    Objects (layers, the optimizer) are named by their path, or by their name where it is the only
    one.

    Args:
        filepath: str or path ending in `.keras` or `.weights.h5`.

    Attributes:
        weights_dict: nested dict of arrays: the objects of the file.
        config, metadata: dicts of a `.keras` file; None for weights alone.

    Raises:
        ValueError: another ending.
        CheckpointError: a damaged file.

    Example:
        >>> import tempfile
        >>> from kerasish import layers, models
        >>> model = models.Sequential([layers.Input((3,)), layers.Dense(2, name="old")])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.save_weights(f"{folder}/m.weights.h5")
        ...     editor = KerasFileEditor(f"{folder}/m.weights.h5")
        ...     editor.rename_object("old" if "old" in editor.weights_dict["layers"] else "dense",
        ...                          "new")
        >>> list(editor.weights_dict["layers"])
        ['new']

    Source: Keras 3 names and defaults.
    """

    def __init__(self, filepath):
        path = Path(filepath)
        self.filepath, self.config, self.metadata = str(path), None, None
        if path.name.endswith(".keras"):
            self.config, self.metadata = keras_file.read_texts(path)
            with keras_file.open_weights(path) as reader:
                self._read(reader)
        elif path.name.endswith(".weights.h5"):
            with open(path, "rb") as file, saving.hdf5.Reader(file, str(path)) as reader:
                self._read(reader)
        else:
            raise ValueError(
                explain("KerasFileEditor", "unknown ending", received=str(path),
                        expected=".keras or .weights.h5")
            )  # fmt: skip

    def _read(self, reader):
        self.weights_dict = {}
        for path in reader.datasets:
            parts = [p for p in path.split("/") if p != "vars"]
            target = self.weights_dict
            for part in parts[:-1]:
                target = target.setdefault(part, {})
            target[parts[-1]] = numpy.array(reader.read(path))

    # ---- looking ----

    def summary(self):
        """Print the objects and the shapes of their weights."""
        print(f"Weights of {self.filepath}")
        print("\n".join(_lines(self.weights_dict, 1)))

    def compare(self, reference_model):
        """Print how the file differs from a model.

        Args:
            reference_model: Model, built.

        Returns:
            dict with "status" ("success" or "error"), "error_count" and "match_count".
        """
        mine, other = _flat(self.weights_dict), _flat(_weights_of(reference_model))
        errors = [f"only in the model: {path}" for path in other if path not in mine]
        errors += [f"only in the file: {path}" for path in mine if path not in other]
        shared = [path for path in mine if path in other]
        errors += [
            f"{path}: shape {mine[path].shape} in the file, {other[path].shape} in the model"
            for path in shared
            if mine[path].shape != other[path].shape
        ]
        matches = sum(mine[path].shape == other[path].shape for path in shared)
        print("\n".join(errors) or f"The file fits the model: {matches} weights.")
        status = "error" if errors else "success"
        return {"status": status, "error_count": len(errors), "match_count": matches}

    # ---- changing ----

    def rename_object(self, object_name, new_name):
        """Give an object another name, at the same place.

        Args:
            object_name: str. Path or name.
            new_name: str without a slash.
        """
        if "/" in new_name:
            raise ValueError(explain("rename_object", "new_name is a path", received=new_name))
        parent, name = self._place(object_name)
        if new_name in parent:
            raise ValueError(explain("rename_object", "the name is taken", received=new_name))
        renamed = {new_name if key == name else key: value for key, value in parent.items()}
        parent.clear()
        parent.update(renamed)

    def delete_object(self, object_name):
        """Remove an object; `object_name` is its path or name."""
        parent, name = self._place(object_name)
        del parent[name]

    def add_object(self, object_path, weights):
        """Add an object.

        Args:
            object_path: str, such as "layers/dense_2".
            weights: dict from the name of a weight ("0", "1", ...) to an array.
        """
        *parts, name = object_path.split("/")
        parent = self.weights_dict
        for part in parts:
            if not isinstance(parent.get(part), dict):
                raise ValueError(explain("add_object", "there is no such place in the file",
                                         received=object_path))  # fmt: skip
            parent = parent[part]
        parent[name] = _checked_weights("add_object", weights)

    def delete_weight(self, object_name, weight_name):
        """Remove one weight.

        Args:
            object_name: str. Path or name.
            weight_name: str, such as "0".
        """
        parent, name = self._place(object_name)
        if weight_name not in parent[name]:
            raise ValueError(
                explain(
                    "delete_weight",
                    "there is no such weight",
                    received=weight_name,
                    expected=str(list(parent[name])),
                )
            )
        del parent[name][weight_name]

    def add_weights(self, object_name, weights):
        """Add weights to an object, or replace them.

        Args:
            object_name: str. Path or name.
            weights: dict from the name of a weight to an array.
        """
        parent, name = self._place(object_name)
        parent[name].update(_checked_weights("add_weights", weights))

    def _place(self, name):
        """(the dict that holds an object, its key)."""
        paths = [path for path, _ in _objects(self.weights_dict)]
        fitting = [name] if name in paths else [p for p in paths if p.rpartition("/")[2] == name]
        if len(fitting) != 1:
            problem = "there is no such object" if not fitting else "several objects have the name"
            known = [*paths, *(p.rpartition("/")[2] for p in paths)]
            fix = nearest(name, known) if not fitting else "give the whole path"
            raise ValueError(explain("KerasFileEditor", problem, received=name, fix=fix))
        *parts, last = fitting[0].split("/")
        parent = self.weights_dict
        for part in parts:
            parent = parent[part]
        return parent, last

    # ---- writing ----

    def save(self, filepath):
        """Write the weights to a `.weights.h5` file.

        Args:
            filepath: str or path.
        """
        path = Path(filepath)
        if not path.name.endswith(".weights.h5"):
            raise ValueError(explain("KerasFileEditor.save", "unknown ending", received=str(path),
                                     expected=".weights.h5"))  # fmt: skip
        writer = saving.hdf5.Writer()
        for place, weights in _objects({"": self.weights_dict}):
            arrays = {k: v for k, v in weights.items() if not isinstance(v, dict)}
            if arrays:
                group = f"{place.strip('/')}/vars".lstrip("/")
                for key, value in arrays.items():
                    writer.write(f"{group}/{key}", value)
        content = writer.finish()
        with atomic_write(path) as file:
            file.write(content)

    def resave_weights(self, filepath):
        """Older name of `save`; `filepath` ends in `.weights.h5`."""
        self.save(filepath)


def _objects(tree, prefix=""):
    """(path, dict) of every object, outer ones first."""
    for key, value in tree.items():
        if isinstance(value, dict):
            path = f"{prefix}/{key}".lstrip("/")
            yield path, value
            yield from _objects(value, path)


def _flat(tree, prefix=""):
    found = {}
    for key, value in tree.items():
        path = f"{prefix}/{key}".lstrip("/")
        found.update(_flat(value, path) if isinstance(value, dict) else {path: value})
    return found


def _lines(tree, indent):
    for key, value in tree.items():
        if isinstance(value, dict):
            yield "    " * indent + key
            yield from _lines(value, indent + 1)
        else:
            yield "    " * indent + f"{key}: {value.shape} {value.dtype.name}"


def _weights_of(model):
    """The nested dict that a model's file would have, its optimizer left out."""
    tree = {}
    for part in walk(model, ()):
        if part.is_left_out or not hasattr(part.item, "_own_variables"):
            continue
        target = tree
        for name in part.path.split("/") if part.path else ():
            target = target.setdefault(name, {})
        for i, variable in enumerate(part.item._own_variables()):
            target[str(i)] = variable.numpy()
    return copy.copy(tree)


def _checked_weights(where, weights):
    if not isinstance(weights, dict):
        raise ValueError(explain(where, "weights must be a dict of arrays", received=weights))
    return {str(name): numpy.asarray(value) for name, value in weights.items()}
