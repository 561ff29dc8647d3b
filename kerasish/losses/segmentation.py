"""Overlap losses for image masks: Dice and Tversky."""

from kerasish import ops, registry
from kerasish.config import epsilon
from kerasish.losses.alignment import match
from kerasish.losses.wrapper import FunctionLoss


@registry.register("losses")
def dice(y_true, y_pred, axis=None):
    """`1 - 2 sum(y_true y_pred) / (sum(y_true) + sum(y_pred) + epsilon)`.

    Args:
        y_true: array-like (batch, ...) of 0 and 1.
        y_pred: array-like of the same shape: probabilities.
        axis: int, tuple of int, or None (all axes, the batch too).

    Returns:
        tensor without those axes.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> round(dice([[1.0, 0.0]], [[1.0, 1.0]]).item(), 4)
        0.3333

    Source: Keras 3 names and defaults.
    """
    y_true, y_pred = match("dice", y_true, y_pred)
    axis = _axes(axis)
    overlap = ops.sum(y_true * y_pred, axis=axis)
    total = ops.sum(y_true, axis=axis) + ops.sum(y_pred, axis=axis)
    return 1.0 - 2.0 * overlap / (total + epsilon())


@registry.register("losses")
def tversky(y_true, y_pred, alpha=0.5, beta=0.5, axis=None):
    """`1 - overlap / (overlap + alpha * missed + beta * excess + epsilon)`.

    overlap = sum(y_true y_pred), missed = sum(y_true (1 - y_pred)), excess = sum((1 - y_true)
    y_pred). With alpha = beta = 0.5 this is Dice.

    Args:
        y_true: array-like (batch, ...) of 0 and 1.
        y_pred: array-like of the same shape: probabilities.
        alpha: float. Weight of what was missed.
        beta: float. Weight of what is in excess.
        axis: int, tuple of int, or None (all axes, the batch too).

    Returns:
        tensor without those axes.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> round(tversky([[1.0, 0.0]], [[1.0, 1.0]]).item(), 4)
        0.3333

    Source: Keras 3 names and defaults; Salehi et al. (2017), arXiv:1706.05721.
    """
    y_true, y_pred = match("tversky", y_true, y_pred)
    axis = _axes(axis)
    overlap = ops.sum(y_true * y_pred, axis=axis)
    missed = ops.sum(y_true * (1.0 - y_pred), axis=axis)
    excess = ops.sum((1.0 - y_true) * y_pred, axis=axis)
    return 1.0 - overlap / (overlap + alpha * missed + beta * excess + epsilon())


def _axes(axis):
    return tuple(axis) if isinstance(axis, list) else axis


@registry.register("losses")
class Dice(FunctionLoss):
    """Dice loss, `1 - 2 overlap / (size of y_true + size of y_pred)`.

    With the default `axis=None` the whole batch gives one value; (1, 2, 3) gives one an image.

    Args:
        reduction: "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight" or "none".
        name: str.
        axis: int, tuple of int, or None (all axes).
        dtype: dtype-like of the computation; floatx when None.

    Example:
        >>> round(Dice()([[1.0, 0.0]], [[1.0, 1.0]]).item(), 4)
        0.3333

    Source: Keras 3 names and defaults.
    """

    def __init__(self, reduction="sum_over_batch_size", name="dice", axis=None, dtype=None):
        super().__init__(dice, reduction, name, dtype, axis=axis)


@registry.register("losses")
class Tversky(FunctionLoss):
    """Tversky loss: Dice with separate weights for missed and for excess area.

    Args:
        alpha: float. Weight of what was missed.
        beta: float. Weight of what is in excess.
        reduction: "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight" or "none".
        name: str.
        axis: int, tuple of int, or None (all axes, the batch too).
        dtype: dtype-like of the computation; floatx when None.

    Example:
        >>> round(Tversky()([[1.0, 0.0]], [[1.0, 1.0]]).item(), 4)
        0.3333

    Source: Keras 3 names and defaults; Salehi et al. (2017), arXiv:1706.05721.
    """

    def __init__(
        self,
        alpha=0.5,
        beta=0.5,
        reduction="sum_over_batch_size",
        name="tversky",
        axis=None,
        dtype=None,
    ):
        super().__init__(tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)
