"""Convolution with max pooling behind it as one kernel, and the rewrite that makes it."""

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasish import config, ops
from kerasish.core import modes
from kerasish.core.graph import Graph
from kerasish.core.spec import TensorSpec
from kerasish.core.tape import GradientTape
from kerasish.core.tensor import SymbolicTensor
from kerasish.kernels.cpu import convolution, fused_convolution
from kerasish.kernels.cpu.binding import bindings
from kerasish.kernels.cpu.rewrites_convolution import rewrite
from tests.kernels.support import needs_library, numpy_namespace, run_native, run_plain

forward, backward = fused_convolution.convolve_pool, fused_convolution.convolve_pool_gradient


@st.composite
def cases(draw):
    """Arrays of small whole numbers, whose sums are exact in any order, and parameters.

    None of those that go by Winograd's tiles, which are not exact.
    """
    rank = draw(st.integers(1, 2))

    def one_per_axis(low, high):
        return tuple(draw(st.integers(low, high)) for _ in range(rank))

    window, strides, dilations = one_per_axis(1, 4), one_per_axis(1, 2), one_per_axis(1, 2)
    dilations = (2, 2) if window == (3, 3) else dilations
    pool = one_per_axis(1, 3)
    spatial = []
    for w, s, d, p in zip(window, strides, dilations, pool, strict=True):
        spatial.append(draw(st.integers((w - 1) * d + 1 + (p - 1) * s, (60, 17)[rank - 1] + 6)))
    groups = draw(st.sampled_from((1, 1, 2)))
    inner = draw(st.sampled_from((1, 3, 10, 16)))
    filters = groups * draw(st.sampled_from((1, 3, 10, 16, 17, 40)))
    random = numpy.random.default_rng(draw(st.integers(0, 99)))

    def whole(*shape):
        return random.integers(-3, 4, shape).astype("float32")

    x = whole(draw(st.integers(0, 3)), *spatial, inner * groups)
    kernel = whole(*window, inner, filters)
    bias = whole(filters) if draw(st.booleans()) else None
    params = {
        "strides": strides,
        "padding": draw(st.sampled_from(("valid", "same"))),
        "dilations": dilations,
        "groups": groups,
        "activation": draw(st.sampled_from(("linear", "relu"))),
        "window": pool,
        "pool_strides": tuple(p + draw(st.integers(0, 1)) for p in pool),
    }
    return x, kernel, bias, params, random


def assert_same(found, wanted):
    for a, b in zip(found, wanted, strict=True):
        numpy.testing.assert_array_equal(a, b)
        assert a.dtype == b.dtype


@needs_library
@given(cases())
def test_forward(case):
    x, kernel, bias, params, _ = case
    assert_same(
        run_native(forward, [x, kernel, bias], params),
        run_plain(forward, [x, kernel, bias], params),
    )


@needs_library
@given(cases(), st.lists(st.booleans(), min_size=3, max_size=3).filter(any))
def test_backward(case, wanted):
    x, kernel, bias, params, random = case
    pooled, choice = run_plain(forward, [x, kernel, bias], params)
    g = random.integers(-3, 4, pooled.shape).astype("float32")
    params = {**params, "wanted": tuple(wanted)}
    arrays = [g, pooled, choice, x, kernel]
    assert_same(run_native(backward, arrays, params), run_plain(backward, arrays, params))


PARAMS = {
    "strides": (1, 1), "padding": "same", "dilations": (1, 1), "groups": 1, "activation": "relu",
    "window": (2, 2), "pool_strides": (2, 2),
}  # fmt: skip


@needs_library
def test_not_a_number_is_the_largest_and_gets_no_cotangent():
    x = numpy.ones((1, 6, 6, 3), "float32")
    x[0, 2, 3, 1] = numpy.nan
    kernel = numpy.ones((1, 1, 3, 20), "float32")
    pooled, choice = run_native(forward, [x, kernel, None], PARAMS)
    assert_same((pooled, choice), run_plain(forward, [x, kernel, None], PARAMS))
    assert numpy.isnan(pooled[0, 1, 1]).all() and (choice[0, 1, 1] == 255).all()
    arrays = [numpy.ones_like(pooled), pooled, choice, numpy.ones_like(x), kernel]
    params = {**PARAMS, "wanted": (True, True, True)}
    found = run_native(backward, arrays, params)
    assert_same(found, run_plain(backward, arrays, params))
    assert (found[1] == 8).all()


@needs_library
@pytest.mark.parametrize("filters", [16, 33])
@pytest.mark.parametrize("size", [12, 19, 70])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("window", [(2, 2), (3, 3), (1, 4)])
def test_tiles(filters, size, padding, window, rng):
    """Where the convolution goes by tiles: sums differ by rounding, choices only between equals."""
    x = rng.standard_normal((9, size, size - 1, 20)).astype("float32")
    kernel = rng.standard_normal((3, 3, 20, filters)).astype("float32")
    bias = rng.standard_normal(filters).astype("float32")
    params = {**PARAMS, "padding": padding, "window": window, "pool_strides": window}
    pooled, choice = run_native(forward, [x, kernel, bias], params)
    wide = [x.astype("float64"), kernel.astype("float64"), bias]
    wanted, choices = run_plain(forward, wide, params)
    numpy.testing.assert_allclose(pooled, wanted, atol=1e-4)
    assert (choice != choices).mean() < 1e-3
    g = rng.standard_normal(pooled.shape).astype("float32")
    wide = [g.astype("float64"), pooled, choice, *wide[:2]]
    for flags in ((True, True, True), (True, False, False), (False, False, True)):
        params["wanted"] = flags
        found = run_native(backward, [g, pooled, choice, x, kernel], params)
        for a, b in zip(found, run_plain(backward, wide, params), strict=True):
            numpy.testing.assert_allclose(a, b, atol=3e-6 * numpy.abs(b).max() * len(x))


@needs_library
def test_tiles_that_are_not_finite(rng):
    x = rng.standard_normal((9, 24, 24, 16)).astype("float32")
    kernel = rng.standard_normal((3, 3, 16, 16)).astype("float32")
    clean = run_native(forward, [x, kernel, None], PARAMS)
    x[4, 10, 10, 3] = numpy.inf
    pooled, choice = run_native(forward, [x, kernel, None], PARAMS)
    touched = numpy.zeros((9, 12, 12), bool)
    touched[4, 4:6, 4:6] = True
    wanted, choices = run_plain(forward, [x, kernel, None], PARAMS)
    assert (numpy.isfinite(pooled) == numpy.isfinite(wanted)).all()
    numpy.testing.assert_allclose(pooled[~touched], clean[0][~touched], atol=1e-4)
    numpy.testing.assert_array_equal(choice[touched], choices[touched])


@needs_library
def test_results_do_not_depend_on_threads():
    random = numpy.random.default_rng(0)
    x, kernel = random.standard_normal((20, 28, 28, 3)), random.standard_normal((3, 3, 3, 40))
    x, kernel = x.astype("float32"), kernel.astype("float32")
    before, results = config.threads(), []
    try:
        for count in (1, 2, 5):
            config.set_threads(count)
            pooled, choice = run_native(forward, [x, kernel, None], PARAMS)
            arrays = [pooled, pooled, choice, x, kernel]
            params = {**PARAMS, "wanted": (True, True, True)}
            results.append((pooled, choice, *run_native(backward, arrays, params)))
    finally:
        config.set_threads(before)
    assert_same(results[1], results[0])
    assert_same(results[2], results[0])


# ---- the rewrite -------------------------------------------------------------------------------


def traced(model, x, arrays, with_gradient=True):
    """Nodes, inputs and outputs of a model of tensors, with the gradients of a sum of squares."""
    graph = Graph("model")
    inputs = [graph.add_input(TensorSpec(a.shape, "float32")) for a in (x, *arrays)]
    with modes.tracing(graph):
        with GradientTape() as tape:
            for t in inputs:
                tape.watch(t)
            y = model(*inputs)
            loss = ops.sum(ops.square(y))
        outputs = [loss, *(tape.gradient(loss, inputs) if with_gradient else ())]
    return graph.nodes, inputs, outputs


def run(nodes, inputs, arrays, outputs):
    """Values of the outputs by the plain forwards."""
    values = {t.key: a for t, a in zip(inputs, arrays, strict=True)}
    xp = numpy_namespace()

    def value_of(x):
        if isinstance(x, SymbolicTensor):
            return values[x.key]
        return getattr(x, "_array", x)

    for node in nodes:
        found = node.operation.run(xp, [value_of(x) for x in node.inputs], node.params)
        found = found if node.is_multiple else (found,)
        values.update({o.key: a for o, a in zip(node.outputs, found, strict=True)})
    return [values[o.key] for o in outputs]


def conv_relu_pool(x, kernel, bias):
    return ops.max_pool(ops.relu(ops.conv(x, kernel, padding="same") + bias), 2)


def names(nodes):
    return [node.operation.name for node in nodes]


def rewritten(model, with_gradient=True, outputs_too=()):
    random = numpy.random.default_rng(0)
    arrays = [random.standard_normal(s).astype("float32") for s in ((2, 9, 9, 3), (3, 3, 3, 8), 8)]
    nodes, inputs, outputs = traced(model, arrays[0], arrays[1:], with_gradient)
    outputs = [*outputs, *(n.outputs[0] for n in nodes if n.operation.name in outputs_too)]
    after = rewrite(nodes, lambda t: t, {o.key for o in outputs})
    before = run(nodes, inputs, arrays, outputs)
    for a, b in zip(run(after, inputs, arrays, outputs), before, strict=True):
        numpy.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-4)
    return nodes, after


MODELS = {
    "bias and relu": conv_relu_pool,
    "relu": lambda x, kernel, bias: (
        ops.max_pool(ops.relu(ops.conv(x, kernel, strides=2, padding="same")), 2) * bias
    ),
    "bias": lambda x, kernel, bias: ops.max_pool(bias + ops.conv(x, kernel), (3, 2)),
    "neither": lambda x, kernel, bias: ops.max_pool(ops.conv(x, kernel), 2) + bias,
}


@pytest.mark.parametrize("name", MODELS)
def test_what_is_rewritten(name):
    _, after = rewritten(MODELS[name])
    assert {"convolve_pool", "convolve_pool_gradient"} <= {*names(after)}
    assert not {"convolve", "max_pool_windows", "max_pool_scatter"} & {*names(after)}
    assert "positive_gate" not in names(after)
    fused = next(n for n in after if n.operation.name == "convolve_pool")
    assert (fused.inputs[2] is not None) == ("bias" in name)
    gradient = next(n for n in after if n.operation.name == "convolve_pool_gradient")
    assert gradient.params["wanted"] == (True, "bias" in name, True)


def test_forward_alone():
    _, after = rewritten(conv_relu_pool, with_gradient=False)
    assert names(after)[0] == "convolve_pool" and len(after) < 5


OTHERS = {
    "the activations are used": lambda x, kernel, bias: _used_twice(x, kernel, bias),
    "the windows overlap": lambda x, kernel, bias: ops.max_pool(ops.conv(x, kernel) + bias, 3, 1),
    "padded pooling": lambda x, kernel, bias: ops.max_pool(
        ops.conv(x, kernel) + bias, 2, padding="same"
    ),
    "another activation": lambda x, kernel, bias: ops.max_pool(
        ops.tanh(ops.conv(x, kernel) + bias), 2
    ),
}


def _used_twice(x, kernel, bias):
    y = ops.relu(ops.conv(x, kernel) + bias)
    return ops.sum(ops.max_pool(y, 2)) + ops.sum(y)


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_left_alone(name):
    before, after = rewritten(OTHERS[name])
    assert names(after) == names(before)


@pytest.mark.parametrize("name", ["convolve", "add", "relu", "positive_gate", "max_pool_scatter"])
def test_what_is_returned_is_left_alone(name):
    before, after = rewritten(conv_relu_pool, outputs_too=(name,))
    assert names(after) == names(before)


def test_operations_of_the_kernels_are_bound():
    assert bindings["convolve_pool"] is convolution.convolve_pool
    assert bindings["convolve_pool_gradient"] is convolution.convolve_pool_gradient
