"""Native attention and its gradient against the plain forwards."""

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kerasish.kernels.cpu.attention  # noqa: F401  (the bindings)
from kerasish.kernels.cpu.fused_attention import attention, attention_gradient
from tests.kernels.support import at_thread_counts, bind, needs_library, run_native, run_plain

pytestmark = needs_library

rng = numpy.random.default_rng(0)


def normal(*shape):
    """Floats at an address that is no multiple of a vector's."""
    memory = rng.normal(size=int(numpy.prod(shape)) + 1).astype("float32")
    return memory[1:].reshape(shape)


def inputs(batch, queries, keys, heads, size, value_size):
    return [
        normal(batch, queries, heads, size),
        normal(batch, keys, heads, size),
        normal(batch, keys, heads, value_size),
    ]


def check(arrays, bias=None, mask=None, strided=(), tolerance=2e-6, **params):
    """Both kernels; the gradient from the statistics that the native forward leaves."""
    params = {"scale": 0.3, **params}
    found = run_native(attention, [*arrays, bias, mask], params, strided)
    with numpy.errstate(all="ignore"):
        wanted = run_plain(attention, [*arrays, bias, mask], params)
    compare(found[0], wanted[0], tolerance)
    is_number = numpy.isfinite(wanted[1]).all(-1)  # else both results are NaN
    compare(found[1][is_number], wanted[1][is_number], tolerance)
    g = normal(*wanted[0].shape)
    arrays = [g, *arrays, *(numpy.ascontiguousarray(x) for x in found), bias, mask]
    strided = [1 + i if i < 3 else 3 + i for i in strided]
    found = run_native(attention_gradient, arrays, params, strided)
    with numpy.errstate(all="ignore"):
        wanted = run_plain(attention_gradient, arrays, params)
    for a, b in zip(found, wanted, strict=True):
        compare(a, b, 4 * tolerance)


def compare(a, b, tolerance):
    finite = numpy.abs(b[numpy.isfinite(b)])
    size = finite.max(initial=1.0) if finite.max(initial=0) < 1e30 else 1.0
    numpy.testing.assert_allclose(a, b, rtol=1e-4, atol=tolerance * size * 3)


sizes = st.integers(0, 4)
lengths = st.integers(1, 20) | st.sampled_from([64, 65, 127, 128, 129, 200, 300])


@given(sizes, st.just(0) | lengths, lengths, st.integers(0, 3), st.integers(1, 70),
       st.integers(1, 40), st.booleans())  # fmt: skip
def test_all_shapes(batch, queries, keys, heads, size, value_size, is_causal):
    batch = min(batch, 1) if queries * keys > 5000 else batch
    check(inputs(batch, queries, keys, heads, size, value_size), is_causal=is_causal)


@pytest.mark.parametrize("is_causal", [False, True])
@pytest.mark.parametrize("heads, size, value_size", [(8, 64, 64), (8, 64, 3), (3, 5, 512)])
def test_rows_that_share_places_in_the_cache(heads, size, value_size, is_causal):
    """Rows a multiple of 2048 bytes apart are copied, all others read where they lie."""
    check(inputs(2, 70, 130, heads, size, value_size), is_causal=is_causal)


@pytest.mark.parametrize("is_causal", [False, True])
def test_keys_that_no_query_sees_have_no_gradient(is_causal):
    check(inputs(1, 3, 300, 2, 8, 8), is_causal=is_causal)


@given(st.data(), st.integers(1, 150), st.integers(1, 150), st.booleans())
def test_bias_and_mask(data, queries, keys, is_causal):
    batch, heads = 2, 2
    arrays = inputs(batch, queries, keys, heads, 8, 8)

    def shape():
        full = [data.draw(st.sampled_from([1, n])) for n in (batch, heads, queries, keys)]
        return full[data.draw(st.integers(0, 3)) :]

    bias = normal(*shape()) if data.draw(st.booleans()) else None
    mask = normal(*shape()) > data.draw(st.sampled_from([-1, 0, 5]))
    check(arrays, bias, mask, is_causal=is_causal)


@pytest.mark.parametrize("is_causal", [False, True])
def test_a_row_without_any_allowed_key_weighs_all_equally(is_causal):
    arrays = inputs(1, 5, 140, 2, 8, 8)
    mask = numpy.ones((5, 140), bool)
    mask[2] = False
    check(arrays, None, mask, is_causal=is_causal)
    result, _ = run_native(attention, [*arrays, None, mask], {"is_causal": is_causal})
    numpy.testing.assert_allclose(result[0, 2], arrays[2][0].mean(0), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("first, last", [(0, 140), (0, 3), (130, 140), (0, 128)])
def test_minus_infinity_forbids_keys_too(first, last):
    bias = numpy.zeros((1, 1, 6, 140), "float32")
    bias[:, :, 3, first:last] = -numpy.inf  # all of a row: NaN there
    check(inputs(2, 6, 140, 2, 8, 8), bias)


@pytest.mark.parametrize("value", [numpy.nan, numpy.inf, -numpy.inf])
@pytest.mark.parametrize("which", [0, 1, 2])
def test_nan_and_infinity(which, value):
    arrays = inputs(1, 7, 140, 2, 8, 8)
    arrays[which][0, 4, 1, 3] = value
    check(arrays)


def test_large_scores():
    arrays = inputs(1, 9, 300, 1, 8, 8)
    arrays[0] *= 50
    check(arrays, tolerance=5e-5, scale=2.0)


@pytest.mark.parametrize("is_causal", [False, True])
def test_heads_that_lie_transposed_in_memory(is_causal):
    shape = 2, 3, 70, 16  # (batch, heads, length, size)
    arrays = [normal(*shape).transpose(0, 2, 1, 3) for _ in range(3)]
    check(arrays, strided=(0, 1, 2), is_causal=is_causal)


def test_sizes_that_lie_apart_are_read_from_a_copy():
    arrays = inputs(1, 4, 5, 2, 8, 8)
    arrays[1] = normal(8, 2, 5, 1).transpose(3, 2, 1, 0)
    call, node = bind(attention, [*arrays, None, None], {"scale": 1.0, "is_causal": False}, [1])
    assert call.values[1] is node.inputs[1]
    assert tuple(call.integers[10:13]) == (5 * 2 * 8, 2 * 8, 8)


@pytest.mark.parametrize("is_causal", [False, True])
def test_few_heads_and_many_keys_are_cut_into_chunks(is_causal):
    check(inputs(1, 200, 1700, 1, 8, 8), is_causal=is_causal, tolerance=5e-6)


def test_the_gradient_is_that_of_differences():
    arrays = [x.astype("float64") for x in inputs(1, 4, 5, 1, 3, 2)]
    g = rng.normal(size=(1, 4, 1, 2))
    params = {"scale": 0.7, "is_causal": True}

    def value(arrays):
        return (run_plain(attention, [*arrays, None, None], params)[0] * g).sum()

    plain = run_plain(attention, [*arrays, None, None], params)
    given = [g, *arrays, *plain, None, None]
    gradients = run_plain(attention_gradient, given, params)
    for i, x in enumerate(arrays):
        for place in numpy.ndindex(x.shape):
            moved = [a.copy() for a in arrays]
            moved[i][place] += 1e-6
            slope = (value(moved) - value(arrays)) / 1e-6
            numpy.testing.assert_allclose(gradients[i][place], slope, rtol=1e-3, atol=1e-5)


def test_what_the_kernels_do_not_take():
    arrays = inputs(1, 4, 5, 2, 3, 3)
    params = {"scale": 1.0, "is_causal": False}
    double = [x.astype("float64") for x in arrays]
    assert bind(attention, [*double, None, None], params)[0] is None
    bias = numpy.zeros((4, 5), "float64")
    assert bind(attention, [*arrays, bias, None], params)[0] is None


@pytest.mark.parametrize("shape", [(3, 70, 130, 2, 8, 8), (1, 600, 1700, 1, 8, 8)])
def test_the_same_bits_at_any_number_of_threads(shape):
    arrays, params = inputs(*shape), {"scale": 0.3, "is_causal": True}
    result = run_native(attention, [*arrays, None, None], params)
    first, *others = at_thread_counts(lambda: run_native(attention, [*arrays, None, None], params))
    assert all(o == first for o in others)
    given = [normal(*result[0].shape), *arrays, *result, None, None]
    first, *others = at_thread_counts(lambda: run_native(attention_gradient, given, params))
    assert all(o == first for o in others)
