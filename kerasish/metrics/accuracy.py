"""Accuracies: how often predictions equal labels, for values, thresholds and classes."""

from kerasish import ops, registry
from kerasish.config import settings
from kerasish.losses.alignment import (
    require_same_shape,
    sparse_labels,
    squeeze_or_expand_to_same_rank,
)
from kerasish.metrics.reduction import FunctionMetric


def accuracy(y_true, y_pred):
    """1 where `y_true == y_pred`, else 0, elementwise."""
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
    require_same_shape(
        "accuracy",
        y_true,
        y_pred,
        fix="for class probabilities use sparse_categorical_accuracy (integer labels) or "
        "categorical_accuracy (one-hot labels)",
    )
    return ops.cast(ops.equal(y_true, y_pred), settings.floatx)


@registry.register("metrics")
def binary_accuracy(y_true, y_pred, threshold=0.5):
    """1 where `y_true == (y_pred > threshold)`, else 0, elementwise.

    Args:
        y_true: array-like (batch, ...) of 0 and 1.
        y_pred: array-like of the same shape.
        threshold: float.

    Returns:
        float tensor of that shape.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> binary_accuracy([[1.0], [1.0]], [[0.9], [0.2]]).tolist()
        [[1.0], [0.0]]

    Source: Keras 3 names and defaults.
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
    require_same_shape(
        "binary_accuracy",
        y_true,
        y_pred,
        fix="for several classes use sparse_categorical_accuracy or categorical_accuracy",
    )
    decided = ops.cast(ops.greater(y_pred, threshold), y_true.dtype)
    return ops.cast(ops.equal(y_true, decided), settings.floatx)


@registry.register("metrics")
def categorical_accuracy(y_true, y_pred):
    """1 where the largest prediction is that of the one-hot label, else 0.

    Args:
        y_true: array-like (batch, ..., classes), one-hot.
        y_pred: array-like of the same shape.

    Returns:
        float tensor (batch, ...).

    Raises:
        ShapeError: the shapes differ, for example integer labels.

    Example:
        >>> categorical_accuracy([[0, 1], [1, 0]], [[0.1, 0.9], [0.3, 0.7]]).tolist()
        [1.0, 0.0]

    Source: Keras 3 names and defaults.
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    require_same_shape(
        "categorical_accuracy",
        y_true,
        y_pred,
        fix="for integer labels use sparse_categorical_accuracy",
    )
    matches = ops.equal(ops.argmax(y_true, axis=-1), ops.argmax(y_pred, axis=-1))
    return ops.cast(matches, settings.floatx)


@registry.register("metrics")
def sparse_categorical_accuracy(y_true, y_pred):
    """1 where the largest prediction is that of the integer label, else 0.

    Args:
        y_true: array-like (batch, ...) or (batch, ..., 1) of class indices.
        y_pred: array-like (batch, ..., classes).

    Returns:
        float tensor (batch, ...).

    Raises:
        ShapeError: labels that are not one index for each vector of `y_pred`.

    Example:
        >>> sparse_categorical_accuracy([1, 0], [[0.1, 0.9], [0.3, 0.7]]).tolist()
        [1.0, 0.0]

    Source: Keras 3 names and defaults.
    """
    y_pred = ops.convert_to_tensor(y_pred)
    labels = sparse_labels(
        "sparse_categorical_accuracy",
        y_true,
        y_pred,
        fix="for one-hot labels use categorical_accuracy",
    )
    return ops.cast(ops.equal(labels, ops.argmax(y_pred, axis=-1)), settings.floatx)


@registry.register("metrics", "accuracy")
class Accuracy(FunctionMetric):
    """How often `y_true == y_pred`: for predictions that are class indices themselves.

    In `compile`, the string "accuracy" chooses between this family's metrics by the shapes.

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Example:
        >>> Accuracy()([[1], [2]], [[1], [0]]).item()
        0.5

    Source: Keras 3 names and defaults.
    """

    _direction = "up"

    def __init__(self, name="accuracy", dtype=None):
        super().__init__(accuracy, name, dtype)


@registry.register("metrics")
class BinaryAccuracy(FunctionMetric):
    """How often `y_true == (y_pred > threshold)`.

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.
        threshold: float.

    Example:
        >>> BinaryAccuracy()([[1.0], [1.0]], [[0.9], [0.2]]).item()
        0.5

    Source: Keras 3 names and defaults.
    """

    _direction = "up"

    def __init__(self, name="binary_accuracy", dtype=None, threshold=0.5):
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)


@registry.register("metrics")
class CategoricalAccuracy(FunctionMetric):
    """How often the largest prediction is that of the one-hot label.

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Example:
        >>> CategoricalAccuracy()([[0, 1], [1, 0]], [[0.1, 0.9], [0.3, 0.7]]).item()
        0.5

    Source: Keras 3 names and defaults.
    """

    _direction = "up"

    def __init__(self, name="categorical_accuracy", dtype=None):
        super().__init__(categorical_accuracy, name, dtype)


@registry.register("metrics")
class SparseCategoricalAccuracy(FunctionMetric):
    """How often the largest prediction is that of the integer label.

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Example:
        >>> SparseCategoricalAccuracy()([1, 0], [[0.1, 0.9], [0.3, 0.7]]).item()
        0.5

    Source: Keras 3 names and defaults.
    """

    _direction = "up"

    def __init__(self, name="sparse_categorical_accuracy", dtype=None):
        super().__init__(sparse_categorical_accuracy, name, dtype)
