"""Normalization: inputs brought to mean 0 and variance 1 by statistics of the data."""

import math

import numpy

from kerasish import ops, registry
from kerasish.config import settings
from kerasish.core.spec import normalize_axis
from kerasish.errors import DataError, ShapeError, explain
from kerasish.layers.layer import Layer
from kerasish.layers.preprocessing.adapting import batches_of


@registry.register("layers")
class Normalization(Layer):
    """Inputs brought to mean 0 and variance 1: output = (inputs - mean) / sqrt(variance).

    Mean and variance are given, or found by `adapt(data)` before training; they are not learned.

    Args:
        axis: int, sequence of int, or None. Axes that have a mean and variance for each index; the
            statistics are over all other axes. None: one mean and variance for everything.
        mean, variance: number or array-like of the sizes of `axis`, both or neither.
        invert: bool. Do the opposite: output = inputs * sqrt(variance) + mean.

    Call arguments:
        inputs: tensor of numbers.

    Returns:
        tensor of the same shape, in the compute dtype.

    Raises:
        ValueError: only one of mean and variance, or an axis that does not exist.

    Example:
        >>> layer = Normalization()
        >>> layer.adapt(numpy.array([[1.0, 10.0], [3.0, 30.0]]))
        >>> layer(ops.array([[1.0, 30.0]])).tolist()
        [[-1.0, 1.0]]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, axis=-1, mean=None, variance=None, invert=False, **kwargs):
        super().__init__(**kwargs)
        self.axis = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        self.input_mean, self.input_variance, self.invert = mean, variance, invert
        is_bad = (mean is None) != (variance is None)
        if mean is not None and not is_bad:
            shape = numpy.shape(mean)
            is_bad = shape != numpy.shape(variance) or len(shape) > len(self.axis)
        if is_bad:
            raise ValueError(
                explain(
                    self.name,
                    "mean and variance do not fit",
                    received=f" mean {mean!r}, variance {variance!r}, axis {axis}",
                    expected="both or neither, of one shape of at most the rank of axis",
                )
            )
        self.supports_masking = True

    def build(self, input_shape):
        """Make `mean`, `variance` and `count`, unless the statistics are given."""
        ndim = len(input_shape)
        kept = sorted(normalize_axis(a, ndim, self.path) for a in self.axis)
        sizes = tuple(input_shape[a] for a in kept)
        if None in sizes:
            raise ShapeError(
                explain(
                    self.path,
                    "the sizes along `axis` must be known",
                    received=f" axis {self.axis}, input shape {tuple(input_shape)}",
                )
            )
        self._kept, self._sizes = tuple(kept), sizes
        self._broadcast_shape = tuple(n if i in kept else 1 for i, n in enumerate(input_shape))
        if self.input_mean is None:
            for name, start, dtype in (
                ("mean", "zeros", None), ("variance", "ones", None), ("count", "zeros", "int32"),
            ):  # fmt: skip
                weight = self.add_weight(sizes if dtype is None else (), start, dtype=dtype,
                                         trainable=False, name=name)  # fmt: skip
                setattr(self, "count" if name == "count" else f"adapt_{name}", weight)

    @property
    def mean(self):
        """Mean in a shape that broadcasts with the inputs; None before the layer is built."""
        return self._statistic(self.input_mean, "adapt_mean")

    @property
    def variance(self):
        """Variance in a shape that broadcasts with the inputs; None before the layer is built."""
        return self._statistic(self.input_variance, "adapt_variance")

    def _statistic(self, given, name):
        if not self.built:
            return None
        if given is None:
            values = getattr(self, name)
        else:
            values = numpy.asarray(given, self.compute_dtype)
            values = numpy.broadcast_to(values, self._sizes)
        return ops.cast(ops.reshape(values, self._broadcast_shape), self.compute_dtype)

    def call(self, inputs):
        """Normalize, or undo it."""
        inputs = ops.cast(inputs, self.compute_dtype)
        deviation = ops.maximum(ops.sqrt(self.variance), settings.epsilon)
        if self.invert:
            return ops.add(ops.multiply(inputs, deviation), self.mean)
        return ops.divide(ops.subtract(inputs, self.mean), deviation)

    def compute_output_shape(self, input_shape):
        """The input shape."""
        return input_shape

    def adapt(self, data):
        """Take mean and variance from data; what was known before is forgotten.

        Args:
            data: array or tensor of samples, or an iterable of batches (the first part of each
                where they are tuples).

        Raises:
            DataError: no data.
            ShapeError: data of another shape than the layer was built for.
            ValueError: mean and variance were given to the constructor.
        """
        if self.input_mean is not None:
            raise ValueError(
                explain(
                    self.path,
                    "mean and variance were given, so there is nothing to adapt",
                    fix="leave mean and variance out of the constructor",
                )
            )
        count, mean, variance = 0, 0.0, 0.0
        for batch in batches_of(data, lists_are_data=False):
            batch = ops.cast(ops.convert_to_tensor(batch), self.compute_dtype)
            if not self.built:
                self.build((None, *batch.shape[1:]) if 0 not in self.axis else batch.shape)
            count, mean, variance = self._merge(batch, count, mean, variance)
        if count == 0:
            raise DataError(explain(self.path, "there is no data to adapt to"))
        self.adapt_mean.assign(mean)
        self.adapt_variance.assign(variance)
        self.count.assign(count)

    def _merge(self, batch, count, mean, variance):
        """Statistics of the batches so far and one more (Chan, Golub and LeVeque, 1979)."""
        shape = tuple(batch.shape)
        if len(shape) != len(self._broadcast_shape) or self._sizes != tuple(
            shape[a] for a in self._kept
        ):
            raise ShapeError(
                explain(
                    self.path,
                    "the data has another shape than the layer was built for",
                    received=f" {shape}",
                    expected=f"sizes {self._sizes} along axes "
                    f"{self._kept} of {len(self._broadcast_shape)}",
                )
            )
        axes = tuple(i for i in range(len(shape)) if i not in self._kept)
        new = math.prod(shape[i] for i in axes)
        if new == 0:
            return count, mean, variance
        share = new / (count + new)
        batch_mean, batch_variance = ops.mean(batch, axis=axes), ops.var(batch, axis=axes)
        offset = batch_mean - mean
        variance = variance * (1 - share) + batch_variance * share
        variance = variance + ops.square(offset) * (share * (1 - share))
        return count + new, mean + offset * share, variance

    def get_config(self):
        """Constructor arguments, arrays as lists."""
        config = super().get_config()
        config["mean"] = _as_list(self.input_mean)
        config["variance"] = _as_list(self.input_variance)
        return config


def _as_list(value):
    return None if value is None else numpy.asarray(value).tolist()
