"""Probabilistic losses as metrics: means of cross-entropies, divergence and Poisson."""

from kerasish import registry
from kerasish.losses.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from kerasish.losses.probabilistic import kl_divergence, poisson
from kerasish.metrics.reduction import FunctionMetric


@registry.register("metrics", "kl_divergence")
class KLDivergence(FunctionMetric):
    """Mean of `sum(y_true * log(y_true / y_pred))`.

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Example:
        >>> KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]]).item()
        0.0

    Source: Keras 3 names and defaults.
    """

    def __init__(self, name="kl_divergence", dtype=None):
        super().__init__(kl_divergence, name, dtype)


@registry.register("metrics", "poisson")
class Poisson(FunctionMetric):
    """Mean of `y_pred - y_true * log(y_pred)`.

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Example:
        >>> round(Poisson()([[1.0]], [[1.0]]).item(), 4)
        1.0

    Source: Keras 3 names and defaults.
    """

    def __init__(self, name="poisson", dtype=None):
        super().__init__(poisson, name, dtype)


@registry.register("metrics", "binary_crossentropy", "bce", "BCE")
class BinaryCrossentropy(FunctionMetric):
    """Mean cross-entropy of 0/1 labels.

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.
        from_logits: bool. `y_pred` are logits rather than probabilities.
        label_smoothing: float in [0, 1]. Share by which labels move to 0.5.

    Example:
        >>> round(BinaryCrossentropy()([[1.0], [0.0]], [[0.5], [0.5]]).item(), 4)
        0.6931

    Source: Keras 3 names and defaults.
    """

    def __init__(
        self, name="binary_crossentropy", dtype=None, from_logits=False, label_smoothing=0
    ):
        super().__init__(
            binary_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
        )


@registry.register("metrics", "categorical_crossentropy")
class CategoricalCrossentropy(FunctionMetric):
    """Mean cross-entropy of one-hot labels.

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.
        from_logits: bool. `y_pred` are logits rather than probabilities.
        label_smoothing: float in [0, 1]. Share by which labels move to 1 / classes.
        axis: int. The class axis.

    Example:
        >>> round(CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]]).item(), 4)
        0.6931

    Source: Keras 3 names and defaults.
    """

    def __init__(
        self,
        name="categorical_crossentropy",
        dtype=None,
        from_logits=False,
        label_smoothing=0,
        axis=-1,
    ):
        super().__init__(
            categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


@registry.register("metrics", "sparse_categorical_crossentropy")
class SparseCategoricalCrossentropy(FunctionMetric):
    """Mean cross-entropy of integer labels.

    As in Keras, entries of `ignore_class` count as 0 in the mean, unless sample weights are given:
    then they do not count.

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.
        from_logits: bool. `y_pred` are logits rather than probabilities.
        ignore_class: int or None. Entries with this label give 0.
        axis: int. The class axis, which must be the last.

    Example:
        >>> round(SparseCategoricalCrossentropy()([1], [[0.5, 0.5]]).item(), 4)
        0.6931

    Source: Keras 3 names and defaults.
    """

    def __init__(
        self,
        name="sparse_categorical_crossentropy",
        dtype=None,
        from_logits=False,
        ignore_class=None,
        axis=-1,
    ):
        super().__init__(
            sparse_categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )
