"""Runs the models of the fixtures: their layers by config, their weights from the HDF5 file."""

import json
from collections import Counter

import h5py
import numpy as np

from kerasish import layers, ops, registry
from kerasish.core.names import snake_case

# Groups of a layer in the file that hold its weights, in the order of layer.weights.
_PARTS = {
    "LSTM": ["cell"],
    "GRU": ["cell"],
    "SimpleRNN": ["cell"],
    "Bidirectional": ["forward_layer/cell", "backward_layer/cell"],
    "MultiHeadAttention": ["query_dense", "key_dense", "value_dense", "output_dense"],
}


class SmallModel:
    """Layers of a `model.json`, called in the order they are listed.

    Args:
        folder: Path of the fixture.
    """

    def __init__(self, folder):
        config = json.loads((folder / "model.json").read_text())
        self.config, self.is_functional = config["config"], config["class_name"] != "Sequential"
        self.entries = self.config["layers"]
        self.layers = {
            e["config"]["name"]: layers.deserialize({k: e[k] for k in ("class_name", "config")})
            for e in self.entries
            if e["class_name"] != "InputLayer" and not _is_operation(e)
        }

    def __call__(self, *inputs):
        """List of the outputs."""
        names = [e["config"]["name"] for e in self.entries if e["class_name"] == "InputLayer"]
        if not self.is_functional:
            (value,) = inputs
            for layer in self.layers.values():
                value = layer(value)
            return [value]
        values = dict(zip(names, inputs, strict=True))
        for entry in self.entries:
            name = entry["config"]["name"]
            if name not in values:
                (node,) = entry["inbound_nodes"]
                args, kwargs = _filled(node["args"], values), _filled(node["kwargs"], values)
                values[name] = (self.layers.get(name) or _operation(entry))(*args, **kwargs)
        wanted = self.config["output_layers"]
        wanted = wanted if isinstance(wanted[0], list) else [wanted]
        return [_output(values, name, index) for name, _, index in wanted]

    @property
    def weights(self):
        """Weights of all layers in order."""
        return [w for layer in self.layers.values() for w in layer.weights]

    def load(self, path):
        """Assign the weights of a `model.weights.h5`; the layers must have been called before."""
        counts, values = Counter(), []
        with h5py.File(path) as file:
            for layer in self.layers.values():
                kind = registry.origin(type(layer))[1]
                base = snake_case(kind)
                group = f"layers/{base}" + (f"_{counts[base]}" if counts[base] else "")
                counts[base] += 1
                for part in _PARTS.get(kind, ["."]):
                    stored = file[f"{group}/{part}/vars"]
                    values += [stored[str(i)][()] for i in range(len(stored))]
        assert len(values) == len(self.weights)
        for weight, value in zip(self.weights, values, strict=True):
            weight.assign(value)


def _is_operation(entry):
    return ".ops." in entry["module"]


def _operation(entry):
    return getattr(ops, snake_case(entry["class_name"]))


def _output(values, name, index):
    value = values[name]
    return value[index] if isinstance(value, (list, tuple)) else value


def _filled(structure, values):
    if isinstance(structure, dict):
        if structure.get("class_name") == "__keras_tensor__":
            name, _, index = structure["config"]["keras_history"]
            return _output(values, name, index)
        return {k: _filled(v, values) for k, v in structure.items()}
    if isinstance(structure, list):
        return [_filled(v, values) for v in structure]
    return structure


def numbered(arrays, prefix):
    """Arrays prefix0, prefix1, ... of a file."""
    found = []
    while f"{prefix}{len(found)}" in arrays:
        found.append(np.asarray(arrays[f"{prefix}{len(found)}"]))
    return found
