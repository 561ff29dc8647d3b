"""What holds for every row of cases: configs, traces, unknown sizes, half precision."""

import json

import numpy as np
import pytest

from kerasish import dtype_policies, layers, ops
from kerasish.core import tree
from kerasish.core.function import function
from kerasish.core.spec import TensorSpec
from kerasish.core.tape import GradientTape
from tests.layers_recurrent.cases import CASES

TOLERANCE = 2e-6  # the same operations in the same order, but for fused ones

every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def _tensors(case):
    return [ops.convert_to_tensor(x) for x in case.inputs()]


def _run(case, layer, tensors):
    """Flat outputs, then gradients of a weighted sum by inputs and weights."""
    watched = [x for x in tensors if "float" in x.dtype]
    with GradientTape() as tape:
        tape.watch(watched)
        outputs = tree.flatten(case.call(layer, tensors))
        parts = [ops.sum(ops.sin(ops.add(y, float(i)))) for i, y in enumerate(outputs)]
        total = sum(parts[1:], parts[0])
    found = tape.gradient(total, [*watched, *layer.weights])
    return [*outputs, *[g for g in found if g is not None]]


def _assert_equal(actual, expected):
    assert len(actual) == len(expected)
    for a, b in zip(actual, expected, strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-5, atol=TOLERANCE)


@every_case
def test_gradients_reach_inputs_and_weights(case):
    layer, tensors = case.make(), _tensors(case)
    results = _run(case, layer, tensors)
    outputs = len(tree.flatten(case.call(layer, tensors)))
    watched = sum("float" in x.dtype for x in tensors)
    assert len(results) == outputs + watched + len(layer.weights)


@every_case
def test_traced_equals_eager_with_gradients(case):
    layer, tensors = case.make(), _tensors(case)
    expected = _run(case, layer, tensors)
    traced = function(lambda *xs: _run(case, layer, list(xs)))
    _assert_equal(traced(*tensors), expected)
    assert len(traced.traces) == 1


@every_case
def test_trace_with_unknown_batch_equals_eager(case):
    layer, tensors = case.make(), _tensors(case)
    expected = _run(case, layer, tensors)
    specs = [TensorSpec((None, *x.shape[1:]), x.dtype) for x in tensors]
    traced = function(lambda *xs: _run(case, layer, list(xs)), input_signature=specs)
    _assert_equal(traced(*tensors), expected)


@every_case
def test_layer_from_its_config_computes_the_same(case):
    layer, tensors = case.make(), _tensors(case)
    expected = tree.flatten(case.call(layer, tensors))
    config = json.loads(json.dumps(layers.serialize(layer)))
    twin = layers.deserialize(config)
    assert twin.get_config() == layer.get_config()
    assert [w.path for w in twin.weights] == [w.path for w in layer.weights]
    twin.set_weights(layer.get_weights())
    _assert_equal(tree.flatten(case.call(twin, tensors)), expected)


@every_case
def test_unbuilt_layer_from_its_config_gets_the_same_weights(case):
    layer, tensors = case.make(), _tensors(case)
    twin = type(layer).from_config(json.loads(json.dumps(layer.get_config())))
    case.call(layer, tensors)
    case.call(twin, tensors)
    described = [[(w.path, w.shape) for w in x.weights] for x in (layer, twin)]
    assert described[0] == described[1]


@pytest.fixture
def half_precision():
    dtype_policies.set_dtype_policy("mixed_float16")
    yield
    dtype_policies.set_dtype_policy(None)


@every_case
def test_half_precision_policy_gives_finite_half_outputs(case, half_precision):
    layer, tensors = case.make(), _tensors(case)
    results = _run(case, layer, tensors)
    assert all(w.dtype == "float32" for w in layer.weights)
    assert results[0].dtype == "float16"
    assert all(np.all(np.isfinite(np.asarray(r, "float32"))) for r in results)
