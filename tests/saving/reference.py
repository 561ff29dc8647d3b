"""The model files that real Keras wrote: their list, their arrays, their custom classes."""

import importlib.util
import json
import zipfile

import h5py
import numpy as np

import kerasish
from tests.support import shared_root

ROOT = shared_root() / "fixtures"
KERAS, KERAS2 = ROOT / "keras", ROOT / "keras2_h5"
_TOLERANCES = {"float16": 2e-3, "mixed_float16": 2e-3, "mixed_bfloat16": 2e-2}


def manifest(folder):
    """Cases of a folder by name; {} where the files are absent."""
    path = folder / "manifest.json"
    return json.loads(path.read_text())["cases"] if path.exists() else {}


def register_custom_classes():
    """Make the custom classes of the files known under their registered names."""
    spec = importlib.util.spec_from_file_location("custom_layers", KERAS / "custom_layers.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.make(kerasish)


def arrays(path):
    """Dict of the arrays of an .npz file."""
    with np.load(path) as data:
        return dict(data)


def nested(names, values):
    """Arrays in the structure that the manifest gives: a list of names, or a dict of them."""
    if isinstance(names, dict):
        return {k: values[v] for k, v in names.items()}
    return values[names[0]] if len(names) == 1 else [values[n] for n in names]


def tolerance(case_name, base):
    """Tolerance of a case: looser for half precision."""
    return max(_TOLERANCES.get(case_name.removeprefix("dtype_"), 0), base)


def assert_close(found, wanted, tolerance, what):
    """Within a tolerance relative to the largest value; nested alike."""
    if isinstance(wanted, dict):
        assert sorted(found) == sorted(wanted)
        for key in wanted:
            assert_close(found[key], wanted[key], tolerance, f"{what} {key}")
    elif isinstance(wanted, list):
        assert len(found) == len(wanted)
        for i, (a, b) in enumerate(zip(found, wanted, strict=True)):
            assert_close(a, b, tolerance, f"{what} {i}")
    else:
        found = np.asarray(found)
        assert found.shape == wanted.shape, what
        a, b = found.astype("float64"), wanted.astype("float64")
        error = np.abs(a - b).max(initial=0) / max(np.abs(b).max(initial=0), 1e-12)
        assert error <= tolerance, f"{what}: relative error {error:.3g}"


def layout(file):
    """Names, shapes, dtypes and attributes of all groups and data sets of an open HDF5 file.

    But for the attribute that tells our own files, which Keras does not look at.
    """
    found = {"": _attributes(file)}
    found[""].pop("sealed_by", None)

    def visit(name, item):
        found[name] = _attributes(item)
        if isinstance(item, h5py.Dataset):
            found[name]["values"] = (item.shape, str(item.dtype), item.chunks, item.compression)

    file.visititems(visit)
    return found


def _attributes(item):
    found = {}
    for name in item.attrs:
        attribute = item.attrs.get_id(name)
        kind = attribute.get_type()
        text = kind.get_cset() if isinstance(kind, h5py.h5t.TypeStringID) else None
        values = item.attrs[name]
        values = values.tolist() if isinstance(values, np.ndarray) else values
        found[name] = (attribute.shape, type(kind).__name__, text, values)
    return found


def open_weights(path):
    """h5py.File of an `.h5` file, or of the weights in a `.keras` file."""
    if path.suffix != ".keras":
        return h5py.File(path)
    with zipfile.ZipFile(path) as archive:
        return h5py.File(archive.open("model.weights.h5"))


def config_of(path):
    """The config.json of a `.keras` file."""
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("config.json"))
