"""Recurrent kernels against the loops on arrays: all outputs and gradients, any sizes."""

import dataclasses

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kerasish.kernels.cpu.recurrent  # noqa: F401, its binders
from kerasish import config
from kerasish.core.function import function as tracing_function
from kerasish.core.structural import convert_to_tensor
from kerasish.core.tensor import SymbolicTensor
from kerasish.ops import recurrent_steps as steps
from tests.kernels.support import bind, needs_library, run_call, run_native, run_plain

pytestmark = needs_library

sizes = st.tuples(
    st.sampled_from([0, 1, 2, 3, 5, 17, 33]),
    st.sampled_from([1, 2, 3, 7]),
    st.sampled_from([1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 32, 33, 50]),
)
few = settings(max_examples=25, deadline=None)


def normal(rng, *shape):
    return rng.standard_normal(shape).astype("float32")


def close(found, expected, tolerance=2e-5):
    """Equal up to rounding of sums, which grows with their largest element."""
    assert found.shape == expected.shape and found.dtype == expected.dtype
    finite = numpy.abs(expected[numpy.isfinite(expected)])
    scale = max(1.0, float(finite.max()) if finite.size else 1.0)
    numpy.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * scale)


def compare(function, arrays, params=None, tolerance=2e-5):
    found, expected = run_native(function, arrays, params), run_plain(function, arrays, params)
    for a, b in zip(found, expected, strict=True):
        close(a, b, tolerance)
    return expected


def inputs_of(rng, size, gates, vectors, has_mask):
    """[z, kernel, ..., mask]: `vectors` tells the shapes of what is between, None for nothing."""
    batch, time, units = size
    return [
        normal(rng, batch, time, gates * units),
        normal(rng, units, gates * units) / units**0.5,
        *[None if shape is None else normal(rng, *shape) for shape in vectors],
        rng.random((batch, time)) < 0.6 if has_mask else None,
    ]


def lstm_inputs(rng, size, has_h=True, has_c=True, has_mask=True):
    state = (size[0], size[2])
    return inputs_of(rng, size, 4, [state if has_h else None, state if has_c else None], has_mask)


def gru_inputs(rng, size, has_bias=True, has_h=True, has_mask=True):
    bias, state = (3 * size[2],), (size[0], size[2])
    return inputs_of(rng, size, 3, [bias if has_bias else None, state if has_h else None], has_mask)


def rnn_inputs(rng, size, has_h=True, has_mask=True):
    return inputs_of(rng, size, 1, [(size[0], size[2]) if has_h else None], has_mask)


def kept_by(function, outputs):
    """What the gradient needs of the outputs of a forward pass."""
    if function is steps.lstm_steps:
        return [outputs[0], *outputs[3:]]
    return [outputs[0], *outputs[2:]]


GRADIENTS = {
    steps.lstm_steps: steps.lstm_steps_gradient,
    steps.gru_steps: steps.gru_steps_gradient,
    steps.rnn_steps: steps.rnn_steps_gradient,
}
STATES = {steps.lstm_steps: 3, steps.gru_steps: 2, steps.rnn_steps: 2}  # hs, h, perhaps c


def compare_both(function, rng, inputs, params=None, tolerance=2e-5):
    """The forward pass, then the backward pass from what the plain one gave."""
    outputs = compare(function, inputs, params, tolerance)
    cotangents = [normal(rng, *y.shape) for y in outputs[: STATES[function]]]
    arrays = [*cotangents, *inputs, *kept_by(function, outputs)]
    compare(GRADIENTS[function], arrays, params, tolerance)


@few
@given(sizes, st.booleans(), st.booleans(), st.booleans(), st.integers(0, 99))
def test_lstm(size, has_h, has_c, has_mask, seed):
    rng = numpy.random.default_rng(seed)
    inputs = lstm_inputs(rng, size, has_h, has_c, has_mask)
    compare_both(steps.lstm_steps, rng, inputs)


@few
@given(sizes, st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.integers(0, 99))
def test_gru(size, reset_after, has_bias, has_h, has_mask, seed):
    rng = numpy.random.default_rng(seed)
    inputs = gru_inputs(rng, size, has_bias, has_h, has_mask)
    compare_both(steps.gru_steps, rng, inputs, {"reset_after": reset_after})


@few
@given(sizes, st.booleans(), st.booleans(), st.integers(0, 99))
def test_simple_rnn(size, has_h, has_mask, seed):
    rng = numpy.random.default_rng(seed)
    compare_both(steps.rnn_steps, rng, rnn_inputs(rng, size, has_h, has_mask))


CASES = [
    (steps.lstm_steps, lstm_inputs, {}),
    (steps.gru_steps, gru_inputs, {"reset_after": True}),
    (steps.gru_steps, gru_inputs, {"reset_after": False}),
    (steps.rnn_steps, rnn_inputs, {}),
]
each = pytest.mark.parametrize("function, make, params", CASES)


@each
def test_many_steps_rows_and_units(function, make, params):
    """Several blocks of everything: steps of the sums, rows of a task, panels of the weights."""
    rng = numpy.random.default_rng(3)
    for size in [(2, 300, 9), (70, 3, 40), (3, 2, 150)]:
        compare_both(function, rng, make(rng, size), params, tolerance=1e-4)


@each
@pytest.mark.parametrize("bad", [numpy.nan, numpy.inf, -numpy.inf])
def test_what_is_not_finite(function, make, params, bad):
    rng = numpy.random.default_rng(4)
    for i in range(3):  # z, the kernel, a state or the bias
        inputs = make(rng, (3, 4, 19))
        inputs[i].flat[7] = bad
        with numpy.errstate(invalid="ignore", over="ignore"):
            compare_both(function, rng, inputs, params)


@each
def test_saturated_gates(function, make, params):
    rng = numpy.random.default_rng(5)
    inputs = make(rng, (2, 3, 17))
    inputs[0] *= 200
    compare_both(function, rng, inputs, params)


@each
def test_same_bits_for_any_number_of_threads_and_batch(function, make, params):
    rng = numpy.random.default_rng(6)
    size = (37, 5, 70)
    inputs = make(rng, size)
    outputs = run_plain(function, inputs, params)
    cotangents = [normal(rng, *y.shape) for y in outputs[: STATES[function]]]
    arrays = [*cotangents, *inputs, *kept_by(function, outputs)]
    before, found = config.threads(), []
    try:
        for count in (1, 2, 3, 8):
            config.set_threads(count)
            found.append(
                [*run_native(function, inputs, params),
                 *run_native(GRADIENTS[function], arrays, params)]
            )  # fmt: skip
    finally:
        config.set_threads(before)
    for others in found[1:]:
        for a, b in zip(found[0], others, strict=True):
            numpy.testing.assert_array_equal(a, b)
    rows = [x[:5] if x is not None and x.shape[0] == size[0] else x for x in inputs]
    for a, b in zip(run_native(function, rows, params), found[0], strict=False):
        numpy.testing.assert_array_equal(a, b[:5])


@each
def test_results_that_nobody_wants(function, make, params):
    rng = numpy.random.default_rng(7)
    inputs = make(rng, (3, 4, 19))
    outputs = run_plain(function, inputs, params)
    for wanted in range(len(outputs)):
        check_one_result(function, inputs, params, wanted, outputs)
    cotangents = [normal(rng, *y.shape) for y in outputs[: STATES[function]]]
    arrays = [*cotangents, *inputs, *kept_by(function, outputs)]
    expected = run_plain(GRADIENTS[function], arrays, params)
    for wanted in range(1, len(expected)):  # the first, dz, is always there
        check_one_result(GRADIENTS[function], arrays, params, wanted, expected, always=(0,))


def check_one_result(function, arrays, params, wanted, expected, always=()):
    call, node = bind(function, arrays, params)
    keys = {o.key for i, o in enumerate(node.outputs) if i == wanted or i in always}
    made = {o.key for o in node.outputs}
    kept = tuple(
        None if isinstance(v, SymbolicTensor) and v.key in made - keys else v for v in call.values
    )
    given_arrays = {
        x.key: a for x, a in zip(node.inputs, arrays, strict=True) if isinstance(x, SymbolicTensor)
    }
    status, found = run_call(dataclasses.replace(call, values=kept), given_arrays)
    assert status == -1 and set(found) == keys
    close(found[node.outputs[wanted].key], expected[wanted])


@each
@pytest.mark.parametrize("size", [(1, 1, 1), (3, 4, 19), (37, 5, 70)])
def test_results_may_lie_over_what_they_are_made_of(function, make, params, size):
    rng = numpy.random.default_rng(10)
    inputs = make(rng, size)
    outputs = run_plain(function, inputs, params)
    cotangents = [normal(rng, *y.shape) for y in outputs[: STATES[function]]]
    check_in_place(function, inputs, params, pairs=1)
    arrays = [*cotangents, *inputs, *kept_by(function, outputs)]
    check_in_place(GRADIENTS[function], arrays, params, pairs=int(function is not steps.rnn_steps))


def check_in_place(function, arrays, params, pairs):
    call, node = bind(function, arrays, params)
    assert len(call.overwrites) == pairs
    keys = [x.key if isinstance(x, SymbolicTensor) else None for x in node.inputs]
    memory = {k: a.copy() for k, a in zip(keys, arrays, strict=True) if k is not None}
    for old, new in call.overwrites:
        memory[call.values[new].key] = memory[call.values[old].key]
    status, found = run_call(call, memory)
    assert status == -1
    expected = run_native(function, arrays, params)
    for o, y in zip(node.outputs, expected, strict=True):
        numpy.testing.assert_array_equal({**memory, **found}[o.key], y)


@pytest.mark.parametrize("returns_z", [False, True])
def test_programs_write_gates_over_what_nobody_reads_later(returns_z):
    rng = numpy.random.default_rng(11)
    x, kernel = normal(rng, 2, 3, 20), normal(rng, 5, 20)

    @tracing_function
    def run(x, kernel):
        z = x * 2.0
        found = steps.lstm_steps(z, kernel)
        return (z, *found) if returns_z else found

    found = run(x, kernel)
    expected = run_plain(steps.lstm_steps, [x * 2, kernel, None, None, None])
    for a, b in zip(found[returns_z:], expected, strict=True):
        close(a.numpy(), b)
    plan = run.traces[0].program._plan
    node = next(n for n in plan.nodes if "lstm_steps" in n.operation.name)
    [(old, new)] = node.operation.overwrites
    places = plan.buffers.places
    assert (places[old.key] == places[new.key]) is not returns_z
    assert len({places[o.key] for o in node.outputs}) == len(node.outputs)


@each
def test_constant_zero_cotangents_are_left_out(function, make, params):
    """What a program passes for the outputs that a loss does not use."""
    rng = numpy.random.default_rng(8)
    inputs = make(rng, (2, 3, 6))
    outputs = run_plain(function, inputs, params)
    cotangents = [numpy.zeros_like(y) for y in outputs[: STATES[function]]]
    cotangents[1] = normal(rng, *outputs[1].shape)
    arrays = [*cotangents, *inputs, *kept_by(function, outputs)]
    expected = run_plain(GRADIENTS[function], arrays, params)
    arrays = [convert_to_tensor(a) if i in (0, 2) and i < len(cotangents) else a
              for i, a in enumerate(arrays)]  # fmt: skip
    call, node = bind(GRADIENTS[function], arrays, params)
    assert call.values[0] is None and call.values[1] is not None
    given_arrays = {
        x.key: a for x, a in zip(node.inputs, arrays, strict=True) if isinstance(x, SymbolicTensor)
    }
    status, found = run_call(call, given_arrays)
    assert status == -1
    for o, y in zip(node.outputs, expected, strict=True):
        close(found[o.key], y)


@each
def test_other_dtypes_are_not_taken(function, make, params):
    inputs = make(numpy.random.default_rng(9), (2, 3, 6))
    wide = [x.astype("float64") if x is not None and x.dtype == "float32" else x for x in inputs]
    assert bind(function, wide, params)[0] is None
