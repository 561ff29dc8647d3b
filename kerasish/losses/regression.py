"""Regression losses on differences: squared, absolute, percentage and logarithmic."""

from kerasish import ops, registry
from kerasish.config import epsilon
from kerasish.losses.alignment import match
from kerasish.losses.wrapper import FunctionLoss, averages_last_axis


@registry.register("losses", "mse", "MSE")
@averages_last_axis
def mean_squared_error(y_true, y_pred):
    """Mean over the last axis of `(y_true - y_pred) ** 2`.

    Args:
        y_true: array-like (batch, ..., d).
        y_pred: array-like of the same shape.

    Returns:
        tensor (batch, ...).

    Raises:
        ShapeError: the shapes differ (beyond (batch,) beside (batch, 1)).

    Example:
        >>> mean_squared_error([[0.0, 2.0]], [[1.0, 0.0]]).tolist()
        [2.5]

    Source: Keras 3 names and defaults.
    """
    y_true, y_pred = match("mean_squared_error", y_true, y_pred)
    return ops.mean(ops.square(y_true - y_pred), axis=-1)


@registry.register("losses", "mae", "MAE")
@averages_last_axis
def mean_absolute_error(y_true, y_pred):
    """Mean over the last axis of `|y_true - y_pred|`; its derivative at 0 is 0.

    Args:
        y_true: array-like (batch, ..., d).
        y_pred: array-like of the same shape.

    Returns:
        tensor (batch, ...).

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> mean_absolute_error([[0.0, 2.0]], [[1.0, 0.0]]).tolist()
        [1.5]

    Source: Keras 3 names and defaults.
    """
    y_true, y_pred = match("mean_absolute_error", y_true, y_pred)
    return ops.mean(ops.abs(y_true - y_pred), axis=-1)


@registry.register("losses", "mape", "MAPE")
@averages_last_axis
def mean_absolute_percentage_error(y_true, y_pred):
    """Mean over the last axis of `100 * |y_true - y_pred| / max(|y_true|, epsilon)`.

    Args:
        y_true: array-like (batch, ..., d).
        y_pred: array-like of the same shape.

    Returns:
        tensor (batch, ...), in percent.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> mean_absolute_percentage_error([[2.0, 4.0]], [[1.0, 4.0]]).tolist()
        [25.0]

    Source: Keras 3 names and defaults.
    """
    y_true, y_pred = match("mean_absolute_percentage_error", y_true, y_pred)
    ratio = ops.abs((y_true - y_pred) / ops.maximum(ops.abs(y_true), epsilon()))
    return 100.0 * ops.mean(ratio, axis=-1)


@registry.register("losses", "msle", "MSLE")
@averages_last_axis
def mean_squared_logarithmic_error(y_true, y_pred):
    """Mean over the last axis of `(log(y_true + 1) - log(y_pred + 1)) ** 2`, both at least epsilon.

    Args:
        y_true: array-like (batch, ..., d), not negative.
        y_pred: array-like of the same shape.

    Returns:
        tensor (batch, ...).

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> mean_squared_logarithmic_error([[0.5]], [[0.5]]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    y_true, y_pred = match("mean_squared_logarithmic_error", y_true, y_pred)
    log_true = ops.log1p(ops.maximum(y_true, epsilon()))
    log_pred = ops.log1p(ops.maximum(y_pred, epsilon()))
    return ops.mean(ops.square(log_pred - log_true), axis=-1)


@registry.register("losses")
class MeanSquaredError(FunctionLoss):
    """Mean of squared differences, `mean((y_true - y_pred) ** 2)`.

    Args:
        reduction: "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight" or "none".
        name: str.
        dtype: dtype-like of the computation; floatx when None.

    Example:
        >>> MeanSquaredError()([[0.0, 2.0]], [[1.0, 0.0]]).item()
        2.5

    Source: Keras 3 names and defaults.
    """

    def __init__(self, reduction="sum_over_batch_size", name="mean_squared_error", dtype=None):
        super().__init__(mean_squared_error, reduction, name, dtype)


@registry.register("losses")
class MeanAbsoluteError(FunctionLoss):
    """Mean of absolute differences, `mean(|y_true - y_pred|)`.

    Args:
        reduction: "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight" or "none".
        name: str.
        dtype: dtype-like of the computation; floatx when None.

    Example:
        >>> MeanAbsoluteError()([[0.0, 2.0]], [[1.0, 0.0]]).item()
        1.5

    Source: Keras 3 names and defaults.
    """

    def __init__(self, reduction="sum_over_batch_size", name="mean_absolute_error", dtype=None):
        super().__init__(mean_absolute_error, reduction, name, dtype)


@registry.register("losses")
class MeanAbsolutePercentageError(FunctionLoss):
    """Mean of relative differences in percent, `mean(100 * |y_true - y_pred| / |y_true|)`.

    Args:
        reduction: "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight" or "none".
        name: str.
        dtype: dtype-like of the computation; floatx when None.

    Example:
        >>> MeanAbsolutePercentageError()([[2.0, 4.0]], [[1.0, 4.0]]).item()
        25.0

    Source: Keras 3 names and defaults.
    """

    def __init__(
        self, reduction="sum_over_batch_size", name="mean_absolute_percentage_error", dtype=None
    ):
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)


@registry.register("losses")
class MeanSquaredLogarithmicError(FunctionLoss):
    """Mean of squared differences of logarithms, `mean(log((y_true + 1) / (y_pred + 1)) ** 2)`.

    Args:
        reduction: "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight" or "none".
        name: str.
        dtype: dtype-like of the computation; floatx when None.

    Example:
        >>> MeanSquaredLogarithmicError()([[0.5]], [[0.5]]).item()
        0.0

    Source: Keras 3 names and defaults.
    """

    def __init__(
        self, reduction="sum_over_batch_size", name="mean_squared_logarithmic_error", dtype=None
    ):
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)
