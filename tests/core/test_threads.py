"""Threads, nesting and exceptions: every thread has tapes, traces and scopes of its own."""

import threading

import numpy as np
import pytest

import kerasish
from kerasish import ops
from kerasish.core import modes, names
from kerasish.core.variable import autocast_scope
from kerasish.errors import SymbolicValueError

COUNT = 8


def in_threads(work, count=COUNT):
    """Run `work(i)` in `count` threads at once; the first exception is raised here."""
    barrier, failures = threading.Barrier(count), []

    def run(i):
        try:
            barrier.wait(10)
            work(i)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    [t.start() for t in threads]
    [t.join(60) for t in threads]
    assert not any(t.is_alive() for t in threads)
    if failures:
        raise failures[0]


def test_one_function_in_many_threads_is_traced_once_and_right():
    traced = []
    w = kerasish.Variable(np.eye(16, dtype=np.float32))

    @kerasish.function
    def f(x):
        traced.append(threading.get_ident())
        for _ in range(10):
            x = ops.tanh(ops.matmul(x, w)) * 1.5 + 0.1
        return x, ops.sum(x)

    inputs = [np.random.default_rng(i).random((16, 16), np.float32) for i in range(COUNT)]
    wanted = [[t.numpy() for t in f.python_function(x)] for x in inputs]
    traced.clear()

    def work(i):
        for _ in range(20):
            for a, b in zip(f(inputs[i]), wanted[i], strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-5)

    in_threads(work)
    assert len(traced) == 1 and len(f.traces) == 1
    assert 1 <= len(f.traces[0].program._idle) <= COUNT


def test_each_thread_assigns_its_own_variables():
    variables = [kerasish.Variable(np.zeros(100, np.float32)) for _ in range(COUNT)]
    step = kerasish.function(lambda v, x: v.assign_add(x))

    def work(i):
        for _ in range(50):
            step(variables[i], np.full(100, i, np.float32))

    in_threads(work)
    assert len(step.traces) == COUNT
    assert [v.numpy()[0] for v in variables] == [50.0 * i for i in range(COUNT)]


def test_tapes_and_traces_of_other_threads_are_not_seen():
    v = kerasish.Variable(1.0)

    def work(i):
        assert modes.state.tapes == () and modes.state.trace is None
        with kerasish.GradientTape() as tape:
            y = v * float(i)
        assert tape.gradient(y, v).item() == float(i)
        f = kerasish.function(lambda x: x * v + float(i))
        assert f(np.float32(2.0)).item() == 2.0 + i

    with kerasish.GradientTape() as outer:
        in_threads(work)
        y = v * v
    assert outer.gradient(y, v).item() == 2.0


def test_a_thread_started_while_tracing_computes_for_real():
    seen = []

    @kerasish.function
    def f(x):
        thread = threading.Thread(target=lambda: seen.append((ops.ones((2,)) + 1.0).tolist()))
        thread.start()
        thread.join()
        return x + 1.0

    assert f(np.float32(1.0)).item() == 2.0
    assert seen == [[2.0, 2.0]]


def test_numpy_warnings_stay_the_users_own_in_every_thread():
    def work(i):
        ops.log(ops.zeros((2,)))
        kerasish.function(ops.log)(np.zeros(2, np.float32))
        with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
            np.log(np.zeros(1))

    in_threads(work)


# ---- nesting ---------------------------------------------------------------------------------


def test_functions_call_functions_and_themselves():
    @kerasish.function
    def power(x, n):
        return x if n == 0 else x * power(x, n - 1)

    @kerasish.function
    def twice(x):
        return power(x, 1) + power(x, 2)

    assert power(np.float32(2.0), 3).item() == 16.0
    assert twice(np.float32(3.0)).item() == 9.0 + 27.0
    assert len(twice.traces) == 1 and len(power.traces) == 1


def test_an_inner_function_that_assigns_is_part_of_the_outer_trace():
    v = kerasish.Variable(1.0)

    @kerasish.function
    def inner(x):
        return v.assign(v * x)

    @kerasish.function
    def outer(x):
        first = inner(x)
        return first, inner(x), v * 1.0

    assert [t.item() for t in outer(np.float32(3.0))] == [3.0, 9.0, 9.0]
    assert v.numpy() == 9.0


def test_a_compiled_function_may_run_inside_itself_eagerly():
    """A program that runs lends its buffers to nobody, not even to a call from within."""
    f = kerasish.function(lambda x: ops.tanh(ops.matmul(x, x)) * 2.0)
    x = np.random.default_rng(0).random((4, 4), np.float32)
    wanted = f(x).numpy().copy()
    program = f.traces[0].program
    taken = program._idle.pop()
    assert np.array_equal(f(x), wanted)
    program._idle.append(taken)
    assert len(program._idle) == 2


# ---- exceptions ------------------------------------------------------------------------------


def assert_nothing_is_open():
    state = modes.state
    assert (state.trace, state.tapes, state.autocast, names.scope_path()) == (None, (), None, "")


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, ValueError])
def test_an_exception_while_tracing_leaves_nothing_open(error):
    v = kerasish.Variable(1.0)

    @kerasish.function
    def f(x):
        with names.name_scope("outer"), autocast_scope("float16"), kerasish.GradientTape():
            v.assign(v * 5.0)
            raise error("stop")

    for _ in range(2):
        with pytest.raises(error):
            f(np.float32(1.0))
        assert_nothing_is_open()
    assert f.traces == [] and v.numpy() == 1.0
    assert (v * 2.0).item() == 2.0


def test_an_exception_inside_a_tape_closes_it():
    v = kerasish.Variable(3.0)
    with kerasish.GradientTape() as outer:
        with pytest.raises(ZeroDivisionError):
            with kerasish.GradientTape() as tape:
                y = v * v
                raise ZeroDivisionError
        assert modes.state.tapes == (outer,)
    assert_nothing_is_open()
    assert tape.gradient(y, v).item() == 6.0


def test_an_exception_in_a_gradient_rule_leaves_nothing_open():
    @kerasish.custom_gradient
    def broken(x):
        def grad(g):
            raise ZeroDivisionError

        return x * 2.0, grad

    x = ops.convert_to_tensor(1.0)
    with kerasish.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = broken(x)
        with pytest.raises(ZeroDivisionError):
            tape.gradient(y, x)
        assert modes.state.tapes == (tape,)
    assert_nothing_is_open()


def test_an_exception_in_a_nested_trace_returns_to_the_outer_one():
    @kerasish.function
    def f(x):
        trace = modes.state.trace
        with pytest.raises(ValueError):
            ops.cond(x > 0, lambda: ops.reshape(x, (7,)), lambda: x)
        assert modes.state.trace is trace
        return x + 1.0

    assert f(np.float32(1.0)).item() == 2.0
    assert_nothing_is_open()


def test_one_call_that_needs_a_value_does_not_spoil_the_state():
    v = kerasish.Variable(0.0)

    @kerasish.function
    def f(x):
        v.assign_add(1.0)
        with kerasish.GradientTape():
            return x if x > 0 else -x

    with pytest.warns(kerasish.core.function.EagerFallbackWarning):
        assert f(np.float32(-2.0)).item() == 2.0
    assert_nothing_is_open()
    assert v.numpy() == 1.0  # the abandoned trace assigned nothing


def test_quiet_contexts_survive_errors():
    with pytest.raises(ValueError):
        ops.matmul(np.ones((2, 3)), np.ones((2, 3)))
    with np.errstate(divide="raise"):
        assert np.isinf(ops.log(0.0).item())
    with pytest.raises(SymbolicValueError):
        float(kerasish.Input(()))
