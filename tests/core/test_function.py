"""function: traces by spec, unknown sizes, state, fallback, retraces, sources, buffers."""

import threading
import warnings

import numpy as np
import pytest

import kerasish
from kerasish import ops
from kerasish.core.function import EagerFallbackWarning, RetraceWarning


def test_one_trace_per_spec():
    calls = []

    @kerasish.function
    def double(x):
        calls.append(x.shape)
        return x * 2

    assert double(np.ones(2, np.float32)).tolist() == [2, 2]
    double(np.zeros(2, np.float32))
    double(np.ones(3, np.float32))
    assert calls == [(2,), (3,)]
    assert len(double.traces) == 2


def test_unknown_sizes_share_one_trace():
    @kerasish.function(input_signature=[kerasish.TensorSpec((None, 3), "float32")])
    def total(x):
        return ops.sum(x, axis=0), ops.mean(x)

    for n in (1, 4, 0):
        x = np.random.default_rng(n).random((n, 3), np.float32)
        with np.errstate(all="ignore"):
            s, _ = total(x)
        assert np.allclose(s.numpy(), x.sum(0))
    assert len(total.traces) == 1
    with pytest.raises(TypeError, match="does not fit the signature"):
        total(np.ones((2, 4), np.float32))


def test_gradient_with_unknown_batch_size():
    w = kerasish.Variable(np.ones((3, 2), np.float32))

    @kerasish.function(input_signature=[kerasish.TensorSpec((None, 3), "float32")])
    def slope(x):
        with kerasish.GradientTape() as tape:
            y = ops.mean(ops.tanh(x @ w) + ops.sum(x, axis=1, keepdims=True))
        return tape.gradient(y, w)

    for n in (2, 5):
        x = np.random.default_rng(n).random((n, 3), np.float32)
        assert np.allclose(slope(x).numpy(), slope.python_function(x).numpy(), atol=1e-6)


def test_variables_are_read_and_assigned_in_order():
    v = kerasish.Variable(1.0)

    @kerasish.function
    def f(x):
        before = v * 1.0
        v.assign(v + x)
        middle = v * 1.0
        v.assign_add(x)
        return before, middle

    a, b = f(np.float32(2.0))
    assert (a.item(), b.item(), v.numpy()) == (1.0, 3.0, 5.0)
    f(np.float32(1.0))
    assert v.numpy() == 7.0


def test_swapping_variables_loses_nothing():
    a, b = kerasish.Variable([1.0, 1.0]), kerasish.Variable([2.0, 2.0])

    @kerasish.function
    def swap():
        x, y = a.value, b.value
        a.assign(y)
        b.assign(x)

    swap()
    assert a.numpy().tolist() == [2.0, 2.0] and b.numpy().tolist() == [1.0, 1.0]


def test_values_handed_out_survive_later_runs():
    v = kerasish.Variable(np.zeros(3, np.float32))

    @kerasish.function
    def step(x):
        v.assign(v + x)
        y = x * 2.0
        return y, v.value, ops.reshape(y, (3, 1))

    held = v.value
    first = step(np.ones(3, np.float32))
    kept = [t.numpy().copy() for t in first]
    step(np.full(3, 5.0, np.float32))
    assert all(np.array_equal(t.numpy(), k) for t, k in zip(first, kept, strict=True))
    assert held.tolist() == [0.0, 0.0, 0.0]


def test_a_failing_step_leaves_variables_as_they_were():
    v = kerasish.Variable(np.zeros(4, np.float32))

    @kerasish.function
    def step(index):
        v.assign(v + 1.0)
        return ops.take(v, index)

    step(np.array([1]))
    before = v.numpy()
    with pytest.raises(Exception, match="(?i)bounds|range"):
        step(np.array([9]))
    assert np.array_equal(v.numpy(), before)


def test_python_control_flow_on_values_falls_back_with_one_warning():
    @kerasish.function
    def sign(x):
        if x > 0:
            return x
        return -x

    with pytest.warns(EagerFallbackWarning, match=r"test_function\.py:\d+: if x > 0"):
        assert sign(np.float32(-2.0)).item() == 2.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sign(np.float32(3.0)).item() == 3.0


def test_retraces_are_explained():
    @kerasish.function
    def f(x, factor):
        return x * factor

    with pytest.warns(RetraceWarning, match="Python value that changes"):
        for i in range(12):
            f(np.float32(1.0), i)


def test_source_is_a_numpy_program():
    @kerasish.function
    def f(x):
        return ops.exp(x) + 1.0

    text = f.source(kerasish.TensorSpec((2,), "float32"))
    assert "np.exp(x0" in text and "np.add(" in text
    compile(text, "source", "exec")


def test_dead_and_repeated_work_is_left_out():
    @kerasish.function
    def f(x):
        ops.sin(x)
        return ops.exp(x) * ops.exp(x)

    text = f.source(kerasish.TensorSpec((2,), "float32"))
    assert "sin" not in text
    assert text.count("np.exp") == 1


def test_threads_do_not_share_buffers():
    @kerasish.function
    def f(x):
        for _ in range(20):
            x = ops.tanh(x) * 1.5 + 0.1
        return x

    inputs = [np.random.default_rng(i).random((64, 64), np.float32) for i in range(8)]
    wanted = [f(x).numpy().copy() for x in inputs]
    wrong = []

    def work(i):
        for _ in range(20):
            if not np.array_equal(f(inputs[i]).numpy(), wanted[i]):
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not wrong


def test_methods_and_nesting():
    class Thing:
        def __init__(self):
            self.v = kerasish.Variable(2.0)

        @kerasish.function
        def scaled(self, x):
            return inner(x) * self.v

    @kerasish.function
    def inner(x):
        return x + 1.0

    assert Thing().scaled(np.float32(3.0)).item() == 8.0


def test_static_results_pass_through():
    @kerasish.function
    def f(x):
        return {"y": x + 1, "n": 3, "none": None}

    out = f(np.float32(1.0))
    assert out["n"] == 3 and out["none"] is None and out["y"].item() == 2.0


def test_run_functions_eagerly():
    seen = []

    @kerasish.function
    def f(x):
        seen.append(1)
        return x

    kerasish.config.run_functions_eagerly(True)
    try:
        f(np.float32(1.0))
        f(np.float32(1.0))
    finally:
        kerasish.config.run_functions_eagerly(False)
    assert len(seen) == 2


def test_random_numbers_go_on_inside_a_trace():
    kerasish.utils.set_random_seed(3)
    eager = [kerasish.random.uniform((2,)).tolist() for _ in range(3)]

    @kerasish.function
    def draw():
        return kerasish.random.uniform((2,))

    kerasish.utils.set_random_seed(3)
    assert [draw().tolist() for _ in range(3)] == eager
