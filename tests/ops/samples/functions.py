"""Powers, logarithms, circular and hyperbolic functions, rounding, the error function."""

import math

import numpy as np

from tests.ops.sample import SPECIALS, Case, Sample, binary, draw, unary


def powers(rng):
    """Cases of power: special exponents, bases of either sign, zeros."""
    found = binary(0.3, 2.0, -2.0, 2.0, specials=None)(rng)
    for exponent in (0, 1, 2, 3, -1, -2, 0.5, 2.0, 0.0):
        found.append(Case((draw(rng, (2, 3), 0.3, 2.0), exponent)))
    found += [Case((draw(rng, (4,)), n)) for n in (2, 3, -1)]
    found.append(Case((2.0, draw(rng, (4,)))))
    bases, exponents = np.meshgrid(SPECIALS, (0.0, 1.0, 2.0, -1.0, 0.5))
    return [*found, Case((bases, exponents), is_smooth=False)]


def erf(x):
    return np.vectorize(math.erf, otypes=[float])(x)


def inverse_erf(x):
    """Bisection of math.erf: slow, and independent of the tested polynomial."""

    def solve(v):
        if abs(v) >= 1:
            return math.copysign(math.inf, v) if abs(v) == 1 else math.nan
        low, high = -6.0, 6.0
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if math.erf(middle) < v else (low, middle)
        return (low + high) / 2

    return np.vectorize(lambda v: math.nan if math.isnan(v) else solve(v), otypes=[float])(x)


def replacements(rng):
    """Cases of nan_to_num: with and without replacements given."""
    found = [Case((draw(rng, s),)) for s in [(), (3,), (2, 3), (0,)] * 4]
    for params in ({}, {"nan": 7.0}, {"posinf": 1.0}, {"nan": 1.0, "posinf": 2.0, "neginf": -2.0}):
        found.append(Case((np.array(SPECIALS),), params, is_smooth=False))
    return found


def decimals(rng):
    """Cases of round: halves, negative decimals."""
    found = [Case((draw(rng, s, -30, 30),), {"decimals": d})
             for s in [(), (4,), (2, 3), (0,)] for d in (0, 1, 2, -1)]  # fmt: skip
    halves = np.array([0.5, 1.5, 2.5, -0.5, -1.5])
    return (
        found
        + [Case((halves,), {"decimals": 0}), Case((halves,), {})] * 2
        + [Case((np.array(SPECIALS),), {})]
    )


SAMPLES = [
    Sample("power", powers, np.power),
    Sample("sqrt", unary(0.2, 3.0), np.sqrt),
    Sample("rsqrt", unary(0.2, 3.0), lambda x: 1 / np.sqrt(x)),
    Sample("cbrt", unary(0.2, 3.0), np.cbrt),
    Sample("exp", unary(), np.exp),
    Sample("exp2", unary(), np.exp2),
    Sample("expm1", unary(), np.expm1),
    Sample("log", unary(0.2, 3.0), np.log),
    Sample("log1p", unary(-0.8, 3.0), np.log1p),
    Sample("log2", unary(0.2, 3.0), np.log2),
    Sample("log10", unary(0.2, 3.0), np.log10),
    Sample("logaddexp", binary(), np.logaddexp),
    Sample("logaddexp2", binary(), np.logaddexp2),
    Sample("hypot", binary(0.3, 2.0), np.hypot),
    Sample("sin", unary(-4, 4), np.sin),
    Sample("cos", unary(-4, 4), np.cos),
    Sample("tan", unary(-1.2, 1.2), np.tan),
    Sample("arcsin", unary(-0.9, 0.9), np.arcsin),
    Sample("arccos", unary(-0.9, 0.9), np.arccos),
    Sample("arctan", unary(), np.arctan),
    Sample("arctan2", binary(0.3, 2.0), np.arctan2),
    Sample("sinh", unary(), np.sinh),
    Sample("cosh", unary(), np.cosh),
    Sample("tanh", unary(), np.tanh),
    Sample("arcsinh", unary(), np.arcsinh),
    Sample("arccosh", unary(1.2, 4.0), np.arccosh),
    Sample("arctanh", unary(-0.9, 0.9), np.arctanh),
    Sample("deg2rad", unary(), np.deg2rad),
    Sample("rad2deg", unary(), np.rad2deg),
    Sample("sinc", unary(specials=(0.0, 1e-4, 1e-3, 2e-3, 3.2e-3, 1.0)), np.sinc),
    Sample("floor", unary(), np.floor, order=0),
    Sample("ceil", unary(), np.ceil, order=0),
    Sample("trunc", unary(), np.trunc, order=0),
    Sample("round", decimals, np.round, order=0),
    Sample("nan_to_num", replacements, np.nan_to_num),
    Sample("erf", unary(-7, 7), erf),
    Sample("erfinv", unary(-0.95, 0.95, specials=(0.0, 1.0, -1.0, math.nan, 2.0, 0.99999)),
           inverse_erf, rtol=1e-9),
]  # fmt: skip
