"""Matrix products, einsum, and other products."""

import math

import numpy as np

from tests.ops.sample import Case, Sample, cases_of, draw, pairs_of, strided


def products(rng):
    shapes = [
        ((3, 4), (4, 2)),
        ((4,), (4,)),
        ((4,), (4, 2)),
        ((3, 4), (4,)),
        ((2, 3, 4), (4, 2)),
        ((2, 3, 4), (2, 4, 2)),
        ((2, 3, 4), (4,)),
        ((4,), (2, 4, 3)),
        ((5, 1, 3, 4), (2, 4, 2)),
        ((3, 4), (2, 4, 2)),
        ((2, 0), (0, 3)),
        ((0, 3), (3, 2)),
        ((2, 2, 0), (0, 3)),
        ((1, 1), (1, 1)),
        ((0, 3, 4), (4, 2)),
    ]
    found = [Case((draw(rng, a), draw(rng, b))) for a, b in shapes * 2]
    found += [Case((strided(rng, (3, 4)), strided(rng, (4, 2))))]
    return [*found, Case((strided(rng, (2, 3, 4), kind=1), draw(rng, (4, 2))))]


def dots(rng):
    shapes = [
        ((), ()),
        ((), (3,)),
        ((4,), (4,)),
        ((3, 4), (4,)),
        ((3, 4), (4, 2)),
        ((4,), (2, 4, 3)),
        ((2, 3, 4), (2, 4, 3)),
        ((0,), (0,)),
        ((2, 3, 4), (4,)),
    ]
    return [Case((draw(rng, a), draw(rng, b))) for a, b in shapes * 3]


TENSORDOTS = [
    (((3, 4), (4, 2)), {"axes": 1}),
    (((3, 4), (3, 4)), {"axes": 2}),
    (((3,), (2,)), {"axes": 0}),
    (((2, 3, 4), (4, 3, 2)), {"axes": ((1, 2), (1, 0))}),
    (((2, 3), (3, 2)), {"axes": ((0,), (1,))}),
    (((2, 3, 4), (3, 5)), {"axes": (1, 0)}),
    (((2, 0), (0, 3)), {"axes": 1}),
    (((2, 3, 4), (4, 2)), {"axes": (-1, 0)}),
]


EINSUMS = [
    (((3, 4), (4, 2)), "ij,jk->ik"),
    (((3, 4), (4, 2)), "ij,jk"),
    (((2, 3, 4), (2, 4, 5)), "bij,bjk->bik"),
    (((3,), (4,)), "i,j->ij"),
    (((3, 4), (3, 4)), "ij,ij->"),
    (((3, 4), (4,)), "ij,j->i"),
    (((2, 3, 4), (2, 5, 4)), "bqd,bkd->bqk"),
    (((2, 3, 2, 4), (2, 5, 2, 4)), "bqhd,bkhd->bhqk"),
    (((3, 4),), "ij->ji"),
    (((3, 4),), "ij->j"),
    (((3, 3),), "ii->i"),
    (((3, 3),), "ii"),
    (((3, 4, 3),), "iji->j"),
    (((2, 3, 4), (4, 5)), "...j,jk->...k"),
    (((2, 3, 4), (1, 4, 2)), "...ij,...jk->...ik"),
    (((3, 4), (4, 5), (5, 2)), "ij,jk,kl->il"),
    (((3, 4), (3,), (4,)), "ij,i,j->"),
    (((3, 4), (5,)), "ij,k->ik"),
    (((3, 4), (2, 4)), "ij,kj->ki"),
    (((3, 4, 2), (4,)), "ijk,j->ik"),
    (((0, 3), (3, 2)), "ij,jk->ik"),
    (((2, 3, 4, 5), (3, 4, 5, 2)), "abcd,bcde->ae"),
    (((3, 3), (3,)), "ii,i->i"),
    (((2, 3), (2, 3)), "ab,ab->ba"),
    (((2, 3, 4), (2, 3, 4)), "bij,bij->b"),
    (((), (3,)), ",i->i"),
]


NORMS = [
    ((4,), {}),
    ((4,), {"ord": 1}),
    ((4,), {"ord": 3}),
    ((4,), {"ord": math.inf}),
    ((4,), {"ord": -math.inf}),
    ((4,), {"ord": 0}),
    ((4,), {"ord": 2, "keepdims": True}),
    ((3, 4), {}),
    ((3, 4), {"axis": 1}),
    ((3, 4), {"axis": 0, "ord": 1, "keepdims": True}),
    ((3, 4), {"ord": "fro"}),
    ((3, 4), {"ord": 1}),
    ((3, 4), {"ord": -1}),
    ((3, 4), {"ord": math.inf}),
    ((3, 4), {"ord": -math.inf, "keepdims": True}),
    ((3, 4), {"ord": "nuc"}),
    ((3, 4), {"ord": 2}),
    ((3, 4), {"ord": -2, "keepdims": True}),
    ((2, 3, 4), {"axis": (0, 2), "ord": 1}),
    ((2, 3, 4), {"axis": (2, 0), "ord": math.inf}),
    ((2, 3, 4), {"axis": (1, 2), "ord": "nuc", "keepdims": True}),
    ((2, 3, 4), {}),
    ((2, 3), {"axis": -1, "ord": 0.5}),
    ((4,), {"ord": -1}),
]


CORRELATIONS = [((n,), (m,)) for n, m in [(5, 3), (4, 1), (6, 2), (3, 5), (4, 4), (1, 1), (2, 6)]]


def crosses(rng):
    rows = [
        ((3,), (3,), {}),
        ((2,), (2,), {}),
        ((2,), (3,), {}),
        ((3,), (2,), {}),
        ((4, 3), (4, 3), {}),
        ((4, 3), (3,), {}),
        ((3, 4), (3, 4), {"axis": 0}),
        ((3, 4), (4, 3), {"axisa": 0}),
        ((2, 3), (2, 3), {"axisc": 0}),
        ((0, 3), (3,), {}),
    ]
    return [Case((draw(rng, a), draw(rng, b)), p) for a, b, p in rows * 2]


def cross(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    """NumPy's cross product of three components; two are filled up with zero."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = np.moveaxis(a, axisa, -1), np.moveaxis(b, axisb, -1)
    flat = a.shape[-1] == b.shape[-1] == 2
    a, b = (np.concatenate([v, np.zeros((*v.shape[:-1], 3 - v.shape[-1]))], -1) for v in (a, b))
    result = np.cross(a, b)
    return result[..., 2] if flat else np.moveaxis(result, -1, axisc)


def trapezoids(rng):
    rows = [
        ((5,), None, {}),
        ((3, 4), None, {"axis": 0}),
        ((3, 4), None, {"dx": 0.5}),
        ((5,), (5,), {}),
        ((3, 4), (4,), {}),
        ((3, 4), (3,), {"axis": 0}),
        ((3, 4), (3, 4), {}),
        ((1,), None, {}),
    ]
    found = []
    for s, x, p in rows * 3:
        found.append(
            Case((draw(rng, s),) if x is None else (draw(rng, s), np.sort(draw(rng, x))), p)
        )
    return found


def distances(x, y):
    return np.sqrt(((x[..., :, None, :] - y[..., None, :, :]) ** 2).sum(-1))


SAMPLES = [
    Sample("matmul", products, np.matmul),
    Sample("dot", dots, np.dot),
    Sample(
        "inner",
        cases_of(
            [((), ()), ((4,), (4,)), ((3, 4), (4,)), ((3, 4), (2, 4)), ((2, 3, 4), (2, 4))],
            repeats=4,
        ),
        np.inner,
    ),
    Sample(
        "outer",
        cases_of([((), ()), ((4,), (3,)), ((2, 2), (3,)), ((0,), (2,)), ((2,), ())], repeats=4),
        np.outer,
    ),
    Sample(
        "vdot",
        cases_of(
            [((), ()), ((4,), (4,)), ((2, 3), (2, 3)), ((2, 3), (3, 2)), ((0,), (0,))], repeats=4
        ),
        np.vdot,
    ),
    Sample("tensordot", pairs_of(TENSORDOTS, repeats=3), np.tensordot),
    Sample(
        "einsum",
        pairs_of([(s, {"subscripts": t}) for s, t in EINSUMS]),
        lambda *xs, subscripts: np.einsum(subscripts, *xs),
        call=lambda f, *xs, subscripts: f(subscripts, *xs),
    ),
    Sample(
        "kron",
        cases_of(
            [
                ((3,), (2,)),
                ((2, 3), (2, 2)),
                ((2,), (2, 3)),
                ((), (3,)),
                ((2, 2, 2), (1, 2, 3)),
                ((0,), (2,)),
            ],
            repeats=4,
        ),
        np.kron,
    ),
    Sample(
        "cross", crosses, cross, unknown_sizes="none", note="the number of components must be known"
    ),
    Sample(
        "vander",
        pairs_of(
            [
                (((3,),), {}),
                (((3,),), {"N": 4}),
                (((4,),), {"N": 2, "increasing": True}),
                (((0,),), {"N": 2}),
                (((2,),), {"N": 1}),
            ],
            repeats=4,
        ),
        np.vander,
        unknown_sizes="none",
        order=2,
        note="the size gives the number of columns",
    ),
    Sample(
        "corrcoef",
        cases_of([((3, 5),), ((2, 4),), ((6,),), ((1, 4),), ((4, 3),)], repeats=4),
        np.corrcoef,
    ),
    Sample(
        "correlate",
        cases_of(CORRELATIONS, [{"mode": m} for m in ("valid", "same", "full")]),
        np.correlate,
        unknown_sizes="none",
        note="windows need the sizes",
    ),
    Sample("trapezoid", trapezoids, np.trapezoid),
    Sample(
        "cdist",
        cases_of(
            [((3, 2), (4, 2)), ((2, 3, 2), (2, 1, 2)), ((1, 3), (1, 3)), ((0, 2), (3, 2))],
            repeats=5,
        ),
        distances,
    ),
    Sample("norm", pairs_of([((s,), p) for s, p in NORMS]), np.linalg.norm),
]
