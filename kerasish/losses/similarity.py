"""Losses on directions and embeddings: cosine similarity and circle loss."""

from kerasish import ops, registry
from kerasish.core.masks import set_mask
from kerasish.errors import ShapeError, explain
from kerasish.losses.alignment import as_float, match
from kerasish.losses.wrapper import FunctionLoss


@registry.register("losses")
def cosine_similarity(y_true, y_pred, axis=-1):
    """`-sum(y_true * y_pred)` of the vectors scaled to length 1: -1 for equal directions.

    Args:
        y_true: array-like (batch, ..., d).
        y_pred: array-like of the same shape.
        axis: int. The axis along which the vectors lie.

    Returns:
        tensor without that axis, in [-1, 1]; 0 where a vector is zero.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> cosine_similarity([[0.0, 2.0]], [[0.0, 5.0]]).tolist()
        [-1.0]

    Source: Keras 3 names and defaults.
    """
    y_true, y_pred = match("cosine_similarity", y_true, y_pred)
    product = ops.normalize(y_true, axis=axis) * ops.normalize(y_pred, axis=axis)
    return -ops.sum(product, axis=axis)


@registry.register("losses")
def circle(
    y_true,
    y_pred,
    ref_labels=None,
    ref_embeddings=None,
    remove_diagonal=True,
    gamma=80,
    margin=0.4,
):
    """`softplus(logsumexp(positive pairs) + logsumexp(negative pairs))` of each embedding.

    Distances are d = max(1 - cosine, 0); a pair of one class weighs `-gamma (margin + d)
    (margin - d)`, a pair of two classes `gamma max(1 + margin - d, 0) (1 - margin - d)`.

    Args:
        y_true: array-like (batch,) or (batch, 1) of class indices.
        y_pred: array-like (batch, d) of embeddings of length 1.
        ref_labels: class indices to compare with; `y_true` when None.
        ref_embeddings: embeddings to compare with; `y_pred` when None.
        remove_diagonal: bool. Do not compare an embedding with itself.
        gamma: float. Scale.
        margin: float.

    Returns:
        tensor (batch,) with a mask that leaves zeros out of a loss's mean.

    Raises:
        ShapeError: not one label for each embedding.

    Example:
        >>> circle([0, 1], [[1.0, 0.0], [0.0, 1.0]]).tolist()
        [0.0, 0.0]

    Source: Keras 3 names and defaults; Sun et al. (2020), arXiv:2002.10857.
    """
    y_pred, labels = _embeddings(y_pred, y_true)
    if ref_embeddings is None and ref_labels is None:
        references, reference_labels = y_pred, labels
    else:
        references, reference_labels = _embeddings(
            y_pred if ref_embeddings is None else ref_embeddings,
            y_true if ref_labels is None else ref_labels,
        )
    distance = ops.maximum(1.0 - ops.matmul(y_pred, ops.transpose(references)), 0.0)
    is_same = ops.equal(labels[:, None], reference_labels[None, :])
    is_positive = is_same
    if remove_diagonal:
        is_other = ops.not_equal(_positions(labels)[:, None], _positions(reference_labels)[None, :])
        is_positive = ops.logical_and(is_same, is_other)
    positive = -gamma * (margin + distance) * (margin - distance)
    negative = gamma * ops.maximum(1.0 + margin - distance, 0.0) * (1.0 - margin - distance)
    # A finite stand-in for -inf: rows without a pair then have finite gradients.
    nothing = -3e4 if distance.dtype == "float16" else -1e9
    values = ops.softplus(
        ops.logsumexp(ops.where(is_positive, positive, nothing), axis=1)
        + ops.logsumexp(ops.where(is_same, nothing, negative), axis=1)
    )
    set_mask(values, values > 0)
    return values


def _embeddings(embeddings, labels):
    embeddings = as_float(embeddings)
    labels = ops.cast(ops.convert_to_tensor(labels), "int32")
    if len(labels.shape) == 2 and labels.shape[1] == 1:
        labels = ops.squeeze(labels, axis=1)
    sizes = {n for n in (labels.shape[:1] + embeddings.shape[:1]) if n is not None}
    if len(labels.shape) != 1 or len(embeddings.shape) != 2 or len(sizes) > 1:
        raise ShapeError(
            explain(
                "circle",
                "labels and embeddings do not fit",
                received=f" labels of shape {tuple(labels.shape)}, "
                f"embeddings of shape {tuple(embeddings.shape)}",
                expected="labels (batch,) or (batch, 1), embeddings (batch, d)",
            )
        )
    return embeddings, labels


def _positions(labels):
    return ops.cumsum(ops.ones_like(labels))


@registry.register("losses")
class CosineSimilarity(FunctionLoss):
    """Negative cosine of the angle between labels and predictions, `-sum(l2(y_true) l2(y_pred))`.

    Args:
        axis: int. The axis along which the vectors lie.
        reduction: "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight" or "none".
        name: str.
        dtype: dtype-like of the computation; floatx when None.

    Example:
        >>> CosineSimilarity()([[0.0, 2.0]], [[0.0, 5.0]]).item()
        -1.0

    Source: Keras 3 names and defaults. Departure: the config holds `axis`.
    """

    def __init__(
        self, axis=-1, reduction="sum_over_batch_size", name="cosine_similarity", dtype=None
    ):
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)


@registry.register("losses")
class Circle(FunctionLoss):
    """Circle loss of embeddings with class labels: pulls classes together, others apart.

    Args:
        gamma: float. Scale.
        margin: float.
        remove_diagonal: bool. Do not compare an embedding with itself.
        reduction: "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight" or "none".
        name: str.
        dtype: dtype-like of the computation; floatx when None.

    Example:
        >>> Circle()([0, 1], [[1.0, 0.0], [0.0, 1.0]]).item()
        0.0

    Source: Keras 3 names and defaults; Sun et al. (2020), arXiv:2002.10857.
    """

    def __init__(
        self,
        gamma=80.0,
        margin=0.4,
        remove_diagonal=True,
        reduction="sum_over_batch_size",
        name="circle",
        dtype=None,
    ):
        super().__init__(
            circle,
            reduction,
            name,
            dtype,
            gamma=gamma,
            margin=margin,
            remove_diagonal=remove_diagonal,
        )
