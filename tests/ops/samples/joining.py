"""Joining and splitting, repeating and padding."""

import numpy as np

from tests.ops.sample import Case, Sample, built, cases_of, draw
from tests.ops.samples.shapes import many


def joins(groups, axes):
    def cases(rng):
        return [
            Case(tuple(draw(rng, s) for s in group), {"axis": a})
            for group, a in zip(groups, axes, strict=True)
            for _ in range(3)
        ]

    return cases


GROUPS = [
    ((2, 3), (1, 3)),
    ((2, 3), (2, 1)),
    ((2, 3),),
    ((4,), (0,), (2,)),
    ((2, 0), (2, 3)),
    ((1, 2, 2), (1, 2, 2), (1, 2, 2)),
    ((2, 2), (2, 2)),
    ((2, 3), (4,)),
]


ALIKE = [
    ((2, 3), (2, 3)),
    ((2, 3), (2, 3)),
    ((), ()),
    ((4,),),
    ((0,), (0,)),
    ((2,), (2,), (2,)),
    ((1, 2), (1, 2)),
]


def listed(f, *xs, **params):
    return f(list(xs), **params)


def splits(rng, equal=True):
    rows = [
        ((4,), 2, 0),
        ((6, 2), 3, 0),
        ((2, 6), 2, 1),
        ((2, 6), 2, -1),
        ((5,), (1, 3), 0),
        ((5,), (2,), 0),
        ((2, 4), (0, 2), 1),
        ((0, 2), 2, 1),
        ((3,), (1, 5), 0),
        ((4, 2), 1, 0),
    ]
    if not equal:
        rows += [((5,), 2, 0), ((7, 2), 3, 0), ((2, 3), 4, 1)]
    return [Case((draw(rng, s),), {"indices_or_sections": n, "axis": a}) for s, n, a in rows * 2]


def unstacks(rng):
    rows = [
        ((3,), 0),
        ((2, 3), 0),
        ((2, 3), 1),
        ((2, 3), -1),
        ((2, 3, 2), 1),
        ((1, 2), 0),
        ((2, 0), 0),
    ]
    return [Case((draw(rng, s),), {"axis": a, "num": s[a]}) for s, a in rows * 3]


def tiles(rng):
    rows = [
        ((3,), 2),
        ((2, 3), (2, 1)),
        ((2, 3), 2),
        ((3,), (2, 2)),
        ((), (3,)),
        ((2, 1), (1, 3)),
        ((0,), 2),
        ((2,), (0,)),
        ((2, 3), (1, 1)),
    ]
    return [Case((draw(rng, s),), {"repeats": r}) for s, r in rows * 3]


def repeats(rng):
    rows = [
        ((3,), 2, None),
        ((2, 3), 2, 0),
        ((2, 3), 3, -1),
        ((2, 3), 2, None),
        ((0,), 2, 0),
        ((2,), 0, 0),
        ((), 3, None),
    ]
    return [Case((draw(rng, s),), {"repeats": r, "axis": a}) for s, r, a in rows * 3]


def uneven_repeats(rng):
    rows = [((3,), (1, 0, 2), None), ((2, 3), (2, 1), 0), ((2, 3), (1, 2, 0), 1), ((3,), (2,), 0)]
    return [Case((draw(rng, s),), {"repeats": r, "axis": a}) for s, r, a in rows * 5]


def pads(*modes):
    def cases(rng):
        rows = [
            ((4,), 1),
            ((4,), (1, 2)),
            ((3, 4), ((1, 2), (0, 1))),
            ((3, 4), ((0, 0), (2, 2))),
            ((3, 4), 0),
            ((5, 3, 4), ((1, 1), (2, 0), (0, 2))),
        ]
        found = [Case((draw(rng, s),), {"pad_width": w, "mode": m}) for s, w in rows for m in modes]
        if "constant" in modes:
            found += [
                Case((draw(rng, s),), {"pad_width": w, "constant_values": 1.5}) for s, w in rows
            ]
            found += [Case((draw(rng, (0, 2)),), {"pad_width": 1})]
        return found

    return built(cases, 2)


def meshes(rng):
    return [
        Case(tuple(draw(rng, s) for s in group), {"indexing": i})
        for group in [((3,),), ((3,), (2,)), ((3,), (2,), (4,)), ((), (2,)), ((0,), (2,))]
        for i in ("xy", "ij")
        for _ in range(2)
    ]


SAMPLES = [
    Sample(
        "concatenate",
        joins(GROUPS, (0, 1, 0, 0, 1, 2, -1, None)),
        lambda *xs, axis: np.concatenate(xs, axis),
        call=listed,
    ),
    Sample(
        "stack",
        joins(ALIKE, (0, 1, 0, -1, 0, 1, 2)),
        lambda *xs, axis: np.stack(xs, axis),
        call=listed,
    ),
    Sample(
        "append",
        built(
            joins([((2, 3), (1, 3)), ((3,), (2,)), ((2, 3), (4,)), ((), ())], (0, 0, None, None)), 2
        ),
        np.append,
    ),
    Sample(
        "hstack",
        cases_of([((2, 3), (2, 1)), ((3,), (2,)), ((), ()), ((0,), (1,))], repeats=5),
        lambda *xs: np.hstack(xs),
        call=listed,
    ),
    Sample(
        "vstack",
        cases_of([((2, 3), (1, 3)), ((3,), (3,)), ((), ()), ((0, 2), (1, 2))], repeats=5),
        lambda *xs: np.vstack(xs),
        call=listed,
    ),
    Sample(
        "dstack",
        cases_of([((2, 3), (2, 3)), ((3,), (3,)), ((), ()), ((2, 3, 1), (2, 3, 2))], repeats=5),
        lambda *xs: np.dstack(xs),
        call=listed,
    ),
    Sample("split", splits, np.split),
    Sample(
        "array_split",
        lambda rng: splits(rng, equal=False),
        np.array_split,
        unknown_sizes="none",
        note="uneven parts need the size",
    ),
    Sample(
        "hsplit",
        cases_of(many((4,), (2, 4), (2, 2, 3), (0, 2)), [{"indices_or_sections": 2}], repeats=5),
        np.hsplit,
    ),
    Sample(
        "vsplit",
        cases_of(many((4, 1), (2, 4), (2, 2, 3), (0, 2)), [{"indices_or_sections": 2}], repeats=5),
        np.vsplit,
    ),
    Sample(
        "dsplit",
        cases_of(
            many((1, 2, 4), (2, 1, 2), (0, 2, 2), (1, 1, 6)),
            [{"indices_or_sections": 2}],
            repeats=5,
        ),
        np.dsplit,
    ),
    Sample("unstack", unstacks, lambda x, axis, num: list(np.moveaxis(x, axis, 0))),
    Sample("tile", tiles, lambda x, repeats: np.tile(x, repeats)),
    Sample("repeat", repeats, np.repeat),
    Sample("repeat", uneven_repeats, np.repeat),
    Sample(
        "pad",
        pads("constant"),
        lambda x, pad_width, mode="constant", constant_values=0: np.pad(
            x, pad_width, mode, constant_values=constant_values
        ),
    ),
    Sample("pad", pads("reflect", "symmetric", "edge", "wrap"), np.pad),
    Sample("meshgrid", meshes, np.meshgrid),
]
