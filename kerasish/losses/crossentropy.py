"""Cross-entropy as functions: binary, categorical (one-hot labels) and sparse (integer labels)."""

import warnings

from kerasish import ops, registry
from kerasish.core.masks import set_mask
from kerasish.errors import explain
from kerasish.losses.alignment import as_float, match, require_class_indices, sparse_labels
from kerasish.losses.wrapper import averages_last_axis

_INTEGER_LABELS = (
    "for integer labels use sparse_categorical_crossentropy, else one-hot encode them: "
    "ops.one_hot(y_true, num_classes)"
)
_ONE_HOT_LABELS = "for one-hot labels use categorical_crossentropy"


@registry.register("losses", "bce", "BCE")
@averages_last_axis
def binary_crossentropy(y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1):
    """Mean over an axis of `-y_true log(y_pred) - (1 - y_true) log(1 - y_pred)`.

    Args:
        y_true: array-like (batch, ..., d) of 0, 1 or values between.
        y_pred: array-like of the same shape: probabilities, clipped to [epsilon, 1 - epsilon].
        from_logits: bool. `y_pred` are logits; stable for any size of them.
        label_smoothing: float in [0, 1]. Share by which labels move to 0.5.
        axis: int or tuple. What the mean is taken over.

    Returns:
        tensor without that axis.

    Raises:
        ShapeError: the shapes differ. ValueError: smoothing outside [0, 1].

    Example:
        >>> round(binary_crossentropy([[1.0, 0.0]], [[0.5, 0.5]]).item(), 4)
        0.6931

    Source: Keras 3 names and defaults.
    """
    y_true, y_pred = match("binary_crossentropy", y_true, y_pred)
    y_true = smooth_binary(y_true, label_smoothing)
    values = ops.binary_crossentropy(y_true, y_pred, from_logits=from_logits)
    return ops.mean(values, axis=axis)


@registry.register("losses")
def categorical_crossentropy(y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1):
    """Sum over the class axis of `-y_true log(y_pred)`.

    Args:
        y_true: array-like (batch, ..., classes), one-hot or a distribution.
        y_pred: array-like of the same shape: probabilities, scaled to sum to 1.
        from_logits: bool. `y_pred` are logits; stable for any size of them.
        label_smoothing: float in [0, 1]. Share by which labels move to 1 / classes.
        axis: int. The class axis.

    Returns:
        tensor without that axis.

    Raises:
        ShapeError: the shapes differ, for example integer labels. ValueError: smoothing or axis.

    Example:
        >>> round(categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).item(), 4)
        0.6931

    Source: Keras 3 names and defaults. Departure: smoothing counts classes along `axis`.
    """
    where = "categorical_crossentropy"
    y_true, y_pred = categorical_inputs(where, y_true, y_pred, axis)
    y_true = smooth_categorical(y_true, label_smoothing, axis)
    return ops.categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)


@registry.register("losses")
def sparse_categorical_crossentropy(y_true, y_pred, from_logits=False, ignore_class=None, axis=-1):
    """`-log(y_pred[label])` of the labelled class.

    Args:
        y_true: array-like (batch, ...) or (batch, ..., 1) of class indices.
        y_pred: array-like (batch, ..., classes): probabilities, clipped to [epsilon, 1 - epsilon].
        from_logits: bool. `y_pred` are logits; stable for any size of them.
        ignore_class: int or None. Entries with this label (any integer) give 0 and a mask that
            leaves them out of a loss's mean.
        axis: int. The class axis, which must be the last.

    Returns:
        tensor (batch, ...).

    Raises:
        ShapeError: labels that are not one index for each vector of `y_pred`.
        ValueError: a label that is no class (outside a trace), or another axis.

    Example:
        >>> round(sparse_categorical_crossentropy([1], [[0.5, 0.5]]).item(), 4)
        0.6931

    Source: Keras 3 names and defaults.
    """
    where = "sparse_categorical_crossentropy"
    y_pred = as_float(y_pred)
    if axis not in (-1, len(y_pred.shape) - 1):
        raise ValueError(
            explain(where, "the class axis must be the last", received=axis, expected="axis=-1")
        )
    labels = sparse_labels(where, y_true, y_pred, fix=_ONE_HOT_LABELS)
    valid = None
    if ignore_class is not None:
        valid = ops.not_equal(labels, ignore_class)
        labels = ops.where(valid, labels, 0)
        y_pred = ops.where(ops.expand_dims(valid, axis=-1), y_pred, 0.0)
    require_class_indices(where, labels, y_pred.shape[-1])
    values = ops.sparse_categorical_crossentropy(labels, y_pred, from_logits=from_logits, axis=axis)
    if valid is not None:
        values = ops.where(valid, values, 0.0)
        set_mask(values, valid)
    return values


def categorical_inputs(where, y_true, y_pred, axis):
    """One-hot labels and predictions of one shape, of more than one class."""
    if axis is True or axis is False:
        raise ValueError(explain(where, "axis must be an int", received=axis))
    y_true, y_pred = match(where, y_true, y_pred, fix=_INTEGER_LABELS)
    if y_pred.shape and y_pred.shape[-1] == 1:
        warnings.warn(
            explain(
                where,
                "y_pred has a single class, so the loss does not depend on the model",
                received=f" y_pred of shape {tuple(y_pred.shape)}",
                fix="use binary_crossentropy",
            ),
            SyntaxWarning,
            stacklevel=3,
        )
    return y_true, y_pred


def smooth_binary(y_true, label_smoothing):
    """Labels moved to 0.5 by a share."""
    if not label_smoothing:
        return y_true
    _require_share(label_smoothing)
    return y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing


def smooth_categorical(y_true, label_smoothing, axis):
    """One-hot labels moved to 1 / classes by a share."""
    if not label_smoothing:
        return y_true
    _require_share(label_smoothing)
    num_classes = y_true.shape[axis]
    if num_classes is None:
        num_classes = ops.cast(ops.shape(y_true)[axis], y_true.dtype)
    return y_true * (1.0 - label_smoothing) + label_smoothing / num_classes


def _require_share(label_smoothing):
    if not 0.0 <= label_smoothing <= 1.0:
        raise ValueError(
            explain(
                "label_smoothing",
                "it is a share of the label",
                received=label_smoothing,
                expected="a float from 0 to 1",
            )
        )
