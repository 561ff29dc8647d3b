"""Control flow: branches, loops, scans; where a trace does not know a value, one operation."""

import numpy as np

from kerasish import ops
from tests.ops.sample import Case, Sample, draw

SHAPES = ((), (3,), (2, 3), (4, 1))


def choices(rng):
    return [
        Case((np.asarray(draw(rng, shape)) + sign, np.asarray(draw(rng, shape))))
        for shape in SHAPES
        for sign in (3.0, -3.0)
        for _ in range(3)
    ]


def call_cond(function, x, w):
    return function(
        ops.sum(x) > 0,
        lambda: (ops.square(x), function(ops.sum(w) > 0, lambda: w * x, lambda: w - x)),
        lambda: (x * w, ops.exp(w)),
    )


def cond(x, w):
    if x.sum() > 0:
        return x * x, w * x if w.sum() > 0 else w - x
    return x * w, np.exp(w)


def numbered(rng):
    return [
        Case((np.asarray(draw(rng, shape)), np.asarray(index)))
        for shape in SHAPES
        for index in (0, 1, 2, -4, 9)
    ]


def call_switch(function, x, index):
    branches = [lambda v: v * 2.0, lambda v: v * v, ops.sin]
    return function(index, branches, x)


def switch(x, index):
    return (x * 2, x * x, np.sin(x))[min(max(int(index), 0), 2)]


def sequences(rng):
    """Sequences for scans: short ones, and some beyond the length that is unrolled."""
    found = []
    for number in range(22):
        size = (1, 3, 6, 40)[number % 4]
        params = {"reverse": True} if number % 3 == 1 else {}
        found.append(Case((draw(rng, (size, 3)), draw(rng, (3,))), params))
    return found


def call_scan(function, x, w, **params):
    def step(carry, element):
        state, count = carry
        new = ops.tanh(state * w + element)
        return (new, count + 1), (new * element, ops.cast(count, x.dtype))

    (state, count), (ys, counts) = function(step, (w * 0.5, 0), x, **params)
    return state, count, ys, counts


def scan(x, w, reverse=False):
    state, ys, counts = w * 0.5, np.zeros_like(x), np.zeros(len(x))
    for count, i in enumerate(reversed(range(len(x))) if reverse else range(len(x))):
        state = np.tanh(state * w + x[i])
        ys[i], counts[i] = state * x[i], count
    return state, len(x), ys, counts


def call_map(function, x, w):
    return function(lambda row: row * ops.sum(row) + w, x)


def mapped(x, w):
    return x * x.sum(axis=1, keepdims=True) + w


def whole_sequences(rng):
    found = []
    for number in range(24):
        size = number % 12 + 1
        params = {"reverse": bool(number % 2), "axis": (0, 1, -1)[number % 3]}
        shape = (size, 2) if params["axis"] == 0 else (2, size)
        found.append(Case((draw(rng, shape), draw(rng, shape)), params))
    return found


def call_associative(function, a, b, **params):
    """Running compositions of the maps v -> a v + b."""
    return function(lambda p, q: (p[0] * q[0], p[1] * q[0] + q[1]), (a, b), **params)


def associative(a, b, reverse, axis):
    a, b = (np.moveaxis(v, axis, 0) for v in (a, b))
    a, b = (v[::-1] if reverse else v for v in (a, b))
    found = [(a[0], b[0])]
    for i in range(1, len(a)):
        found.append((found[-1][0] * a[i], found[-1][1] * a[i] + b[i]))
    parts = [np.stack(p) for p in zip(*found, strict=True)]
    return [np.moveaxis(p[::-1] if reverse else p, 0, axis) for p in parts]


def rounds(rng):
    return [
        Case((np.asarray(draw(rng, shape)),), {"times": times})
        for shape in SHAPES
        for times in (0, 1, 5, 40, 7)
    ]


def call_fori(function, x, times):
    return function(0, times, lambda i, v: ops.sin(v) + ops.cast(i, x.dtype) * 0.01, x)


def fori(x, times):
    for i in range(times):
        x = np.sin(x) + i * 0.01
    return x


def call_while(function, x):
    return function(
        lambda i, v: ops.sum(v * v) < 100.0, lambda i, v: (i + 1, v * 1.5), (0, x + 3.0)
    )


def whiles(x):
    i, v = 0, x + 3.0
    while (v * v).sum() < 100:
        i, v = i + 1, v * 1.5
    return i, v


SAMPLES = [
    Sample("cond", choices, cond, call=call_cond),
    Sample("switch", numbered, switch, call=call_switch),
    Sample("scan", sequences, scan, call=call_scan, unknown_sizes="first", gradient_rtol=1e-4),
    Sample(
        "map",
        sequences_of_rows := lambda rng: [Case(c.inputs) for c in sequences(rng)],
        mapped,
        call=call_map,
        unknown_sizes="first",
    ),
    Sample("vectorized_map", sequences_of_rows, mapped, call=call_map, unknown_sizes="first"),
    Sample(
        "associative_scan",
        whole_sequences,
        associative,
        call=call_associative,
        unknown_sizes="none",
        note="the number of rounds follows from the size",
    ),
    Sample("fori_loop", rounds, fori, call=call_fori),
    Sample(
        "while_loop",
        lambda rng: [Case((c.inputs[0],)) for c in choices(rng)],
        whiles,
        call=call_while,
        order=0,
        note="a loop of unknown length has no gradient in a trace",
    ),
]
