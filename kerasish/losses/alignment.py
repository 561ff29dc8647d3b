"""How labels, predictions and weights of different shapes are matched, or refused."""

from kerasish import ops
from kerasish.arrays import dtypes
from kerasish.config import floatx
from kerasish.errors import ShapeError, explain


def squeeze_or_expand_to_same_rank(x1, x2, expand_rank_1=True):
    """Bring two tensors whose ranks differ by a last axis of size 1 to one rank.

    Args:
        x1: tensor.
        x2: tensor.
        expand_rank_1: bool. Turn (n,) into (n, 1) beside (n, 1), rather than the other way round.

    Returns:
        pair of tensors; unchanged where the rule does not apply.

    Example:
        >>> a, b = squeeze_or_expand_to_same_rank(ops.ones((4,)), ops.ones((4, 1)))
        >>> a.shape, b.shape
        ((4, 1), (4, 1))

    Source: Keras 3 semantics.
    """
    if len(x1.shape) > len(x2.shape):
        x2, x1 = squeeze_or_expand_to_same_rank(x2, x1, expand_rank_1)
        return x1, x2
    if len(x2.shape) != len(x1.shape) + 1 or x2.shape[-1] != 1:
        return x1, x2
    if len(x1.shape) == 1 and expand_rank_1:
        return ops.expand_dims(x1, axis=-1), x2
    return x1, ops.squeeze(x2, axis=-1)


def match(where, y_true, y_pred, fix=None):
    """Labels and float predictions as tensors of one shape and the dtype of the predictions.

    Args:
        where: str. Function named in the error.
        y_true: array-like (batch, ...).
        y_pred: array-like of the same shape, up to a last axis of size 1.
        fix: str or None. Advice added to the error.

    Returns:
        y_true, y_pred.

    Raises:
        ShapeError: the shapes differ; they would broadcast to a wrong result, or not at all.

    Example:
        >>> [t.shape for t in match("example", [1, 0], [[0.5], [0.5]])]
        [(2, 1), (2, 1)]
    """
    y_pred = as_float(y_pred)
    y_true = ops.convert_to_tensor(y_true, dtype=y_pred.dtype)
    y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
    require_same_shape(where, y_true, y_pred, fix)
    return y_true, y_pred


def as_float(x):
    """Tensor of `x`, with integers and booleans in floatx."""
    x = ops.convert_to_tensor(x)
    return x if dtypes.is_float(x.dtype) else ops.cast(x, floatx())


def require_same_shape(where, y_true, y_pred, fix=None):
    """Raise ShapeError unless two tensors have one shape, as far as the sizes are known."""
    if not shapes_agree(y_true.shape, y_pred.shape):
        raise ShapeError(
            explain(
                where,
                "y_true and y_pred must have the same shape",
                received=f" y_true of shape {tuple(y_true.shape)}, "
                f"y_pred of shape {tuple(y_pred.shape)}",
                fix=fix or "reshape the labels like the model's output (or the other way round)",
            )
        )


def shapes_agree(a, b):
    """Whether two shapes are equal where both know the size."""
    return len(a) == len(b) and all(
        m is None or n is None or m == n for m, n in zip(a, b, strict=True)
    )


def sparse_labels(where, y_true, y_pred, fix=None):
    """Integer labels of shape `y_pred.shape[:-1]`; a last axis of size 1 is dropped.

    Raises:
        ShapeError: labels of another shape, for example one-hot.
        ValueError: a label that is no class, found where values are at hand (not in a trace).
    """
    y_true = ops.convert_to_tensor(y_true)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, axis=-1)
    if not shapes_agree(y_true.shape, y_pred.shape[:-1]):
        raise ShapeError(
            explain(
                where,
                "y_true must hold one class index for each vector of y_pred",
                received=f" y_true of shape {tuple(y_true.shape)}, "
                f"y_pred of shape {tuple(y_pred.shape)}",
                expected=f"y_true of shape {tuple(y_pred.shape[:-1])}",
                fix=fix,
            )
        )
    return ops.cast(y_true, "int32")


def require_class_indices(where, labels, num_classes):
    """Raise ValueError for labels outside [0, num_classes), where their values are at hand."""
    if labels.is_symbolic or num_classes is None or not labels.size:
        return
    low, high = int(ops.min(labels)), int(ops.max(labels))
    if low < 0 or high >= num_classes:
        raise ValueError(
            explain(
                where,
                "a label is no class index",
                received=f" labels from {low} to {high}",
                expected=f"integers from 0 to {num_classes - 1} for {num_classes} classes",
                fix="number the classes from 0, widen the last layer, or pass ignore_class "
                "for labels that do not count",
            )
        )


def align_weight(values, weight):
    """Weights made to multiply values sample by sample, and the values in a matching rank.

    (batch,) weights apply to every entry of their sample, (batch, time) weights to every entry of
    their step; a last axis of size 1 is dropped or added; scalars apply to everything.

    Args:
        values: tensor (batch, ...) or scalar.
        weight: tensor.

    Returns:
        values, weight, such that `values * weight` repeats no value.

    Raises:
        ShapeError: a size of the weights fits neither 1 nor the size of the values.

    Example:
        >>> values, weight = align_weight(ops.ones((2, 3)), ops.convert_to_tensor([1.0, 0.0]))
        >>> (values * weight).tolist()
        [[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]
    """
    if not values.shape or not weight.shape:
        return values, weight
    values, weight = squeeze_or_expand_to_same_rank(values, weight)
    return values, fit_weight(values, weight)


def fit_weight(values, weight):
    """Weights with the rank of the values, which stay as they are; else like `align_weight`.

    Raises:
        ShapeError: a size of the weights fits neither 1 nor the size of the values.

    Example:
        >>> fit_weight(ops.ones((2, 3, 1)), ops.ones((2, 3))).shape
        (2, 3, 1)
    """
    if not weight.shape:
        return weight
    given, missing = weight, len(values.shape) - len(weight.shape)
    if missing == -1 and weight.shape[-1] == 1:
        weight = ops.squeeze(weight, axis=-1)
    elif missing > 0:
        weight = ops.reshape(weight, (*_sizes(weight), *([1] * missing)))
    fits = len(values.shape) == len(weight.shape) and all(
        w == 1 or w is None or v is None or w == v
        for v, w in zip(values.shape, weight.shape, strict=True)
    )
    if not fits:
        raise ShapeError(
            explain(
                "sample_weight",
                "weights (or a mask) do not fit the values that they weight",
                received=f" weights of shape {tuple(given.shape)}, "
                f"values of shape {tuple(values.shape)}",
                expected="one weight for each sample, (batch,), or for each value",
            )
        )
    return weight


def _sizes(x):
    """Shape for a reshape: at most one unknown size, as -1, else sizes read at run time."""
    if sum(n is None for n in x.shape) <= 1:
        return tuple(-1 if n is None else n for n in x.shape)
    return ops.shape(x)
