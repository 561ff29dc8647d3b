"""Memory: nothing waits for the garbage collector, buffers do not grow, tapes let go."""

import gc
import tracemalloc
import weakref

import numpy as np
import pytest

import kerasish
from kerasish import layers, ops
from kerasish.core.graph import specs_of


@pytest.fixture(autouse=True)
def no_collector():
    """What is freed while a test runs is freed by reference counts alone."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_tape_dies_with_its_last_reference():
    v = kerasish.Variable(np.ones(10))
    with kerasish.GradientTape(persistent=True) as tape:
        with kerasish.GradientTape() as inner:
            hidden = ops.exp(v * v)
            y = ops.sum(hidden)
        slope = inner.gradient(y, v)
    second = tape.gradient(slope, v)
    dying = [weakref.ref(x) for x in (tape, inner, hidden, y, slope, second)]
    del tape, inner, hidden, y, slope, second
    assert [ref() for ref in dying] == [None] * len(dying)


def test_a_tape_that_was_walked_keeps_no_values():
    v = kerasish.Variable(np.ones(10))
    with kerasish.GradientTape() as tape:
        hidden = ops.exp(v)
        y = ops.sum(hidden)
    ref = weakref.ref(hidden)
    del hidden
    assert ref() is not None
    tape.gradient(y, v)
    assert ref() is None and tape.watched_variables() == (v,)


def test_a_tape_keeps_no_more_than_its_rules_name():
    v = kerasish.Variable(np.ones(10))
    with kerasish.GradientTape() as tape:
        hidden = v + 1.0
        refs = [weakref.ref(hidden)]
        y = ops.reshape(hidden, (2, 5))
        refs.append(weakref.ref(y))
        y = ops.sum(y)
        del hidden
    assert [r() for r in refs] == [None, None]
    assert tape.gradient(y, v).tolist() == [1.0] * 10


class Owner:
    def __init__(self, body):
        self.body = body

    @kerasish.function
    def method(self, x):
        return self.body(x)


def dying_function(kind):
    """Weak references to everything that a compiled function holds on to."""
    v = kerasish.Variable(np.ones((3, 3), np.float32))
    constant = ops.convert_to_tensor(np.ones((3, 3), np.float32))

    def body(x):
        v.assign_add(constant)
        return ops.tanh(ops.matmul(ops.matmul(x, v), constant)), {"n": 3}

    owner = Owner(body)
    f = {
        "plain": lambda: kerasish.function(body),
        "method": lambda: owner.method,
        "gradient": lambda: kerasish.function(lambda x: gradient_of(body, x, v)),
        "unknown sizes": lambda: kerasish.function(
            body, input_signature=[kerasish.TensorSpec((None, 3))]
        ),
    }[kind]()
    for n in (2, 4):
        f(np.ones((n, 3), np.float32))
    trace = f.traces[0]
    return [weakref.ref(x) for x in (v, constant, owner, f, trace, trace.graph, trace.program)]


def gradient_of(body, x, v):
    with kerasish.GradientTape() as tape:
        y = ops.sum(body(x)[0])
    return tape.gradient(y, v)


@pytest.mark.parametrize("kind", ["plain", "method", "gradient", "unknown sizes"])
def test_a_function_dies_with_its_last_reference(kind):
    assert [ref() for ref in dying_function(kind)] == [None] * 7


def test_a_function_that_failed_to_be_traced_keeps_nothing():
    def run():
        v = kerasish.Variable(1.0)

        @kerasish.function
        def f(x):
            v.assign(x)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            f(np.float32(1.0))
        return weakref.ref(v)

    assert run()() is None


def test_shapes_are_inferred_without_leaving_graphs_behind():
    before = len(gc.get_objects())
    spec = kerasish.TensorSpec((None, 4))
    for _ in range(50):
        specs_of(lambda x: ops.tanh(ops.matmul(x, ops.ones((4, 4)))), [spec])
    assert len(gc.get_objects()) - before < 50


def test_a_layer_dies_with_its_last_reference():
    layer = layers.Dense(3)
    layer(np.ones((2, 3), np.float32))
    ref = weakref.ref(layer.kernel)
    del layer
    assert ref() is None


def growth(run, calls):
    """Bytes by which Python's memory grows over so many calls."""
    tracemalloc.start()
    try:
        for _ in range(2500):  # until CPython's own lists of free tuples are full
            run()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(calls):
            run()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


def test_ten_thousand_calls_need_no_more_memory_than_one():
    v = kerasish.Variable(np.zeros((8, 8), np.float32))

    @kerasish.function
    def step(x):
        with kerasish.GradientTape() as tape:
            loss = ops.mean(ops.square(ops.tanh(ops.matmul(x, v)) - 1.0))
        v.assign_sub(0.1 * tape.gradient(loss, v))
        return loss, ops.transpose(v)

    x = np.random.default_rng(0).random((4, 8), np.float32)
    assert growth(lambda: step(x), 7500) < 1000
    (trace,) = step.traces
    assert len(trace.program._idle) == 1


def test_eager_calls_and_tapes_do_not_grow():
    v = kerasish.Variable(np.zeros((8, 8), np.float32))
    x = np.random.default_rng(0).random((4, 8), np.float32)

    def run():
        with kerasish.GradientTape() as tape:
            loss = ops.sum(ops.matmul(x, v))
        v.assign_sub(0.1 * tape.gradient(loss, v))

    assert growth(run, 1000) < 1000


def test_shapes_seen_before_are_not_traced_again():
    traced = []
    f = kerasish.function(lambda x: traced.append(x.shape) or x * 2.0)
    for _ in range(3):
        for n in range(1, 9):
            f(np.ones(n, np.float32))
    assert traced == [(n,) for n in range(1, 9)] and len(f.traces) == 8
