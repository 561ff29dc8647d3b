"""FBetaScore and F1Score: weighted harmonic means of precision and recall of each class."""

from kerasish import ops, registry
from kerasish.config import epsilon
from kerasish.errors import ShapeError, explain, nearest
from kerasish.losses.alignment import fit_weight, match
from kerasish.metrics.metric import Metric

_AVERAGES = (None, "micro", "macro", "weighted")


@registry.register("metrics", "fbeta_score", "f_beta_score")
class FBetaScore(Metric):
    """`(1 + beta^2) * precision * recall / (beta^2 * precision + recall)` of each class.

    Args:
        average: how classes are combined: None (a score for each), "micro" (counts of all classes
            together), "macro" (mean of scores) or "weighted" (by the number of true labels).
        beta: float > 0. How much more recall counts than precision.
        threshold: float in (0, 1]. Predictions above it are positive; None takes the largest
            prediction of a sample.
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Raises:
        ValueError: an argument outside its range.

    Example:
        >>> y_true, y_pred = [[1, 0], [1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]]
        >>> [round(v, 4) for v in FBetaScore(beta=1.0)(y_true, y_pred).tolist()]
        [0.6667, 0.6667]

    Source: Keras 3 names and defaults.
    """

    _direction = "up"

    def __init__(self, average=None, beta=1.0, threshold=None, name="fbeta_score", dtype=None):
        super().__init__(name=name, dtype=dtype)
        where = type(self).__name__
        if average not in _AVERAGES:
            known = [a for a in _AVERAGES if a]
            raise ValueError(
                explain(
                    where,
                    "unknown average",
                    received=average,
                    expected=str(_AVERAGES),
                    fix=nearest(average, known),
                )
            )
        if not isinstance(beta, float) or beta <= 0.0:
            raise ValueError(
                explain(where, "beta must be a float above 0", received=beta, fix="beta=2.0")
            )
        if threshold is not None and not (isinstance(threshold, float) and 0 < threshold <= 1):
            raise ValueError(
                explain(
                    where,
                    "threshold must be a float above 0 and at most 1",
                    received=threshold,
                    fix="threshold=0.5, or None for the largest",
                )
            )
        self.average, self.beta, self.threshold = average, beta, threshold
        self.axis = None if average == "micro" else 0

    def _build(self, num_classes):
        super()._build(num_classes)
        shape = () if self.average == "micro" else (num_classes,)

        def zeros(name):
            return self.add_variable(shape, "zeros", dtype=self.dtype, name=name)

        self.true_positives = zeros("true_positives")
        self.false_positives = zeros("false_positives")
        self.false_negatives = zeros("false_negatives")
        self.intermediate_weights = zeros("intermediate_weights")

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Add a batch.

        Args:
            y_true: array-like (batch, classes) of 0 and 1.
            y_pred: array-like (batch, classes).
            sample_weight: array-like (batch,) or (batch, 1), or None.

        Raises:
            ShapeError: other shapes.
        """
        y_pred = ops.convert_to_tensor(y_pred, dtype=self.dtype)
        y_true, y_pred = match(
            type(self).__name__, y_true, y_pred, fix="one-hot encode integer labels: ops.one_hot"
        )
        if len(y_pred.shape) != 2 or y_pred.shape[-1] is None:
            raise ShapeError(
                explain(
                    type(self).__name__,
                    "it needs (batch, classes) with a known number of classes",
                    received=f" y_pred of shape {tuple(y_pred.shape)}",
                )
            )
        if self._build_arguments is None:
            self._build(y_pred.shape[-1])
        if self.threshold is None:
            largest = ops.max(y_pred, axis=-1, keepdims=True)
            positive = ops.logical_and(y_pred >= largest, ops.abs(y_pred) > 1e-9)
        else:
            positive = y_pred > self.threshold
        positive = ops.cast(positive, self.dtype)
        weight = None
        if sample_weight is not None:
            given = ops.convert_to_tensor(sample_weight, dtype=self.dtype)
            weight = fit_weight(y_true, given)

        def total(values):
            return ops.sum(values if weight is None else values * weight, axis=self.axis)

        self.true_positives.assign_add(total(positive * y_true))
        self.false_positives.assign_add(total(positive * (1.0 - y_true)))
        self.false_negatives.assign_add(total((1.0 - positive) * y_true))
        self.intermediate_weights.assign_add(total(y_true))

    def result(self):
        """The score: tensor (classes,) without average, else scalar."""
        if self._build_arguments is None:
            raise ValueError(
                explain(
                    type(self).__name__, "there is no result yet", fix="call update_state first"
                )
            )
        hits = self.true_positives
        precision = hits / (hits + self.false_positives + epsilon())
        recall = hits / (hits + self.false_negatives + epsilon())
        factor = self.beta**2
        score = (1.0 + factor) * (precision * recall / (factor * precision + recall + epsilon()))
        if self.average == "weighted":
            weights = self.intermediate_weights
            return ops.sum(score * (weights / (ops.sum(weights) + epsilon())))
        return score if self.average is None else ops.mean(score)

    def get_config(self):
        """Dict of constructor arguments."""
        return {
            **super().get_config(),
            "average": self.average,
            "beta": self.beta,
            "threshold": self.threshold,
        }


@registry.register("metrics", "f1_score")
class F1Score(FBetaScore):
    """`2 * precision * recall / (precision + recall)` of each class.

    Args:
        average: None, "micro", "macro" or "weighted"; as in `FBetaScore`.
        threshold: float in (0, 1], or None for the largest prediction of a sample.
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Raises:
        ValueError: an argument outside its range.

    Example:
        >>> y_true, y_pred = [[1, 0], [1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]]
        >>> round(F1Score(average="macro")(y_true, y_pred).item(), 4)
        0.6667

    Source: Keras 3 names and defaults.
    """

    def __init__(self, average=None, threshold=None, name="f1_score", dtype=None):
        super().__init__(average=average, beta=1.0, threshold=threshold, name=name, dtype=dtype)

    def get_config(self):
        """Dict of constructor arguments."""
        config = super().get_config()
        del config["beta"]
        return config
