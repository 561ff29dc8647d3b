"""Shapes and axes, diagonals, ranges and one-hot codes."""

import numpy as np

from tests.ops.sample import Case, Sample, cases_of, draw, strided


def reshapes(rng):
    rows = [
        ((4,), (2, 2)),
        ((2, 3), (3, 2)),
        ((2, 3), (-1,)),
        ((2, 3), 6),
        ((2, 3, 4), (4, -1)),
        ((), (1, 1)),
        ((1,), ()),
        ((0,), (0, 3)),
        ((0, 3), (3, -1)),
        ((2, 3), (1, 2, 3)),
        ((6,), (-1, 2)),
        ((2, 2), (4,)),
    ]
    found = [Case((draw(rng, s),), {"newshape": n}) for s, n in rows * 2]
    return [*found, Case((strided(rng, (3, 4)),), {"newshape": (6, 2)})]


def many(*shapes):
    return [(s,) for s in shapes]


ANY = many((), (1,), (4,), (2, 3), (3, 1, 2), (0,), (2, 0, 3))


def permutations(rng):
    rows = [
        ((4,), None),
        ((2, 3), None),
        ((2, 3), (1, 0)),
        ((2, 3, 4), (2, 0, 1)),
        ((2, 3, 4), None),
        ((2, 3, 4), (0, -1, 1)),
        ((0, 3), (1, 0)),
        ((), None),
        ((2, 1, 3, 2), (3, 1, 0, 2)),
        ((5,), (0,)),
    ]
    return [Case((draw(rng, s),), {"axes": a}) for s, a in rows * 2] + [
        Case((strided(rng, (3, 4)),), {"axes": (1, 0)})
    ]


def expansions(rng):
    rows = [
        ((), 0),
        ((3,), 0),
        ((3,), -1),
        ((2, 3), 1),
        ((2, 3), (0, 2)),
        ((2, 3), (0, -1)),
        ((0,), 1),
        ((2, 3), (1, 2, 3)),
        ((4,), 1),
        ((1, 1), (0, 1)),
    ]
    return [Case((draw(rng, s),), {"axis": a}) for s, a in rows * 2]


def contractions(rng):
    rows = [
        ((1,), None),
        ((1, 3), 0),
        ((3, 1), -1),
        ((1, 3, 1), (0, 2)),
        ((1, 3, 1), None),
        ((2,), None),
        ((0, 1), 1),
        ((1, 1), None),
        ((2, 1, 3, 1), (1, -1)),
        ((), None),
    ]
    return [Case((draw(rng, s),), {"axis": a}) for s, a in rows * 2]


def swaps(rng):
    rows = [
        ((2, 3), 0, 1),
        ((2, 3, 4), 0, 2),
        ((2, 3, 4), -1, 1),
        ((2, 3, 4), 1, 1),
        ((0, 2), 0, 1),
    ]
    return [Case((draw(rng, s),), {"axis1": a, "axis2": b}) for s, a, b in rows * 4]


def moves(rng):
    rows = [
        ((2, 3), 0, 1),
        ((2, 3, 4), 0, -1),
        ((2, 3, 4), (0, 1), (-1, 0)),
        ((2, 3, 4), 2, 0),
        ((2, 3, 4, 2), (3, 1), (0, 1)),
        ((0, 2, 1), -1, 0),
        ((3,), 0, 0),
    ]
    return [Case((draw(rng, s),), {"source": a, "destination": b}) for s, a, b in rows * 3]


def flips(rng):
    rows = [
        ((4,), None),
        ((2, 3), 0),
        ((2, 3), -1),
        ((2, 3), None),
        ((2, 3, 4), (0, 2)),
        ((0, 2), 0),
        ((), None),
    ]
    return [Case((draw(rng, s),), {"axis": a}) for s, a in rows * 3]


def rolls(rng):
    rows = [
        ((4,), 1, None),
        ((4,), -2, 0),
        ((2, 3), 1, None),
        ((2, 3), (1, 2), (0, 1)),
        ((2, 3), 5, 1),
        ((0,), 1, 0),
        ((2, 3), 1, (0, 1)),
    ]
    return [Case((draw(rng, s),), {"shift": k, "axis": a}) for s, k, a in rows * 3]


def rotations(rng):
    return [
        Case((draw(rng, s),), {"k": k, "axes": a})
        for s, a in [((2, 3), (0, 1)), ((2, 3, 4), (1, 2)), ((2, 3, 4), (2, 0)), ((0, 2), (0, 1))]
        for k in (0, 1, 2, 3, -1)
    ]


def broadcasts(rng):
    rows = [
        ((), (3,)),
        ((3,), (2, 3)),
        ((2, 1), (2, 4)),
        ((1,), (0,)),
        ((1, 3), (2, 2, 3)),
        ((2, 3), (2, 3)),
        ((), ()),
    ]
    return [Case((draw(rng, s),), {"shape": t}) for s, t in rows * 3]


def triangles(rng):
    return [
        Case((draw(rng, s),), {"k": k})
        for s in [(3, 3), (2, 4), (2, 3, 3), (4, 2), (0, 2)]
        for k in (-1, 0, 1, 3)
    ]


def diagonals(rng):
    rows = [
        ((3, 3), 0, 1),
        ((2, 4), 0, 1),
        ((2, 3, 4), 0, 1),
        ((2, 3, 4), 2, 0),
        ((2, 3, 4), -1, -2),
        ((0, 2), 0, 1),
    ]
    return [
        Case((draw(rng, s),), {"offset": k, "axis1": a, "axis2": b})
        for s, a, b in rows
        for k in (-1, 0, 1, 2)
    ]


def diags(rng):
    return [
        Case((draw(rng, s),), {"k": k})
        for s in [(3,), (0,), (3, 3), (2, 4), (1,)]
        for k in (-1, 0, 1, 2)
    ]


def flats(rng):
    return [
        Case((draw(rng, s),), {"k": k})
        for s in [(3,), (0,), (2, 3), (), (1, 2, 2)]
        for k in (-1, 0, 1, 2)
    ]


def codes(rng):
    rows = [((), -1), ((3,), -1), ((3,), 0), ((2, 3), 1), ((2, 3), -1), ((0,), -1), ((2, 0), 0)]
    return [
        Case((rng.integers(-1, 6, s).astype("int32"),), {"num_classes": n, "axis": a})
        for s, a in rows
        for n in (4, 5, 1)
    ]


def one_hot(x, num_classes, axis):
    axis = axis % (x.ndim + 1)
    classes = np.arange(num_classes).reshape((-1,) + (1,) * (x.ndim - axis))
    return np.equal(np.expand_dims(x, axis), classes).astype(float)


def many_codes(rng):
    return [
        Case((rng.integers(0, 4, s).astype("int32"),), {"num_classes": 4})
        for s in [(3,), (2, 3), (1, 2), (4, 1), (2, 5)] * 4
    ]


def multi_hot(x, num_classes):
    return one_hot(x, num_classes, -1).max(axis=1 if x.ndim > 1 else 0)


def lines(rng):
    rows = [
        ((), (), 5, 0),
        ((3,), (), 4, 0),
        ((), (2,), 3, -1),
        ((2,), (2,), 1, 1),
        ((2, 1), (3,), 4, 0),
        ((), (), 0, 0),
    ]
    return [
        Case((draw(rng, a), draw(rng, b)), {"num": n, "axis": x, "endpoint": e})
        for a, b, n, x in rows
        for e in (True, False)
        for _ in range(2)
    ]


def positive_lines(rng):
    return [
        Case(tuple(np.abs(a) + 0.5 for a in c.inputs), c.params)
        for c in lines(rng)
        if c.params["num"]
    ]


def sizes_of(rng):
    return [Case((draw(rng, s),)) for s in [(), (3,), (2, 3), (0,), (2, 0, 3)] * 4]


def without_arrays(function, *argument_lists):
    """Cases of a function without tensor inputs, repeated until there are enough."""
    cases = [Case((), dict(a)) for a in argument_lists]
    return lambda rng: cases * (20 // len(cases) + 1)


SAMPLES = [
    Sample("reshape", reshapes, lambda x, newshape: x.reshape(newshape)),
    Sample("ravel", cases_of(ANY, repeats=3), np.ravel),
    Sample("transpose", permutations, np.transpose),
    Sample("expand_dims", expansions, np.expand_dims),
    Sample("squeeze", contractions, np.squeeze),
    Sample("swapaxes", swaps, np.swapaxes),
    Sample("moveaxis", moves, np.moveaxis),
    Sample("flip", flips, np.flip),
    Sample("fliplr", cases_of(many((2, 3), (2, 3, 2), (0, 2), (1, 1)), repeats=5), np.fliplr),
    Sample("flipud", cases_of(many((2, 3), (3,), (0, 2), (1, 1)), repeats=5), np.flipud),
    Sample("roll", rolls, np.roll),
    Sample("rot90", rotations, np.rot90),
    Sample(
        "broadcast_to",
        broadcasts,
        np.broadcast_to,
        unknown_sizes="none",
        note="the target shape is static",
    ),
    Sample("tril", triangles, np.tril),
    Sample("triu", triangles, np.triu),
    Sample("diagonal", diagonals, np.diagonal),
    Sample("trace", diagonals, np.trace),
    Sample("diag", diags, np.diag),
    Sample("diagflat", flats, np.diagflat),
    Sample("one_hot", codes, one_hot, order=0),
    Sample("multi_hot", many_codes, multi_hot, order=0),
    Sample("linspace", lines, np.linspace),
    Sample("logspace", lines, np.logspace),
    Sample("geomspace", positive_lines, np.geomspace),
    Sample("zeros_like", sizes_of, np.zeros_like, order=0),
    Sample("ones_like", sizes_of, np.ones_like, order=0),
    Sample("empty_like", sizes_of, np.zeros_like, order=0),
    Sample(
        "shape",
        sizes_of,
        lambda x: [np.array(n) for n in x.shape],
        order=0,
        unknown_sizes="none",
        traced=False,
        note="gives Python ints",
    ),
    Sample("size", sizes_of, np.size, order=0, traced=False, note="gives a Python int"),
    Sample("ndim", sizes_of, np.ndim, order=0, traced=False, note="gives a Python int"),
]
