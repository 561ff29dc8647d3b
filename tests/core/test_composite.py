"""Composites and implementations: derived and declared gradients, guards, switching them off."""

import numpy as np
import pytest

import kerasish
from kerasish import ops
from kerasish.core.composite import composite
from kerasish.core.primitive import implements, operations, primitive

X = np.array([0.5, -1.0, 2.0], np.float32)
W = np.array([2.0, 3.0, -1.0], np.float32)


@pytest.fixture
def calls():
    """Names of the implementations that ran; those added by a test end with it."""
    before = {name: list(o.implementations) for name, o in operations.items()}
    yield []
    for name, operation in operations.items():
        operation.implementations[:] = before.get(name, [])


def _swish(x, w, /, beta=1.0):
    return x * ops.sigmoid(beta * x) * w


derived = composite(_swish, name="example_derived")


@composite(
    name="example_declared",
    vjp=(lambda g, x, w, beta: 100.0 * g * w * beta, lambda g, x_like: ops.ones_like(g) * 7.0),
)
def declared(x, w, /, beta=1.0):
    return _swish(x, w, beta=beta)


@composite(name="example_minmax")
def minmax(x, /, *others):
    return ops.min(x), ops.max(x) + sum(ops.sum(o) for o in others)


def fast(calls, function=derived, **options):
    """A fast implementation of `function` for the CPU that remembers being called."""

    @implements(function, device="cpu", **options)
    def implementation(xp, x, w, beta=1.0):
        calls.append("fast")
        return x / (1 + xp.exp(-beta * x)) * w

    return implementation


def slopes(function, *inputs, **params):
    tensors = [ops.convert_to_tensor(x) for x in inputs]
    with kerasish.GradientTape() as tape:
        tape.watch(tensors)
        y = ops.sum(function(*tensors, **params))
    return [g.numpy() for g in tape.gradient(y, tensors)]


WAYS = pytest.mark.parametrize("way", [lambda f: f, kerasish.function], ids=["eager", "compiled"])


@WAYS
def test_without_an_implementation_the_body_runs(way):
    assert np.allclose(way(lambda x, w: derived(x, w, beta=2.0))(X, W), _swish(X, W, beta=2.0))
    source = kerasish.function(derived).source(X, W)
    assert "example_derived" not in source


@WAYS
def test_an_implementation_takes_over_and_keeps_the_bodys_gradient(way, calls):
    wanted, wanted_slopes = _swish(X, W, beta=2.0), slopes(_swish, X, W, beta=2.0)
    fast(calls)
    run = way(lambda x, w: derived(x, w, beta=2.0))
    assert np.allclose(run(X, W), wanted, atol=1e-6) and calls == ["fast"]
    for got, want in zip(slopes(derived, X, W, beta=2.0), wanted_slopes, strict=True):
        assert np.allclose(got, want, atol=1e-6)
    assert calls == ["fast", "fast"]


def test_an_implementation_is_one_line_of_the_program(calls):
    fast(calls)
    source = kerasish.function(lambda x, w: derived(x, w)).source(X, W)
    assert "example_derived_cpu(np, x0, x1, beta=1.0)" in source and "exp" not in source


@WAYS
def test_second_order_through_an_implementation(way, calls):
    def second(x):
        x = ops.convert_to_tensor(x)
        with kerasish.GradientTape() as outer:
            outer.watch(x)
            with kerasish.GradientTape() as inner:
                inner.watch(x)
                y = ops.sum(derived(x, W))
            slope = inner.gradient(y, x)
        return outer.gradient(slope, x), y

    plain = second(X)[0].numpy()
    fast(calls)
    assert np.allclose(way(second)(X)[0], plain, atol=1e-5) and calls


@WAYS
def test_variables_and_repeated_inputs_have_gradients_through_an_implementation(way, calls):
    v = kerasish.Variable(X)

    def slope():
        with kerasish.GradientTape() as tape:
            y = ops.sum(derived(v, v))
        return tape.gradient(y, v), y

    plain = slope()[0].numpy()
    fast(calls)
    assert np.allclose(way(slope)()[0], plain, atol=1e-6) and calls


@WAYS
def test_declared_gradients_belong_to_the_implementation(way, calls):
    with_body = slopes(declared, X, W, beta=2.0)
    for got, want in zip(with_body, slopes(_swish, X, W, beta=2.0), strict=True):
        assert np.allclose(got, want, atol=1e-6)  # the body is inlined: its own gradient counts
    fast(calls, declared)
    compiled = way(lambda x, w: slopes_traced(x, w))
    gx, gw = compiled(X, W)
    assert np.allclose(gx, 200.0 * W) and np.allclose(gw, 7.0)


def slopes_traced(x, w):
    x, w = ops.convert_to_tensor(x), ops.convert_to_tensor(w)
    with kerasish.GradientTape() as tape:
        tape.watch([x, w])
        y = ops.sum(declared(x, w, beta=2.0))
    return tape.gradient(y, [x, w])


@WAYS
def test_a_guard_that_refuses_falls_back_to_the_body(way, calls):
    seen = []

    def when(x, w, beta=1.0):
        seen.append((x.shape, x.dtype))
        return x.shape == (3,) and beta == 1.0

    fast(calls, when=when)
    assert np.allclose(way(derived)(X, W), _swish(X, W), atol=1e-6) and calls == ["fast"]
    assert np.allclose(way(derived)(X[:2], W[:2]), _swish(X[:2], W[:2]), atol=1e-6)
    assert np.allclose(way(lambda x, w: derived(x, w, beta=3.0))(X, W), _swish(X, W, beta=3.0))
    assert calls == ["fast"] and ((2,), "float32") in seen


def test_of_two_implementations_the_first_that_accepts_runs(calls):
    fast(calls, when=lambda x, w, beta: False)

    @implements(derived, device="cpu")
    def second(xp, x, w, beta=1.0):
        calls.append("second")
        return x * 0

    @implements(derived, device="gpu")
    def elsewhere(xp, x, w, beta=1.0):
        raise AssertionError("made for another device")

    derived(X, W)
    assert calls == ["second"]


@WAYS
def test_kernels_can_be_switched_off(way, calls):
    fast(calls)
    run = way(derived)
    kerasish.config.disable_kernels()
    try:
        assert not kerasish.config.kernels_enabled()
        plain = run(X, W)
        assert calls == []
    finally:
        kerasish.config.enable_kernels()
    assert np.allclose(run(X, W), plain, atol=1e-6) and calls == ["fast"]
    kerasish.config.disable_kernels()
    try:
        run(X, W)
    finally:
        kerasish.config.enable_kernels()
    assert calls == ["fast"]


def test_implementations_of_primitives(calls):
    @implements(operations["exp"].public, device="cpu", when=lambda x: x.shape == (3,))
    def exp(xp, x):
        calls.append("exp")
        return xp.exp(x)

    for run in (ops.exp, kerasish.function(ops.exp)):
        assert np.allclose(run(X), np.exp(X)) and np.allclose(run(X[:2]), np.exp(X[:2]))
    assert calls == ["exp", "exp"]


@WAYS
def test_several_outputs_and_variadic_inputs(way, calls):
    low, high = way(lambda x, w: minmax(x, w, w))(X, W)
    assert low.item() == -1.0 and high.item() == 2.0 + 2 * W.sum()

    def slope(x):
        x = ops.convert_to_tensor(x)
        with kerasish.GradientTape() as tape:
            tape.watch(x)
            low, high = minmax(x, x * 2.0)
            y = 3.0 * high
        return tape.gradient(y, x), low

    plain = slope(X)[0].numpy()

    @implements(minmax, device="cpu")
    def fast_minmax(xp, x, *others):
        calls.append("minmax")
        return x.min(), x.max() + sum(o.sum() for o in others)

    assert np.allclose(way(slope)(X)[0], plain) and calls == ["minmax"]
    assert plain.tolist() == [6.0, 6.0, 9.0]


def test_rules_that_name_what_is_not_there():
    @primitive(name="example_wrong_rule", vjp=lambda g, other: g)
    def wrong(xp, x, /):
        return x * 1.0

    with pytest.raises(TypeError, match="example_wrong_rule.*'other', which is neither an input"):
        slopes(wrong, X)


def test_an_implementation_may_take_a_buffer_but_need_not(calls):
    @implements(operations["exp"].public, device="cpu")
    def exp(xp, x, out=None):
        calls.append(out is not None)
        return xp.exp(x, out=out)

    @implements(operations["sin"].public, device="cpu")
    def sin(xp, x):
        return xp.sin(x)

    f = kerasish.function(lambda x: ops.cos(ops.sin(ops.exp(x))))
    assert np.allclose(f(X), np.cos(np.sin(np.exp(X)))) and calls == [True]
    assert "exp_cpu(np, x0, out=b0)" in f.source() and "sin_cpu(np, v0)" in f.source()


def test_an_implementation_may_return_its_input(calls):
    @implements(operations["exp"].public, device="cpu")
    def exp(xp, x):
        return x  # as one that works in place on memory that nobody else holds would

    v = kerasish.Variable(X)

    @kerasish.function
    def f(x):
        y = ops.exp(x * 1.0)
        v.assign(ops.exp(v))
        return y, ops.exp(v), x * 2.0

    kept = f(X)
    f(X + 1)
    assert [t.tolist() for t in kept] == [X.tolist(), X.tolist(), (X * 2).tolist()]
    assert v.numpy().tolist() == X.tolist()
