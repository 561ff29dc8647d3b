"""Control flow on values that a trace does not know: variables, structures, gradients, errors."""

import numpy as np
import pytest

import kerasish
from kerasish import GradientTape, Variable, ops
from kerasish.core.spec import TensorSpec

VECTOR = [TensorSpec((None,), "float32")]


def both(function, *arrays):
    """Results of an eager and of a compiled call."""
    specs = [TensorSpec((None,) * a.ndim, a.dtype) for a in arrays]
    eager = function(*[ops.convert_to_tensor(a) for a in arrays])
    return eager, kerasish.function(function, input_signature=specs)(*arrays)


def test_cond_in_a_trace_runs_one_branch_and_assigns_its_variables():
    v = Variable(np.zeros(2, "float32"), trainable=False)
    w = Variable(np.ones(2, "float32"), trainable=False)

    def call(x):
        def positive():
            v.assign_add(x)
            return v * 1.0

        def negative():
            w.assign(x - v)
            return x

        return ops.cond(ops.sum(x) > 0, positive, negative), v + w

    compiled = kerasish.function(call, input_signature=[TensorSpec((2,), "float32")])
    y, total = compiled(np.array([1.0, 2.0], "float32"))
    assert y.tolist() == [1.0, 2.0] and total.tolist() == [2.0, 3.0]
    assert v.numpy().tolist() == [1.0, 2.0] and w.numpy().tolist() == [1.0, 1.0]
    y, total = compiled(np.array([-1.0, -2.0], "float32"))
    assert y.tolist() == [-1.0, -2.0] and w.numpy().tolist() == [-2.0, -4.0]
    assert v.numpy().tolist() == [1.0, 2.0]


def test_while_loop_in_a_trace_carries_assigned_variables():
    v = Variable(np.float32(0), trainable=False)

    def call(x):
        def body(i, value):
            v.assign_add(ops.sum(value))
            return i + 1, value * 2.0

        return ops.while_loop(lambda i, value: ops.sum(value) + v < 50.0, body, (0, x))

    x = np.array([1.0, 2.0], "float32")
    expected = [t.numpy() for t in call(ops.convert_to_tensor(x))]
    at_end = v.numpy()
    v.assign(0.0)
    found = kerasish.function(call, input_signature=VECTOR)(x)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a.numpy(), b)
    assert v.numpy() == at_end > 0


def test_scan_in_a_trace_carries_assigned_variables():
    v = Variable(np.zeros(2, "float32"), trainable=False)

    def call(x):
        def step(carry, element):
            v.assign_add(element * carry)
            return carry + element, v * 1.0

        return ops.scan(step, x[0], x)

    x = np.arange(8, dtype="float32").reshape(4, 2)
    expected = [t.numpy() for t in call(ops.convert_to_tensor(x))]
    at_end = v.numpy().copy()
    v.assign(np.zeros(2))
    found = kerasish.function(call, input_signature=[TensorSpec((None, 2), "float32")])(x)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a.numpy(), b)
    np.testing.assert_array_equal(v.numpy(), at_end)


def test_gradients_reach_variables_and_watched_constants_inside_branches_and_scans():
    w = Variable(np.array([2.0, 3.0], "float32"))
    constant = ops.convert_to_tensor(np.array([0.5, 0.25], "float32"))

    def call(x):
        with GradientTape() as tape:
            tape.watch(constant)
            y = ops.cond(ops.sum(x) > 0, lambda: w * w * x * constant, lambda: w * x)
            z, _ = ops.scan(lambda c, e: (c * w + e * constant, None), x, ops.stack([x, x]))
            total = ops.sum(y) + ops.sum(z)
        return tape.gradient(total, [w, constant])

    compiled = kerasish.function(call, input_signature=[TensorSpec((2,), "float32")])
    for x in ([1.0, 2.0], [-1.0, -2.0]):
        x = np.array(x, "float32")
        for a, b in zip(compiled(x), call(ops.convert_to_tensor(x)), strict=True):
            np.testing.assert_allclose(a.numpy(), b.numpy(), 1e-6)


def test_structures_and_none_pass_through_cond():
    eager, traced = both(
        lambda x: ops.cond(
            ops.sum(x) > 0,
            lambda: {"a": x, "b": (x * 2.0, None)},
            lambda: {"a": -x, "b": (x, None)},
        ),
        np.array([1.0], "float32"),
    )
    for found in (eager, traced):
        assert found["a"].tolist() == [1.0] and found["b"][0].tolist() == [2.0]
        assert found["b"][1] is None


def test_while_loop_stops_at_maximum_iterations():
    assert ops.while_loop(lambda i: i < 10, lambda i: (i + 1,), (0,), 3)[0].item() == 3
    eager, traced = both(
        lambda x: ops.while_loop(lambda v: ops.sum(v) > 0, lambda v: v + 1.0, x, 4),
        np.array([1.0], "float32"),
    )
    assert eager.tolist() == traced.tolist() == [5.0]


def test_fori_loop_with_bounds_from_tensors():
    eager, traced = both(
        lambda n: ops.fori_loop(1, ops.sum(n), lambda i, v: v + i, 0), np.array([3, 2], "int32")
    )
    assert eager.item() == traced.item() == 10


def test_loops_work_on_functional_inputs():
    x = kerasish.Input((3,))
    y = ops.fori_loop(0, 3, lambda i, v: v * 2.0, x)
    z = ops.map(lambda row: row + 1.0, x)
    assert y.shape == (None, 3) and z.shape == (None, 3)


def refused(call):
    compiled = kerasish.function(call, input_signature=VECTOR)
    return lambda: compiled(np.ones(2, "float32"))


ERRORS = [
    (lambda: ops.switch(0, []), ValueError, "at least one branch"),
    (refused(lambda x: ops.cond(ops.sum(x) > 0, lambda: x, lambda: (x, x))), ValueError, "differ"),
    (refused(lambda x: ops.cond(ops.sum(x) > 0, lambda: x, lambda: None)), ValueError, "None"),
    (
        refused(lambda x: ops.cond(ops.sum(x) > 0, lambda: x, lambda: ops.cast(x, "int32"))),
        TypeError,
        "different dtypes",
    ),
    (
        refused(lambda x: ops.cond(ops.sum(x) > 0, lambda: x, lambda: ops.sum(x))),
        ValueError,
        "numbers of axes",
    ),
    (
        refused(
            lambda x: ops.while_loop(lambda v: ops.sum(v) > 0, lambda v: ops.cast(v, "int32"), x)
        ),
        TypeError,
        "changes the dtype",
    ),
    (
        refused(lambda x: ops.while_loop(lambda v: ops.sum(v) > 0, lambda v: (v, v), (x,))),
        ValueError,
        "as many values",
    ),
    (
        refused(lambda x: ops.scan(lambda c, e: (ops.expand_dims(c, 0), c), ops.sum(x), x)),
        ValueError,
        "number of axes of the carry",
    ),
    (lambda: ops.scan(lambda c, e: (c, e), 0.0), ValueError, "how many steps"),
    (
        lambda: ops.scan(lambda c, e: (c, e), 0.0, (np.ones(2), np.ones(3))),
        ValueError,
        "one length",
    ),
    (lambda: ops.scan(lambda c, e: (c, e), 0.0, np.ones(0)), ValueError, "at least one step"),
    (lambda: ops.associative_scan(ops.add, (np.ones(2), np.ones(3))), ValueError, "one known size"),
]


@pytest.mark.parametrize(("call", "kind", "text"), ERRORS)
def test_misuse_is_explained(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


def test_gradient_of_a_traced_loop_of_unknown_length_is_explained():
    def call(x):
        with GradientTape() as tape:
            tape.watch(x)
            y = ops.while_loop(lambda v: ops.sum(v) < 9.0, lambda v: v * 2.0, x)
        return tape.gradient(y, x)

    x = np.ones(2, "float32")
    assert call(ops.convert_to_tensor(x)).tolist() == [8.0, 8.0]
    with pytest.raises(ValueError, match="only known at run time has no gradient"):
        kerasish.function(call, input_signature=VECTOR)(x)
