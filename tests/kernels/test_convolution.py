"""Native convolutions against the plain operations, in float64."""

import importlib
import math

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasish import config
from kerasish.kernels.cpu import convolution
from tests.kernels.support import bind, needs_library, run_native, run_plain

pytestmark = needs_library

plain = importlib.import_module("kerasish.ops.conv")

# Of a sum of products, relative to the sum of their absolute values: rounding in float32.
DIRECT = 2e-6

sizes = st.integers(1, 4)
channels = st.sampled_from((1, 2, 3, 8, 10, 16, 17))
filters = st.sampled_from((1, 2, 10, 16, 17, 32, 33, 50, 64, 70, 112))


class Case:
    """One convolution: shapes, parameters and arrays."""

    def __init__(self, batch, spatial, inner, outer, groups, window, **params):
        self.params = {**params, "groups": groups}
        self.x = (batch, *spatial, inner * groups)
        self.kernel = (*window, inner, outer * groups)
        self.window = window

    def arrays(self, seed=0):
        random = numpy.random.default_rng(seed)
        x = unaligned(random.standard_normal(self.x))
        kernel = unaligned(random.standard_normal(self.kernel))
        output = run_plain(plain.convolve, [numpy.zeros(self.x), kernel], self.params).shape
        return x, kernel, unaligned(random.standard_normal(output))

    def __repr__(self):
        return f"x {self.x}, kernel {self.kernel}, {self.params}"


def unaligned(array):
    """The array as float32, at an address that is no multiple of a vector's."""
    memory = numpy.empty(array.size + 1, "float32")
    memory[1:] = array.ravel()
    return memory[1:].reshape(array.shape)


@st.composite
def cases(draw, rank=None):
    rank = draw(st.integers(1, 3)) if rank is None else rank

    def one_per_axis(values):
        return tuple(draw(values) for _ in range(rank))

    window, strides = one_per_axis(sizes), one_per_axis(st.integers(1, 3))
    dilations = one_per_axis(st.integers(1, 2))
    padding = draw(st.sampled_from(("valid", "same")))
    spatial = one_per_axis(st.integers(1, (70, 20, 8)[rank - 1]))
    if padding == "valid":
        covered = [(w - 1) * d + 1 for w, d in zip(window, dilations, strict=True)]
        spatial = tuple(map(max, spatial, covered))
    return Case(
        draw(st.integers(0, 3)), spatial, draw(channels), draw(filters),
        draw(st.sampled_from((1, 1, 1, 2, 3))), window, strides=strides, padding=padding,
        dilations=dilations,
    )  # fmt: skip


def check(function, arrays, params, tolerance=DIRECT):
    found = run_native(function, arrays, params)
    wide = [a if a is None else a.astype("float64") for a in arrays]
    wanted = run_plain(function, wide, params)
    scale = run_plain(function, [a if a is None else abs(a) for a in wide], params)
    assert found.shape == wanted.shape and found.dtype == numpy.float32
    error = abs(found - wanted)
    assert (error <= tolerance * scale).all(), (error / (scale + 1e-30)).max()


def input_params(case):
    return {**case.params, "shape": case.x[1:-1], "extra": (None,) * len(case.window)}


def kernel_params(case):
    return {**case.params, "window": case.window}


@given(cases(), st.integers(0, 99))
def test_forward(case, seed):
    x, kernel, _ = case.arrays(seed)
    check(plain.convolve, [x, kernel], case.params)


@given(cases(), st.integers(0, 99))
def test_by_input(case, seed):
    _, kernel, g = case.arrays(seed)
    check(plain.convolve_backprop_input, [g, kernel, None], input_params(case))


@given(cases(), st.integers(0, 99))
def test_by_kernel(case, seed):
    x, _, g = case.arrays(seed)
    check(plain.convolve_backprop_kernel, [x, g], kernel_params(case))


def one(window, strides=(1, 1), padding="same", x=(2, 12, 12, 16), outer=16):
    return Case(
        x[0], x[1:-1], x[-1], outer, 1, window, strides=strides, padding=padding, dilations=(1, 1)
    )


LARGE = {  # several blocks, tasks and partial sums
    "image": one((3, 3), x=(3, 70, 65, 20), outer=40),
    "strided": one((3, 3), (2, 2), x=(3, 70, 65, 20), outer=40),
    "pointwise": one((1, 1), x=(4, 50, 50, 33), outer=70),
    "first layer": one((3, 3), x=(40, 28, 28, 1), outer=32, padding="valid"),
    "first layer, colours": one((3, 3), x=(20, 32, 32, 3), outer=16),
    "wide filters": one((3, 3), x=(4, 7, 7, 160), outer=300),
    "small images": one((3, 3), x=(200, 4, 4, 8), outer=8),
    "long row": Case(2, (9000,), 5, 12, 1, (7,), strides=(1,), padding="same", dilations=(3,)),
    "long row, strided": Case(
        1, (20000,), 3, 17, 1, (4,), strides=(3,), padding="same", dilations=(1,)
    ),
}


@pytest.mark.parametrize("name", LARGE)
def test_large(name):
    case = LARGE[name]
    x, kernel, g = case.arrays()
    check(plain.convolve, [x, kernel], case.params)
    check(plain.convolve_backprop_input, [g, kernel, None], input_params(case))
    check(plain.convolve_backprop_kernel, [x, g], kernel_params(case))


@given(
    st.integers(0, 2), st.integers(1, 9), sizes, st.integers(1, 3), channels, filters,
    st.sampled_from(("valid", "same")), st.sampled_from((None, 0, 1)),
)  # fmt: skip
def test_transposed(batch, size, window, stride, inner, outer, padding, extra):
    random = numpy.random.default_rng(0)
    g = unaligned(random.standard_normal((batch, size, size, inner)))
    kernel = unaligned(random.standard_normal((window, window, outer, inner)))
    if extra is not None and (extra >= stride or plain.transposed_size(
        size, window, stride, padding, 1, extra) < 1):  # fmt: skip
        return
    params = {
        "shape": (None, None), "strides": (stride,) * 2, "padding": padding,
        "dilations": (1, 1), "groups": 1, "extra": (extra,) * 2,
    }  # fmt: skip
    try:
        run_plain(plain.convolve_backprop_input, [g, kernel, None], params)
    except ValueError:  # sizes that do not fit: the plain operation's to say
        assert bind(plain.convolve_backprop_input, [g, kernel, None], params)[0] is None
        return
    check(plain.convolve_backprop_input, [g, kernel, None], params, tolerance=1e-5)  # Winograd's


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("at", [(0, 0, 0, 0), (1, 5, 7, 3), (1, 11, 11, 15)])
def test_values_that_are_not_finite(value, at):
    """What sees such an element is not finite, as in the plain operation; the rest is right."""
    case = one((3, 3), x=(2, 12, 12, 16), outer=16, padding="valid")
    x, kernel, _ = case.arrays()
    x[at] = value
    with numpy.errstate(invalid="ignore"):
        wanted = run_plain(plain.convolve, [x, kernel], case.params)
    found = run_native(plain.convolve, [x, kernel], case.params)
    is_finite = numpy.isfinite(found)
    assert not is_finite[~numpy.isfinite(wanted)].any()
    assert numpy.allclose(found[is_finite], wanted[is_finite], rtol=1e-4, atol=1e-4)
    numpy.testing.assert_array_equal(is_finite, numpy.isfinite(wanted))


def test_pointwise_convolutions_are_one_long_row():
    integers = convolution.geometry(3, 8, 5, 1, (4, 6), (1, 1), (1, 1), "same", (1, 1))
    assert integers[:7] == (1, 8, 5, 1, 1, 1, 3 * 4 * 6)


def test_other_types_are_left_alone():
    x, kernel = numpy.ones((1, 4, 4, 2)), numpy.ones((2, 2, 2, 3))
    params = {"strides": (1, 1), "padding": "valid", "dilations": (1, 1), "groups": 1}
    assert bind(plain.convolve, [x, kernel], params)[0] is None


@pytest.mark.parametrize("name", ["image", "first layer, colours", "wide filters"])
def test_results_do_not_depend_on_threads(name):
    case = LARGE[name]
    x, kernel, g = case.arrays()
    calls = [
        (plain.convolve, [x, kernel], case.params),
        (plain.convolve_backprop_input, [g, kernel, None], input_params(case)),
        (plain.convolve_backprop_kernel, [x, g], kernel_params(case)),
    ]
    before, found = config.threads(), []
    try:
        for count in (1, 2, 5):
            config.set_threads(count)
            found.append([run_native(*call) for call in calls])
    finally:
        config.set_threads(before)
    for results in found[1:]:
        for a, b in zip(found[0], results, strict=True):
            numpy.testing.assert_array_equal(a, b)
