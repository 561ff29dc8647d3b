"""Precision and Recall at one or several thresholds, or among the top k predictions."""

from kerasish import ops, registry
from kerasish.metrics.confusion import LEFT_OUT, parse_thresholds
from kerasish.metrics.counts import CountingMetric


class _Rate(CountingMetric):
    """`true_positives / (true_positives + other)`; subclasses name the other count."""

    _other = None

    def __init__(self, thresholds=None, top_k=None, class_id=None, name=None, dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self.top_k, self.class_id = top_k, class_id
        default = 0.5 if top_k is None else LEFT_OUT
        listed = parse_thresholds(type(self).__name__, thresholds, default)
        self._make_counts("true_positives", self._other, thresholds=listed)

    def result(self):
        """The rate: scalar tensor, or (thresholds,) for several; 0 where nothing was counted."""
        total = self.true_positives + getattr(self, self._other)
        rate = ops.divide_no_nan(self.true_positives, total)
        return rate[0] if len(self.thresholds) == 1 else rate

    def get_config(self):
        """Dict of constructor arguments."""
        return {
            **super().get_config(),
            "thresholds": self.init_thresholds,
            "top_k": self.top_k,
            "class_id": self.class_id,
        }


@registry.register("metrics", "precision")
class Precision(_Rate):
    """Share of positive predictions that are right, `tp / (tp + fp)`.

    Args:
        thresholds: float or list of float in [0, 1]. Predictions above are positive; 0.5 when
            None, and every one of the top k when `top_k` is given.
        top_k: int or None. Only the k largest predictions of a sample may be positive.
        class_id: int or None. Only this class counts.
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Raises:
        ValueError: a threshold outside [0, 1].

    Example:
        >>> Precision()([0, 1, 1, 1], [0.9, 0.1, 0.8, 0.7]).item() == float(ops.divide(2.0, 3.0))
        True

    Source: Keras 3 names and defaults.
    """

    _other = "false_positives"


@registry.register("metrics", "recall")
class Recall(_Rate):
    """Share of samples labelled 1 that are found, `tp / (tp + fn)`.

    Args:
        thresholds: float or list of float in [0, 1]. Predictions above are positive; 0.5 when
            None, and every one of the top k when `top_k` is given.
        top_k: int or None. Only the k largest predictions of a sample may be positive.
        class_id: int or None. Only this class counts.
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Raises:
        ValueError: a threshold outside [0, 1].

    Example:
        >>> Recall()([0, 1, 1, 0], [0.9, 0.1, 0.8, 0.7]).item()
        0.5

    Source: Keras 3 names and defaults.
    """

    _other = "false_negatives"
