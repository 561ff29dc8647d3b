"""Complex numbers, conversions, special functions, patterns of axes."""

import math

import numpy as np

from kerasish import ops
from tests.ops.sample import Case, Sample, built, cases_of, draw, unary


def complexes(rng):
    found = [draw(rng, s) + 1j * draw(rng, s) for s in [(), (3,), (2, 3), (0,)] * 4]
    return [Case((z,)) for z in [*found, *[draw(rng, (3,)) for _ in range(4)]]]


def real_pairs(rng):
    return [Case((draw(rng, (*s, 2)),)) for s in [(), (3,), (2, 3), (0,)] * 5]


def bits(rng):
    rows = [
        ((4,), "int64"),
        ((2, 4), "float32"),
        ((2, 4), "int16"),
        ((2, 2), None),
        ((), "int64"),
        ((0, 2), "uint8"),
    ]
    return [Case((draw(rng, s),), {"dtype": d}) for s, d in rows * 4]


def overflowing(rng):
    found = [
        Case((draw(rng, s, -500, 500),), {"dtype": d})
        for s in [(), (6,), (2, 3), (0,)]
        for d in ("uint8", "int8", "int32", "float16", "bool")
    ]
    return [*found, Case((np.array([1e30, -1e30, np.inf, -np.inf]),), {"dtype": "int32"})]


def saturated(x, dtype):
    if dtype in ("bool", "float16"):
        return x.astype(dtype)
    info = np.iinfo(dtype)
    return np.clip(x, info.min, info.max).astype(dtype)


PATTERNS = [
    ((2, 6), "a (b c) -> a b c", {"b": 2}),
    ((2, 6), "a (b c) -> c a b", {"c": 3}),
    ((2, 3, 4), "a b c -> (a b) c", {}),
    ((2, 3, 4), "a b c -> c (b a)", {}),
    ((2, 3, 4), "... c -> c ...", {}),
    ((2, 3, 4), "a ... -> (a ...)", {}),
    ((2, 1, 3), "a 1 b -> b a", {}),
    ((2, 3), "a b -> a 1 b", {}),
    ((4, 6), "(a b) (c d) -> (a c) (b d)", {"a": 2, "c": 3}),
    ((5,), "a -> a", {}),
    ((2, 0), "a b -> b a", {}),
]


REARRANGED = {
    PATTERNS[0][1]: lambda x: x.reshape(2, 2, 3),
    PATTERNS[1][1]: lambda x: x.reshape(2, 2, 3).transpose(2, 0, 1),
    PATTERNS[2][1]: lambda x: x.reshape(6, 4),
    PATTERNS[3][1]: lambda x: x.transpose(2, 1, 0).reshape(4, 6),
    PATTERNS[4][1]: lambda x: x.transpose(2, 0, 1),
    PATTERNS[5][1]: np.ravel,
    PATTERNS[6][1]: lambda x: x[:, 0].T,
    PATTERNS[7][1]: lambda x: x[:, None],
    PATTERNS[8][1]: lambda x: x.reshape(2, 2, 3, 2).transpose(0, 2, 1, 3).reshape(6, 4),
    PATTERNS[9][1]: lambda x: x,
    PATTERNS[10][1]: np.transpose,
}


def patterns(rng):
    return [Case((draw(rng, s),), {"pattern": p, "lengths": n}) for s, p, n in PATTERNS * 2]


def powers_of_two(rng):
    return [
        Case((draw(rng, s), rng.integers(-5, 6, t).astype("int32")))
        for s, t in [((), ()), ((3,), ()), ((2, 3), (3,)), ((0,), (1,))]
        for _ in range(5)
    ]


def directional(f, x, t):
    return list(f(lambda v: ops.sin(v) * v, (x,), (t,)))


SAMPLES = [
    Sample("real", complexes, np.real, order=0),
    Sample("imag", complexes, np.imag, order=0),
    Sample("conj", complexes, np.conj, order=0),
    Sample("conjugate", complexes, np.conjugate, order=0),
    Sample("angle", complexes, np.angle, order=0),
    Sample("view_as_real", complexes, lambda z: np.stack([z.real, z.imag], -1), order=0),
    Sample(
        "view_as_complex",
        real_pairs,
        lambda x: x[..., 0] + 1j * x[..., 1],
        order=0,
        unknown_sizes="none",
        note="the last size is 2",
    ),
    Sample(
        "polar",
        cases_of([((), ()), ((3,), (3,)), ((2, 3), (3,)), ((0,), (1,))], repeats=5),
        lambda r, a: r * np.exp(1j * a),
        order=0,
    ),
    Sample("copy", unary(), np.copy),
    Sample("convert_to_numpy", unary(), np.asarray, order=0, traced=False, note="gives an array"),
    Sample("view", bits, lambda x, dtype: x.view(dtype or x.dtype), order=0),
    Sample("saturate_cast", overflowing, saturated, order=0),
    Sample("erfc", unary(-6, 12), lambda x: np.vectorize(math.erfc, otypes=[float])(x)),
    Sample(
        "i0", unary(-9, 9, specials=(0.0, 1.0, -20.0, 50.0)), lambda x: np.i0(x).reshape(x.shape)
    ),
    Sample(
        "nextafter",
        cases_of([((), ()), ((3,), (3,)), ((2, 3), (3,)), ((0,), (1,))], repeats=5),
        np.nextafter,
        order=0,
    ),
    Sample("ldexp", powers_of_two, np.ldexp),
    Sample(
        "rearrange",
        patterns,
        lambda x, pattern, lengths: REARRANGED[pattern](x),
        call=lambda f, x, pattern, lengths: f(x, pattern, **lengths),
        unknown_sizes="none",
        note="split axes need sizes",
    ),
    Sample(
        "rearrange",
        built(lambda rng: [Case((draw(rng, (2, 3, 4)),))], 20),
        lambda x: x.transpose(2, 0, 1).reshape(4, 6),
        call=lambda f, x: f(x, "a b c -> c (a b)"),
    ),
    Sample(
        "vectorize",
        cases_of([((), ()), ((3,), ()), ((2, 3), (3,)), ((2, 1), (3,))], repeats=5),
        lambda a, b: a * b + np.sin(a),
        call=lambda f, a, b: f(lambda u, v: u * v + ops.sin(u))(a, b),
        unknown_sizes="none",
        note="one call for each element",
    ),
    Sample(
        "vectorize",
        cases_of(
            [((3, 4), (4,)), ((2, 3, 4), (4,)), ((3, 4), (5, 4)), ((2, 1, 3, 4), (2, 4))], repeats=5
        ),
        lambda m, v: (m @ v[..., None])[..., 0],
        call=lambda f, m, v: f(ops.matmul, signature="(m,n),(n)->(m)")(m, v),
        unknown_sizes="none",
    ),
    Sample(
        "jvp",
        cases_of([((), ()), ((3,), (3,)), ((2, 3), (2, 3)), ((0,), (0,))], repeats=5),
        lambda x, t: [np.sin(x) * x, (np.cos(x) * x + np.sin(x)) * t],
        call=directional,
    ),
]
