"""Transforms, windows, complex numbers, NaN-proof reductions, conversions, patterns of axes."""

import math
import warnings

import numpy as np

import kerasish
from kerasish import ops
from tests.ops.sample import Case, Sample, built, cases_of, draw, reductions, unary

PAIRS = [((4,), (4,)), ((5,), (5,)), ((2, 3), (2, 3)), ((2, 3, 4), (2, 3, 4)), ((1, 1), (1, 1))]
PLANES = [((4, 3), (4, 3)), ((2, 3), (2, 3)), ((2, 3, 4), (2, 3, 4)), ((1, 1), (1, 1))]


def paired(f, re, im, **params):
    return f((re, im), **params)


def parts(z):
    return [z.real, z.imag]


def lengths(rng):
    return [
        Case((draw(rng, s),), {"fft_length": n})
        for s in [(4,), (5,), (2, 6), (2, 3, 4), (1,)]
        for n in (None, 3, 4, 8)
    ]


def bins(rng):
    return [
        Case((draw(rng, s), draw(rng, s)), {"fft_length": n})
        for s in [(3,), (2, 4), (2, 3, 3), (5,)]
        for n in (None, 3, 4, 5, 8)
    ]


def real_bins(re, im, fft_length):
    n = 2 * (re.shape[-1] - 1) if fft_length is None else fft_length
    wanted = n // 2 + 1
    z = (re + 1j * im)[..., :wanted]
    z = np.concatenate([z, np.zeros((*z.shape[:-1], wanted - z.shape[-1]))], -1)
    return np.fft.irfft(z, n)


def pieces(rng):
    return [
        Case((draw(rng, s),), {"sequence_length": n, "sequence_stride": k})
        for s in [(10,), (2, 7), (3, 2, 6)]
        for n in (1, 3, 4)
        for k in (1, 2, 5)
    ]


def sequences(x, sequence_length, sequence_stride):
    windows = np.lib.stride_tricks.sliding_window_view(x, sequence_length, -1)
    return windows[..., ::sequence_stride, :]


def sounds(rng):
    return [
        Case(
            (draw(rng, s),),
            {"sequence_length": n, "sequence_stride": k, "fft_length": m, "window": w, "center": c},
        )
        for s in [(20,), (2, 16)]
        for n, k, m in [(8, 4, 8), (6, 3, 8), (5, 2, 6)]
        for w in ("hann", "hamming", None)
        for c in (True, False)
    ]


def taper(window, n, m):
    if window is None:
        return np.ones(m)
    values = {"hann": np.hanning, "hamming": np.hamming}[window](n + 1)[:-1]
    before = (m - n) // 2
    return np.pad(values, (before, m - n - before))


def stft(x, sequence_length, sequence_stride, fft_length, window, center):
    if center:
        x = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(fft_length // 2,) * 2], mode="reflect")
    frames = sequences(x, fft_length, sequence_stride)
    return parts(np.fft.rfft(frames * taper(window, sequence_length, fft_length)))


def round_trip(f, x, **params):
    """istft of stft, which gives back the samples that windows cover."""
    return f(ops.stft(x, **params), length=x.shape[-1], **params)


def round_trips(rng):
    return [c for c in sounds(rng) if c.params["center"] and c.params["window"]] * 2


def random_spectra(rng):
    return [
        Case(
            (draw(rng, (2, 5, 5)), draw(rng, (2, 5, 5))),
            {
                "sequence_length": 8,
                "sequence_stride": k,
                "fft_length": 8,
                "center": c,
                "window": w,
                "length": n,
            },
        )
        for k in (2, 4)
        for c in (True, False)
        for w in ("hann", "hamming", None)
        for n in (None, 9)
    ]


def istft(re, im, sequence_length, sequence_stride, fft_length, center, window, length):
    frames = np.fft.irfft(re + 1j * im, fft_length)
    w = taper(window, sequence_length, fft_length)
    n = fft_length + sequence_stride * (frames.shape[-2] - 1)
    total, norm = np.zeros((*frames.shape[:-2], n)), np.zeros(n)
    for i in range(frames.shape[-2]):
        place = slice(i * sequence_stride, i * sequence_stride + fft_length)
        total[..., place] += frames[..., i, :] * w
        norm[place] += w * w
    if window is not None:
        total = np.where(norm > 1e-10, total / np.where(norm > 1e-10, norm, 1), total)
    start = fft_length // 2 if center else 0
    result = total[..., start : n - start if length is None else start + length]
    if length is not None:
        result = np.pad(result, [(0, 0)] * (result.ndim - 1) + [(0, length - result.shape[-1])])
    return result


def sizes(rng):
    return [Case((), {"x": n}) for n in range(21)]


def double(f, **params):
    """A window in float64."""
    kerasish.config.set_floatx("float64")
    try:
        return f(**params)
    finally:
        kerasish.config.set_floatx("float32")


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
    Sample(
        "fft",
        cases_of(PAIRS, repeats=4),
        lambda re, im: parts(np.fft.fft(re + 1j * im)),
        call=paired,
        operations=("dft",),
    ),
    Sample(
        "fft2",
        cases_of(PLANES, repeats=5),
        lambda re, im: parts(np.fft.fft2(re + 1j * im)),
        call=paired,
    ),
    Sample(
        "ifft2",
        cases_of(PLANES, repeats=5),
        lambda re, im: parts(np.fft.ifft2(re + 1j * im)),
        call=paired,
    ),
    Sample(
        "rfft",
        lengths,
        lambda x, fft_length: parts(np.fft.rfft(x, fft_length)),
        unknown_sizes="none",
        note="the size is the period",
    ),
    Sample(
        "irfft", bins, real_bins, call=paired, unknown_sizes="none", note="the size is the period"
    ),
    Sample(
        "extract_sequences",
        pieces,
        sequences,
        unknown_sizes="none",
        note="the size gives the number of pieces",
    ),
    Sample("stft", sounds, stft, unknown_sizes="none", note="as extract_sequences"),
    Sample(
        "istft",
        round_trips,
        lambda x, **params: x,
        call=round_trip,
        unknown_sizes="none",
        note="as irfft",
        rtol=1e-8,
    ),
    Sample("istft", random_spectra, istft, call=paired, unknown_sizes="none", note="as irfft"),
    Sample(
        "bartlett",
        sizes,
        lambda x: np.bartlett(x),
        call=double,
        order=0,
        traced=False,
        note="no tensor input",
    ),
    Sample(
        "blackman",
        sizes,
        lambda x: np.blackman(x),
        call=double,
        order=0,
        traced=False,
        note="no tensor input",
    ),
    Sample(
        "hamming",
        sizes,
        lambda x: np.hamming(x),
        call=double,
        order=0,
        traced=False,
        note="no tensor input",
    ),
    Sample(
        "hanning",
        sizes,
        lambda x: np.hanning(x),
        call=double,
        order=0,
        traced=False,
        note="no tensor input",
    ),
    Sample(
        "kaiser",
        sizes,
        lambda x: np.kaiser(x, 3.0),
        call=lambda f, x: double(f, x=x, beta=3.0),
        order=0,
        traced=False,
        note="no tensor input",
    ),
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
