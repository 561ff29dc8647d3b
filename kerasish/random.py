"""Random tensors under Keras's names: each draw is determined by a seed, on every device alike."""

from kerasish.arrays import dtypes
from kerasish.core.calls import symbolic_aware
from kerasish.core.primitive import as_float_input, as_input
from kerasish.core.rng import SeedGenerator, draw_seed
from kerasish.core.structural import cast
from kerasish.errors import explain
from kerasish.ops import random as primitives
from kerasish.ops.creation import full_of_sizes
from kerasish.ops.elementwise import floor
from kerasish.ops.indexing import take
from kerasish.ops.sizes import split_sizes

__all__ = [
    "SeedGenerator",
    "beta",
    "binomial",
    "categorical",
    "dropout",
    "gamma",
    "normal",
    "randint",
    "shuffle",
    "truncated_normal",
    "uniform",
]


def _float_dtype(dtype, where):
    dtype = dtypes.standardize(dtype)
    if not dtypes.is_float(dtype):
        raise ValueError(
            explain(where, "dtype must be a float type", received=dtype, fix="random.randint")
        )
    return dtype


def _shape(shape):
    return (shape,) if isinstance(shape, int) else tuple(int(n) for n in shape)


def _sizes(shape):
    """Sizes of a shape, and a tensor that has those known at run time only (None: there are none).

    Sizes from `ops.shape` are scalar tensors while a model or a function is recorded.
    """
    pattern, late = split_sizes(shape)
    return pattern, full_of_sizes(*late, pattern=pattern, value=0, dtype="bool") if late else None


def _is_number(value):
    return isinstance(value, (int, float))


def _scaled(values, factor, offset):
    if not (_is_number(factor) and factor == 1):
        values = values * factor
    return values if _is_number(offset) and offset == 0 else values + offset


def uniform(shape, minval=0.0, maxval=1.0, dtype=None, seed=None):
    """Uniform numbers of [minval, maxval).

    Args:
        shape: tuple of int; sizes from `ops.shape` may be scalar tensors.
        minval: float or tensor that broadcasts to `shape`.
        maxval: float or tensor.
        dtype: float dtype-like; floatx when None.
        seed: int, SeedGenerator, or None (the global generator).

    Returns:
        float tensor.

    Raises:
        ValueError: a dtype that is not a float type.

    Example:
        >>> uniform((2, 3), seed=1).shape
        (2, 3)

    Source: Keras 3 names and defaults.
    """
    dtype = _float_dtype(dtype, "random.uniform")
    shape, like = _sizes(shape)
    values = primitives.random_uniform(draw_seed(seed), like, shape=shape, dtype=dtype)
    return cast(_scaled(values, maxval - minval, minval), dtype)


def normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    """Normal numbers of the given mean and standard deviation.

    Args:
        shape: tuple of int.
        mean: float or tensor that broadcasts to `shape`.
        stddev: float or tensor.
        dtype: float dtype-like; floatx when None.
        seed: int, SeedGenerator, or None (the global generator).

    Returns:
        float tensor.

    Raises:
        ValueError: a dtype that is not a float type.

    Example:
        >>> normal((2, 3), seed=1).shape
        (2, 3)

    Source: Box and Muller, 1958; Keras 3 names and defaults.
    """
    dtype = _float_dtype(dtype, "random.normal")
    shape, like = _sizes(shape)
    values = primitives.random_normal(draw_seed(seed), like, shape=shape, dtype=dtype)
    return cast(_scaled(values, stddev, mean), dtype)


def truncated_normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    """Normal numbers, on condition that they lie within two standard deviations of the mean.

    Args:
        shape: tuple of int.
        mean: float or tensor that broadcasts to `shape`.
        stddev: float or tensor.
        dtype: float dtype-like; floatx when None.
        seed: int, SeedGenerator, or None (the global generator).

    Returns:
        float tensor.

    Raises:
        ValueError: a dtype that is not a float type.

    Example:
        >>> truncated_normal((2, 3), seed=1).shape
        (2, 3)

    Source: Wichura, 1988 (inverse distribution function); Keras 3 names and defaults.
    """
    dtype = _float_dtype(dtype, "random.truncated_normal")
    shape, like = _sizes(shape)
    values = primitives.random_truncated_normal(draw_seed(seed), like, shape=shape, dtype=dtype)
    return cast(_scaled(values, stddev, mean), dtype)


def randint(shape, minval, maxval, dtype="int32", seed=None):
    """Uniform integers of [minval, maxval).

    Args:
        shape: tuple of int.
        minval: int or int tensor.
        maxval: int or int tensor.
        dtype: integer dtype-like.
        seed: int, SeedGenerator, or None (the global generator).

    Returns:
        int tensor.

    Raises:
        ValueError: a dtype that is not an integer type, or an empty range.

    Example:
        >>> randint((3,), 5, 6, seed=1).tolist()
        [5, 5, 5]

    Source: Keras 3 names and defaults.
    """
    dtype = dtypes.standardize(dtype)
    if not dtypes.is_integer(dtype):
        raise ValueError(explain("random.randint", "dtype must be an integer type", received=dtype))
    seed, (shape, like) = draw_seed(seed), _sizes(shape)
    if not (_is_number(minval) and _is_number(maxval)):
        units = primitives.random_uniform(seed, like, shape=shape, dtype="float64")
        span = cast(as_input(maxval) - as_input(minval), "float64")
        return cast(floor(units * span), dtype) + cast(as_input(minval), dtype)
    minval, maxval = int(minval), int(maxval)
    if maxval <= minval:
        raise ValueError(
            explain("random.randint", "maxval must be above minval", received=(minval, maxval))
        )
    return primitives.random_integers(
        seed, like, shape=shape, minval=minval, maxval=maxval, dtype=dtype
    )


@symbolic_aware
def categorical(logits, num_samples, dtype="int32", seed=None):
    """Class indices drawn with probabilities `softmax(logits)`.

    Args:
        logits: float tensor (batch, classes).
        num_samples: int. Draws for each row.
        dtype: integer dtype-like.
        seed: int, SeedGenerator, or None (the global generator).

    Returns:
        int tensor (batch, num_samples).

    Example:
        >>> categorical([[0.0, 100.0]], 3, seed=1).tolist()
        [[1, 1, 1]]

    Source: Gumbel's maximum trick; Keras 3 names and defaults.
    """
    return primitives.random_categorical(
        draw_seed(seed),
        as_float_input(logits),
        num_samples=int(num_samples),
        dtype=dtypes.standardize(dtype),
    )


@symbolic_aware
def shuffle(x, axis=0, seed=None):
    """The slices of `x` along one axis in random order.

    Args:
        x: tensor.
        axis: int.
        seed: int, SeedGenerator, or None (the global generator).

    Returns:
        tensor of the same shape and dtype.

    Example:
        >>> sorted(shuffle([3, 1, 2], seed=1).tolist())
        [1, 2, 3]

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    return take(x, primitives.random_permutation(draw_seed(seed), x, axis=axis), axis=axis)


@symbolic_aware
def dropout(inputs, rate, noise_shape=None, seed=None):
    """Random elements set to 0, the others divided by `1 - rate`.

    Args:
        inputs: float tensor.
        rate: float from 0 to 1. Probability of 0.
        noise_shape: sequence of int or None, of the rank of `inputs`: sizes 1 share one draw along
            that axis; None is the size of `inputs`.
        seed: int, SeedGenerator, or None (the global generator).

    Returns:
        float tensor of the shape of `inputs`.

    Raises:
        ValueError: `rate` is outside 0 to 1, or `noise_shape` has another rank.

    Example:
        >>> sorted(set(dropout([1.0] * 100, 0.5, seed=1).tolist()))
        [0.0, 2.0]

    Source: Srivastava et al., 2014; Keras 3 names and defaults.
    """
    if not 0 <= rate <= 1:
        raise ValueError(explain("random.dropout", "rate must be from 0 to 1", received=rate))
    inputs = as_float_input(inputs)
    shape = tuple(inputs.shape if noise_shape is None else noise_shape)
    if len(shape) != len(inputs.shape):
        raise ValueError(
            explain(
                "random.dropout",
                "noise_shape must have the rank of the inputs",
                received=shape,
                expected=f"{len(inputs.shape)} sizes",
            )
        )
    if rate == 0:
        return inputs
    if rate == 1:
        return inputs * 0
    mask = primitives.random_dropout_mask(draw_seed(seed), inputs, shape=shape, rate=float(rate))
    return inputs * mask


def gamma(shape, alpha, dtype=None, seed=None):
    """Gamma numbers of shape parameter `alpha` and scale 1.

    Args:
        shape: tuple of int.
        alpha: float > 0, or tensor that broadcasts to `shape`.
        dtype: float dtype-like; floatx when None.
        seed: int, SeedGenerator, or None (the global generator).

    Returns:
        float tensor without derivative.

    Example:
        >>> gamma((4,), 2.0, seed=1).shape
        (4,)

    Source: Marsaglia and Tsang, 2000; Keras 3 names and defaults.
    """
    dtype = _float_dtype(dtype, "random.gamma")
    return primitives.random_gamma(
        draw_seed(seed), as_float_input(alpha), shape=_shape(shape), dtype=dtype
    )


def beta(shape, alpha, beta, dtype=None, seed=None):
    """Beta numbers, between 0 and 1, with density in proportion to x**(alpha-1) (1-x)**(beta-1).

    Args:
        shape: tuple of int.
        alpha: float > 0, or tensor that broadcasts to `shape`.
        beta: float > 0, or tensor that broadcasts to `shape`.
        dtype: float dtype-like; floatx when None.
        seed: int, SeedGenerator, or None (the global generator).

    Returns:
        float tensor without derivative.

    Example:
        >>> beta((4,), 2.0, 3.0, seed=1).shape
        (4,)

    Source: Keras 3 names and defaults.
    """
    dtype = _float_dtype(dtype, "random.beta")
    return primitives.random_beta(
        draw_seed(seed),
        as_float_input(alpha),
        as_float_input(beta),
        shape=_shape(shape),
        dtype=dtype,
    )


def binomial(shape, counts, probabilities, dtype=None, seed=None):
    """Numbers of successes in `counts` independent trials.

    Args:
        shape: tuple of int.
        counts: int or tensor that broadcasts to `shape`. Time grows with the largest count.
        probabilities: float or tensor. Probability of success in each trial.
        dtype: float dtype-like; floatx when None.
        seed: int, SeedGenerator, or None (the global generator).

    Returns:
        float tensor without derivative.

    Example:
        >>> binomial((3,), 5, 1.0, seed=1).tolist()
        [5.0, 5.0, 5.0]

    Source: Keras 3 names and defaults.
    """
    dtype = _float_dtype(dtype, "random.binomial")
    return primitives.random_binomial(
        draw_seed(seed),
        as_float_input(counts),
        as_float_input(probabilities),
        shape=_shape(shape),
        dtype=dtype,
    )
