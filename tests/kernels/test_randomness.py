"""Native random numbers: the same bits as the plain operations."""

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kerasish.kernels.cpu.randomness  # noqa: F401  (the bindings)
from kerasish.ops.random import random_dropout_mask, random_normal, random_uniform
from tests.kernels.support import at_thread_counts, bind, needs_library, run_native, run_plain

pytestmark = needs_library

seeds = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)).map(
    lambda pair: numpy.array(pair, "uint32")
)
counts = st.integers(0, 70) | st.integers(0, 3000)
LONG = (8192, 8193, 20001)  # several tasks


def check_mask(seed, count, rate):
    arrays, params = [seed, numpy.zeros(count, "float32")], {"shape": (count,), "rate": rate}
    found = run_native(random_dropout_mask, arrays, params)
    numpy.testing.assert_array_equal(found, run_plain(random_dropout_mask, arrays, params))


@given(seeds, counts, st.floats(0, 0.999))
def test_dropout_mask(seed, count, rate):
    check_mask(seed, count, rate)


@pytest.mark.parametrize("count", LONG)
def test_a_long_dropout_mask(count):
    check_mask(numpy.array([1, 2], "uint32"), count, 0.5)


def test_a_dropout_mask_of_several_axes():
    arrays = [numpy.array([7, 0], "uint32"), numpy.zeros((5, 3, 11), "float32")]
    params = {"shape": (5, 1, 11), "rate": 0.25}
    found = run_native(random_dropout_mask, arrays, params)
    assert found.shape == (5, 1, 11)
    numpy.testing.assert_array_equal(found, run_plain(random_dropout_mask, arrays, params))


def check_uniform(seed, count):
    arrays, params = [seed, None], {"shape": (count,), "dtype": "float32"}
    found = run_native(random_uniform, arrays, params)
    numpy.testing.assert_array_equal(found, run_plain(random_uniform, arrays, params))


@given(seeds, counts)
def test_uniform(seed, count):
    check_uniform(seed, count)


@pytest.mark.parametrize("count", LONG)
def test_many_uniform(count):
    check_uniform(numpy.array([3, 4], "uint32"), count)


def check_normal(seed, count):
    arrays, params = [seed, None], {"shape": (count,), "dtype": "float32"}
    found = run_native(random_normal, arrays, params)
    wanted = run_plain(random_normal, arrays, params)
    numpy.testing.assert_allclose(found, wanted, rtol=3e-6, atol=2e-6)


@given(seeds, counts)
def test_normal(seed, count):
    check_normal(seed, count)


@pytest.mark.parametrize("count", [*LONG, 2 * 8192, 40003])
def test_many_normal(count):
    check_normal(numpy.array([5, 6], "uint32"), count)


def test_other_dtypes_and_rates_are_left_to_the_plain_operation():
    seed = numpy.array([0, 0], "uint32")
    assert bind(random_uniform, [seed, None], {"shape": (3,), "dtype": "float64"})[0] is None
    assert bind(random_normal, [seed, None], {"shape": (3,), "dtype": "float16"})[0] is None
    mask = [seed, numpy.zeros(3, "float64")]
    assert bind(random_dropout_mask, mask, {"shape": (3,), "rate": 0.5})[0] is None


@pytest.mark.parametrize("function", [random_uniform, random_normal])
def test_the_same_bits_at_any_number_of_threads(function):
    arrays = [numpy.array([8, 9], "uint32"), None]
    params = {"shape": (50001,), "dtype": "float32"}
    first, *others = at_thread_counts(lambda: run_native(function, arrays, params))
    assert all(o == first for o in others)
