"""Losses between distributions and counts: Kullback-Leibler divergence and Poisson."""

from kerasish import ops, registry
from kerasish.config import epsilon
from kerasish.losses.alignment import match
from kerasish.losses.wrapper import FunctionLoss, averages_last_axis


@registry.register("losses", "kld", "KLD", "kullback_leibler_divergence")
def kl_divergence(y_true, y_pred):
    """Sum over the last axis of `y_true * log(y_true / y_pred)`, both clipped to [epsilon, 1].

    Args:
        y_true: array-like (batch, ..., d) of probabilities.
        y_pred: array-like of the same shape.

    Returns:
        tensor (batch, ...).

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> kl_divergence([[0.5, 0.5]], [[0.5, 0.5]]).tolist()
        [0.0]

    Source: Keras 3 names and defaults.
    """
    y_true, y_pred = match("kl_divergence", y_true, y_pred)
    y_true = ops.clip(y_true, epsilon(), 1.0)
    y_pred = ops.clip(y_pred, epsilon(), 1.0)
    return ops.sum(y_true * ops.log(y_true / y_pred), axis=-1)


@registry.register("losses")
@averages_last_axis
def poisson(y_true, y_pred):
    """Mean over the last axis of `y_pred - y_true * log(y_pred + epsilon)`.

    Args:
        y_true: array-like (batch, ..., d) of counts.
        y_pred: array-like of the same shape: expected counts, positive.

    Returns:
        tensor (batch, ...).

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> round(poisson([[1.0]], [[1.0]]).item(), 4)
        1.0

    Source: Keras 3 names and defaults.
    """
    y_true, y_pred = match("poisson", y_true, y_pred)
    return ops.mean(y_pred - y_true * ops.log(y_pred + epsilon()), axis=-1)


@registry.register("losses")
class KLDivergence(FunctionLoss):
    """Kullback-Leibler divergence, `sum(y_true * log(y_true / y_pred))`.

    Args:
        reduction: "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight" or "none".
        name: str.
        dtype: dtype-like of the computation; floatx when None.

    Example:
        >>> KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]]).item()
        0.0

    Source: Keras 3 names and defaults.
    """

    def __init__(self, reduction="sum_over_batch_size", name="kl_divergence", dtype=None):
        super().__init__(kl_divergence, reduction, name, dtype)


@registry.register("losses")
class Poisson(FunctionLoss):
    """Negative log likelihood of counts less a constant, `mean(y_pred - y_true * log(y_pred))`.

    Args:
        reduction: "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight" or "none".
        name: str.
        dtype: dtype-like of the computation; floatx when None.

    Example:
        >>> round(Poisson()([[1.0]], [[1.0]]).item(), 4)
        1.0

    Source: Keras 3 names and defaults.
    """

    def __init__(self, reduction="sum_over_batch_size", name="poisson", dtype=None):
        super().__init__(poisson, reduction, name, dtype)
