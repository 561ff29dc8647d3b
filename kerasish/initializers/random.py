"""Initializers that draw random numbers; one with a fixed seed gives the same values each time."""

import math

import numpy

from kerasish import ops, random
from kerasish.arrays import dtypes
from kerasish.core.rng import SeedGenerator, make_default_seed
from kerasish.errors import ShapeError, explain
from kerasish.initializers.initializer import Initializer
from kerasish.registry import register
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object

# Standard deviation of the standard normal distribution cut off at two standard deviations.
_TRUNCATED_STDDEV = 0.87962566103423978


class RandomInitializer(Initializer):
    """Base of the random initializers: holds the seed.

    Args:
        seed: int, SeedGenerator (new values at each call), or None (an int drawn now).

    Raises:
        ValueError: another kind of seed.
    """

    def __init__(self, seed=None):
        if isinstance(seed, dict):
            seed = deserialize_keras_object(seed)
        is_int = isinstance(seed, (int, numpy.integer)) and not isinstance(seed, bool)
        if seed is not None and not is_int and not isinstance(seed, SeedGenerator):
            raise ValueError(
                explain(
                    type(self).__name__,
                    "seed must be an int, a SeedGenerator or None",
                    received=seed,
                )
            )
        self._configured_seed = seed
        self.seed = make_default_seed() if seed is None else seed

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {"seed": serialize_keras_object(self._configured_seed)}


@register("initializers", "random_normal", "normal")
class RandomNormal(RandomInitializer):
    """Normal distribution.

    Args:
        mean: float.
        stddev: float.
        seed: int, SeedGenerator or None.

    Example:
        >>> RandomNormal(stddev=1.0, seed=1)((2, 3)).shape
        (2, 3)

    Source: Keras 3 names and defaults.
    """

    def __init__(self, mean=0.0, stddev=0.05, seed=None):
        self.mean, self.stddev = mean, stddev
        super().__init__(seed)

    def __call__(self, shape, dtype=None):
        """Tensor of `shape` and `dtype`."""
        return random.normal(shape, self.mean, self.stddev, dtypes.standardize(dtype), self.seed)

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


@register("initializers", "truncated_normal")
class TruncatedNormal(RandomInitializer):
    """Normal distribution without the values more than two standard deviations from the mean.

    Args:
        mean: float.
        stddev: float. Of the distribution before it is cut.
        seed: int, SeedGenerator or None.

    Example:
        >>> bool(ops.max(ops.abs(TruncatedNormal(stddev=1.0, seed=1)((1000,)))) <= 2.0)
        True

    Source: Keras 3 names and defaults.
    """

    def __init__(self, mean=0.0, stddev=0.05, seed=None):
        self.mean, self.stddev = mean, stddev
        super().__init__(seed)

    def __call__(self, shape, dtype=None):
        """Tensor of `shape` and `dtype`."""
        dtype = dtypes.standardize(dtype)
        return random.truncated_normal(shape, self.mean, self.stddev, dtype, self.seed)

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


@register("initializers", "random_uniform", "uniform")
class RandomUniform(RandomInitializer):
    """Uniform distribution over [minval, maxval).

    Args:
        minval: float.
        maxval: float.
        seed: int, SeedGenerator or None.

    Example:
        >>> RandomUniform(seed=1)((2, 3)).shape
        (2, 3)

    Source: Keras 3 names and defaults.
    """

    def __init__(self, minval=-0.05, maxval=0.05, seed=None):
        self.minval, self.maxval = minval, maxval
        super().__init__(seed)

    def __call__(self, shape, dtype=None):
        """Tensor of `shape` and `dtype`."""
        return random.uniform(shape, self.minval, self.maxval, dtypes.standardize(dtype), self.seed)

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


@register("initializers", "orthogonal", "OrthogonalInitializer")
class Orthogonal(RandomInitializer):
    """Random matrix with orthonormal rows or columns (the shorter ones), times `gain`.

    Weights of more than two axes are matrices of shape (product of the others, last size).

    Args:
        gain: float.
        seed: int, SeedGenerator or None.

    Example:
        >>> q = Orthogonal(seed=1)((3, 3))
        >>> bool(ops.max(ops.abs(ops.matmul(ops.transpose(q), q) - ops.eye(3))) < 1e-5)
        True

    Source: Saxe et al., 2014; Keras 3 names and defaults.
    """

    def __init__(self, gain=1.0, seed=None):
        self.gain = gain
        super().__init__(seed)

    def __call__(self, shape, dtype=None):
        """Tensor of `shape` and `dtype`; ShapeError for fewer than two axes."""
        if len(shape) < 2:
            raise ShapeError(
                explain(
                    "Orthogonal initializer",
                    "the shape must have two axes or more",
                    received=tuple(shape),
                )
            )
        dtype = dtypes.standardize(dtype)
        rows, columns = math.prod(shape[:-1]), shape[-1]
        wide = "float64" if dtype == "float64" else "float32"  # no decomposition in half precision
        a = random.normal((max(rows, columns), min(rows, columns)), dtype=wide, seed=self.seed)
        q, r = ops.qr(a)
        q = q * ops.sign(ops.diag(r))  # makes the distribution uniform over orthogonal matrices
        if rows < columns:
            q = ops.transpose(q)
        return ops.cast(self.gain * ops.reshape(q, tuple(shape)), dtype)

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {**super().get_config(), "gain": self.gain}


def compute_fans(shape, input_axes=None, output_axes=None):
    """Numbers of inputs and outputs that a weight connects.

    Args:
        shape: tuple of int: (inputs, outputs), or (..., inputs, outputs) of a convolution, whose
            leading sizes count for both.
        input_axes: axes whose sizes multiply to the first number, with `output_axes`.
        output_axes: axes whose sizes multiply to the second.

    Returns:
        (fan_in, fan_out), two ints.

    Example:
        >>> compute_fans((3, 3, 16, 32))
        (144, 288)

    Source: Keras 3 names and defaults.
    """
    shape = tuple(shape)
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[i] for i in input_axes), math.prod(shape[i] for i in output_axes)
    if len(shape) < 2:
        return (int(shape[0]),) * 2 if shape else (1, 1)
    field = math.prod(shape[:-2])
    return int(shape[-2] * field), int(shape[-1] * field)


@register("initializers", "variance_scaling")
class VarianceScaling(RandomInitializer):
    """Distribution of mean 0 and variance `scale / n`, n the number of connections.

    Args:
        scale: float > 0.
        mode: "fan_in", "fan_out" or "fan_avg": what n counts.
        distribution: "truncated_normal" (or "normal"), "untruncated_normal" or "uniform".
        seed: int, SeedGenerator or None.
        input_axes: axes of the shape that count as inputs, with `output_axes`.
        output_axes: axes of the shape that count as outputs.

    Raises:
        ValueError: an unknown mode or distribution, or a scale <= 0.

    Example:
        >>> VarianceScaling(2.0, "fan_out", "uniform", seed=1)((2, 3)).shape
        (2, 3)

    Source: Keras 3 names and defaults.
    """

    def __init__(self, scale=1.0, mode="fan_in", distribution="truncated_normal", seed=None,
                 input_axes=None, output_axes=None):  # fmt: skip
        if not scale > 0:
            raise ValueError(explain("VarianceScaling", "scale must be positive", received=scale))
        distribution = distribution.lower()
        distribution = "truncated_normal" if distribution == "normal" else distribution
        known = {"mode": ("fan_in", "fan_out", "fan_avg"),
                 "distribution": ("truncated_normal", "untruncated_normal", "uniform")}  # fmt: skip
        for key, value in (("mode", mode), ("distribution", distribution)):
            if value not in known[key]:
                raise ValueError(
                    explain(
                        "VarianceScaling",
                        f"unknown {key}",
                        received=value,
                        expected=f"one of {known[key]}",
                    )
                )
        self.scale, self.mode, self.distribution = scale, mode, distribution
        self.input_axes, self.output_axes = input_axes, output_axes
        super().__init__(seed)

    def __call__(self, shape, dtype=None):
        """Tensor of `shape` and `dtype`."""
        dtype = dtypes.standardize(dtype)
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        stddev = math.sqrt(self.scale / max(1.0, n))
        if self.distribution == "truncated_normal":
            stddev /= _TRUNCATED_STDDEV
            return random.truncated_normal(shape, 0.0, stddev, dtype, self.seed)
        if self.distribution == "untruncated_normal":
            return random.normal(shape, 0.0, stddev, dtype, self.seed)
        limit = math.sqrt(3.0) * stddev
        return random.uniform(shape, -limit, limit, dtype, self.seed)

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            **super().get_config(),
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }
