"""Random numbers on arrays: primitives of a seed tensor, the same stream on every device.

The public functions are in `kerasish.random`.
"""

import math
import sys

from kerasish.arrays import dtypes
from kerasish.core.primitive import primitive
from kerasish.core.rng import philox_words
from kerasish.core.spec import TensorSpec

__all__ = []


# ---- bits and floats -------------------------------------------------------------------------


def _bits32(xp, seed, count):
    """`count` uniform uint32: the lower halves of the stream's words before the upper ones."""
    words = philox_words(xp, seed, (count + 1) // 2)
    if sys.byteorder == "little":
        return words.view(xp.uint32)[:count]
    halves = xp.stack([words & xp.uint64(0xFFFFFFFF), words >> xp.uint64(32)], axis=1)
    return halves.astype(xp.uint32).reshape(-1)[:count]


def _unit(xp, seed, count, dtype):
    """`count` floats of [0, 1): 24 bits in float32, 53 in float64, what fits in shorter types."""
    if dtype == "float64":
        words = philox_words(xp, seed, count)
        return (words >> xp.uint64(11)).astype(xp.float64) * 2.0**-53
    bits = {"float16": 11, "bfloat16": 8}.get(dtype, 24)
    units = _bits32(xp, seed, count) >> xp.uint32(32 - bits)
    units = units.astype(xp.float32)
    units *= 2.0**-bits
    return units if dtype == "float32" else units.astype(dtypes.to_numpy(dtype))


def _normal(xp, seed, count, dtype):
    """`count` standard normals (Box and Muller, 1958): two from two uniforms."""
    half = (count + 1) // 2
    if dtype == "float64":
        words = philox_words(xp, seed, 2 * half)
        u = ((words[:half] >> xp.uint64(11)).astype(xp.float64) + 0.5) * 2.0**-53
        angle = (words[half:] >> xp.uint64(11)).astype(xp.float64) * (2.0**-53 * 2 * math.pi)
    else:
        bits = _bits32(xp, seed, 2 * half)
        u = bits[:half].astype(xp.float32)
        u += 0.5
        u *= 2.0**-32
        angle = bits[half:].astype(xp.float32)
        angle *= 2.0**-32 * 2 * math.pi
    radius = xp.sqrt(-2 * xp.log(u))
    values = xp.empty(2 * half, u.dtype)
    xp.multiply(radius, xp.cos(angle), out=values[:half])
    xp.multiply(radius, xp.sin(angle), out=values[half:])
    values = values[:count]
    return values.astype(dtypes.to_numpy(dtype), copy=False)


def _sizes(shape, like):
    """`shape` with the unknown sizes taken from `like`."""
    if like is None:
        return shape
    return tuple(like.shape[i] if n is None else n for i, n in enumerate(shape))


def _random_spec(seed, like, shape, dtype):
    return TensorSpec(_sizes(shape, like), dtype)


@primitive(spec=_random_spec)
def random_uniform(xp, seed, like=None, /, shape=(), dtype="float32"):
    """Floats of [0, 1). Sizes of `shape` that are None are those of `like`."""
    shape = _sizes(shape, like)
    return _unit(xp, seed, math.prod(shape), dtype).reshape(shape)


@primitive(spec=_random_spec)
def random_normal(xp, seed, like=None, /, shape=(), dtype="float32"):
    """Normal numbers of mean 0 and standard deviation 1."""
    shape = _sizes(shape, like)
    return _normal(xp, seed, math.prod(shape), dtype).reshape(shape)


# ---- inverse of the normal distribution function ---------------------------------------------

# M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied
# Statistics 37 (1988): PPND16, accurate to about 1 part in 10**16.
_CENTER_P = (2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4,
             4.5921953931549871457e4, 1.3731693765509461125e4, 1.9715909503065514427e3,
             1.3314166789178437745e2, 3.3871328727963666080e0)  # fmt: skip
_CENTER_Q = (5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4,
             2.1213794301586595867e4, 5.3941960214247511077e3, 6.8718700749205790830e2,
             4.2313330701600911252e1, 1.0)  # fmt: skip
_TAIL_P = (7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
           1.27045825245236838258e0, 3.64784832476320460504e0, 5.76949722146069140550e0,
           4.63033784615654529590e0, 1.42343711074968357734e0)  # fmt: skip
_TAIL_Q = (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
           1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e0,
           2.05319162663775882187e0, 1.0)  # fmt: skip
_BELOW_MINUS_2 = 0.5 * math.erfc(math.sqrt(2.0))  # P(X < -2) for a standard normal X


def _ratio(x, numerator, denominator):
    top, bottom = numerator[0], denominator[0]
    for p, q in zip(numerator[1:], denominator[1:], strict=True):
        top, bottom = top * x + p, bottom * x + q
    return top / bottom


def _normal_quantile(xp, p):
    """x with P(X < x) = p, for p of the middle 99.99999 percent."""
    q = p - 0.5
    near = xp.abs(q) <= 0.425
    center = q * _ratio(xp.where(near, 0.180625 - q * q, 0), _CENTER_P, _CENTER_Q)
    depth = xp.sqrt(-xp.log(xp.where(near, 0.5, xp.minimum(p, 1 - p)))) - 1.6
    return xp.where(near, center, xp.sign(q) * _ratio(depth, _TAIL_P, _TAIL_Q))


@primitive(spec=_random_spec)
def random_truncated_normal(xp, seed, like=None, /, shape=(), dtype="float32"):
    """Standard normal numbers on condition that they lie between -2 and 2."""
    shape = _sizes(shape, like)
    wide = "float64" if dtype == "float64" else "float32"
    u = _unit(xp, seed, math.prod(shape), wide)
    values = _normal_quantile(xp, u * (1 - 2 * _BELOW_MINUS_2) + _BELOW_MINUS_2)
    values = xp.clip(values, -2, 2)  # rounding may carry the ends over by one unit
    return values.astype(dtypes.to_numpy(dtype), copy=False).reshape(shape)


# ---- integers, choices, orders ---------------------------------------------------------------


@primitive(
    spec=lambda seed, like, shape, minval, maxval, dtype: TensorSpec(_sizes(shape, like), dtype)
)
def random_integers(xp, seed, like=None, /, shape=(), minval=0, maxval=2, dtype="int32"):
    """Integers of [minval, maxval)."""
    shape = _sizes(shape, like)
    count, span = math.prod(shape), maxval - minval
    if span <= 2**32:
        scaled = _bits32(xp, seed, count).astype(xp.uint64) * xp.uint64(span)
        values = scaled >> xp.uint64(32)
    else:
        values = philox_words(xp, seed, count) % xp.uint64(span)
    values = values.astype(xp.int64) + minval
    return values.astype(dtypes.to_numpy(dtype)).reshape(shape)


@primitive(
    spec=lambda seed, logits, num_samples, dtype: TensorSpec(
        (*logits.shape[:-1], num_samples), dtype
    )
)
def random_categorical(xp, seed, logits, /, num_samples=1, dtype="int32"):
    """Class indices drawn with probabilities softmax(logits): the largest of logits + Gumbel."""
    shape = (*logits.shape[:-1], num_samples, logits.shape[-1])
    u = _unit(xp, seed, math.prod(shape), "float64").reshape(shape)
    noise = -xp.log(-xp.log(u + 2.0**-54))
    best = xp.argmax(logits[..., None, :] + noise, axis=-1)
    return best.astype(dtypes.to_numpy(dtype))


@primitive(
    spec=lambda seed, like, axis: TensorSpec((like.shape[axis],), "int32"),
)
def random_permutation(xp, seed, like, /, axis=0):
    """The indices of one axis of `like` in random order."""
    words = philox_words(xp, seed, like.shape[axis])
    return xp.argsort(words).astype(xp.int32)


@primitive(
    spec=lambda seed, like, shape, rate: like.with_shape(_sizes(shape, like)),
)
def random_dropout_mask(xp, seed, like, /, shape=(), rate=0.5):
    """`1 / (1 - rate)` with probability `1 - rate`, else 0, in the dtype of `like`."""
    shape = _sizes(shape, like)
    threshold = xp.uint32(min(round(rate * 2**32), 2**32 - 1))
    keep = _bits32(xp, seed, math.prod(shape)) >= threshold
    mask = keep.astype(like.dtype)
    mask *= like.dtype.type(1 / (1 - rate))
    return mask.reshape(shape)


# ---- distributions drawn by rejection --------------------------------------------------------

_GOLDEN = 0x9E3779B9  # spreads the rounds of a rejection method over distant streams


def _round_seed(xp, seed, number):
    moved = (int(seed[0]) + _GOLDEN * number) % 2**32
    return xp.asarray([moved, int(seed[1])], dtype=xp.uint32)


def _gamma_parts(xp, seed, alpha):
    """Gamma numbers of shape `alpha`, or of alpha + 1 below 1, and the logarithm of the rest.

    Marsaglia and Tsang, 2000; the rejected are redrawn. A gamma of alpha + 1 times
    u**(1 / alpha) is a gamma of alpha; for small alpha only its logarithm is a number.
    """
    count = alpha.size
    alpha = alpha.astype(xp.float64).reshape(-1)
    boosted = xp.where(alpha < 1, alpha + 1, alpha)
    d = boosted - 1 / 3
    c = 1 / xp.sqrt(9 * d)
    result, done, number = xp.zeros(count), xp.zeros(count, bool), 1
    while not bool(done.all()):
        x = _normal(xp, _round_seed(xp, seed, number), count, "float64")
        u = _unit(xp, _round_seed(xp, seed, number + 1), count, "float64")
        v = (1 + c * x) ** 3
        safe = xp.where(v > 0, v, 1)
        accepted = (v > 0) & (xp.log(1 - u) < 0.5 * x * x + d * (1 - safe + xp.log(safe)))
        result = xp.where(accepted & ~done, d * safe, result)
        done |= accepted
        number += 2
    u = _unit(xp, seed, count, "float64")
    return result, xp.where(alpha < 1, xp.log(1 - u) / alpha, 0)


def _gamma(xp, seed, alpha):
    result, boost = _gamma_parts(xp, seed, alpha)
    return result * xp.exp(boost)


def _log_gamma(xp, seed, alpha):
    result, boost = _gamma_parts(xp, seed, alpha)
    return xp.log(result) + boost


@primitive(spec=lambda seed, alpha, like, shape, dtype: TensorSpec(_sizes(shape, like), dtype))
def random_gamma(xp, seed, alpha, like=None, /, shape=(), dtype="float32"):
    """Gamma numbers of scale 1. Sizes of `shape` that are None are those of `like`."""
    shape = _sizes(shape, like)
    values = _gamma(xp, seed, xp.broadcast_to(alpha, shape))
    return values.reshape(shape).astype(dtypes.to_numpy(dtype))


@primitive(
    spec=lambda seed, alpha, beta, like, shape, dtype: TensorSpec(_sizes(shape, like), dtype)
)
def random_beta(xp, seed, alpha, beta, like=None, /, shape=(), dtype="float32"):
    """Beta numbers: x / (x + y) of two gammas."""
    shape = _sizes(shape, like)
    x = _log_gamma(xp, seed, xp.broadcast_to(alpha, shape))
    y = _log_gamma(xp, _round_seed(xp, seed, -1), xp.broadcast_to(beta, shape))
    values = 1 / (1 + xp.exp(xp.minimum(y - x, 700)))  # exp(710) would overflow
    return values.reshape(shape).astype(dtypes.to_numpy(dtype))


@primitive(spec=lambda seed, counts, probabilities, shape, dtype: TensorSpec(shape, dtype))
def random_binomial(xp, seed, counts, probabilities, /, shape=(), dtype="float32"):
    """Numbers of successes in `counts` trials."""
    counts = xp.broadcast_to(counts, shape).reshape(-1)
    probabilities = xp.broadcast_to(probabilities, shape).reshape(-1)
    total = xp.zeros(counts.shape, xp.int64)
    for trial in range(int(counts.max()) if counts.size else 0):
        u = _unit(xp, _round_seed(xp, seed, trial), counts.size, "float64")
        total += (u < probabilities) & (trial < counts)
    return total.reshape(shape).astype(dtypes.to_numpy(dtype))
