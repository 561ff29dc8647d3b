"""Indexing, gathering and scattering."""

import numpy as np

from tests.ops.sample import Case, Sample, draw, strided

BASIC = [
    ((4,), 1),
    ((4,), -1),
    ((4,), slice(1, 3)),
    ((4,), slice(None, None, -1)),
    ((4,), slice(None, None, 2)),
    ((3, 4), 1),
    ((3, 4), (1, 2)),
    ((3, 4), (slice(None), 1)),
    ((3, 4), (..., -1)),
    ((3, 4), (None, 0)),
    ((3, 4), (slice(0, 2), slice(None, None, -2))),
    ((3, 4), ...),
    ((3, 4), (slice(None), None, 1)),
    ((2, 3, 4), (1, ..., 2)),
    ((2, 3, 4), (slice(1, 1),)),
    ((2, 3, 4), (..., None)),
    ((0, 3), (slice(None), 1)),
    ((), ...),
    ((), None),
    ((2, 3, 4), (slice(None), -1, slice(1, None))),
    ((5,), slice(-3, -1)),
]


def basic(rng):
    """Cases of get_item with static indices."""
    found = [Case((draw(rng, s),), {"key": k}) for s, k in BASIC]
    return [*found, Case((strided(rng, (3, 4)),), {"key": (slice(None), 2)})]


def whole(rng, high, shape=()):
    return rng.integers(-high, high, shape).astype("int32")


def advanced(rng):
    """Cases of get_item with index tensors; duplicates are likely."""
    found = []
    for _ in range(3):
        found += [
            Case((draw(rng, (4,)), whole(rng, 4, (3,))), {"place": 0}),
            Case((draw(rng, (4, 3)), whole(rng, 4, (2, 2))), {"place": 0}),
            Case((draw(rng, (4, 3)), whole(rng, 3, (5,))), {"place": 1}),
            Case((draw(rng, (2, 3, 4)), whole(rng, 3, (2,))), {"place": 1}),
            Case((draw(rng, (3, 4)), rng.integers(0, 2, (3, 4)).astype(bool)), {"place": 0}),
            Case((draw(rng, (3, 4)), rng.integers(0, 2, (3,)).astype(bool)), {"place": 0}),
            Case((draw(rng, (3, 4)), whole(rng, 3)), {"place": 0}),
        ]
    return found


def at(x, index, place):
    return (*(slice(None),) * place, index)


def pairs(rng):
    """Cases of get_item with two index tensors, together or apart."""
    found = []
    for _ in range(4):
        found += [
            Case((draw(rng, (4, 3)), whole(rng, 4, (5,)), whole(rng, 3, (5,))), {"apart": False}),
            Case((draw(rng, (4, 3)), whole(rng, 4, (2, 1)), whole(rng, 3, (3,))), {"apart": False}),
            Case(
                (draw(rng, (4, 3, 2)), whole(rng, 4, (3,)), whole(rng, 3, (3,))), {"apart": False}
            ),
            Case((draw(rng, (4, 2, 3)), whole(rng, 4, (3,)), whole(rng, 3, (3,))), {"apart": True}),
            Case((draw(rng, (4, 3, 2)), whole(rng, 4, (2,)), 1), {"apart": False}),
        ]
    return found


def pair_index(i, j, apart):
    return (i, slice(None), j) if apart else (i, j)


def assignments(rng):
    found = []
    for shape, key, part in [
        ((4,), 1, ()),
        ((4,), slice(1, 3), (2,)),
        ((3, 4), (slice(None), 1), (3,)),
        ((3, 4), 0, ()),
        ((3, 4), ..., (4,)),
        ((3, 4), (slice(0, 2), slice(None, None, 2)), (2, 2)),
        ((0, 2), 0, None),
    ] * 4:
        if part is not None:
            found.append(Case((draw(rng, shape), draw(rng, part)), {"index": key}))
    return found


def assigned(x, updates, index):
    x = x.copy()
    x[index] = updates
    return x


def masked(rng):
    return [
        Case((draw(rng, (3, 4)), rng.integers(0, 2, (3, 4)).astype(bool), draw(rng, ())))
        for _ in range(20)
    ]


def takes(rng):
    rows = [
        ((5,), (), 0),
        ((5,), (3,), 0),
        ((5,), (2, 3), None),
        ((4, 3), (6,), 0),
        ((4, 3), (2, 2), 1),
        ((4, 3), (5,), None),
        ((2, 3, 4), (3,), 1),
        ((2, 3, 4), (2,), -1),
        ((4, 3), (0,), 0),
        ((0, 3), (0,), 0),
    ]
    found = []
    for s, i, a in rows * 3:
        n = (np.prod(s, dtype=int) if a is None else s[a]) or 1
        found.append(Case((draw(rng, s), whole(rng, n, i)), {"axis": a}))
    return found


def along(rng):
    rows = [
        ((4,), (3,), 0),
        ((3, 4), (3, 2), 1),
        ((3, 4), (5, 4), 0),
        ((3, 4), (1, 2), 1),
        ((2, 3, 4), (2, 1, 4), 1),
        ((1, 4), (3, 2), 1),
        ((3, 4), (6,), None),
        ((3, 0), (3, 0), 1),
    ]
    found = []
    for s, i, a in rows * 3:
        n = (np.prod(s, dtype=int) if a is None else s[a]) or 1
        x = draw(rng, s)
        found.append(Case((x, whole(rng, n, i)), {"axis": a}))
    return found


def scatters(rng):
    rows = [
        ((3, 1), (3,), (4,)),
        ((2, 2), (2,), (3, 4)),
        ((4, 1), (4, 2), (3, 2)),
        ((2, 2, 1), (2, 2), (5,)),
        ((0, 1), (0,), (3,)),
        ((3, 2), (3, 2), (2, 2, 2)),
    ]
    found = []
    for i, v, s in rows * 4:
        highs = np.array(s[: i[-1]])
        found.append(Case((rng.integers(0, highs, i).astype("int32"), draw(rng, v)), {"shape": s}))
    return found


def scattered(indices, values, shape):
    whole = np.zeros(shape)
    np.add.at(whole, tuple(np.moveaxis(indices, -1, 0)), values)
    return whole


def scatter_updates(*reductions):
    def cases(rng):
        found = []
        for r in reductions:
            for s, i, v in [
                ((5,), (3, 1), (3,)),
                ((3, 4), (2, 2), (2,)),
                ((4, 2), (3, 1), (3, 2)),
                ((3,), (0, 1), (0,)),
            ] * 5:
                depth = i[-1]
                flat = rng.permutation(int(np.prod(s[:depth])))[: i[0]]
                if r is not None and i[0] > 1:
                    flat[1] = flat[0]  # one place twice
                indices = np.stack(np.unravel_index(flat, s[:depth]), -1).astype("int32")
                found.append(
                    Case((draw(rng, s), indices.reshape(i), draw(rng, v)), {"reduction": r})
                )
        return found

    return cases


def scatter_updated(x, indices, updates, reduction):
    x, places = x.copy(), tuple(np.moveaxis(indices, -1, 0))
    if reduction is None:
        x[places] = updates
    else:
        ufunc = {"add": np.add, "max": np.maximum, "min": np.minimum, "mul": np.multiply}[reduction]
        ufunc.at(x, places, updates)
    return x


def windows(rng):
    rows = [
        ((5,), (1,), (3,)),
        ((3, 4), (0, 1), (2, 2)),
        ((3, 4), (2, 0), (1, 4)),
        ((3, 4), (0, 0), (0, 2)),
        ((), (), ()),
    ]
    return [Case((draw(rng, s),), {"start_indices": a, "shape": n}) for s, a, n in rows * 4]


def cut(x, start_indices, shape):
    return x[tuple(slice(a, a + n) for a, n in zip(start_indices, shape, strict=True))]


def late_windows(rng):
    rows = [((5,), (3,)), ((3, 4), (2, 2)), ((3, 4), (1, 4)), ((2, 3, 4), (1, 2, 3))]
    found = []
    for s, n in rows * 5:
        starts = np.array([rng.integers(0, m - k + 1) for m, k in zip(s, n, strict=True)], "int32")
        found.append(Case((draw(rng, s), starts), {"shape": n}))
    return found


def window_updates(rng):
    rows = [
        ((5,), (1,), (3,)),
        ((3, 4), (0, 1), (2, 2)),
        ((3, 4), (2, 0), (1, 4)),
        ((3, 4), (0, 0), (0, 2)),
    ]
    return [Case((draw(rng, s), draw(rng, n)), {"start_indices": a}) for s, a, n in rows * 5]


def updated(x, updates, start_indices):
    x = x.copy()
    x[tuple(slice(a, a + n) for a, n in zip(start_indices, updates.shape, strict=True))] = updates
    return x


def late_window_updates(rng):
    found = []
    for case in late_windows(rng):
        x, starts = case.inputs
        found.append(Case((x, draw(rng, case.params["shape"]), starts)))
    return found


def late_updated(x, updates, starts):
    return updated(x, updates, tuple(starts))


def flat_places(rng):
    return [
        Case((rng.integers(0, 12, s).astype("int32"),), {"shape": t})
        for s in [(), (4,), (2, 3), (0,)]
        for t in [(3, 4), (12,), (2, 3, 2)]
        for _ in range(2)
    ]


SAMPLES = [
    Sample("get_item", basic, lambda x, key: x[key]),
    Sample(
        "get_item",
        advanced,
        lambda x, i, place: x[at(x, i, place)],
        call=lambda f, x, i, place: f(x, at(x, i, place)),
    ),
    Sample(
        "get_item",
        pairs,
        lambda x, i, j, apart: x[pair_index(i, j, apart)],
        call=lambda f, x, i, j, apart: f(x, pair_index(i, j, apart)),
    ),
    Sample("assign_item", assignments, assigned),
    Sample(
        "assign_item",
        masked,
        lambda x, mask, v: np.where(mask, v, x),
        call=lambda f, x, mask, v: f(x, v, mask),
    ),
    Sample("take", takes, np.take),
    Sample("take_along_axis", along, np.take_along_axis),
    Sample("scatter", scatters, scattered, unknown_sizes="first", note="the depth must be known"),
    Sample(
        "scatter_update",
        scatter_updates(None, "add", "max", "min"),
        scatter_updated,
        unknown_sizes="first",
        note="the depth must be known",
    ),
    Sample(
        "scatter_update",
        scatter_updates("mul"),
        scatter_updated,
        order=0,
        unknown_sizes="first",
        note="no derivative",
    ),
    Sample("slice", windows, cut),
    Sample(
        "slice",
        late_windows,
        lambda x, starts, shape: cut(x, starts, shape),
        unknown_sizes="none",
        note="the number of starts must be known",
    ),
    Sample(
        "slice_update",
        window_updates,
        updated,
        call=lambda f, x, u, start_indices: f(x, start_indices, u),
    ),
    Sample(
        "slice_update",
        late_window_updates,
        late_updated,
        call=lambda f, x, u, starts: f(x, starts, u),
        unknown_sizes="none",
        note="the size of the part must be known",
    ),
    Sample("unravel_index", flat_places, np.unravel_index, order=0),
]
