"""Hinge losses as metrics: their means over samples."""

from kerasish import registry
from kerasish.losses.margin import categorical_hinge, hinge, squared_hinge
from kerasish.metrics.reduction import FunctionMetric


@registry.register("metrics", "hinge")
class Hinge(FunctionMetric):
    """Mean of `max(1 - y_true * y_pred, 0)` for labels -1 and 1 (or 0 and 1).

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Example:
        >>> Hinge()([[1.0, -1.0]], [[0.5, -2.0]]).item()
        0.25

    Source: Keras 3 names and defaults.
    """

    def __init__(self, name="hinge", dtype=None):
        super().__init__(hinge, name, dtype)


@registry.register("metrics", "squared_hinge")
class SquaredHinge(FunctionMetric):
    """Mean of `max(1 - y_true * y_pred, 0) ** 2` for labels -1 and 1 (or 0 and 1).

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Example:
        >>> SquaredHinge()([[1.0, -1.0]], [[0.5, -2.0]]).item()
        0.125

    Source: Keras 3 names and defaults.
    """

    def __init__(self, name="squared_hinge", dtype=None):
        super().__init__(squared_hinge, name, dtype)


@registry.register("metrics", "categorical_hinge")
class CategoricalHinge(FunctionMetric):
    """Mean of `max(neg - pos + 1, 0)` for one-hot labels.

    Args:
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Example:
        >>> CategoricalHinge()([[0.0, 1.0]], [[0.5, 1.0]]).item()
        0.5

    Source: Keras 3 names and defaults.
    """

    def __init__(self, name="categorical_hinge", dtype=None):
        super().__init__(categorical_hinge, name, dtype)
