"""AUC, the area under the ROC, precision-recall or precision-recall-gain curve."""

from kerasish import ops, registry
from kerasish.config import epsilon
from kerasish.core.structural import convert_to_tensor
from kerasish.errors import ShapeError, explain, nearest
from kerasish.metrics.confusion import are_even, count_outcomes, even_thresholds, parse_thresholds
from kerasish.metrics.metric import Metric
from kerasish.saving.serialization import deserialize_keras_object

_CURVES = ("ROC", "PR", "PRGAIN")
_SUMMATIONS = ("interpolation", "minoring", "majoring")
_OUTCOMES = ("true_positives", "false_positives", "true_negatives", "false_negatives")


@registry.register("metrics", "auc")
class AUC(Metric):
    """Area under a curve of rates over thresholds, by sums of trapezoids or rectangles.

    Args:
        num_thresholds: int > 1. Points of the curve.
        curve: "ROC" (true over false positive rate), "PR" (precision over recall) or "PRGAIN"
            (their gains over chance).
        summation_method: "interpolation" (trapezoids; for PR the formula of Davis and Goadrich),
            "minoring" or "majoring" (lower or upper rectangles).
        name: str.
        dtype: dtype-like of the result; floatx when None.
        thresholds: list of float in [0, 1], instead of evenly spaced ones; 0 and 1 are added.
        multi_label: bool. One curve for each column of (batch, labels), averaged; else all
            predictions make one curve.
        num_labels: int or None. Columns for `multi_label`; read off the first batch when None.
        label_weights: list of float or None. Weights of the columns.
        from_logits: bool. Apply the sigmoid to `y_pred`.

    Raises:
        ValueError: an argument outside its range.

    Example:
        >>> AUC(num_thresholds=3)([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]).item()
        0.75

    Source: Keras 3 names and defaults; Davis and Goadrich (2006), Flach and Kull (2015).
    """

    _direction = "up"

    def __init__(
        self,
        num_thresholds=200,
        curve="ROC",
        summation_method="interpolation",
        name=None,
        dtype=None,
        thresholds=None,
        multi_label=False,
        num_labels=None,
        label_weights=None,
        from_logits=False,
    ):
        super().__init__(name=name, dtype=dtype)
        self._thresholds_given = thresholds is not None
        if thresholds is not None:
            inner = sorted(parse_thresholds("AUC", list(thresholds)))
            self._is_even = are_even([0.0, *inner, 1.0])
        else:
            if num_thresholds <= 1:
                raise ValueError(
                    explain("AUC", "num_thresholds must be at least 2", received=num_thresholds)
                )
            inner = even_thresholds(num_thresholds)[1:-1]
            self._is_even = True
        # Beyond the ends, so that predictions of exactly 0 and 1 fall inside.
        self._thresholds = [0.0 - epsilon(), *inner, 1.0 + epsilon()]
        self.num_thresholds = len(self._thresholds)
        self.curve = _choice("curve", curve, _CURVES)
        self.summation_method = _choice("summation_method", summation_method, _SUMMATIONS)
        if num_labels and not multi_label:
            raise ValueError(
                explain("AUC", "num_labels goes with multi_label=True", received=num_labels)
            )
        self.multi_label, self.num_labels = multi_label, num_labels
        self.label_weights = None if label_weights is None else [float(w) for w in label_weights]
        self._from_logits = from_logits
        if num_labels or not multi_label:
            self._build(num_labels)

    @property
    def thresholds(self):
        """List of the thresholds, from just below 0 to just above 1."""
        return list(self._thresholds)

    def _build(self, num_labels):
        super()._build(num_labels)
        shape = (self.num_thresholds, *([num_labels] if self.multi_label else []))
        if self.multi_label and self.label_weights and len(self.label_weights) != num_labels:
            raise ValueError(
                explain(
                    "AUC",
                    "label_weights needs one weight for each label",
                    received=len(self.label_weights),
                    expected=str(num_labels),
                )
            )
        for outcome in _OUTCOMES:
            setattr(self, outcome, self.add_variable(shape, "zeros", name=outcome))

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Add a batch.

        Args:
            y_true: array-like (batch, ...) of 0 and 1.
            y_pred: array-like of the same shape: scores in [0, 1], or logits.
            sample_weight: array-like (batch, ...) or None.

        Raises:
            ShapeError: shapes that do not fit.
        """
        y_pred = convert_to_tensor(y_pred)
        if self._build_arguments is None:
            if len(y_pred.shape) != 2 or y_pred.shape[1] is None:
                raise ShapeError(
                    explain(
                        "AUC",
                        "multi_label needs y_pred of shape (batch, labels)",
                        received=f" y_pred of shape {tuple(y_pred.shape)}",
                    )
                )
            self._build(y_pred.shape[1])
        if self._from_logits:
            y_pred = ops.sigmoid(y_pred)
        dtype = self.true_positives.dtype
        counts = count_outcomes(
            "AUC",
            y_true,
            y_pred,
            self._thresholds,
            dtype=dtype,
            is_even=self._is_even,
            sample_weight=sample_weight,
            multi_label=self.multi_label,
            label_weights=None if self.multi_label else self._weights(dtype),
        )
        for outcome in _OUTCOMES:
            getattr(self, outcome).assign_add(counts[outcome])

    def _weights(self, dtype):
        weights = self.label_weights
        return None if weights is None else convert_to_tensor(weights, dtype=dtype)

    def result(self):
        """The area: scalar tensor."""
        if self._build_arguments is None:
            raise ValueError(
                explain("AUC", "there is no result yet", fix="call update_state first")
            )
        interpolates = self.summation_method == "interpolation"
        if self.curve == "PR" and interpolates:
            areas = self._interpolated_pr_areas()
        else:
            x, y = self._curve_points()
            if interpolates:
                heights = (y[:-1] + y[1:]) / 2.0
            else:
                choose = ops.minimum if self.summation_method == "minoring" else ops.maximum
                heights = choose(y[:-1], y[1:])
            areas = (x[:-1] - x[1:]) * heights
        if not self.multi_label:
            return ops.sum(areas)
        by_label, weights = ops.sum(areas, axis=0), self._weights(areas.dtype)
        if weights is None:
            return ops.mean(by_label)
        return ops.divide_no_nan(ops.sum(by_label * weights), ops.sum(weights))

    def _curve_points(self):
        """x and y of the curve at each threshold."""
        tp, fp = self.true_positives, self.false_positives
        tn, fn = self.true_negatives, self.false_negatives
        recall = ops.divide_no_nan(tp, tp + fn)
        if self.curve == "ROC":
            return ops.divide_no_nan(fp, fp + tn), recall
        if self.curve == "PR":
            return recall, ops.divide_no_nan(tp, tp + fp)
        # Gains lie in [0, 1] between the rate of always saying yes and a perfect rate.
        odds = ops.divide_no_nan(tp + fn, tn + fp)
        found = tp > 0.0
        recall_gain = ops.where(found, 1.0 - odds * ops.divide_no_nan(fn, tp), 0.0)
        precision_gain = ops.where(found, 1.0 - odds * ops.divide_no_nan(fp, tp), 1.0)
        return ops.maximum(recall_gain, 0.0), precision_gain

    def _interpolated_pr_areas(self):
        """Area between neighbouring thresholds, counts interpolated linearly between them."""
        tp, fn = convert_to_tensor(self.true_positives), convert_to_tensor(self.false_negatives)
        positive = tp + self.false_positives
        tp_step = tp[:-1] - tp[1:]
        slope = ops.divide_no_nan(tp_step, ops.maximum(positive[:-1] - positive[1:], 0.0))
        intercept = tp[1:] - slope * positive[1:]
        both = ops.logical_and(positive[:-1] > 0.0, positive[1:] > 0.0)
        ratio = ops.where(both, ops.divide_no_nan(positive[:-1], positive[1:]), 1.0)
        gain = slope * (tp_step + intercept * ops.log(ratio))
        return ops.divide_no_nan(gain, ops.maximum(tp[1:] + fn[1:], 0.0))

    def get_config(self):
        """Dict of constructor arguments."""
        config = {
            **super().get_config(),
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": self.label_weights,
            "from_logits": self._from_logits,
        }
        if self._thresholds_given:
            config["thresholds"] = self._thresholds[1:-1]
        return config

    @classmethod
    def from_config(cls, config):
        """Metric from `get_config()`, or from Keras, which writes the weights as a tensor."""
        weights = deserialize_keras_object(config.get("label_weights"))
        if weights is not None:
            weights = convert_to_tensor(weights).tolist()
        return cls(**{**config, "label_weights": weights})


def _choice(argument, value, choices):
    """The choice that a string names in any case, or ValueError."""
    for choice in choices:
        if str(value).lower() == choice.lower():
            return choice
    raise ValueError(
        explain(
            "AUC",
            f"unknown {argument}",
            received=value,
            expected=", ".join(choices),
            fix=nearest(value, choices),
        )
    )
