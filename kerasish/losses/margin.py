"""Margin losses for classification: hinge, squared hinge, categorical hinge."""

from kerasish import ops, registry
from kerasish.losses.alignment import match
from kerasish.losses.wrapper import FunctionLoss, averages_last_axis


def _signed(y_true):
    """Labels 0 and 1 as -1 and 1; other labels as they are."""
    is_binary = ops.all(ops.logical_or(ops.equal(y_true, 0), ops.equal(y_true, 1)))
    return ops.where(is_binary, 2.0 * y_true - 1.0, y_true)


@registry.register("losses")
@averages_last_axis
def hinge(y_true, y_pred):
    """Mean over the last axis of `max(1 - y_true * y_pred, 0)`.

    Args:
        y_true: array-like (batch, ..., d) of -1 and 1; a batch of only 0 and 1 is read as -1 and 1.
        y_pred: array-like of the same shape.

    Returns:
        tensor (batch, ...).

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> hinge([[1.0, -1.0]], [[0.5, -2.0]]).tolist()
        [0.25]

    Source: Keras 3 names and defaults.
    """
    y_true, y_pred = match("hinge", y_true, y_pred)
    return ops.mean(ops.maximum(1.0 - _signed(y_true) * y_pred, 0.0), axis=-1)


@registry.register("losses")
@averages_last_axis
def squared_hinge(y_true, y_pred):
    """Mean over the last axis of `max(1 - y_true * y_pred, 0) ** 2`.

    Args:
        y_true: array-like (batch, ..., d) of -1 and 1; a batch of only 0 and 1 is read as -1 and 1.
        y_pred: array-like of the same shape.

    Returns:
        tensor (batch, ...).

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> squared_hinge([[1.0, -1.0]], [[0.5, -2.0]]).tolist()
        [0.125]

    Source: Keras 3 names and defaults.
    """
    y_true, y_pred = match("squared_hinge", y_true, y_pred)
    margin = ops.maximum(1.0 - _signed(y_true) * y_pred, 0.0)
    return ops.mean(ops.square(margin), axis=-1)


@registry.register("losses")
def categorical_hinge(y_true, y_pred):
    """`max(neg - pos + 1, 0)`: pos the score of the true class, neg the best of the others.

    Args:
        y_true: array-like (batch, ..., classes), one-hot.
        y_pred: array-like of the same shape.

    Returns:
        tensor (batch, ...).

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> categorical_hinge([[0.0, 1.0]], [[0.5, 1.0]]).tolist()
        [0.5]

    Source: Keras 3 names and defaults.
    """
    y_true, y_pred = match("categorical_hinge", y_true, y_pred)
    positive = ops.sum(y_true * y_pred, axis=-1)
    negative = ops.max((1.0 - y_true) * y_pred, axis=-1)
    return ops.maximum(negative - positive + 1.0, 0.0)


@registry.register("losses")
class Hinge(FunctionLoss):
    """Hinge loss, `mean(max(1 - y_true * y_pred, 0))`, for labels -1 and 1 (or 0 and 1).

    Args:
        reduction: "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight" or "none".
        name: str.
        dtype: dtype-like of the computation; floatx when None.

    Example:
        >>> Hinge()([[1.0, -1.0]], [[0.5, -2.0]]).item()
        0.25

    Source: Keras 3 names and defaults.
    """

    def __init__(self, reduction="sum_over_batch_size", name="hinge", dtype=None):
        super().__init__(hinge, reduction, name, dtype)


@registry.register("losses")
class SquaredHinge(FunctionLoss):
    """Squared hinge loss, `mean(max(1 - y_true * y_pred, 0) ** 2)`.

    Args:
        reduction: "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight" or "none".
        name: str.
        dtype: dtype-like of the computation; floatx when None.

    Example:
        >>> SquaredHinge()([[1.0, -1.0]], [[0.5, -2.0]]).item()
        0.125

    Source: Keras 3 names and defaults.
    """

    def __init__(self, reduction="sum_over_batch_size", name="squared_hinge", dtype=None):
        super().__init__(squared_hinge, reduction, name, dtype)


@registry.register("losses")
class CategoricalHinge(FunctionLoss):
    """Hinge loss over classes, `max(neg - pos + 1, 0)`, for one-hot labels.

    Args:
        reduction: "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight" or "none".
        name: str.
        dtype: dtype-like of the computation; floatx when None.

    Example:
        >>> CategoricalHinge()([[0.0, 1.0]], [[0.5, 1.0]]).item()
        0.5

    Source: Keras 3 names and defaults.
    """

    def __init__(self, reduction="sum_over_batch_size", name="categorical_hinge", dtype=None):
        super().__init__(categorical_hinge, reduction, name, dtype)
