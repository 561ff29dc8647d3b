"""The door to all reductions, from the files that declare them."""

from kerasish.ops.binning import bincount, digitize, histogram, isin, unique
from kerasish.ops.cumulative import cumprod, cumsum, diff
from kerasish.ops.extremes import amax, amin, argmax, argmin, max, min, ptp
from kerasish.ops.nan_reductions import (
    nanargmax,
    nanargmin,
    nancumprod,
    nancumsum,
    nanmax,
    nanmean,
    nanmin,
    nanprod,
    nanstd,
    nansum,
    nanvar,
)
from kerasish.ops.quantiles import (
    average,
    median,
    nanmedian,
    nanpercentile,
    nanquantile,
    percentile,
    quantile,
)
from kerasish.ops.segments import segment_max, segment_min, segment_prod, segment_sum
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
    "average",
    "bincount",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "diff",
    "digitize",
    "histogram",
    "isin",
    "logsumexp",
    "max",
    "mean",
    "median",
    "min",
    "moments",
    "nanargmax",
    "nanargmin",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanpercentile",
    "nanprod",
    "nanquantile",
    "nanstd",
    "nansum",
    "nanvar",
    "percentile",
    "prod",
    "ptp",
    "quantile",
    "segment_max",
    "segment_min",
    "segment_prod",
    "segment_sum",
    "std",
    "sum",
    "unique",
    "var",
]
