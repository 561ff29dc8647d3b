"""remat and RematScope: the same derivatives from less memory, and a second run like the first."""

import numpy as np
import pytest

import kerasish
from kerasish import GradientTape, RematScope, Variable, layers, ops, remat
from kerasish.core import masks

X = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


def block(x, w):
    for _ in range(6):
        x = ops.tanh(ops.matmul(x, w))
    return x


def gradients(function, x, w):
    with GradientTape() as tape:
        tape.watch(x)
        y = function(x, w)
        total = ops.sum(y * y)
    return [y, *tape.gradient(total, [x, w])]


def test_derivatives_are_those_without():
    x, w = ops.convert_to_tensor(X), Variable(np.eye(4) + 0.1)
    expected = gradients(block, x, w)
    for found in (gradients(remat(block), x, w),
                  kerasish.function(lambda x: gradients(remat(block), x, w))(x)):  # fmt: skip
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_variables_that_are_no_arguments_have_derivatives():
    w = Variable(3.0)
    with GradientTape() as tape:
        y = remat(lambda x: ops.exp(w * x))(ops.array(1.0))
    assert tape.gradient(y, w).item() == pytest.approx(np.exp(3.0), rel=1e-6)


def test_second_derivatives():
    x = ops.convert_to_tensor(2.0)
    with GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            y = remat(lambda x: x * x * x)(x)
        first = inner.gradient(y, x)
    assert first.item() == 12.0
    assert outer.gradient(first, x).item() == 12.0


def test_without_a_tape_it_runs_once_and_with_one_twice():
    calls = []

    def f(x):
        calls.append(1)
        return x * x

    remat(f)(ops.array(1.0))
    assert len(calls) == 1
    x = ops.array(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        y = remat(f)(x)
    assert len(calls) == 2
    tape.gradient(y, x)
    assert len(calls) == 3


def test_tape_keeps_only_arguments_and_results():
    x, w = ops.convert_to_tensor(X), Variable(np.eye(4))
    kept = {}
    for name, function in (("plain", block), ("remat", remat(block))):
        with GradientTape() as tape:
            tape.watch(x)
            function(x, w)
        kept[name] = len(tape._nodes)
    assert kept["plain"] >= 12 and kept["remat"] == 1


def test_compiled_program_needs_less_memory(plain_programs):
    w = Variable(np.eye(64) + 0.01)

    def deep(x, wrapped):
        for _ in range(5):
            x = wrapped(x, w)
        return x

    sizes = {}
    for name, wrapped in (("plain", block), ("remat", remat(block))):

        def step(x, wrapped=wrapped):
            return gradients(lambda x, w: deep(x, wrapped), x, w)

        function = kerasish.function(step)
        function(ops.ones((256, 64)))
        sizes[name] = function.traces[0].program.buffer_bytes
    assert sizes["remat"] < 0.6 * sizes["plain"]


@pytest.mark.parametrize("is_compiled", [False, True], ids=["eager", "compiled"])
def test_random_numbers_are_the_same_in_both_runs(is_compiled):
    dropout = layers.Dropout(0.5, seed=3)
    x = ops.ones((50,))

    def step(x):
        with GradientTape() as tape:
            tape.watch(x)
            y = remat(lambda x: dropout(x, training=True) * x)(x)
        return y, tape.gradient(y, x)

    run = kerasish.function(step) if is_compiled else step
    for _ in range(2):
        y, g = run(x)
        np.testing.assert_array_equal(g, 2 * y.numpy())
        assert 0 < np.count_nonzero(y) < 50
    assert int(dropout.seed_generator.state.numpy()[1]) == 2  # moved on once a step


def test_state_is_assigned_once():
    normalization, other = layers.BatchNormalization(), layers.BatchNormalization()
    for layer, call in ((normalization, remat(normalization)), (other, other)):
        layer.build((None, 4))
        with GradientTape() as tape:
            y = ops.sum(ops.square(call(X, training=True)) * X)
        layer.found = tape.gradient(y, layer.trainable_weights)
    for a, b in zip([*normalization.weights, *normalization.found],
                    [*other.weights, *other.found], strict=True):  # fmt: skip
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5, atol=1e-6)


def test_half_precision_is_that_of_the_first_run():
    dense = layers.Dense(3, dtype="mixed_float16")
    dense.build((None, 4))
    seen = []

    def f(x):
        y = dense(x)
        seen.append(y.dtype)
        return y

    with GradientTape() as tape:
        y = remat(f)(ops.convert_to_tensor(X))
    assert tape.gradient(y, dense.kernel).dtype == "float32"
    assert seen == ["float16", "float16"]


def test_masks_and_structures_go_through():
    x = ops.convert_to_tensor(X)
    mask = ops.convert_to_tensor(np.arange(6) > 2)
    masks.set_mask(x, mask)
    with GradientTape() as tape:
        tape.watch(x)
        found = remat(lambda d, flag: {"a": layers.Identity()(d["x"]) * 2.0, "b": flag})(
            {"x": x}, True
        )
        assert found["b"].numpy() and found["a"].shape == (6, 4)
    assert tape.gradient(found["a"], x).numpy().min() == 2.0


# ---- RematScope ------------------------------------------------------------------------------


def make_model(scope):
    kerasish.utils.set_random_seed(4)
    with scope:
        model = kerasish.Sequential(
            [
                layers.Input((4,)),
                layers.Dense(8, "tanh", name="first", activity_regularizer="l2"),
                layers.Dropout(0.3, name="drop"),
                layers.Dense(8, "gelu", kernel_regularizer="l2", name="second"),
                layers.Dense(1, name="last"),
            ]
        )
    model.compile("adam", "mse")
    return model


SCOPES = {
    "full": RematScope(),
    "activations": RematScope("activations"),
    "larger_than": RematScope("larger_than", output_size_threshold=40),
    "list_of_layers": RematScope("list_of_layers", layer_names=["second"]),
}


@pytest.mark.parametrize("mode", SCOPES)
def test_training_is_that_without(mode):
    found = {}
    for name, scope in (("plain", RematScope(None)), (mode, SCOPES[mode])):
        model = make_model(scope)
        history = model.fit(X, X[:, :1], epochs=5, batch_size=6, verbose=0).history["loss"]
        found[name] = [*history, *[w.numpy() for w in model.weights]]
    for a, b in zip(found[mode], found["plain"], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


COUNTS = {"full": 4, "activations": 2, "larger_than": 3, "list_of_layers": 1}


@pytest.mark.parametrize("mode", SCOPES)
def test_the_layers_that_the_mode_names_are_recomputed(mode):
    model = make_model(SCOPES[mode])
    with GradientTape() as tape:
        model(X, training=True)
    again = [n for n in tape._nodes if type(n.operation).__name__ == "_Again"]
    linear = 1 if mode == "activations" else 0  # the last layer's activation is linear
    assert len(again) == COUNTS[mode] + linear


def test_scope_is_that_of_the_making_and_nests():
    with RematScope("full"):
        with RematScope(None):
            inner = layers.Dense(1)
        outer = layers.Dense(1)
    assert (inner._remat_scope, outer._remat_scope.mode) == (None, "full")
    assert layers.Dense(1)._remat_scope is None


def test_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="unknown mode.*larger_than"):
        RematScope("everything")
