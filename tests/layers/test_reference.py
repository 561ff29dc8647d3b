"""Every single-layer trace of real Keras: outputs, gradients, weights, configs."""

import json

import numpy as np
import pytest

from kerasish import layers, ops
from kerasish.core import names
from kerasish.core.tape import GradientTape
from tests.support import shared_path, shared_root

_TRACES = "fixtures/traces/layers"
_TOLERANCE = 1e-5  # of the largest value
_LOOSER = {"065": 3e-5}  # a derivative that is a sum of 360 terms of both signs
_SMALLEST_SCALE = 0.05  # derivatives that are 0 in theory are rounding errors in both


def _cases():
    path = shared_root() / f"{_TRACES}.json"
    if not path.exists():
        reason = pytest.mark.skip(reason=f"test data {_TRACES} is absent")
        return [pytest.param(None, marks=reason, id="absent")]
    rows = json.loads(path.read_text())["cases"]
    return [pytest.param(row, id=f"{row['id']}-{row['layer']}", marks=_absent(row)) for row in rows]


def _absent(row):
    if hasattr(layers, row["layer"]):
        return ()
    return pytest.mark.skip(reason=f"layers.{row['layer']} is not written yet")


@pytest.fixture(scope="module")
def arrays():
    with np.load(shared_path(f"{_TRACES}.npz")) as file:
        yield dict(file)


def _numbered(arrays, prefix):
    found = []
    while f"{prefix}{len(found)}" in arrays:
        found.append(arrays[f"{prefix}{len(found)}"])
    return found


def _layer(case):
    names.reset()  # the layers inside are named by counting
    config = {**case["config"], "name": "the_layer"}
    return layers.deserialize({"class_name": case["layer"], "config": config})


def _call(case, layer, inputs, **kwargs):
    return layer(list(inputs), **kwargs) if "[" in case["call"] else layer(*inputs, **kwargs)


def _assert_close(actual, expected, what, tolerance=_TOLERANCE):
    actual = np.asarray(actual)
    assert actual.shape == expected.shape, what
    scale = max(np.abs(expected).max(initial=0), _SMALLEST_SCALE)
    error = np.abs(actual.astype("float64") - expected).max(initial=0) / scale
    assert error <= tolerance, f"{what}: error {error:.2e} of the largest value"


def _check_phase(case, arrays, layer, inputs, phase):
    expected = arrays[f"{case['id']}/{phase}/y"]
    tensors = [ops.convert_to_tensor(x) for x in inputs]
    kwargs = {"training": True} if phase == "train" else {}
    with GradientTape() as tape:
        for x in tensors:
            if "float" in x.dtype:
                tape.watch(x)
        output = _call(case, layer, tensors, **kwargs)
        direction = np.random.RandomState(7).standard_normal(expected.shape).astype("float32")
        total = ops.sum(ops.multiply(ops.cast(output, "float32"), direction))
    _assert_close(output, expected, f"{phase} output")
    assert output.dtype == str(expected.dtype)
    targets = {f"gx{i}": x for i, x in enumerate(tensors)}
    targets |= {f"gw{i}": w for i, w in enumerate(layer.weights)}
    wanted = [k for k in targets if f"{case['id']}/{phase}/{k}" in arrays]
    for key, gradient in zip(
        wanted, tape.gradient(total, [targets[k] for k in wanted]), strict=True
    ):
        expected = arrays[f"{case['id']}/{phase}/{key}"]
        assert gradient is not None, key
        tolerance = _LOOSER.get(case["id"], _TOLERANCE)
        _assert_close(gradient, expected, f"{phase} {key}", tolerance)


@pytest.mark.parametrize("case", _cases())
def test_layer_against_keras(case, arrays):
    inputs = _numbered(arrays, f"{case['id']}/x")
    layer = _layer(case)
    _call(case, layer, [ops.convert_to_tensor(x) for x in inputs])
    expected = [(path, tuple(shape), trainable) for path, shape, trainable in case["weights"]]
    assert [(w.path, tuple(w.shape), w.trainable) for w in layer.weights] == expected
    layer.set_weights(_numbered(arrays, f"{case['id']}/w"))
    _check_phase(case, arrays, layer, inputs, "infer")
    if f"{case['id']}/train/y" in arrays:
        _check_phase(case, arrays, layer, inputs, "train")
        after = _numbered(arrays, f"{case['id']}/train/w_after")
        for weight, expected in zip(layer.weights, after, strict=bool(after)):
            _assert_close(weight, expected, f"{weight.path} after a training call")


@pytest.mark.parametrize("case", _cases())
def test_config_equals_keras(case, arrays):
    layer = _layer(case)
    _call(case, layer, [ops.convert_to_tensor(x) for x in _numbered(arrays, f"{case['id']}/x")])
    config = json.loads(json.dumps(layers.serialize(layer)))
    expected = case["full_config"]
    expected["config"]["name"] = "the_layer"  # Keras's Softmax lost the name it was given
    assert config == expected
    assert layers.serialize(layers.deserialize(config)) == layers.serialize(layer)
