"""Correlation metrics: Pearson's and Lin's concordance correlation."""

from kerasish import ops, registry
from kerasish.config import epsilon
from kerasish.losses.alignment import match
from kerasish.metrics.reduction import FunctionMetric


@registry.register("metrics")
def pearson_correlation(y_true, y_pred, axis=-1):
    """`mean((y_true - mean) (y_pred - mean)) / (std(y_true) std(y_pred))` along an axis.

    Args:
        y_true: array-like (batch, ..., d).
        y_pred: array-like of the same shape.
        axis: int. The axis along which values are compared.

    Returns:
        tensor without that axis, in [-1, 1]; NaN for constant values.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> round(pearson_correlation([[1.0, 2.0, 3.0]], [[2.0, 4.0, 6.0]]).item(), 4)
        1.0

    Source: Keras 3 names and defaults.
    """
    y_true, y_pred = match("pearson_correlation", y_true, y_pred)
    y_true = y_true - ops.mean(y_true, axis=axis, keepdims=True)
    y_pred = y_pred - ops.mean(y_pred, axis=axis, keepdims=True)
    y_true = y_true / ops.std(y_true, axis=axis, keepdims=True)
    y_pred = y_pred / ops.std(y_pred, axis=axis, keepdims=True)
    return ops.mean(y_true * y_pred, axis=axis)


@registry.register("metrics")
def concordance_correlation(y_true, y_pred, axis=-1):
    """`2 cov / (var(y_true) + var(y_pred) + (mean(y_true) - mean(y_pred))^2 + epsilon)`.

    Args:
        y_true: array-like (batch, ..., d).
        y_pred: array-like of the same shape.
        axis: int. The axis along which values are compared.

    Returns:
        tensor without that axis, in [-1, 1]; 1 only for equal values.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> round(concordance_correlation([[1.0, 2.0, 3.0]], [[1.0, 2.0, 3.0]]).item(), 4)
        1.0

    Source: Keras 3 names and defaults; Lin (1989).
    """
    y_true, y_pred = match("concordance_correlation", y_true, y_pred)
    true_mean = ops.mean(y_true, axis=axis, keepdims=True)
    pred_mean = ops.mean(y_pred, axis=axis, keepdims=True)
    true_gap, pred_gap = y_true - true_mean, y_pred - pred_mean
    norm = (
        ops.mean(ops.square(true_gap), axis=axis, keepdims=True)
        + ops.mean(ops.square(pred_gap), axis=axis, keepdims=True)
        + ops.square(true_mean - pred_mean)
    )
    return ops.mean(2.0 * true_gap * pred_gap / (norm + epsilon()), axis=axis)


@registry.register("metrics")
class PearsonCorrelation(FunctionMetric):
    """Mean over samples of Pearson's correlation along an axis.

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.
        axis: int. The axis along which values are compared.

    Example:
        >>> round(PearsonCorrelation()([[1.0, 2.0, 3.0]], [[2.0, 4.0, 6.0]]).item(), 4)
        1.0

    Source: Keras 3 names and defaults.
    """

    _direction = "up"

    def __init__(self, name="pearson_correlation", dtype=None, axis=-1):
        super().__init__(pearson_correlation, name, dtype, axis=axis)


@registry.register("metrics")
class ConcordanceCorrelation(FunctionMetric):
    """Mean over samples of the concordance correlation along an axis.

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.
        axis: int. The axis along which values are compared.

    Example:
        >>> round(ConcordanceCorrelation()([[1.0, 2.0, 3.0]], [[1.0, 2.0, 3.0]]).item(), 4)
        1.0

    Source: Keras 3 names and defaults; Lin (1989).
    """

    _direction = "up"

    def __init__(self, name="concordance_correlation", dtype=None, axis=-1):
        super().__init__(concordance_correlation, name, dtype, axis=axis)
