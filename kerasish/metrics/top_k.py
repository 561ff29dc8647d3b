"""Top-k accuracies: how often the label is among the k largest predictions."""

from kerasish import ops, registry
from kerasish.config import settings
from kerasish.losses.alignment import require_same_shape, sparse_labels
from kerasish.metrics.reduction import FunctionMetric


@registry.register("metrics")
def top_k_categorical_accuracy(y_true, y_pred, k=5):
    """1 where the one-hot label is among the k largest predictions, else 0.

    Args:
        y_true: array-like (batch, ..., classes), one-hot.
        y_pred: array-like of the same shape.
        k: int.

    Returns:
        float tensor (batch, ...).

    Raises:
        ShapeError: the shapes differ, for example integer labels.

    Example:
        >>> top_k_categorical_accuracy([[0, 0, 1]], [[0.5, 0.2, 0.3]], k=2).tolist()
        [1.0]

    Source: Keras 3 names and defaults.
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    require_same_shape(
        "top_k_categorical_accuracy",
        y_true,
        y_pred,
        fix="for integer labels use sparse_top_k_categorical_accuracy",
    )
    return _in_top_k(ops.cast(ops.argmax(y_true, axis=-1), "int32"), y_pred, k)


@registry.register("metrics")
def sparse_top_k_categorical_accuracy(y_true, y_pred, k=5, from_sorted_ids=False):
    """1 where the integer label is among the k largest predictions, else 0.

    Args:
        y_true: array-like (batch, ...) or (batch, ..., 1) of class indices.
        y_pred: array-like (batch, ..., classes) of scores.
        k: int.
        from_sorted_ids: bool. `y_pred` are class indices, best first, rather than scores.

    Returns:
        float tensor (batch, ...).

    Raises:
        ShapeError: labels that are not one index for each vector of `y_pred`.

    Example:
        >>> sparse_top_k_categorical_accuracy([2], [[0.5, 0.2, 0.3]], k=2).tolist()
        [1.0]

    Source: Keras 3 names and defaults.
    """
    y_pred = ops.convert_to_tensor(y_pred)
    labels = sparse_labels(
        "sparse_top_k_categorical_accuracy",
        y_true,
        y_pred,
        fix="for one-hot labels use top_k_categorical_accuracy",
    )
    if from_sorted_ids:
        hits = ops.any(ops.equal(ops.expand_dims(labels, axis=-1), y_pred[..., :k]), axis=-1)
        return ops.cast(hits, settings.floatx)
    return _in_top_k(labels, y_pred, k)


def _in_top_k(labels, y_pred, k):
    flat = ops.reshape(y_pred, (-1, y_pred.shape[-1]))
    hits = ops.cast(ops.in_top_k(ops.reshape(labels, (-1,)), flat, k=k), settings.floatx)
    return hits if len(labels.shape) == 1 else ops.reshape(hits, ops.shape(labels))


@registry.register("metrics")
class TopKCategoricalAccuracy(FunctionMetric):
    """How often the one-hot label is among the k largest predictions.

    Args:
        k: int.
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Example:
        >>> TopKCategoricalAccuracy(k=2)([[0, 0, 1]], [[0.5, 0.2, 0.3]]).item()
        1.0

    Source: Keras 3 names and defaults.
    """

    _direction = "up"

    def __init__(self, k=5, name="top_k_categorical_accuracy", dtype=None):
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)


@registry.register("metrics")
class SparseTopKCategoricalAccuracy(FunctionMetric):
    """How often the integer label is among the k largest predictions.

    Args:
        k: int.
        name: str.
        dtype: dtype-like of the result; floatx when None.
        from_sorted_ids: bool. `y_pred` are class indices, best first, rather than scores.

    Example:
        >>> SparseTopKCategoricalAccuracy(k=2)([2], [[0.5, 0.2, 0.3]]).item()
        1.0

    Source: Keras 3 names and defaults.
    """

    _direction = "up"

    def __init__(
        self, k=5, name="sparse_top_k_categorical_accuracy", dtype=None, from_sorted_ids=False
    ):
        super().__init__(
            sparse_top_k_categorical_accuracy, name, dtype, k=k, from_sorted_ids=from_sorted_ids
        )
