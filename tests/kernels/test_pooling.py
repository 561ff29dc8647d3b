"""Pooling kernels against the plain operations: all windows, paddings and channels; ties, NaN."""

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kerasish.kernels.cpu.pooling  # noqa: F401, its binders
from kerasish.ops import pooling, totals
from tests.kernels.support import bind, needs_library, run_native, run_plain

pytestmark = needs_library
few = settings(max_examples=60, deadline=None)

channels = st.sampled_from([0, 1, 2, 3, 5, 8, 15, 16, 17, 31, 32, 48, 67])


@st.composite
def geometries(draw):
    """(shape of x, params) of a pooling whose windows fit."""
    rank = draw(st.integers(1, 3))
    window = draw(st.tuples(*[st.integers(1, 4)] * rank))
    strides = draw(st.one_of(st.just(window), st.tuples(*[st.integers(1, 5)] * rank)))
    padding = draw(st.sampled_from(["valid", "same"]))
    least = window if padding == "valid" else (1,) * rank
    spatial = [n + draw(st.integers(0, 6)) for n in least]
    shape = (draw(st.integers(0, 3)), *spatial, draw(channels))
    return shape, {"window": window, "strides": strides, "padding": padding}


def values(rng, shape, kind):
    """Few different values, so that there are ties; some that are not finite."""
    x = rng.integers(-3, 3, shape).astype("float32")
    if kind != "finite":
        x[rng.random(shape) < 0.3] = {"nan": numpy.nan, "low": -numpy.inf, "high": numpy.inf}[kind]
    return x


kinds = st.sampled_from(["finite", "finite", "nan", "low", "high"])


def compare(function, arrays, params, rtol=0.0):
    found, expected = run_native(function, arrays, params), run_plain(function, arrays, params)
    assert found.dtype == expected.dtype
    numpy.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol)
    return expected


@few
@given(geometries(), kinds, kinds, st.integers(0, 99))
def test_max_pool(geometry, kind, kind_of_cotangent, seed):
    shape, params = geometry
    rng = numpy.random.default_rng(seed)
    x = values(rng, shape, kind)
    y = compare(pooling.max_pool_windows, [x], params)
    g, h = values(rng, y.shape, kind_of_cotangent), values(rng, shape, kind_of_cotangent)
    with numpy.errstate(invalid="ignore"):
        compare(pooling.max_pool_scatter, [g, x, y], params)
        compare(pooling.max_pool_gather, [h, x, y], params)


@few
@given(geometries(), kinds, st.booleans(), st.integers(0, 99))
def test_average_pool(geometry, kind, has_like, seed):
    shape, params = geometry
    rng = numpy.random.default_rng(seed)
    x = values(rng, shape, kind)
    y = compare(pooling.average_pool_windows, [x], params, rtol=1e-6)
    g = values(rng, y.shape, kind)
    arrays, params = [g, x if has_like else None], {**params, "shape": shape[1:-1]}
    with numpy.errstate(invalid="ignore"):
        compare(pooling.average_pool_spread, arrays, params, rtol=1e-6)


@few
@given(
    st.lists(st.sampled_from([0, 1, 2, 3, 7]), min_size=1, max_size=2),
    st.lists(st.sampled_from([0, 1, 2, 5, 16, 17, 33]), min_size=1, max_size=2),
    st.lists(channels, min_size=1, max_size=2),
    st.booleans(),
    st.booleans(),
)
def test_sum_and_mean_over_middle_axes(outer, middle, inner, is_mean, keepdims):
    x = numpy.random.default_rng(0).standard_normal((*outer, *middle, *inner)).astype("float32")
    axis = tuple(range(len(outer), len(outer) + len(middle)))
    function = totals._mean if is_mean else totals._sum
    params = {"axis": axis, "keepdims": keepdims}
    with numpy.errstate(invalid="ignore"):
        compare(function, [x], params, rtol=1e-5)


@pytest.mark.parametrize("axis", [None, 0, 2, (0, 1), (1, 2), (0, 2)])
def test_other_sums_are_not_taken(axis):
    call, _ = bind(
        totals._sum, [numpy.ones((2, 3, 4), "float32")], {"axis": axis, "keepdims": False}
    )
    assert call is None


@pytest.mark.parametrize("kind", ["nan", "high", "low"])
def test_middle_sums_of_what_is_not_finite(kind):
    x = values(numpy.random.default_rng(0), (2, 9, 20), kind)
    with numpy.errstate(invalid="ignore"):
        compare(totals._sum, [x], {"axis": 1, "keepdims": False}, rtol=1e-6)


def test_other_dtypes_and_ranks_are_not_taken():
    params = {"window": (2,), "strides": (2,), "padding": "valid"}
    x = numpy.ones((1, 4, 1))
    assert bind(pooling.max_pool_windows, [x], params)[0] is None
    four = {"window": (1,) * 4, "strides": (1,) * 4, "padding": "valid"}
    x = numpy.ones((1, 2, 2, 2, 2, 1), "float32")
    assert bind(pooling.max_pool_windows, [x], four)[0] is None
