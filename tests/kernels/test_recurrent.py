"""Recurrent kernels against the loops on arrays: all outputs and gradients, any sizes."""

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kerasish.kernels.cpu.recurrent  # noqa: F401, its binders
from kerasish.ops import recurrent_steps as steps
from tests.kernels.support import needs_library, run_native, run_plain

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


def compare(function, arrays, params=None):
    found, expected = run_native(function, arrays, params), run_plain(function, arrays, params)
    for a, b in zip(found, expected, strict=True):
        close(a, b)
    return expected


def lstm_inputs(rng, batch, time, units, has_h, has_c, has_mask):
    return [
        normal(rng, batch, time, 4 * units),
        normal(rng, units, 4 * units) / max(units, 1) ** 0.5,
        normal(rng, batch, units) if has_h else None,
        normal(rng, batch, units) if has_c else None,
        rng.random((batch, time)) < 0.6 if has_mask else None,
    ]


@few
@given(sizes, st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.integers(0, 99))
def test_lstm(size, has_h, has_c, has_mask, zero_cotangent, seed):
    rng = numpy.random.default_rng(seed)
    batch, time, units = size
    inputs = lstm_inputs(rng, *size, has_h, has_c, has_mask)
    hs, h, c, cs, gates = compare(steps.lstm_steps, inputs)
    cotangents = [normal(rng, batch, time, units), normal(rng, *h.shape), normal(rng, *c.shape)]
    compare(steps.lstm_steps_gradient, [*cotangents, *inputs, hs, cs, gates])


@few
@given(sizes, st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.integers(0, 99))
def test_gru(size, reset_after, has_bias, has_h, has_mask, seed):
    rng = numpy.random.default_rng(seed)
    batch, time, units = size
    inputs = [
        normal(rng, batch, time, 3 * units),
        normal(rng, units, 3 * units) / units**0.5,
        normal(rng, 3 * units) if has_bias else None,
        normal(rng, batch, units) if has_h else None,
        rng.random((batch, time)) < 0.6 if has_mask else None,
    ]
    params = {"reset_after": reset_after}
    hs, h, gates, shares = compare(steps.gru_steps, inputs, params)
    cotangents = [normal(rng, *hs.shape), normal(rng, *h.shape)]
    compare(steps.gru_steps_gradient, [*cotangents, *inputs, hs, gates, shares], params)


@few
@given(sizes, st.booleans(), st.booleans(), st.integers(0, 99))
def test_simple_rnn(size, has_h, has_mask, seed):
    rng = numpy.random.default_rng(seed)
    batch, time, units = size
    inputs = [
        normal(rng, batch, time, units),
        normal(rng, units, units) / units**0.5,
        normal(rng, batch, units) if has_h else None,
        rng.random((batch, time)) < 0.6 if has_mask else None,
    ]
    hs, h = compare(steps.rnn_steps, inputs)
    cotangents = [normal(rng, *hs.shape), normal(rng, *h.shape)]
    compare(steps.rnn_steps_gradient, [*cotangents, *inputs, hs])
