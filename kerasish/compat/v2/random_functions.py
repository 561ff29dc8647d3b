"""Random tensors: tf.random's functions over the package's generator (numbers are its own)."""

import numpy

from kerasish import ops
from kerasish import random as own
from kerasish.arrays import dtypes
from kerasish.compat.v2.conversion import dtype_or
from kerasish.compat.v2.random_state import next_seed


def normal_of(shape, mean=0.0, stddev=1.0, dtype="float32", seed=None):
    """Numbers of the normal distribution."""
    return _scaled(own.normal, shape, mean, stddev, dtype, next_seed(seed))


def truncated_normal_of(shape, mean=0.0, stddev=1.0, dtype="float32", seed=None):
    """Numbers of the normal distribution, at most two standard deviations from the mean."""
    return _scaled(own.truncated_normal, shape, mean, stddev, dtype, next_seed(seed))


def _scaled(function, shape, mean, stddev, dtype, seed):
    dtype = dtype_or(dtype, "float32")
    drawn = function(shape, dtype=dtype, seed=seed)
    return ops.cast(ops.add(ops.multiply(drawn, stddev), mean), dtype)


def uniform(shape, minval=0, maxval=None, dtype="float32", seed=None):
    """Numbers from `minval` to before `maxval`."""
    return _uniform(shape, minval, maxval, dtype, next_seed(seed))


def _uniform(shape, minval, maxval, dtype, seed):
    dtype = dtype_or(dtype, "float32")
    if dtypes.is_integer(dtype):
        if maxval is None:
            raise ValueError(f"Must specify maxval for integer dtype {dtype}")
        return own.randint(shape, minval, maxval, dtype=dtype, seed=seed)
    return own.uniform(shape, minval, 1.0 if maxval is None else maxval, dtype=dtype, seed=seed)


def gamma(shape, alpha, beta=None, dtype="float32", seed=None):
    """Numbers of the gamma distribution: for each of `alpha`, a `shape` of them."""
    alpha = numpy.asarray(alpha, "float32")
    drawn = own.gamma((*shape, *alpha.shape), alpha=alpha, dtype=dtype_or(dtype, "float32"),
                      seed=next_seed(seed))  # fmt: skip
    return drawn if beta is None else ops.true_divide(drawn, ops.cast(beta, drawn.dtype))


def shuffle(value, seed=None):
    """Rows in a random order."""
    return own.shuffle(value, axis=0, seed=next_seed(seed))


def categorical(logits, num_samples, dtype="int64", seed=None):
    """Numbers of classes, drawn with probabilities `softmax(logits)`."""
    dtype = dtype_or(dtype, "int64")
    return own.categorical(logits, num_samples, dtype=dtype, seed=next_seed(seed))


def _words(seed):
    high, low = (int(part) for part in seed)
    return (high * 0x9E3779B1 + low) % 2**31


def stateless_normal(shape, seed, mean=0.0, stddev=1.0, dtype="float32"):
    """Numbers of the normal distribution, the same whenever the seed (two ints) is."""
    return own.normal(shape, mean, stddev, dtype=dtype_or(dtype, "float32"), seed=_words(seed))


def stateless_truncated_normal(shape, seed, mean=0.0, stddev=1.0, dtype="float32"):
    """As `truncated_normal`, the same whenever the seed (two ints) is."""
    dtype = dtype_or(dtype, "float32")
    return own.truncated_normal(shape, mean, stddev, dtype=dtype, seed=_words(seed))


def stateless_uniform(shape, seed, minval=0, maxval=None, dtype="float32"):
    """As `uniform`, the same whenever the seed (two ints) is."""
    return _uniform(shape, minval, maxval, dtype, _words(seed))


def stateless_shuffle(value, seed):
    """As `shuffle`, the same whenever the seed (two ints) is."""
    return own.shuffle(value, axis=0, seed=_words(seed))


def stateless_categorical(logits, num_samples, seed, dtype="int64"):
    """As `categorical`, the same whenever the seed (two ints) is."""
    return own.categorical(logits, num_samples, dtype=dtype_or(dtype, "int64"), seed=_words(seed))


