"""Sorting, ranking and searching."""

import numpy as np

from tests.ops.sample import Case, Sample, draw, strided


def lines(ties=True):
    def cases(rng):
        rows = [
            ((5,), -1),
            ((5,), 0),
            ((3, 4), 0),
            ((3, 4), 1),
            ((3, 4), None),
            ((2, 3, 4), 1),
            ((0, 3), 0),
            ((2, 0), 1),
        ]
        found = [Case((draw(rng, s),), {"axis": a}) for s, a in rows * 3]
        found.append(Case((strided(rng, (3, 4)),), {"axis": 0}))
        if ties:
            found.append(Case((np.array([2.0, 1.0, 2.0, 1.0, 1.0]),), {"axis": 0}, is_smooth=False))
            found.append(
                Case((np.array([2.0, np.nan, -np.inf, 1.0]),), {"axis": 0}, is_smooth=False)
            )
        return found

    return cases


def ranked(rng):
    found = [
        Case((draw(rng, s),), {"k": k}) for s in [(5,), (2, 4), (2, 2, 3)] for k in (1, 2, 3, 0)
    ] * 2
    return [*found, Case((np.array([1.0, 3.0, 3.0, 2.0, 3.0]),), {"k": 2}, is_smooth=False)]


def top_k(x, k):
    order = np.argsort(-x, axis=-1, kind="stable")[..., :k]
    return np.take_along_axis(x, order, -1), order


def guesses(rng):
    found = [
        Case((rng.integers(0, 5, n).astype("int32"), draw(rng, (n, 5))), {"k": k})
        for n in (1, 3, 4, 0)
        for k in (1, 2, 5)
        for _ in range(2)
    ]
    ties = np.array([[1.0, 1.0, 0.0], [np.inf, 1.0, 2.0], [np.nan, 1.0, 2.0]])
    return [*found, Case((np.array([1, 0, 0], "int32"), ties), {"k": 1})]


def in_top_k(targets, predictions, k):
    chosen = np.take_along_axis(predictions, targets[:, None].astype(int), 1)
    return ((predictions > chosen).sum(1) < k) & np.isfinite(chosen[:, 0])


def searches(rng):
    found = [
        Case((np.sort(draw(rng, (n,))), draw(rng, s)), {"side": side})
        for n in (1, 4, 0)
        for s in [(), (3,), (2, 2), (0,)]
        for side in ("left", "right")
    ]
    whole = np.array([1.0, 2.0, 2.0, 3.0])
    return found + [Case((whole, whole), {"side": s}) for s in ("left", "right")]


def kth(rng):
    return [
        Case((draw(rng, s),), {"kth": k, "axis": a})
        for s, a in [((5,), -1), ((4, 5), 1), ((5, 3), 0), ((3, 4), None)]
        for k in (0, 1, 2, -1, -2)
    ]


def numbers(rng):
    return [
        Case((rng.integers(0, 2, s) * draw(rng, s),))
        for s in [(4,), (2, 3), (0,), (2, 2, 2), (6,)] * 4
    ]


SAMPLES = [
    Sample("sort", lines(), np.sort),
    Sample("argsort", lines(), lambda x, axis: np.argsort(x, axis, kind="stable"), order=0),
    Sample("argpartition", kth, lambda x, kth, axis: np.argsort(x, axis, kind="stable"), order=0),
    Sample("top_k", ranked, top_k),
    Sample("in_top_k", guesses, in_top_k, order=0),
    Sample("searchsorted", searches, lambda a, v, side: np.searchsorted(a, v, side), order=0),
    Sample("nonzero", numbers, np.nonzero, order=0),
]
