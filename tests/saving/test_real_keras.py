"""Files exchanged with real Keras, in an interpreter named by KERASISH_REAL_KERAS_PYTHON."""

import json
import os
import shutil
import subprocess

import h5py
import numpy as np
import pytest

import kerasish
from kerasish.core import names
from kerasish.saving import get_custom_objects, load_model
from tests.saving import reference, twins

PYTHON = os.environ.get("KERASISH_REAL_KERAS_PYTHON")
pytestmark = pytest.mark.skipif(
    not PYTHON, reason="KERASISH_REAL_KERAS_PYTHON names no interpreter"
)
FIXTURES = list(reference.manifest(reference.KERAS))
TWINS = [
    "containers",
    "custom_layers",
    "nested",
    "odd_names",
    "recurrent",
    "attention",
    "images",
    "trained",
    "loss_scale",
    "bfloat16",
    "categories",
]
NO_VOCABULARY = "an .h5 file has no place for a vocabulary that was learned"
HALF = {"loss_scale": 2e-3, "bfloat16": 2e-2}


@pytest.fixture(scope="module")
def exchange(tmp_path_factory):
    """Folder with our files and Keras's, its predictions and its report."""
    folder = tmp_path_factory.mktemp("exchange")
    before = dict(get_custom_objects())
    names.reset()
    (folder / "ours").mkdir()
    ours = twins.models(kerasish)
    for name, (model, x) in ours.items():
        twins.write(model, folder / "ours", name)
        np.savez(folder / "ours" / f"{name}.npz", **twins.outputs(model, x))
    _write_fixtures(folder)
    environment = {"KERAS_BACKEND": "torch", **os.environ, "PYTHONPATH": ""}
    script = os.path.abspath(twins.__file__)
    done = subprocess.run(
        [PYTHON, script, folder], env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads((folder / "report.json").read_text())
    yield folder, report, reference.arrays(folder / "keras.npz")
    get_custom_objects().clear()
    get_custom_objects().update(before)


def _write_fixtures(folder):
    (folder / "fixtures").mkdir()
    if FIXTURES:
        reference.register_custom_classes()
        shutil.copy(reference.KERAS / "custom_layers.py", folder)
    for name in FIXTURES:
        load_model(reference.KERAS / name / "model.keras").save(
            folder / "fixtures" / f"{name}.keras"
        )
        io = reference.arrays(reference.KERAS / name / "io.npz")
        inputs = reference.manifest(reference.KERAS)[name]["inputs"]
        used = inputs.values() if isinstance(inputs, dict) else inputs
        np.savez(folder / "fixtures" / f"{name}.npz", **{k: io[k] for k in used})
        (folder / "fixtures" / f"{name}.json").write_text(json.dumps(inputs))


def predictions_of(found, prefix):
    return {k.removeprefix(f"{prefix}/"): v for k, v in found.items() if k.startswith(f"{prefix}/")}


@pytest.mark.parametrize("name", FIXTURES)
def test_real_keras_predicts_the_same_from_our_file(exchange, name):
    _, report, found = exchange
    assert report[f"fixtures/{name}"] is None
    io = reference.arrays(reference.KERAS / name / "io.npz")
    wanted = [io[k].astype("float32") for k in sorted(io) if k.startswith("y")]
    got = predictions_of(found, f"fixtures/{name}")
    for i, value in enumerate(wanted):
        reference.assert_close(got[str(i)], value, reference.tolerance(name, 1e-5), name)


@pytest.mark.parametrize("name", TWINS)
@pytest.mark.parametrize("ending", ["keras", "weights.h5", "h5"])
def test_real_keras_loads_what_we_write(exchange, name, ending):
    folder, report, found = exchange
    if not (folder / "ours" / f"{name}.{ending}").exists():
        pytest.skip("this form holds no subclassed models")
    if name == "attention" and ending == "h5":
        pytest.skip("Keras cannot load .h5 files with operations in the graph, its own neither")
    if name == "bfloat16" and ending == "h5":
        pytest.skip("Keras cannot load bfloat16 from .h5 files, its own neither")
    if name == "categories" and ending == "h5":
        pytest.skip(NO_VOCABULARY)
    assert report[f"load/{name}.{ending}"] is None
    wanted = reference.arrays(folder / "ours" / f"{name}.npz")
    got = predictions_of(found, f"load/{name}.{ending}")
    assert sorted(got) == sorted(wanted)
    for key, value in wanted.items():
        reference.assert_close(got[key], value, HALF.get(name, 1e-5), name)


@pytest.mark.parametrize("name", TWINS)
@pytest.mark.parametrize("ending", ["keras", "weights.h5", "h5"])
def test_we_load_what_real_keras_writes(exchange, name, ending):
    folder, report, found = exchange
    path = folder / "keras" / f"{name}.{ending}"
    if not path.exists():
        assert ending == "h5", report[f"write/{name}"]
        pytest.skip("Keras did not write this form")
    if name == "categories" and ending == "h5":
        pytest.skip(NO_VOCABULARY)
    x = found[f"keras/{name}/input"]
    wanted = {k: v for k, v in predictions_of(found, f"keras/{name}").items() if k != "input"}
    if ending == "weights.h5":
        model, _ = twins.models(kerasish)[name]
        model.load_weights(path)
    else:
        model = load_model(path)
    for key, value in twins.outputs(model, x).items():
        reference.assert_close(value, wanted[key], HALF.get(name, 1e-5), name)


@pytest.mark.parametrize("name", TWINS)
@pytest.mark.parametrize("ending", ["keras", "weights.h5"])
def test_layouts_are_equal(exchange, name, ending):
    folder, _, _ = exchange
    layouts = []
    for side in ("ours", "keras"):
        with reference.open_weights(folder / side / f"{name}.{ending}") as file:
            layouts.append(reference.layout(file))
    ours, theirs = (_comparable(found) for found in layouts)
    assert ours == theirs


def _comparable(layout):
    """Without automatic names, which count on, and widths of integers, which backends choose."""
    for facts in layout.values():
        facts.pop("name", None)
        if "values" in facts:
            shape, dtype, *rest = facts["values"]
            facts["values"] = (shape, dtype.replace("int64", "int").replace("int32", "int"), *rest)
    return layout


def test_optimizer_state_crosses_over(exchange):
    folder, _, _ = exchange
    for name in ("trained", "loss_scale"):
        model = load_model(folder / "keras" / f"{name}.keras")
        with h5py.File(folder / "keras" / f"{name}.weights.h5") as file:
            stored = [file[f"optimizer/vars/{i}"][()] for i in range(len(file["optimizer/vars"]))]
        assert len(stored) == len(model.optimizer.variables)
        for variable, value in zip(model.optimizer.variables, stored, strict=True):
            assert (variable.numpy() == value).all(), variable.path
