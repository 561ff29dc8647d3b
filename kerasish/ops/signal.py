"""Discrete Fourier transforms of pairs of real tensors, and the short-time form of them."""

import numpy

from kerasish.core.primitive import as_float_input, primitive, promote
from kerasish.core.spec import TensorSpec
from kerasish.core.structural import broadcast_like, convert_to_tensor, count
from kerasish.errors import ShapeError, explain
from kerasish.ops.arithmetic import divide, multiply
from kerasish.ops.comparison import greater
from kerasish.ops.gathering import add_rows, take
from kerasish.ops.items import get_item
from kerasish.ops.precision import widened
from kerasish.ops.selection import where
from kerasish.ops.tiling import pad

# ---- primitives: linear, and each other's adjoint ----------------------------------------------


def _same_pair(re, im, axes, is_inverse):
    return re.with_shape(re.shape), im.with_shape(im.shape)


def _dft_rule(g, axes, is_inverse):
    return dft(*g, axes=axes, is_inverse=not is_inverse)


@primitive(spec=_same_pair, joint_vjp=_dft_rule)
def dft(xp, re, im, /, axes=(-1,), is_inverse=False):
    """Sum of `z * exp(-2j * pi * j * k / n)`, or with the other sign; never divided by n."""
    z = re + 1j * im
    y = xp.fft.ifftn(z, axes=axes, norm="forward") if is_inverse else xp.fft.fftn(z, axes=axes)
    return y.real.astype(re.dtype), y.imag.astype(re.dtype)


def _bins_spec(x, n):
    bins = x.with_shape((*x.shape[:-1], n // 2 + 1))
    return bins, bins


def _rfft_rule(g, x_like, n):
    width = n - (n // 2 + 1)
    border = [(0, 0)] * (len(x_like.shape) - 1) + [(0, width)]
    back, _ = dft(pad(g[0], border), pad(g[1], border), axes=(-1,), is_inverse=True)
    return [_resized(back, x_like.shape[-1])]


@primitive(spec=_bins_spec, joint_vjp=_rfft_rule)
def real_dft(xp, x, /, n=1):
    """The first half of the transform of real numbers, cut or filled up to n."""
    y = xp.fft.rfft(x, n)
    return y.real.astype(x.dtype), y.imag.astype(x.dtype)


def _irfft_rule(g, re_like, n):
    gr, gi = real_dft(g, n=n)
    # Every bin but the first (and the last, for even n) stands for itself and its mirror image.
    weights = numpy.full(n // 2 + 1, 2.0 / n)
    weights[0] = 1.0 / n
    if n % 2 == 0:
        weights[-1] = 1.0 / n
    weights = convert_to_tensor(weights, g.dtype)
    bins = re_like.shape[-1]
    return [_resized(multiply(part, weights), bins) for part in (gr, gi)]


@primitive(spec=lambda re, im, n: re.with_shape((*re.shape[:-1], n)), joint_vjp=_irfft_rule)
def inverse_real_dft(xp, re, im, /, n=1):
    """Real numbers from the first half of their transform."""
    return xp.fft.irfft(re + 1j * im, n).astype(re.dtype)


def _resized(x, n):
    """The last axis cut or filled up with zeros to size n."""
    have = x.shape[-1]
    if have >= n:
        return x if have == n else get_item(x, (..., slice(0, n)))
    return pad(x, [(0, 0)] * (len(x.shape) - 1) + [(0, n - have)])


# ---- transforms --------------------------------------------------------------------------------


def _pair(x, where):
    if not isinstance(x, (tuple, list)) or len(x) != 2:
        raise ShapeError(
            explain(where, "a pair (real, imaginary) of tensors is needed", received=type(x))
        )
    re, im = promote(as_float_input(x[0]), as_float_input(x[1]))
    if tuple(re.shape) != tuple(im.shape):
        raise ShapeError(
            explain(where, "real and imaginary part differ in shape",
                    received=(tuple(re.shape), tuple(im.shape)))
        )  # fmt: skip
    return widened(re)[0], widened(im)[0]


def fft(x):
    """Discrete Fourier transform along the last axis.

    Args:
        x: pair (real, imaginary) of float tensors (..., n).

    Returns:
        pair of float tensors (..., n).

    Raises:
        ShapeError: not a pair of equal shapes.

    Example:
        >>> [t.tolist() for t in fft(([1.0, 1.0], [0.0, 0.0]))]
        [[2.0, 0.0], [0.0, 0.0]]

    Source: Keras 3 names and defaults.
    """
    return dft(*_pair(x, "ops.fft"), axes=(-1,), is_inverse=False)


def fft2(x):
    """Discrete Fourier transform along the last two axes.

    Args:
        x: pair (real, imaginary) of float tensors (..., m, n).

    Returns:
        pair of float tensors (..., m, n).

    Raises:
        ShapeError: not a pair of equal shapes.

    Example:
        >>> fft2(([[1.0, 1.0]], [[0.0, 0.0]]))[0].tolist()
        [[2.0, 0.0]]

    Source: Keras 3 names and defaults.
    """
    return dft(*_pair(x, "ops.fft2"), axes=(-2, -1), is_inverse=False)


def ifft2(x):
    """Inverse discrete Fourier transform along the last two axes.

    Args:
        x: pair (real, imaginary) of float tensors (..., m, n).

    Returns:
        pair of float tensors (..., m, n).

    Raises:
        ShapeError: not a pair of equal shapes.

    Example:
        >>> ifft2(([[2.0, 0.0]], [[0.0, 0.0]]))[0].tolist()
        [[1.0, 1.0]]

    Source: Keras 3 names and defaults.
    """
    re, im = _pair(x, "ops.ifft2")
    n = count(re, (len(re.shape) - 2, len(re.shape) - 1))
    return tuple(divide(part, n) for part in dft(re, im, axes=(-2, -1), is_inverse=True))


def rfft(x, fft_length=None):
    """Discrete Fourier transform of real numbers along the last axis, its first half.

    Args:
        x: float tensor (..., n).
        fft_length: int. The last axis is cut or filled up with zeros to it; its size when None.

    Returns:
        pair (real, imaginary) of float tensors (..., fft_length // 2 + 1).

    Raises:
        ShapeError: the last size is unknown.

    Example:
        >>> rfft([1.0, 1.0])[0].tolist()
        [2.0, 0.0]

    Source: Keras 3 names and defaults.
    """
    x, _ = widened(x)
    n = x.shape[-1] if fft_length is None else int(fft_length)
    _check_known("ops.rfft", x, x.shape[-1])
    return real_dft(_resized(x, n), n=n)


def irfft(x, fft_length=None):
    """Inverse discrete Fourier transform to real numbers along the last axis.

    Args:
        x: pair (real, imaginary) of float tensors (..., bins).
        fft_length: int. Size of the result's last axis; `2 * (bins - 1)` when None.

    Returns:
        float tensor (..., fft_length).

    Raises:
        ShapeError: not a pair of equal shapes, or unknown sizes.

    Example:
        >>> irfft(([2.0, 0.0], [0.0, 0.0])).tolist()
        [1.0, 1.0]

    Source: Keras 3 names and defaults.
    """
    re, im = _pair(x, "ops.irfft")
    bins = re.shape[-1]
    _check_known("ops.irfft", re, bins)
    n = 2 * (bins - 1) if fft_length is None else int(fft_length)
    wanted = n // 2 + 1
    return inverse_real_dft(_resized(re, wanted), _resized(im, wanted), n=n)


def _check_known(where, x, n):
    if n is None:
        raise ShapeError(explain(where, "the last size must be known", received=x))


# ---- short-time transform ----------------------------------------------------------------------


def _frame_places(n, length, stride):
    frames = max(0, 1 + (n - length) // stride)
    return numpy.arange(frames, dtype="int32")[:, None] * stride + numpy.arange(
        length, dtype="int32"
    )


def extract_sequences(x, sequence_length, sequence_stride):
    """Overlapping pieces of the last axis.

    Args:
        x: float tensor (..., samples).
        sequence_length: int. Length of a piece.
        sequence_stride: int. Steps from one piece to the next.

    Returns:
        tensor (..., pieces, sequence_length).

    Raises:
        ShapeError: the last size is unknown.

    Example:
        >>> extract_sequences([1.0, 2.0, 3.0], 2, 1).tolist()
        [[1.0, 2.0], [2.0, 3.0]]

    Source: Keras 3 names and defaults.
    """
    x = as_float_input(x)
    _check_known("ops.extract_sequences", x, x.shape[-1])
    return take(x, _frame_places(x.shape[-1], sequence_length, sequence_stride), axis=-1)


def _window(window, sequence_length, fft_length, dtype):
    """Window values in the middle of a frame, or None for no window."""
    if window is None:
        return None
    if isinstance(window, str):
        if window not in ("hann", "hamming"):
            raise ShapeError(
                explain("ops.stft", "unknown window", received=window,
                        expected='"hann", "hamming", a tensor or None')
            )  # fmt: skip
        # The periodic form: one step of the symmetric window of one more element is left out.
        angle = 2 * numpy.pi * numpy.arange(sequence_length) / sequence_length
        base = 0.5 if window == "hann" else 0.54
        values = convert_to_tensor(base - (1 - base) * numpy.cos(angle), dtype)
    else:
        values = convert_to_tensor(window, dtype)
        if tuple(values.shape) != (sequence_length,):
            raise ShapeError(
                explain("ops.stft", "the window needs one value for each element of a sequence",
                        received=tuple(values.shape), expected=f"({sequence_length},)")
            )  # fmt: skip
    before = (fft_length - sequence_length) // 2
    return pad(values, ((before, fft_length - sequence_length - before),))


def _check_lengths(where, sequence_length, fft_length):
    if fft_length < sequence_length:
        raise ShapeError(
            explain(where, "fft_length must not be less than sequence_length",
                    received=(fft_length, sequence_length))
        )  # fmt: skip


def stft(x, sequence_length, sequence_stride, fft_length, window="hann", center=True):
    """Short-time Fourier transform: the transform of overlapping, windowed frames.

    Args:
        x: float tensor (..., samples).
        sequence_length: int. Length of the window.
        sequence_stride: int. Steps from one frame to the next.
        fft_length: int, at least `sequence_length`. Length of a frame.
        window: "hann", "hamming", a tensor (sequence_length,), or None.
        center: bool. Pad `x` by reflection so that the first frame is centred at the first sample.

    Returns:
        pair (real, imaginary) of float tensors (..., frames, fft_length // 2 + 1).

    Raises:
        ShapeError: unknown window, lengths that do not fit, or an unknown size.

    Example:
        >>> stft([1.0] * 8, 4, 4, 4, center=False)[0].shape
        (2, 3)

    Source: Keras 3 names and defaults.
    """
    _check_lengths("ops.stft", sequence_length, fft_length)
    x, _ = widened(x)
    weights = _window(window, sequence_length, fft_length, x.dtype)
    if center:
        half = fft_length // 2
        x = pad(x, [(0, 0)] * (len(x.shape) - 1) + [(half, half)], mode="reflect")
    frames = extract_sequences(x, fft_length, sequence_stride)
    return rfft(frames if weights is None else multiply(frames, weights), fft_length)


def istft(x, sequence_length, sequence_stride, fft_length, length=None, window="hann",
          center=True):  # fmt: skip
    """Inverse of `stft`, by overlapping the frames and dividing by the sum of squared windows.

    Args:
        x: pair (real, imaginary) of float tensors (..., frames, fft_length // 2 + 1).
        sequence_length: int. Length of the window.
        sequence_stride: int. Steps from one frame to the next.
        fft_length: int, at least `sequence_length`.
        length: int. Samples of the result; all when None.
        window: as in `stft`.
        center: bool. As in `stft`.

    Returns:
        float tensor (..., samples).

    Raises:
        ShapeError: unknown window, lengths that do not fit, or an unknown size.

    Example:
        >>> istft(stft([1.0] * 8, 4, 2, 4), 4, 2, 4).shape
        (8,)

    Source: Keras 3 names and defaults.
    """
    _check_lengths("ops.istft", sequence_length, fft_length)
    frames = irfft(x, fft_length)
    number = frames.shape[-2]
    _check_known("ops.istft", frames, number)
    samples = fft_length + sequence_stride * (number - 1)
    weights = _window(window, sequence_length, fft_length, frames.dtype)
    if weights is not None:
        total = _overlapped(multiply(frames, weights), sequence_stride, samples)
        norm = _overlapped(
            broadcast_like(multiply(weights, weights), frames), sequence_stride, samples
        )
        is_covered = greater(norm, 1e-10)
        result = where(is_covered, divide(total, where(is_covered, norm, 1.0)), total)
    else:
        result = _overlapped(frames, sequence_stride, samples)
    start = fft_length // 2 if center else 0
    stop = samples - start if length is None else start + length
    result = get_item(result, (..., slice(start, min(stop, samples))))
    return result if length is None else _resized(result, length)


def _overlapped(frames, stride, samples):
    """Frames added up at their places: the adjoint of `extract_sequences`."""
    places = _frame_places(samples, frames.shape[-1], stride)
    like = TensorSpec((*frames.shape[:-2], samples), frames.dtype)
    return add_rows(frames, convert_to_tensor(places), like, len(like.shape) - 1)


__all__ = [
    "extract_sequences",
    "fft",
    "fft2",
    "ifft2",
    "irfft",
    "istft",
    "rfft",
    "stft",
]
