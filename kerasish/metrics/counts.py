"""True and false positives and negatives, and the base of metrics made of such counts."""

from kerasish import registry
from kerasish.core.structural import convert_to_tensor
from kerasish.metrics.confusion import are_even, count_outcomes, parse_thresholds
from kerasish.metrics.metric import Metric


class CountingMetric(Metric):
    """Base of metrics that add up outcome counts at thresholds, in one variable for each kind.

    Subclasses set `thresholds`, then call `_make_counts` with names of the four outcomes.
    """

    _direction = "up"
    top_k = None
    class_id = None

    def _make_counts(self, *outcomes, thresholds):
        self.thresholds = thresholds
        self._is_even = are_even(thresholds)
        self._outcomes = outcomes
        for outcome in outcomes:
            self._add_count(outcome, (len(thresholds),))

    def _add_count(self, outcome, shape):
        setattr(self, outcome, self.add_variable(shape, "zeros", name=outcome))

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Add a batch.

        Args:
            y_true: array-like (batch, ...) of 0 and 1.
            y_pred: array-like of the same shape: scores in [0, 1].
            sample_weight: array-like (batch, ...) or None.

        Raises:
            ShapeError: shapes that do not fit.
        """
        counts = count_outcomes(
            type(self).__name__,
            y_true,
            y_pred,
            self.thresholds,
            dtype=self.variables[0].dtype,
            is_even=self._is_even,
            top_k=self.top_k,
            class_id=self.class_id,
            sample_weight=sample_weight,
        )
        for outcome in self._outcomes:
            getattr(self, outcome).assign_add(counts[outcome])


class _OutcomeCount(CountingMetric):
    """One kind of outcome counted; subclasses name it."""

    _outcome = None

    def __init__(self, thresholds=None, name=None, dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self._make_counts(
            self._outcome, thresholds=parse_thresholds(type(self).__name__, thresholds)
        )

    def _add_count(self, outcome, shape):
        self.accumulator = self.add_variable(shape, "zeros", name="accumulator")
        setattr(self, outcome, self.accumulator)

    def result(self):
        """The count: scalar tensor, or (thresholds,) for several."""
        value = convert_to_tensor(self.accumulator)
        return value[0] if len(self.thresholds) == 1 else value

    def get_config(self):
        """Dict of constructor arguments."""
        return {**super().get_config(), "thresholds": self.init_thresholds}


@registry.register("metrics", "true_positives")
class TruePositives(_OutcomeCount):
    """Number of samples labelled 1 that are predicted above a threshold.

    Args:
        thresholds: float or list of float in [0, 1]; 0.5 when None.
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Raises:
        ValueError: a threshold outside [0, 1].

    Example:
        >>> TruePositives()([0, 1, 1], [0.9, 0.9, 0.1]).item()
        1.0

    Source: Keras 3 names and defaults.
    """

    _outcome = "true_positives"


@registry.register("metrics", "false_positives")
class FalsePositives(_OutcomeCount):
    """Number of samples labelled 0 that are predicted above a threshold.

    Args:
        thresholds: float or list of float in [0, 1]; 0.5 when None.
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Raises:
        ValueError: a threshold outside [0, 1].

    Example:
        >>> FalsePositives()([0, 1, 1], [0.9, 0.9, 0.1]).item()
        1.0

    Source: Keras 3 names and defaults.
    """

    _direction = "down"
    _outcome = "false_positives"


@registry.register("metrics", "true_negatives")
class TrueNegatives(_OutcomeCount):
    """Number of samples labelled 0 that are predicted at or below a threshold.

    Args:
        thresholds: float or list of float in [0, 1]; 0.5 when None.
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Raises:
        ValueError: a threshold outside [0, 1].

    Example:
        >>> TrueNegatives()([0, 1, 0], [0.9, 0.9, 0.1]).item()
        1.0

    Source: Keras 3 names and defaults.
    """

    _outcome = "true_negatives"


@registry.register("metrics", "false_negatives")
class FalseNegatives(_OutcomeCount):
    """Number of samples labelled 1 that are predicted at or below a threshold.

    Args:
        thresholds: float or list of float in [0, 1]; 0.5 when None.
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Raises:
        ValueError: a threshold outside [0, 1].

    Example:
        >>> FalseNegatives()([0, 1, 1], [0.9, 0.9, 0.1]).item()
        1.0

    Source: Keras 3 names and defaults.
    """

    _direction = "down"
    _outcome = "false_negatives"
