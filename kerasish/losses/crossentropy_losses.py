"""Cross-entropy losses as classes, over the functions of `crossentropy`."""

from kerasish import registry
from kerasish.losses.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from kerasish.losses.wrapper import FunctionLoss


@registry.register("losses")
class BinaryCrossentropy(FunctionLoss):
    """Cross-entropy of 0/1 labels, `mean(-y_true log(y_pred) - (1 - y_true) log(1 - y_pred))`.

    Args:
        from_logits: bool. `y_pred` are logits rather than probabilities.
        label_smoothing: float in [0, 1]. Share by which labels move to 0.5.
        axis: int. What the mean over features is taken over.
        reduction: "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight" or "none".
        name: str.
        dtype: dtype-like of the computation; floatx when None.

    Example:
        >>> round(BinaryCrossentropy()([[1.0], [0.0]], [[0.5], [0.5]]).item(), 4)
        0.6931

    Source: Keras 3 names and defaults.
    """

    def __init__(
        self,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="binary_crossentropy",
        dtype=None,
    ):
        super().__init__(
            binary_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


@registry.register("losses")
class CategoricalCrossentropy(FunctionLoss):
    """Cross-entropy of one-hot labels, `sum(-y_true log(y_pred))`.

    Args:
        from_logits: bool. `y_pred` are logits rather than probabilities.
        label_smoothing: float in [0, 1]. Share by which labels move to 1 / classes.
        axis: int. The class axis.
        reduction: "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight" or "none".
        name: str.
        dtype: dtype-like of the computation; floatx when None.

    Example:
        >>> round(CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]]).item(), 4)
        0.6931

    Source: Keras 3 names and defaults.
    """

    def __init__(
        self,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="categorical_crossentropy",
        dtype=None,
    ):
        super().__init__(
            categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


@registry.register("losses")
class SparseCategoricalCrossentropy(FunctionLoss):
    """Cross-entropy of integer labels, `-log(y_pred[label])`.

    Args:
        from_logits: bool. `y_pred` are logits rather than probabilities.
        ignore_class: int or None. Entries with this label (any integer) do not count.
        reduction: "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight" or "none".
        axis: int. The class axis, which must be the last.
        name: str.
        dtype: dtype-like of the computation; floatx when None.

    Example:
        >>> loss = SparseCategoricalCrossentropy(ignore_class=-1)
        >>> round(loss([1, -1], [[0.5, 0.5], [0.1, 0.9]]).item(), 4)
        0.6931

    Source: Keras 3 names and defaults.
    """

    def __init__(
        self,
        from_logits=False,
        ignore_class=None,
        reduction="sum_over_batch_size",
        axis=-1,
        name="sparse_categorical_crossentropy",
        dtype=None,
    ):
        super().__init__(
            sparse_categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )

    def get_config(self):
        """Dict of constructor arguments; the axis, as in Keras, only where it is not the last."""
        config = super().get_config()
        if config["axis"] == -1:
            del config["axis"]
        return config
