"""Elementary functions of the native kernels: units in the last place, and special values."""

import math

import numpy
import pytest

from kerasish import ops
from tests.kernels import chain_support
from tests.kernels.support import needs_library

pytestmark = needs_library

_SPECIAL = numpy.array(
    [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, 3.0, -3.0, numpy.inf, -numpy.inf, numpy.nan]
    + [1e-45, -1e-45, 1e-40, -1e-40, 1.1754944e-38, 3.4028235e38, -3.4028235e38, 1e-8, -1e-8]
    + [88.0, 88.72, 88.73, 89.0, -87.0, -88.0, -103.0, -104.0, -200.0, 16777216.0, 1e6, 1e7],
    "float32",
)


def _samples(low, high, count=40001):
    """Numbers from a range, with the special ones and small ones of both signs."""
    rng = numpy.random.default_rng(0)
    even = rng.uniform(low, high, count).astype("float32")
    small = (10.0 ** rng.uniform(-12, 0, 4000)).astype("float32")
    small = small[(small >= low) & (small <= high)]
    return numpy.concatenate([even, small, -small[-small >= low], _SPECIAL])


def _erf(x):
    return numpy.array([math.erf(v) for v in x])


# name, reference in float64, range, greatest error in units in the last place
_FUNCTIONS = [
    ("exp", numpy.exp, (-104, 89), 1.0),
    ("exp2", numpy.exp2, (-151, 129), 1.0),
    ("expm1", numpy.expm1, (-20, 89), 1.5),
    ("log", numpy.log, (0, 1e6), 1.0),
    ("log2", numpy.log2, (0, 1e6), 2.0),
    ("log10", numpy.log10, (0, 1e6), 2.0),
    ("log1p", numpy.log1p, (-1, 1e3), 1.5),
    ("sin", numpy.sin, (-1000, 1000), 1.0),
    ("cos", numpy.cos, (-1000, 1000), 1.0),
    ("tanh", numpy.tanh, (-12, 12), 6.0),
    ("sigmoid", lambda x: 1 / (1 + numpy.exp(-numpy.maximum(x, -88))), (-87, 40), 3.0),
    ("softplus", lambda x: numpy.logaddexp(x, 0), (-80, 90), 3.0),
    ("erf", _erf, (-5, 5), 6.5),
    ("sqrt", numpy.sqrt, (0, 1e6), 0.501),
    ("rsqrt", lambda x: 1 / numpy.sqrt(x), (0, 1e6), 1.5),
    ("reciprocal", lambda x: 1 / x, (-1e3, 1e3), 0.501),
]


def _errors(found, exact):
    """Distance from the exact value in units in the last place; infinite where one is not finite
    and the other is not the same."""
    with numpy.errstate(all="ignore"):
        rounded = exact.astype("float32")
        unit = numpy.maximum(numpy.spacing(numpy.abs(rounded)), numpy.float32(1e-45))
        errors = numpy.abs(found.astype("float64") - exact) / unit.astype("float64")
        same = (found == rounded) | (numpy.isnan(found) & numpy.isnan(rounded))
        finite = numpy.isfinite(found) & numpy.isfinite(rounded)
    errors = numpy.where(finite, errors, numpy.where(same, 0.0, numpy.inf))
    limit = (numpy.abs(exact) > 3.40282e38) & (numpy.abs(found) > 3.40282e38)
    return numpy.where(limit, 0.0, errors)  # rounding decides between the largest and infinity


@pytest.mark.parametrize(("name", "reference", "limits", "most"), _FUNCTIONS)
def test_function_is_accurate(name, reference, limits, most):
    x = _samples(*limits)
    (found,), _ = chain_support.results(getattr(ops, name), [x])
    with numpy.errstate(all="ignore"):
        exact = reference(x.astype("float64"))
    errors = _errors(found, exact)
    worst = int(numpy.argmax(errors))
    assert errors[worst] <= most, f"{name}({x[worst]!r}) = {found[worst]!r}, not {exact[worst]!r}"


@pytest.mark.parametrize("name", ["expm1", "log1p", "sin", "tanh", "erf", "sqrt"])
def test_function_keeps_the_sign_of_zero(name):
    x = numpy.array([0.0, -0.0], "float32")
    (found,), _ = chain_support.results(getattr(ops, name), [x])
    assert numpy.signbit(found).tolist() == [False, True]


def test_power_on_special_values():
    bases = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.3, numpy.inf, -numpy.inf, numpy.nan]
    exponents = [*bases, 16777216.0, 16777217.0, 8388609.0, -3.0, 0.1, 1e20, -1e20, 1e-40]
    x, y = (v.ravel() for v in numpy.meshgrid(bases, exponents))
    x, y = x.astype("float32"), y.astype("float32")
    (found,), (plain,) = chain_support.results(ops.power, [x, y])
    numpy.testing.assert_allclose(found, plain, rtol=3e-7)
    is_zero = plain == 0
    assert (numpy.signbit(found[is_zero]) == numpy.signbit(plain[is_zero])).all()


def test_power_is_accurate():
    rng = numpy.random.default_rng(1)
    x = rng.uniform(0, 20, 20000).astype("float32")
    y = rng.uniform(-20, 20, 20000).astype("float32")
    (found,), _ = chain_support.results(ops.power, [x, y])
    with numpy.errstate(all="ignore"):
        exact = x.astype("float64") ** y.astype("float64")
    assert _errors(found, exact).max() <= 1.0


def test_large_angles():
    x = numpy.array([1e6, -1e6, 123456789.0, 3e38, -3e38, 1e9], "float32")
    for name in ("sin", "cos"):
        (found,), _ = chain_support.results(getattr(ops, name), [x])
        exact = getattr(numpy, name)(x.astype("float64"))
        assert _errors(found, exact).max() <= 1.0
