"""Image layers and functions for boxes give what Keras 3.15 gave for the same data and draws.

`keras_values.npz` was written by `keras_rows.py` with Keras on TensorFlow. Where an interpreter
with Keras is named by KERASISH_REAL_KERAS_PYTHON, its values are computed anew.
"""

import json
import os
import pathlib
import subprocess

import numpy as np
import pytest

import kerasish
from kerasish import layers, ops
from kerasish.core.function import function
from tests.images import keras_rows
from tests.images.keras_rows import ROWS, B

PYTHON = os.environ.get("KERASISH_REAL_KERAS_PYTHON")
STORED = pathlib.Path(keras_rows.__file__).with_name("keras_values.npz")


@pytest.fixture(scope="module")
def values(tmp_path_factory):
    """All arrays that Keras gave, by path."""
    path = STORED
    if PYTHON:
        path = tmp_path_factory.mktemp("keras") / "values.npz"
        environment = {"KERAS_BACKEND": "tensorflow", **os.environ, "PYTHONPATH": ""}
        done = subprocess.run(
            [PYTHON, keras_rows.__file__, path],
            env=environment, check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
    with np.load(path) as file:
        return dict(file)


def part(values, prefix):
    """Nested dicts of what is stored below a prefix."""
    found = {}
    for path, value in values.items():
        if path.startswith(prefix + "/"):
            *folders, name = path.removeprefix(prefix + "/").split("/")
            inner = found
            for folder in folders:
                inner = inner.setdefault(folder, {})
            inner[name] = value
    return found


def given_to(layer, images, given):
    """Keras's transformation in the form that ours has."""
    if "value" in given:  # RandomGrayscale's is a tensor
        given = {"should_apply": given["value"]}
    if layer.moves_pixels:
        given = {**given, "input_shape": images.shape}
    if "transforms" in given:
        steps = layer._steps
        given["transforms"] = {
            name: given_to(step, images, given["transforms"].get(name, {}))
            for name, step in steps.items()
        }
    return given


def case_of(row, values, i):
    name, config, extras, inputs = row
    kwargs = {"bounding_box_format": "xyxy"} if B in extras else {}
    layer = getattr(layers, name)(**config, **kwargs)
    layer.num_ops = inputs.get("steps")
    images = keras_rows.images_of(inputs)
    given = given_to(layer, images, part(values, f"{i}/given"))
    return layer, images, given, part(values, f"{i}/found"), extras


def tolerance_of(key, value):
    """Largest difference: where pixels are read between others, float32 rounds differently."""
    if key != "images":
        return 2e-4
    if value.dtype == "uint8":  # TensorFlow takes bicubic weights from a table; CLAHE cuts off
        return 1
    return 2e-3 * max(np.abs(value).max(), 1.0) / 255


def assert_close(actual, expected, tolerance, what):
    actual = np.asarray(actual)
    assert actual.shape == expected.shape, what
    error = np.abs(actual.astype("float64") - expected.astype("float64"))
    assert error.max() <= tolerance, f"{what}: {error.max()}"


@pytest.mark.parametrize("i", range(len(ROWS)), ids=[f"{i}-{r[0]}" for i, r in enumerate(ROWS)])
@pytest.mark.parametrize("mode", ["eager", "traced"])
def test_layer_gives_what_keras_gives(i, mode, values):
    layer, images, given, expected, extras = case_of(ROWS[i], values, i)

    def run(x):
        return keras_rows.results(layer, x, given, extras)

    found = (function(run) if mode == "traced" else run)(ops.convert_to_tensor(images))
    assert sorted(found) == sorted(expected)
    for key, value in expected.items():
        assert_close(found[key], value, tolerance_of(key, value), key)
    assert str(found["images"].dtype) == str(expected["images"].dtype)


def test_configs_are_those_of_keras(values):
    """All that Keras writes is read and written the same; ours may say more."""
    for (name, config, extras, _), expected in zip(
        ROWS, json.loads(str(values["configs"])), strict=True
    ):
        kwargs = {"bounding_box_format": "xyxy"} if B in extras else {}
        found = json.loads(json.dumps(getattr(layers, name)(**config, **kwargs).get_config()))
        # Keras's form of the factors of RandomShear is one that Keras does not accept.
        ignored = {"name", "dtype", "seed", *(("x_factor", "y_factor") if "Shear" in name else ())}
        for key in expected.keys() - ignored:
            assert found[key] == expected[key], f"{name}: {key}"
        expected["dtype"] = "float32"
        twin = layers.deserialize({"class_name": name, "config": expected})
        assert twin.get_config()["data_format"] == "channels_last"


def test_functions_for_boxes_give_what_keras_gives(values):
    found = keras_rows.boxes_of(kerasish.utils.bounding_boxes, ops)
    expected = part(values, "functions")
    assert sorted(found) == sorted(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-5, atol=1e-5, err_msg=name)
