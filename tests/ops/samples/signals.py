"""Transforms of signals, and window functions."""

import numpy as np

import kerasish
from kerasish import ops
from tests.ops.sample import Case, Sample, cases_of, draw

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
]
