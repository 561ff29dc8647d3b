"""Convolutions by Winograd's tiles: every shape of edge, whatever is not finite, small errors."""

import importlib
import math

import numpy
import pytest

from kerasish.kernels.cpu import fused_convolution
from tests.kernels.support import needs_library, run_native, run_plain
from tests.kernels.test_convolution import Case, check, input_params, kernel_params, one

pytestmark = needs_library

plain = importlib.import_module("kerasish.ops.conv")

# Relative to the sum of the absolute products. Measured: up to 1e-6, and 4e-6 in the corners of an
# image, where an output has few products and shares a tile with larger ones.
TILED = 1e-5


def square(*x, outer, padding="same"):
    return one((3, 3), x=x, outer=outer, padding=padding)


CASES = {
    "one image, one tile": square(1, 4, 4, 16, outer=16),
    "one image, odd": square(1, 9, 7, 16, outer=16),
    "odd, valid": square(3, 13, 11, 32, outer=64, padding="valid"),
    "channels beyond a vector": square(5, 10, 13, 17, outer=33),
    "fewer channels than a vector": square(6, 11, 5, 10, outer=9),
    "full panels and a rest": square(4, 8, 8, 70, outer=48),
    "rest of a panel": square(4, 8, 8, 48, outer=80, padding="valid"),
    "many channels": square(3, 6, 9, 256, outer=130),
    "several blocks of an image": square(2, 90, 61, 24, outer=40),
    "many images": square(90, 6, 6, 16, outer=16, padding="valid"),
    "planes": Case(
        2, (3, 9, 10), 16, 20, 1, (1, 3, 3), strides=(1,) * 3, padding="same", dilations=(1,) * 3
    ),
}


def calls(case, x, kernel, g):
    yield plain.convolve, [x, kernel], case.params
    yield plain.convolve_backprop_input, [g, kernel, None], input_params(case)
    yield plain.convolve_backprop_kernel, [x, g], kernel_params(case)


@pytest.mark.parametrize("name", CASES)
def test_sums(name):
    case = CASES[name]
    for call in calls(case, *case.arrays()):
        check(*call, tolerance=TILED)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("where", ["x", "kernel", "g"])
@pytest.mark.parametrize("name", ["odd, valid", "channels beyond a vector", "many images"])
def test_values_that_are_not_finite(name, where, value):
    """They spread as far as in the plain operation, and the rest is right."""
    case = CASES[name]
    arrays = dict(zip(("x", "kernel", "g"), case.arrays(), strict=True))
    array = arrays[where]
    array[tuple(n // 2 for n in array.shape)] = value
    for function, inputs, params in calls(case, **arrays):
        if where == "kernel" and function is not plain.convolve:
            continue  # with zeros around an infinite weight gives NaN
        with numpy.errstate(invalid="ignore"):
            wanted = run_plain(function, inputs, params)
        found = run_native(function, inputs, params)
        is_finite = numpy.isfinite(wanted)
        if where != "kernel":
            numpy.testing.assert_array_equal(numpy.isfinite(found), is_finite)
        is_finite &= numpy.isfinite(found)
        numpy.testing.assert_allclose(found[is_finite], wanted[is_finite], rtol=1e-3, atol=1e-4)


POOL = {
    "strides": (1, 1), "dilations": (1, 1), "groups": 1, "activation": "relu",
    "window": (2, 2), "pool_strides": (2, 2),
}  # fmt: skip


@pytest.mark.parametrize("wanted", [(True, True, True), (False, True, True), (True, False, False)])
@pytest.mark.parametrize("at", [None, 0, 7])
@pytest.mark.parametrize(
    ("images", "size", "padding"), [(23, 13, "valid"), (30, 10, "same"), (7, 33, "valid")]
)
def test_pooled_gradient(images, size, padding, at, wanted, rng):
    """Its rows and columns that no window of the pooling sees get nothing; neither does NaN spread
    from one image to another of the same group.
    """
    x = rng.standard_normal((images, size, size, 17)).astype("float32")
    kernel = rng.standard_normal((3, 3, 17, 33)).astype("float32")
    params = {**POOL, "padding": padding}
    pooled, choice = run_plain(fused_convolution.convolve_pool, [x, kernel, None], params)
    g = rng.standard_normal(pooled.shape).astype("float32")
    if at is not None:
        g[(at % images, *(n // 2 for n in g.shape[1:]))] = math.nan
        pooled = abs(pooled) + 1
    params["wanted"] = wanted
    inputs = [g, pooled, choice, x, kernel]
    found = run_native(fused_convolution.convolve_pool_gradient, inputs, params)
    oracle = run_plain(fused_convolution.convolve_pool_gradient, inputs, params)
    for a, b in zip(found, oracle, strict=True):
        numpy.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-3)
