"""Losses between sequences of different lengths: connectionist temporal classification (CTC)."""

from kerasish import ops, registry
from kerasish.errors import ShapeError, explain
from kerasish.losses.alignment import as_float, require_class_indices
from kerasish.losses.wrapper import FunctionLoss

_BLANK = 0


@registry.register("losses")
def ctc(y_true, y_pred):
    """`-log P(y_true)`, P summed over all alignments of the label sequence with the time steps.

    Class 0 is the blank and also the padding of `y_true`.

    Args:
        y_true: array-like (batch, max_length) of class indices, 0 after the end.
        y_pred: array-like (batch, time, classes) of logits.

    Returns:
        tensor (batch,).

    Raises:
        ShapeError: other ranks or batch sizes.
        ValueError: a label that is no class (outside a trace).

    Example:
        >>> round(ctc([[1]], [[[0.0, 0.0]]]).item(), 4)
        0.6931

    Source: Keras 3 names; Graves et al. (2006), eq. 15.
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), as_float(y_pred)
    batches = {n for n in (y_true.shape[:1] + y_pred.shape[:1]) if n is not None}
    if len(y_true.shape) != 2 or len(y_pred.shape) != 3 or len(batches) > 1:
        raise ShapeError(
            explain(
                "ctc",
                "labels and logits do not fit",
                received=f" y_true of shape {tuple(y_true.shape)}, "
                f"y_pred of shape {tuple(y_pred.shape)}",
                expected="y_true (batch, max_length), y_pred (batch, time, classes)",
            )
        )
    labels = ops.cast(y_true, "int32")
    require_class_indices("ctc", labels, y_pred.shape[-1])
    label_length = ops.sum(ops.cast(ops.not_equal(labels, _BLANK), "int32"), axis=-1)
    input_length = ops.ones_like(label_length) * ops.shape(y_pred)[1]
    return ops.ctc_loss(labels, y_pred, label_length, input_length, mask_index=_BLANK)


@registry.register("losses")
class CTC(FunctionLoss):
    """Connectionist temporal classification: labels without known positions in time.

    Class 0 is the blank and also the padding of `y_true`; `y_pred` are logits.

    Args:
        reduction: "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight" or "none".
        name: str.
        dtype: dtype-like of the computation; floatx when None.

    Example:
        >>> round(CTC()([[1]], [[[0.0, 0.0]]]).item(), 4)
        0.6931

    Source: Keras 3 names; Graves et al. (2006), eq. 15.
    """

    def __init__(self, reduction="sum_over_batch_size", name="ctc", dtype=None):
        super().__init__(ctc, reduction, name, dtype)
