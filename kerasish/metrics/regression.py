"""Regression metrics: means of squared, absolute, percentage and log errors, and cosines."""

from kerasish import ops, registry
from kerasish.losses.alignment import match
from kerasish.losses.regression import (
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from kerasish.losses.robust import log_cosh
from kerasish.losses.similarity import cosine_similarity as negative_cosine_similarity
from kerasish.metrics.reduction import FunctionMetric, Mean


def cosine_similarity(y_true, y_pred, axis=-1):
    """`sum(y_true * y_pred)` of vectors scaled to length 1: the loss of that name, negated."""
    return -negative_cosine_similarity(y_true, y_pred, axis=axis)


@registry.register("metrics", "mean_squared_error", "mse", "MSE")
class MeanSquaredError(FunctionMetric):
    """Mean of squared differences, `mean((y_true - y_pred) ** 2)`.

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Example:
        >>> MeanSquaredError()([[0.0, 2.0]], [[1.0, 0.0]]).item()
        2.5

    Source: Keras 3 names and defaults.
    """

    def __init__(self, name="mean_squared_error", dtype=None):
        super().__init__(mean_squared_error, name, dtype)


@registry.register("metrics", "mean_absolute_error", "mae", "MAE")
class MeanAbsoluteError(FunctionMetric):
    """Mean of absolute differences, `mean(|y_true - y_pred|)`.

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Example:
        >>> MeanAbsoluteError()([[0.0, 2.0]], [[1.0, 0.0]]).item()
        1.5

    Source: Keras 3 names and defaults.
    """

    def __init__(self, name="mean_absolute_error", dtype=None):
        super().__init__(mean_absolute_error, name, dtype)


@registry.register("metrics", "mean_absolute_percentage_error", "mape", "MAPE")
class MeanAbsolutePercentageError(FunctionMetric):
    """Mean of relative differences in percent, `mean(100 * |y_true - y_pred| / |y_true|)`.

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Example:
        >>> MeanAbsolutePercentageError()([[2.0, 4.0]], [[1.0, 4.0]]).item()
        25.0

    Source: Keras 3 names and defaults.
    """

    def __init__(self, name="mean_absolute_percentage_error", dtype=None):
        super().__init__(mean_absolute_percentage_error, name, dtype)


@registry.register("metrics", "mean_squared_logarithmic_error", "msle", "MSLE")
class MeanSquaredLogarithmicError(FunctionMetric):
    """Mean of squared differences of logarithms, `mean(log((y_true + 1) / (y_pred + 1)) ** 2)`.

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Example:
        >>> MeanSquaredLogarithmicError()([[0.5]], [[0.5]]).item()
        0.0

    Source: Keras 3 names and defaults.
    """

    def __init__(self, name="mean_squared_logarithmic_error", dtype=None):
        super().__init__(mean_squared_logarithmic_error, name, dtype)


@registry.register("metrics", "root_mean_squared_error", "rmse", "RMSE")
class RootMeanSquaredError(Mean):
    """Root of the mean of squared differences, `sqrt(mean((y_true - y_pred) ** 2))`.

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Example:
        >>> RootMeanSquaredError()([[0.0, 0.0]], [[3.0, 3.0]]).item()
        3.0

    Source: Keras 3 names and defaults.
    """

    _direction = "down"

    def __init__(self, name="root_mean_squared_error", dtype=None):
        super().__init__(name=name, dtype=dtype)

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Add a batch.

        Args:
            y_true: array-like (batch, ...).
            y_pred: array-like of the same shape.
            sample_weight: array-like (batch, ...) or None.
        """
        y_pred = ops.convert_to_tensor(y_pred, dtype=self.dtype)
        y_true, y_pred = match("RootMeanSquaredError", y_true, y_pred)
        super().update_state(ops.square(y_pred - y_true), sample_weight=sample_weight)

    def result(self):
        """The root of the mean: scalar tensor."""
        return ops.sqrt(super().result())


@registry.register("metrics", "cosine_similarity")
class CosineSimilarity(FunctionMetric):
    """Mean cosine of the angle between labels and predictions, in [-1, 1]; 1 is equal direction.

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.
        axis: int. The axis along which the vectors lie.

    Example:
        >>> CosineSimilarity()([[0.0, 2.0]], [[0.0, 5.0]]).item()
        1.0

    Source: Keras 3 names and defaults. Departure: the config holds `axis`.
    """

    _direction = "up"

    def __init__(self, name="cosine_similarity", dtype=None, axis=-1):
        super().__init__(cosine_similarity, name, dtype, axis=axis)


@registry.register("metrics", "log_cosh_error", "logcosh")
class LogCoshError(FunctionMetric):
    """Mean of the logarithm of the hyperbolic cosine of the error.

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Example:
        >>> round(LogCoshError()([[0.0]], [[1.0]]).item(), 4)
        0.4338

    Source: Keras 3 names and defaults.
    """

    def __init__(self, name="logcosh", dtype=None):
        super().__init__(log_cosh, name, dtype)
