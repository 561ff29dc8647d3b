"""The best of one rate where another reaches a value: sensitivity at specificity and its kin."""

from kerasish import ops, registry
from kerasish.errors import explain
from kerasish.metrics.confusion import even_thresholds
from kerasish.metrics.counts import CountingMetric


class _BestAtConstraint(CountingMetric):
    """Largest `_wanted` rate over the thresholds whose `_constrained` rate reaches `value`.

    Each rate is `(numerator, other)`: names of counts, numerator / (numerator + other).
    """

    _argument = None
    _constrained = None
    _wanted = None

    def __init__(self, value, num_thresholds, class_id, name, dtype):
        super().__init__(name=name, dtype=dtype)
        where = type(self).__name__
        if not 0 <= value <= 1:
            raise ValueError(explain(where, f"{self._argument} must lie in [0, 1]", received=value))
        if num_thresholds <= 0:
            raise ValueError(
                explain(where, "num_thresholds must be at least 1", received=num_thresholds)
            )
        self.value, self.num_thresholds, self.class_id = value, num_thresholds, class_id
        setattr(self, self._argument, value)
        self._make_counts(
            "true_positives",
            "false_positives",
            "true_negatives",
            "false_negatives",
            thresholds=[0.5] if num_thresholds == 1 else even_thresholds(num_thresholds),
        )

    def _rate(self, numerator, other):
        hits, rest = getattr(self, numerator), getattr(self, other)
        return ops.divide_no_nan(hits, hits + rest)

    def result(self):
        """The best rate: scalar tensor; 0 where no threshold reaches the value."""
        feasible = self._rate(*self._constrained) >= self.value
        return ops.max(ops.where(feasible, self._rate(*self._wanted), 0.0))

    def get_config(self):
        """Dict of constructor arguments."""
        return {
            **super().get_config(),
            "class_id": self.class_id,
            "num_thresholds": self.num_thresholds,
            self._argument: self.value,
        }


_SENSITIVITY = ("true_positives", "false_negatives")  # recall is another name of it
_SPECIFICITY = ("true_negatives", "false_positives")
_PRECISION = ("true_positives", "false_positives")


@registry.register("metrics", "sensitivity_at_specificity")
class SensitivityAtSpecificity(_BestAtConstraint):
    """Best `tp / (tp + fn)` over the thresholds where `tn / (tn + fp) >= specificity`.

    Args:
        specificity: float in [0, 1].
        num_thresholds: int. How many thresholds from 0 to 1 are tried.
        class_id: int or None. Only this class counts.
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Raises:
        ValueError: an argument outside its range.

    Example:
        >>> SensitivityAtSpecificity(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]).item()
        0.5

    Source: Keras 3 names and defaults.
    """

    _argument, _constrained, _wanted = "specificity", _SPECIFICITY, _SENSITIVITY

    def __init__(self, specificity, num_thresholds=200, class_id=None, name=None, dtype=None):
        super().__init__(specificity, num_thresholds, class_id, name, dtype)


@registry.register("metrics", "specificity_at_sensitivity")
class SpecificityAtSensitivity(_BestAtConstraint):
    """Best `tn / (tn + fp)` over the thresholds where `tp / (tp + fn) >= sensitivity`.

    Args:
        sensitivity: float in [0, 1].
        num_thresholds: int. How many thresholds from 0 to 1 are tried.
        class_id: int or None. Only this class counts.
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Raises:
        ValueError: an argument outside its range.

    Example:
        >>> metric = SpecificityAtSensitivity(0.5)
        >>> round(metric([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]).item(), 4)
        0.6667

    Source: Keras 3 names and defaults.
    """

    _argument, _constrained, _wanted = "sensitivity", _SENSITIVITY, _SPECIFICITY

    def __init__(self, sensitivity, num_thresholds=200, class_id=None, name=None, dtype=None):
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)


@registry.register("metrics", "precision_at_recall")
class PrecisionAtRecall(_BestAtConstraint):
    """Best `tp / (tp + fp)` over the thresholds where `tp / (tp + fn) >= recall`.

    Args:
        recall: float in [0, 1].
        num_thresholds: int. How many thresholds from 0 to 1 are tried.
        class_id: int or None. Only this class counts.
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Raises:
        ValueError: an argument outside its range.

    Example:
        >>> PrecisionAtRecall(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]).item()
        0.5

    Source: Keras 3 names and defaults.
    """

    _argument, _constrained, _wanted = "recall", _SENSITIVITY, _PRECISION

    def __init__(self, recall, num_thresholds=200, class_id=None, name=None, dtype=None):
        super().__init__(recall, num_thresholds, class_id, name, dtype)


@registry.register("metrics", "recall_at_precision")
class RecallAtPrecision(_BestAtConstraint):
    """Best `tp / (tp + fn)` over the thresholds where `tp / (tp + fp) >= precision`.

    Args:
        precision: float in [0, 1].
        num_thresholds: int. How many thresholds from 0 to 1 are tried.
        class_id: int or None. Only this class counts.
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Raises:
        ValueError: an argument outside its range.

    Example:
        >>> RecallAtPrecision(0.8)([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]).item()
        0.5

    Source: Keras 3 names and defaults.
    """

    _argument, _constrained, _wanted = "precision", _PRECISION, _SENSITIVITY

    def __init__(self, precision, num_thresholds=200, class_id=None, name=None, dtype=None):
        super().__init__(precision, num_thresholds, class_id, name, dtype)
