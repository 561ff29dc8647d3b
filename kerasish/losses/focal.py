"""Cross-entropies that weigh samples by how sure the model is: focal and generalized."""

from kerasish import ops, registry
from kerasish.config import epsilon
from kerasish.errors import explain
from kerasish.losses.alignment import as_float, match, require_class_indices, sparse_labels
from kerasish.losses.crossentropy import categorical_inputs, smooth_binary, smooth_categorical
from kerasish.losses.wrapper import FunctionLoss, averages_last_axis


@registry.register("losses")
@averages_last_axis
def binary_focal_crossentropy(
    y_true,
    y_pred,
    apply_class_balancing=False,
    alpha=0.25,
    gamma=2.0,
    from_logits=False,
    label_smoothing=0.0,
    axis=-1,
):
    """Mean over an axis of `(1 - p_t) ** gamma * crossentropy`, p_t the probability of the label.

    Args:
        y_true: array-like (batch, ..., d) of 0 and 1.
        y_pred: array-like of the same shape: probabilities.
        apply_class_balancing: bool. Weigh class 1 by alpha and class 0 by 1 - alpha.
        alpha: float.
        gamma: float. How fast easy samples lose weight.
        from_logits: bool. `y_pred` are logits; stable for any size of them.
        label_smoothing: float in [0, 1]. Share by which labels move to 0.5.
        axis: int or tuple. What the mean is taken over.

    Returns:
        tensor without that axis.

    Raises:
        ShapeError: the shapes differ. ValueError: smoothing outside [0, 1].

    Example:
        >>> round(binary_focal_crossentropy([[1.0]], [[0.5]]).item(), 4)
        0.1733

    Source: Keras 3 names and defaults; Lin et al. (2017), arXiv:1708.02002.
    """
    y_true, y_pred = match("binary_focal_crossentropy", y_true, y_pred)
    y_true = smooth_binary(y_true, label_smoothing)
    values = ops.binary_crossentropy(y_true, y_pred, from_logits=from_logits)
    if from_logits:
        y_pred = ops.sigmoid(y_pred)
    p_t = y_true * y_pred + (1.0 - y_true) * (1.0 - y_pred)
    values = ops.power(1.0 - p_t, gamma) * values
    if apply_class_balancing:
        values = (y_true * alpha + (1.0 - y_true) * (1.0 - alpha)) * values
    return ops.mean(values, axis=axis)


@registry.register("losses")
def categorical_focal_crossentropy(
    y_true, y_pred, alpha=0.25, gamma=2.0, from_logits=False, label_smoothing=0.0, axis=-1
):
    """Sum over the class axis of `-alpha (1 - p) ** gamma * y_true log(p)`.

    Args:
        y_true: array-like (batch, ..., classes), one-hot.
        y_pred: array-like of the same shape: probabilities p, scaled to sum to 1.
        alpha: float.
        gamma: float. How fast easy samples lose weight.
        from_logits: bool. `y_pred` are logits.
        label_smoothing: float in [0, 1]. Share by which labels move to 1 / classes.
        axis: int. The class axis.

    Returns:
        tensor without that axis.

    Raises:
        ShapeError: the shapes differ, for example integer labels. ValueError: smoothing or axis.

    Example:
        >>> round(categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).item(), 4)
        0.0433

    Source: Keras 3 names and defaults; Lin et al. (2017), arXiv:1708.02002.
    """
    where = "categorical_focal_crossentropy"
    y_true, y_pred = categorical_inputs(where, y_true, y_pred, axis)
    y_true = smooth_categorical(y_true, label_smoothing, axis)
    if from_logits:
        y_pred = ops.softmax(y_pred, axis=axis)
    p = y_pred / ops.sum(y_pred, axis=axis, keepdims=True)
    p = ops.clip(p, epsilon(), 1.0 - epsilon())
    values = alpha * ops.power(1.0 - p, gamma) * (-y_true * ops.log(p))
    return ops.sum(values, axis=axis)


@registry.register("losses")
def categorical_generalized_cross_entropy(y_true, y_pred, q):
    """`(1 - p ** q) / q`, p the probability of the labelled class: robust to wrong labels.

    Args:
        y_true: array-like (batch, ...) or (batch, ..., 1) of class indices.
        y_pred: array-like (batch, ..., classes): probabilities.
        q: float in (0, 1). Near 0 it is cross-entropy, near 1 the mean absolute error.

    Returns:
        tensor (batch, ...).

    Raises:
        ShapeError: labels that are not one index for each vector of `y_pred`.
        ValueError: a label that is no class (outside a trace).

    Example:
        >>> categorical_generalized_cross_entropy([1], [[0.75, 0.25]], q=0.5).tolist()
        [1.0]

    Source: Keras 3 names; Zhang and Sabuncu (2018), arXiv:1805.07836.
    """
    where = "categorical_generalized_cross_entropy"
    y_pred = as_float(y_pred)
    labels = sparse_labels(where, y_true, y_pred, fix="pass class indices, not one-hot labels")
    require_class_indices(where, labels, y_pred.shape[-1])
    one_hot = ops.one_hot(labels, y_pred.shape[-1], dtype=y_pred.dtype)
    p = ops.sum(y_pred * one_hot, axis=-1)
    return (1.0 - ops.power(p, q)) / q


@registry.register("losses")
class BinaryFocalCrossentropy(FunctionLoss):
    """Binary cross-entropy weighted by `(1 - p_t) ** gamma`, for data with many easy negatives.

    Args:
        apply_class_balancing: bool. Weigh class 1 by alpha and class 0 by 1 - alpha.
        alpha: float.
        gamma: float. How fast easy samples lose weight.
        from_logits: bool. `y_pred` are logits.
        label_smoothing: float in [0, 1]. Share by which labels move to 0.5.
        axis: int. What the mean over features is taken over.
        reduction: "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight" or "none".
        name: str.
        dtype: dtype-like of the computation; floatx when None.

    Example:
        >>> round(BinaryFocalCrossentropy()([[1.0]], [[0.5]]).item(), 4)
        0.1733

    Source: Keras 3 names and defaults; Lin et al. (2017), arXiv:1708.02002.
    """

    def __init__(
        self,
        apply_class_balancing=False,
        alpha=0.25,
        gamma=2.0,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="binary_focal_crossentropy",
        dtype=None,
    ):
        super().__init__(
            binary_focal_crossentropy,
            reduction,
            name,
            dtype,
            apply_class_balancing=apply_class_balancing,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


@registry.register("losses")
class CategoricalFocalCrossentropy(FunctionLoss):
    """Categorical cross-entropy weighted by `alpha (1 - p) ** gamma`, for one-hot labels.

    Args:
        alpha: float.
        gamma: float. How fast easy samples lose weight.
        from_logits: bool. `y_pred` are logits.
        label_smoothing: float in [0, 1]. Share by which labels move to 1 / classes.
        axis: int. The class axis.
        reduction: "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight" or "none".
        name: str.
        dtype: dtype-like of the computation; floatx when None.

    Example:
        >>> round(CategoricalFocalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]]).item(), 4)
        0.0433

    Source: Keras 3 names and defaults; Lin et al. (2017), arXiv:1708.02002.
    """

    def __init__(
        self,
        alpha=0.25,
        gamma=2.0,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="categorical_focal_crossentropy",
        dtype=None,
    ):
        super().__init__(
            categorical_focal_crossentropy,
            reduction,
            name,
            dtype,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


@registry.register("losses")
class CategoricalGeneralizedCrossEntropy(FunctionLoss):
    """Generalized cross-entropy `(1 - p ** q) / q` of integer labels, robust to wrong labels.

    Args:
        q: float in (0, 1). Near 0 it is cross-entropy, near 1 the mean absolute error.
        reduction: "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight" or "none".
        name: str.
        dtype: dtype-like of the computation; floatx when None.

    Raises:
        ValueError: q outside (0, 1).

    Example:
        >>> CategoricalGeneralizedCrossEntropy()([1], [[0.75, 0.25]]).item()
        1.0

    Source: Keras 3 names and defaults; Zhang and Sabuncu (2018), arXiv:1805.07836.
    """

    def __init__(
        self,
        q=0.5,
        reduction="sum_over_batch_size",
        name="categorical_generalized_cross_entropy",
        dtype=None,
    ):
        if not 0 < q < 1:
            raise ValueError(
                explain(
                    "CategoricalGeneralizedCrossEntropy",
                    "q must lie between 0 and 1, both excluded",
                    received=q,
                )
            )
        super().__init__(categorical_generalized_cross_entropy, reduction, name, dtype, q=q)
