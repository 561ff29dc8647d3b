"""Sums and means over all samples seen, and the mean of any function as a metric."""

from kerasish import ops, registry
from kerasish.config import settings
from kerasish.core.masks import get_mask
from kerasish.core.structural import broadcast_like, count
from kerasish.errors import ShapeError, explain
from kerasish.losses.alignment import align_weight, squeeze_or_expand_to_same_rank
from kerasish.losses.loss import apply_mask
from kerasish.losses.wrapper import as_samples
from kerasish.metrics.metric import Metric
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object


def reduce_to_samplewise_values(values, sample_weight, reduce_fn, dtype):
    """One weighted value and one weight for each sample.

    Args:
        values: array-like (batch, ...). Axes that the weights lack are reduced before weighting.
        sample_weight: array-like (batch, ...) of no more axes than `values`, or None.
        reduce_fn: `ops.mean` or `ops.sum`, for the axes after the first.
        dtype: dtype-like; floatx when None.

    Returns:
        values (batch,) times weights, weights (batch,) or None.

    Raises:
        ShapeError: weights that do not fit the values.

    Example:
        >>> values, weights = reduce_to_samplewise_values([[1.0, 3.0]], [0.5], ops.mean, None)
        >>> values.tolist(), weights.tolist()
        ([1.0], [0.5])

    Source: Keras 3 semantics.
    """
    dtype = dtype or settings.floatx
    mask = get_mask(values)
    values = ops.cast(ops.convert_to_tensor(values), dtype)
    weight = None
    if sample_weight is not None:
        weight = ops.convert_to_tensor(sample_weight, dtype=dtype)
        if mask is not None:
            weight = apply_mask(weight, mask, dtype=dtype, reduction="sum")
        values, weight = squeeze_or_expand_to_same_rank(values, weight)
        rank = len(weight.shape)
        if rank > len(values.shape):
            raise ShapeError(
                explain(
                    "sample_weight",
                    "weights (or a mask) have more axes than the values that they weight",
                    received=f" weights of shape {tuple(weight.shape)}, "
                    f"values of shape {tuple(values.shape)}",
                    expected="one weight for each sample, (batch,), or for each value",
                )
            )
        values = _reduce_axes(values, reduce_fn, rank)
        values, weight = align_weight(values, weight)
        weight = broadcast_like(weight, values)
        values = values * weight
        weight = _reduce_axes(weight, reduce_fn, 1)
    return _reduce_axes(values, reduce_fn, 1), weight


def _reduce_axes(x, reduce_fn, first):
    axes = tuple(range(first, len(x.shape)))
    return reduce_fn(x, axis=axes) if axes else x


@registry.register("metrics", "sum")
class Sum(Metric):
    """Sum of all values, `sum(sample_weight * values)`.

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Example:
        >>> metric = Sum()
        >>> metric.update_state([1.0, 3.0])
        >>> metric.result().item()
        4.0

    Source: Keras 3 names and defaults.
    """

    def __init__(self, name="sum", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "zeros", dtype=self.dtype, name="total")

    def update_state(self, values, sample_weight=None):
        """Add values (batch, ...), weighted by `sample_weight` (batch, ...) or a scalar."""
        values, _ = reduce_to_samplewise_values(values, sample_weight, ops.sum, self.dtype)
        self.total.assign_add(ops.sum(values))

    def result(self):
        """The sum: scalar tensor."""
        return ops.cast(self.total, self.dtype)


@registry.register("metrics", "mean")
class Mean(Metric):
    """Mean of all values over samples, `sum(sample_weight * values) / sum(sample_weight)`.

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Example:
        >>> metric = Mean()
        >>> metric.update_state([1.0, 3.0], sample_weight=[1.0, 0.0])
        >>> metric.result().item()
        1.0

    Source: Keras 3 names and defaults.
    """

    def __init__(self, name="mean", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "zeros", dtype=self.dtype, name="total")
        self.count = self.add_variable((), "zeros", dtype=self.dtype, name="count")

    def update_state(self, values, sample_weight=None):
        """Add values (batch, ...), weighted by `sample_weight` (batch, ...) or a scalar."""
        values, weight = reduce_to_samplewise_values(values, sample_weight, ops.mean, self.dtype)
        self.total.assign_add(ops.sum(values))
        if weight is not None:
            num_samples = ops.sum(weight)
        else:
            num_samples = count(values, (0,)) if values.shape else 1
        self.count.assign_add(ops.cast(num_samples, self.dtype))

    def result(self):
        """The mean: scalar tensor, 0 before the first sample."""
        return ops.divide_no_nan(self.total, self.count)


@registry.register("metrics", "mean_metric_wrapper")
class MeanMetricWrapper(Mean):
    """Mean over samples of a function `fn(y_true, y_pred, **kwargs)`.

    Args:
        fn: function that returns a value per sample (or per entry).
        name: str or None.
        dtype: dtype-like of the result; floatx when None.
        **kwargs: passed to `fn`.

    Example:
        >>> metric = MeanMetricWrapper(lambda y_true, y_pred: ops.abs(y_true - y_pred), name="gap")
        >>> metric.update_state(ops.zeros((2,)), ops.ones((2,)))
        >>> metric.result().item()
        1.0

    Source: Keras 3 names and defaults.
    """

    def __init__(self, fn, name=None, dtype=None, **kwargs):
        super().__init__(name=name, dtype=dtype)
        self._fn = fn
        self._fn_kwargs = kwargs
        origin = registry.origin(fn) or registry.origin(type(fn))
        if origin is not None and origin[0] == "losses":
            self._direction = "down"

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Add a batch; a mask that `y_pred` carries leaves out what it masks.

        Args:
            y_true: array-like (batch, ...).
            y_pred: array-like (batch, ...).
            sample_weight: array-like (batch, ...) or None.
        """
        mask = get_mask(y_pred)
        y_true, y_pred = self._prepare(y_true, y_pred)
        values = self._fn(y_true, y_pred, **self._fn_kwargs)
        sample_weight = apply_mask(sample_weight, mask, dtype=self.dtype, reduction="sum")
        super().update_state(values, sample_weight=sample_weight)

    def _prepare(self, y_true, y_pred):
        """Labels and predictions as the function gets them."""
        return y_true, y_pred

    def get_config(self):
        """Dict of constructor arguments, with the function in serialized form."""
        return {
            **super().get_config(),
            "fn": serialize_keras_object(self._fn),
            **{k: serialize_keras_object(v) for k, v in self._fn_kwargs.items()},
        }

    @classmethod
    def from_config(cls, config):
        """Metric from what `get_config` returned."""
        if "fn" in config:
            config = {k: deserialize_keras_object(v) for k, v in config.items()}
        return cls(**config)


class FunctionMetric(MeanMetricWrapper):
    """A built-in mean: the options of its function are its attributes and its config."""

    _direction = "down"

    def __init__(self, fn, name, dtype, **options):
        super().__init__(fn, name=name, dtype=dtype, **options)
        for key, value in options.items():
            setattr(self, key, value)

    def _prepare(self, y_true, y_pred):
        if getattr(self._fn, "averages_last_axis", False):
            y_true, y_pred = as_samples(y_true, y_pred)
        # A mean of half-precision errors would lose what the float32 state could hold.
        if getattr(y_pred, "dtype", None) in ("float16", "bfloat16"):
            y_pred = ops.cast(y_pred, self.dtype)
        return y_true, y_pred

    def get_config(self):
        """Dict of constructor arguments."""
        return {"name": self.name, "dtype": self.dtype, **self._fn_kwargs}
