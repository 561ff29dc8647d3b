"""Reductions: totals, extremes, truth, variance, ranks, cumulative sums, segments, bins."""

import math

import numpy as np

from tests.ops.sample import Case, Sample, draw, reductions, strided


def quiet(function):
    """The NumPy function without its warnings about nothing to reduce."""

    def call(*args, **kwargs):
        with np.errstate(all="ignore"):
            return function(*args, **kwargs)

    return call


def mean(x, axis, keepdims):
    total = x.sum(axis=axis, keepdims=keepdims)
    return total / (x.size / total.size if total.size else 1)


def log_sum_exp(x, axis, keepdims):
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


def variance(x, axis, keepdims):
    return mean((x - mean(x, axis, True)) ** 2, axis, keepdims)


def moments(x, axes, keepdims):
    return mean(x, axes, keepdims), variance(x, axes, keepdims)


def moment_cases(rng):
    return [
        Case(c.inputs, {"axes": c.params["axis"], "keepdims": c.params["keepdims"]}, c.is_smooth)
        for c in reductions()(rng)
        if c.params["axis"] is not None
    ]


def zeros_inside(*, keepdims=True):
    """Cases of a product: reductions, and arrays with one zero or two."""

    def cases(rng):
        found = reductions(0.5, 1.5, specials=False)(rng)
        for zeros in (1, 2):
            x = draw(rng, (3, 4))
            x[0, :zeros] = 0.0
            found += [Case((x,), {"axis": 1, "keepdims": k}) for k in (False, True)]
            found.append(Case((x,), {"axis": None, "keepdims": False}))
        return found

    return cases


def initial_cases(rng):
    found = []
    for shape, axis in [((4,), None), ((2, 3), 0), ((2, 3), 1), ((3, 2, 2), (0, 2))]:
        for keep in (False, True):
            for initial in (0.0, -1.0, 1.0):
                found.append(
                    Case((draw(rng, shape),), {"axis": axis, "keepdims": keep, "initial": initial})
                )
    found.append(Case((np.zeros((0, 3)),), {"axis": 0, "keepdims": False, "initial": 5.0}))
    return found


def single_axis(keepdims=True, empty=True):
    """Cases along one axis, or the flattened array: ties and NaN included."""

    def cases(rng):
        found = []
        for shape in ((4,), (2, 3), (3, 1, 2), (2, 3, 4)):
            for axis in (None, *range(len(shape)), -1):
                for keep in (False, True) if keepdims else (None,):
                    params = {"axis": axis} if keep is None else {"axis": axis, "keepdims": keep}
                    found.append(Case((draw(rng, shape),), params))
        base = {"axis": 1, "keepdims": False} if keepdims else {"axis": 1}
        found.append(Case((np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),), base, is_smooth=False))
        found.append(
            Case((np.array([[1.0, np.nan, 3.0], [np.inf, 0.0, 1.0]]),), base, is_smooth=False)
        )
        found.append(Case((strided(rng, (3, 4)),), base))
        if empty:
            found.append(Case((np.zeros((0, 3)),), base))
        return found

    return cases


def cumulative(rng):
    """Cases of running sums and products, some with zeros."""
    found = single_axis(keepdims=False)(rng)
    for zeros in (1, 2):
        x = draw(rng, (3, 4))
        x[:, 1 : 1 + zeros] = 0.0
        found += [Case((x,), {"axis": 1}), Case((x,), {"axis": 0}), Case((x,), {"axis": None})]
    return [*found, Case((draw(rng, ()),), {"axis": None}), Case((np.zeros((2, 0)),), {"axis": 1})]


def differences(rng):
    return [
        Case((draw(rng, shape),), {"n": n, "axis": axis})
        for shape, axes in (
            ((5,), (0, -1)),
            ((4, 5), (0, 1, -1)),
            ((3, 4, 4), (1, -1)),
            ((0, 3), (1,)),
        )
        for axis in axes
        for n in (0, 1, 2)
    ]


METHODS = ("linear", "lower", "higher", "midpoint", "nearest")


def quantiles(scale):
    def cases(rng):
        found = []
        for shape, axis in [
            ((5,), None),
            ((4,), 0),
            ((3, 4), 1),
            ((3, 4), None),
            ((2, 3, 4), (0, 2)),
        ]:
            for q in (0.0, 0.37 * scale, 1.0 * scale, [0.1 * scale, 0.5 * scale]):
                for method in METHODS[: 5 if shape == (5,) else 1]:
                    found.append(
                        Case((draw(rng, shape),), {"q": q, "axis": axis, "method": method})
                    )
        found.append(Case((draw(rng, (3, 4)),), {"q": 0.5 * scale, "axis": 1, "keepdims": True}))
        nans = np.array([[1.0, np.nan, 2.0], [3.0, 1.0, 2.0]])
        return [*found, Case((nans,), {"q": 0.5 * scale, "axis": 1}, is_smooth=False)]

    return cases


def weighted(rng):
    found = []
    for shape, axis in [
        ((4,), None),
        ((2, 3), None),
        ((2, 3), 0),
        ((2, 3), 1),
        ((2, 3, 2), (0, 2)),
    ]:
        for _ in range(3):
            found.append(Case((draw(rng, shape), draw(rng, shape, 0.5, 1.5)), {"axis": axis}))
    for shape, axis in [((2, 3), 0), ((2, 3), -1), ((2, 3, 4), 1)] * 2:
        found.append(Case((draw(rng, shape), draw(rng, (shape[axis],), 0.5, 1.5)), {"axis": axis}))
    return found


SEGMENTS = {
    "sum": (np.add, 0.0),
    "prod": (np.multiply, 1.0),
    "max": (np.maximum, -math.inf),
    "min": (np.minimum, math.inf),
}


def segment(kind):
    combine, start = SEGMENTS[kind]

    def reference(data, ids, num_segments):
        table = np.full((num_segments, *data.shape[1:]), start)
        for row, number in zip(data, ids, strict=True):
            if 0 <= number < num_segments:
                table[number] = combine(table[number], row)
        return table

    return reference


def segmented(rng):
    found = []
    for rows, inner, n in [(6, (), 3), (5, (2,), 4), (4, (2, 3), 2), (0, (2,), 2), (3, (), 5)] * 5:
        ids = rng.integers(-1, n + 1, rows).astype("int32")
        found.append(Case((draw(rng, (rows, *inner)), ids), {"num_segments": n}))
    return found


def filled_segments(rng):
    """Like `segmented`, and cases in which no segment is empty: infinities have no slope."""
    found = []
    for rows, inner, n in [(6, (), 3), (5, (2,), 4), (4, (2, 3), 2)] * 5:
        ids = np.concatenate([np.arange(n), rng.integers(-1, n + 1, rows - n)]).astype("int32")
        found.append(Case((draw(rng, (rows, *inner)), ids), {"num_segments": n}))
    return found + [Case(c.inputs, c.params, is_smooth=False) for c in segmented(rng)]


def counted(rng):
    found = []
    for shape, low in [((6,), 0), ((0,), 3), ((2, 5), 0), ((2, 2, 3), 7)] * 3:
        found.append(Case((rng.integers(0, 5, shape).astype("int32"),), {"minlength": low}))
        if shape != (0,):
            numbers = rng.integers(0, 5, shape).astype("int32")
            found.append(Case((numbers, draw(rng, shape)), {"minlength": low}))
    return found


def bincount(x, weights=None, minlength=0):
    bins = max(minlength, x.max() + 1 if x.size else 0)
    rows = x.reshape(int(np.prod(x.shape[:-1])), x.shape[-1])
    loads = [None] * len(rows) if weights is None else weights.reshape(rows.shape)
    table = [np.bincount(r, w, bins) for r, w in zip(rows, loads, strict=True)]
    return np.array(table).reshape(*x.shape[:-1], bins)


def edges(rng):
    found = [
        Case((draw(rng, s), np.sort(draw(rng, (n,)))))
        for s in [(), (4,), (2, 3), (0,)]
        for n in (1, 3, 5, 0, 2)
    ]
    return [*found, Case((np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 2.0])))]


def histograms(rng):
    return [
        Case((draw(rng, s),), p)
        for s in [(9,), (3, 4), (1,), (2, 2, 2)]
        for p in (
            {},
            {"bins": 3},
            {"bins": 4, "range": (-1.0, 1.0)},
            {"bins": 1},
            {"bins": 5, "range": (0, 2)},
        )
    ]


def repeated(rng):
    sets = [rng.integers(-3, 4, s) for s in [(7,), (3, 4), (1,), (5,), (2, 2, 2)] * 4]
    return [Case((s,)) for s in sets] + [
        Case((np.array([2.5, -1.0, 2.5, 0.0]),)),
        Case((np.zeros(0),)),
    ]


def all_of_unique(f, x):
    return f(x, return_index=True, return_inverse=True, return_counts=True)


def members(rng):
    found = [
        Case((rng.integers(0, 6, a), rng.integers(0, 6, b)), {"invert": flag})
        for a, b in [((), (3,)), ((4,), (2, 2)), ((2, 3), (1,)), ((0,), (2,)), ((3,), (0,))]
        for flag in (False, True)
        for _ in range(2)
    ]
    return found


def bools(rng):
    found = [Case((c.inputs[0] > 0.5,), c.params) for c in reductions(specials=False)(rng)]
    return [*found, *reductions()(rng)[:5]]


def no_keepdims(cases):
    return lambda rng: [Case(c.inputs, {"axis": c.params["axis"]}) for c in cases(rng)]


SAMPLES = [
    Sample("sum", reductions(), lambda x, axis, keepdims: x.sum(axis=axis, keepdims=keepdims)),
    Sample("mean", reductions(), mean),
    Sample(
        "prod",
        zeros_inside(),
        lambda x, axis, keepdims: x.prod(axis=axis, keepdims=keepdims),
        operations=("prod", "running_product", "shift_in", "recurrence"),
    ),
    Sample(
        "max",
        reductions(empty=False),
        lambda x, axis, keepdims: x.max(axis=axis, keepdims=keepdims),
    ),
    Sample(
        "min",
        reductions(empty=False),
        lambda x, axis, keepdims: x.min(axis=axis, keepdims=keepdims),
    ),
    Sample("max", initial_cases, np.max),
    Sample("min", initial_cases, np.min),
    Sample("amax", reductions(empty=False), np.amax),
    Sample("amin", reductions(empty=False), np.amin),
    Sample("ptp", reductions(empty=False), np.ptp),
    Sample("argmax", single_axis(empty=False), np.argmax, order=0),
    Sample("argmin", single_axis(empty=False), np.argmin, order=0),
    Sample("any", bools, np.any, order=0),
    Sample("all", bools, np.all, order=0),
    Sample("count_nonzero", no_keepdims(bools), np.count_nonzero, order=0),
    Sample("var", reductions(), variance),
    Sample(
        "std",
        reductions(),
        lambda x, axis, keepdims: np.sqrt(variance(x, axis, keepdims)),
        wrt=(0,),
    ),
    Sample("moments", moment_cases, moments),
    Sample("logsumexp", reductions(), log_sum_exp),
    Sample("cumsum", cumulative, np.cumsum),
    Sample("cumprod", cumulative, np.cumprod),
    Sample("diff", differences, np.diff),
    Sample("median", reductions(empty=False), np.median),
    Sample("quantile", quantiles(1.0), np.quantile),
    Sample("percentile", quantiles(100.0), np.percentile),
    Sample(
        "average",
        weighted,
        lambda x, w, axis: np.average(x, axis, w),
        call=lambda f, x, w, axis: f(x, axis=axis, weights=w),
    ),
    Sample("segment_sum", segmented, segment("sum")),
    Sample("segment_max", filled_segments, segment("max")),
    Sample("segment_min", filled_segments, segment("min")),
    Sample("segment_prod", segmented, segment("prod")),
    Sample("bincount", counted, bincount),
    Sample("digitize", edges, np.digitize, order=0),
    Sample("histogram", histograms, np.histogram, order=0),
    Sample(
        "unique", repeated, lambda x: np.unique(x, True, True, True), order=0, call=all_of_unique
    ),
    Sample("isin", members, lambda a, b, invert: np.isin(a, b, invert=invert), order=0),
]
