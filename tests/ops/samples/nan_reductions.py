"""Reductions that step over NaN."""

import warnings

import numpy as np

from tests.ops.sample import Case, Sample, reductions


def with_nans(cases):
    """The same cases with some elements NaN, never all of a row of the larger ones."""

    def make(rng):
        found = []
        for case in cases(rng):
            x = np.array(case.inputs[0])
            if x.size > 2:
                x.flat[:: max(3, x.size // 2)] = np.nan
            found.append(Case((x,), case.params, case.is_smooth))
        return found

    return make


def not_empty(cases):
    """The cases with elements: NumPy forgets the axis of several percentiles for the others."""
    return lambda rng: [c for c in cases(rng) if c.inputs[0].size]


def silent(function):
    """The NumPy function without its warnings about slices of NaN only."""

    def call(x, **params):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(x, **params)

    return call


def position(reduction, value):
    """nanargmax or nanargmin; -1 where all is NaN, for which NumPy raises."""

    def call(x, axis, keepdims):
        absent = np.isnan(x)
        found = reduction(np.where(absent, value, x), axis=axis, keepdims=keepdims)
        return np.where(absent.all(axis=axis, keepdims=keepdims), -1, found)

    return call


SAMPLES = [
    Sample("nansum", with_nans(reductions()), silent(np.nansum)),
    Sample("nanprod", with_nans(reductions()), silent(np.nanprod)),
    Sample("nanmax", with_nans(reductions(empty=False)), silent(np.nanmax)),
    Sample("nanmin", with_nans(reductions(empty=False)), silent(np.nanmin)),
    Sample("nanmean", with_nans(reductions(empty=False)), silent(np.nanmean)),
    Sample("nanvar", with_nans(reductions(empty=False)), silent(np.nanvar)),
    Sample("nanstd", with_nans(reductions(0.5, 1.5, empty=False)), silent(np.nanstd)),
    Sample("nanmedian", with_nans(reductions(empty=False)), silent(np.nanmedian)),
    Sample("nanquantile", with_nans(reductions(empty=False, q=0.3)), silent(np.nanquantile)),
    Sample(
        "nanpercentile",
        not_empty(with_nans(reductions(empty=False, q=[10.0, 80.0]))),
        silent(np.nanpercentile),
    ),
    Sample(
        "nanargmax",
        with_nans(reductions(empty=False, tuples=False, keepdims=True)),
        position(np.argmax, -np.inf),
        order=0,
    ),
    Sample(
        "nanargmin",
        with_nans(reductions(empty=False, tuples=False, keepdims=True)),
        position(np.argmin, np.inf),
        order=0,
    ),
    Sample("nancumsum", with_nans(reductions(tuples=False, keepdims=False)), silent(np.nancumsum)),
    Sample(
        "nancumprod", with_nans(reductions(tuples=False, keepdims=False)), silent(np.nancumprod)
    ),
]
