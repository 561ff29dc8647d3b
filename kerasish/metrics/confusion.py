"""Counts of true and false positives and negatives at many thresholds, on which the rates stand."""

from kerasish import ops
from kerasish.config import epsilon
from kerasish.errors import ShapeError, explain
from kerasish.losses.alignment import fit_weight, match

LEFT_OUT = -1e10  # score of predictions that are not among the top k: below every threshold


def parse_thresholds(where, thresholds, default=0.5):
    """List of thresholds from a number, a sequence or None.

    Raises:
        ValueError: a threshold outside [0, 1].
    """
    if thresholds is None:
        return [default]
    listed = list(thresholds) if isinstance(thresholds, (list, tuple)) else [thresholds]
    if not listed or any(t is None or not 0 <= t <= 1 for t in listed):
        raise ValueError(
            explain(where, "thresholds must lie in [0, 1]", received=thresholds, fix="[0.3, 0.5]")
        )
    return listed


def even_thresholds(num_thresholds):
    """`num_thresholds` thresholds from 0 to 1 at equal distances."""
    inner = [(i + 1) * 1.0 / (num_thresholds - 1) for i in range(num_thresholds - 2)]
    return [0.0, *inner, 1.0]


def are_even(thresholds):
    """Whether thresholds are those of `even_thresholds`, so that counting by buckets applies."""
    steps = len(thresholds) - 1
    return steps >= 2 and all(
        abs(t - i / steps) <= epsilon() + 1e-5 * (i / steps) for i, t in enumerate(thresholds)
    )


def count_outcomes(
    where,
    y_true,
    y_pred,
    thresholds,
    *,
    dtype,
    is_even=False,
    top_k=None,
    class_id=None,
    sample_weight=None,
    multi_label=False,
    label_weights=None,
):
    """Weighted counts of a batch at each threshold, where a prediction above it is positive.

    Args:
        where: str. Metric named in errors.
        y_true: array-like (batch, ...); values other than 0 are positive.
        y_pred: array-like of the same shape.
        thresholds: list of float, ascending where `is_even`.
        dtype: dtype name of the counts.
        is_even: bool. The thresholds are at equal distances (the first may lie just below 0 and
            the last just above 1): counted by buckets, in one pass.
        top_k: int or None. Only the k largest predictions of a sample may be positive.
        class_id: int or None. Only this entry of the last axis counts.
        sample_weight: array-like (batch, ...) or None.
        multi_label: bool. Count each column of (batch, labels) by itself.
        label_weights: tensor (labels,) or None. Weighs columns that are counted together.

    Returns:
        dict of tensors "true_positives", "false_positives", "true_negatives", "false_negatives",
        each (thresholds,), or (thresholds, labels) for `multi_label`.

    Raises:
        ShapeError: shapes that do not fit. ValueError: `class_id` or `top_k` that do not.
    """
    y_pred = ops.cast(ops.convert_to_tensor(y_pred), dtype)
    y_true, y_pred = match(
        where,
        y_true,
        y_pred,
        fix="labels must be one-hot (or 0 and 1) like "
        "the predictions; select one class with y_pred[:, i]",
    )
    if multi_label and (len(y_pred.shape) != 2 or y_pred.shape[-1] is None):
        raise ShapeError(
            explain(
                where,
                "multi_label needs y_pred of shape (batch, labels), labels known",
                received=f" y_pred of shape {tuple(y_pred.shape)}",
            )
        )
    weight = ops.ones_like(y_pred)
    if sample_weight is not None:
        given = ops.convert_to_tensor(sample_weight, dtype=dtype)
    if top_k is not None:
        y_pred = _keep_top_k(where, y_pred, top_k)
    if class_id is not None:
        y_true, y_pred, weight = _select(where, class_id, y_true, y_pred, weight)
    if sample_weight is not None:
        weight = weight * fit_weight(y_pred, given)
    if label_weights is not None:
        weight = weight * label_weights
    is_true = ops.cast(ops.not_equal(y_true, 0), dtype)
    true, false = is_true * weight, (1.0 - is_true) * weight
    if not multi_label:
        y_pred, true, false = (ops.reshape(x, (-1, 1)) for x in (y_pred, true, false))
    count = _count_in_buckets if is_even else _count_above
    true_positives, false_positives = count(y_pred, thresholds, true, false)
    counts = {
        "true_positives": true_positives,
        "false_positives": false_positives,
        "true_negatives": ops.sum(false, axis=0) - false_positives,
        "false_negatives": ops.sum(true, axis=0) - true_positives,
    }
    return counts if multi_label else {k: ops.squeeze(v, axis=-1) for k, v in counts.items()}


def _keep_top_k(where, y_pred, k):
    num_classes = y_pred.shape[-1]
    if num_classes is not None and not 0 < k <= num_classes:
        raise ValueError(
            explain(
                where,
                "top_k must lie between 1 and the number of classes",
                received=k,
                expected=f"1 to {num_classes}",
            )
        )
    _, best = ops.top_k(y_pred, k)
    chosen = ops.sum(ops.one_hot(best, num_classes, dtype=y_pred.dtype), axis=-2)
    return ops.where(chosen > 0, y_pred, LEFT_OUT)


def _select(where, class_id, *tensors):
    shape = tensors[0].shape
    size = shape[-1] if len(shape) > 1 else 0
    if size is not None and not 0 <= class_id < size:
        raise ValueError(
            explain(
                where,
                "class_id needs y_pred of shape (batch, classes) and a class of it",
                received=f" class_id {class_id}, y_pred of shape {tuple(shape)}",
            )
        )
    return tuple(x[..., class_id : class_id + 1] for x in tensors)


def _count_above(y_pred, thresholds, *weights):
    """Sum of each weight over the predictions above each threshold: (thresholds, labels)."""
    levels = ops.reshape(ops.convert_to_tensor(list(thresholds), dtype=y_pred.dtype), (-1, 1, 1))
    is_above = ops.expand_dims(y_pred, axis=0) > levels
    return [ops.sum(ops.where(is_above, ops.expand_dims(w, axis=0), 0.0), axis=1) for w in weights]


def _count_in_buckets(y_pred, thresholds, *weights):
    """`_count_above` for thresholds at equal distances, in one pass over the predictions.

    Bucket i holds predictions in (i, i + 1] / (thresholds - 1). A cumulative sum from the last
    bucket counts those above each threshold.
    """
    num_thresholds, num_labels = len(thresholds), y_pred.shape[-1]
    bucket = ops.ceil(ops.clip(y_pred, 0.0, 1.0) * float(num_thresholds - 1)) - 1.0
    if thresholds[0] < 0.0:
        bucket = ops.maximum(bucket, 0.0)  # 0 itself lies above the first threshold
    is_counted = bucket >= 0.0  # False for NaN too, which is above nothing
    bucket = ops.cast(ops.where(is_counted, bucket, 0.0), "int32")
    label = ops.convert_to_tensor(list(range(num_labels)), dtype="int32")
    segments = ops.reshape(bucket + num_thresholds * label, (-1,))
    results = []
    for weight in weights:
        counted = ops.reshape(ops.where(is_counted, weight, 0.0), (-1,))
        sums = ops.segment_sum(counted, segments, num_segments=num_thresholds * num_labels)
        sums = ops.reshape(sums, (num_labels, num_thresholds))
        results.append(ops.transpose(ops.flip(ops.cumsum(ops.flip(sums, axis=1), axis=1), axis=1)))
    return results
