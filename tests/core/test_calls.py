"""Calls on `Input` tensors: what is recorded of functions with nested arguments and results."""

import numpy as np
import pytest

import kerasish
from kerasish import layers, ops
from kerasish.core import modes
from kerasish.core.calls import CallNode, symbolic_aware
from kerasish.core.tensor import SymbolicTensor
from kerasish.ops.elementwise import add, multiply


@symbolic_aware
def combine(first, pair, *, table=None, scale=1.0):
    """Nested inputs, keyword inputs, a nested result with several tensors and one plain value."""
    a, b = pair
    extra = 0.0 if table is None else table["x"]
    total = multiply(add(add(first, a), b), scale)
    return {"sum": total, "parts": (multiply(a, scale), [add(b, extra)]), "scale": scale}


@pytest.fixture
def inputs():
    return [kerasish.Input((3,), name=name) for name in "abc"]


def test_nested_arguments_keywords_and_results(inputs):
    a, b, c = inputs
    out = combine(a, (b, [1.0, 2.0, 3.0]), table={"x": c}, scale=2.0)
    assert out["scale"] == 2.0
    assert type(out["parts"]) is tuple and type(out["parts"][1]) is list
    tensors = [out["parts"][0], out["parts"][1][0], out["sum"]]
    for t in tensors:
        assert isinstance(t, SymbolicTensor) and t.graph is None and t.shape == (None, 3)
    node = tensors[0].node
    assert isinstance(node, CallNode) and all(t.node is node for t in tensors)
    assert [t.index for t in tensors] == [0, 1, 2] and node.outputs == tensors
    assert [t.name for t in node.inputs] == ["a", "b", "c"]
    assert node.kwargs == {"table": {"x": c}, "scale": 2.0}
    args, kwargs = node.fill(lambda t: t.name)
    assert args == ("a", ("b", [1.0, 2.0, 3.0])) and kwargs == {"table": {"x": "c"}, "scale": 2.0}


def test_a_model_of_such_calls_computes_what_the_function_does(inputs, rng):
    out = combine(inputs[0], (inputs[1], inputs[1]), table={"x": inputs[2]}, scale=2.0)
    model = kerasish.Model(inputs, {"sum": out["sum"], "parts": out["parts"]})
    x = [rng.random((4, 3), np.float32) for _ in range(3)]
    wanted = combine(x[0], (x[1], x[1]), table={"x": x[2]}, scale=2.0)
    for found in (model(x), model.predict(x, verbose=0)):
        np.testing.assert_allclose(found["sum"], wanted["sum"], rtol=1e-6)
        np.testing.assert_allclose(found["parts"][1][0], wanted["parts"][1][0], rtol=1e-6)


CALLS = {
    "operator": lambda a, b: a + b,
    "reversed operator": lambda a, b: 1.0 - a,
    "array on the left": lambda a, b: np.ones(3, np.float32) * a,
    "comparison": lambda a, b: ops.cast(a > b, "float32"),
    "item": lambda a, b: a[:, 1:],
    "method": lambda a, b: a.reshape(-1, 3).sum(axis=-1),
    "list of inputs": lambda a, b: ops.concatenate([a, b], axis=-1),
    "several outputs": lambda a, b: ops.split(a, 3, axis=-1),
    "keyword": lambda a, b: ops.add(x1=a, x2=b),
    "with a variable": lambda a, b: ops.matmul(a, VARIABLE),
    "mixed list": lambda a, b: ops.stack([a, b, ops.zeros_like(a)], axis=1),
    "the same input twice": lambda a, b: a * a,
}
VARIABLE = kerasish.Variable(np.eye(3, dtype=np.float32) * 2.0)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_recorded_calls_compute_the_same(call, inputs, rng):
    a, b, _ = inputs
    out = call(a, b)
    model = kerasish.Model([a, b], out)
    x, y = (rng.random((2, 3), np.float32) for _ in range(2))
    found = kerasish.tree.flatten(model([x, y]))
    wanted = kerasish.tree.flatten(call(ops.convert_to_tensor(x), ops.convert_to_tensor(y)))
    for f, w, s in zip(found, wanted, kerasish.tree.flatten(out), strict=True):
        np.testing.assert_allclose(f, w, rtol=1e-6)
        assert (s.dtype, len(s.shape)) == (w.dtype, w.ndim)


def test_the_public_function_is_recorded_not_what_it_is_made_of(inputs):
    out = ops.softmax(inputs[0])
    assert out.node.operation.function is ops.softmax
    assert out.node.operation.name.startswith("softmax") and out.node.inputs == [inputs[0]]


def test_names_of_calls_are_numbered():
    kerasish.utils.clear_session()
    x = kerasish.Input((2,))
    assert [ops.exp(x).node.operation.name for _ in range(2)] == ["exp", "exp_1"]


def test_recording_runs_nothing_and_keeps_no_state(inputs):
    v = kerasish.Variable([0.0, 0.0, 0.0])

    @symbolic_aware
    def counted(x):
        y = multiply(x, 1.0)  # meets the Input here, before anything is assigned
        v.assign_add([1.0, 1.0, 1.0])
        return add(y, v)

    out = counted(inputs[0])
    assert v.numpy().tolist() == [0.0] * 3 and out.shape == (None, 3)
    model = kerasish.Model(inputs[0], out)
    model(np.zeros((1, 3), np.float32))
    assert v.numpy().tolist() == [1.0] * 3


def test_a_call_that_fails_while_recorded_leaves_nothing_open(inputs):
    with pytest.raises(ValueError, match="matmul"):
        ops.matmul(inputs[0], np.ones((4, 2), np.float32))
    with pytest.raises(ZeroDivisionError):
        symbolic_aware(lambda x: (x + 1.0) / (1 // 0))(inputs[0])
    assert modes.state.trace is None and modes.state.tapes == ()
    assert (inputs[0] + 1.0).shape == (None, 3)


def test_layers_and_functions_mix(inputs, rng):
    a, b, _ = inputs
    dense = layers.Dense(3)
    hidden = dense(a) + ops.tanh(b)
    assert dense.inbound_nodes[0].inputs == [a] and hidden.node.operation.name.startswith("add")
    model = kerasish.Model([a, b], dense(hidden))
    assert len(dense.inbound_nodes) == 2
    x, y = (rng.random((2, 3), np.float32) for _ in range(2))
    wanted = dense(dense(x) + np.tanh(y))
    np.testing.assert_allclose(model([x, y]), wanted, rtol=1e-5)


def test_tapes_do_not_see_what_is_recorded(inputs):
    with kerasish.GradientTape() as tape:
        ops.matmul(inputs[0], VARIABLE)
    assert tape.watched_variables() == ()
