"""The door to all reductions, from the files that declare them."""

from kerasish.ops.cumulative import cumprod, cumsum, diff
from kerasish.ops.extremes import amax, amin, argmax, argmin, max, min, ptp
from kerasish.ops.spread import logsumexp, moments, std, var
from kerasish.ops.totals import mean, prod, sum
from kerasish.ops.truth import all, allclose, any, count_nonzero

__all__ = [
    "all",
    "allclose",
    "amax",
    "amin",
    "any",
    "argmax",
    "argmin",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "diff",
    "logsumexp",
    "max",
    "mean",
    "min",
    "moments",
    "prod",
    "ptp",
    "std",
    "sum",
    "var",
]
