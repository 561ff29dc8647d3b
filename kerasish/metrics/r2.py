"""R2Score, the coefficient of determination of a regression."""

import warnings

from kerasish import ops, registry
from kerasish.errors import ShapeError, explain
from kerasish.losses.alignment import fit_weight, match
from kerasish.metrics.metric import Metric

_AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")


@registry.register("metrics", "r2_score")
class R2Score(Metric):
    """Share of variance explained, `1 - sum((y_true - y_pred)^2) / sum((y_true - mean)^2)`.

    Args:
        class_aggregation: how outputs are combined: "uniform_average",
            "variance_weighted_average" or None (one score for each output).
        num_regressors: int >= 0. Number of explaining variables p; above 0 the score is adjusted,
            `1 - (1 - R2)(n - 1) / (n - p - 1)`, where n counts all entries of `y_true`.
        name: str.
        dtype: dtype-like of the result; floatx when None.

    Raises:
        ValueError: unknown aggregation, or negative `num_regressors`.

    Example:
        >>> round(R2Score()([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]]).item(), 4)
        0.5714

    Source: Keras 3 names and defaults.
    """

    _direction = "up"

    def __init__(
        self, class_aggregation="uniform_average", num_regressors=0, name="r2_score", dtype=None
    ):
        super().__init__(name=name, dtype=dtype)
        if class_aggregation not in _AGGREGATIONS:
            raise ValueError(
                explain(
                    "R2Score",
                    "unknown class_aggregation",
                    received=class_aggregation,
                    expected=str(_AGGREGATIONS),
                )
            )
        if num_regressors < 0:
            raise ValueError(
                explain("R2Score", "num_regressors must not be negative", received=num_regressors)
            )
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.num_samples = self.add_variable((), "zeros", name="num_samples")

    def _build(self, num_outputs):
        super()._build(num_outputs)
        self.squared_sum = self.add_variable((num_outputs,), "zeros", name="squared_sum")
        self.sum = self.add_variable((num_outputs,), "zeros", name="sum")
        self.total_mse = self.add_variable((num_outputs,), "zeros", name="residual")
        self.count = self.add_variable((num_outputs,), "zeros", name="count")

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Add a batch.

        Args:
            y_true: array-like (batch, outputs).
            y_pred: array-like of the same shape.
            sample_weight: array-like (batch,), (batch, 1) or (batch, outputs), or None.

        Raises:
            ShapeError: other ranks, or shapes that differ.
        """
        y_pred = ops.convert_to_tensor(y_pred, dtype=self.dtype)
        y_true, y_pred = match("R2Score", y_true, y_pred)
        if len(y_pred.shape) != 2 or y_pred.shape[-1] is None:
            raise ShapeError(
                explain(
                    "R2Score",
                    "it needs (batch, outputs) with a known number of outputs",
                    received=f" y_pred of shape {tuple(y_pred.shape)}",
                )
            )
        if self._build_arguments is None:
            self._build(y_pred.shape[-1])
        weight = ops.ones_like(y_true)
        if sample_weight is not None:
            given = ops.convert_to_tensor(sample_weight, dtype=self.dtype)
            weight = weight * fit_weight(y_true, given)
        weighted = y_true * weight
        self.sum.assign_add(ops.sum(weighted, axis=0))
        self.squared_sum.assign_add(ops.sum(y_true * weighted, axis=0))
        self.total_mse.assign_add(ops.sum(ops.square(y_true - y_pred) * weight, axis=0))
        self.count.assign_add(ops.sum(weight, axis=0))
        self.num_samples.assign_add(ops.cast(ops.size(y_true), self.num_samples.dtype))

    def result(self):
        """The score: scalar tensor, or (outputs,) without aggregation."""
        if self._build_arguments is None:
            raise ValueError(
                explain("R2Score", "there is no result yet", fix="call update_state first")
            )
        total = self.squared_sum - self.sum * (self.sum / self.count)
        scores = 1.0 - self.total_mse / total
        scores = ops.where(ops.isinf(scores), 0.0, scores)
        if self.class_aggregation == "uniform_average":
            scores = ops.mean(scores)
        elif self.class_aggregation == "variance_weighted_average":
            scores = ops.sum(total * scores) / ops.sum(total)
        return self._adjusted(scores) if self.num_regressors else scores

    def _adjusted(self, scores):
        """Adjusted for the number of regressors, where there are samples enough."""
        freedom = self.num_samples - (self.num_regressors + 1.0)
        if not freedom.is_symbolic and freedom.item() <= 0:
            warnings.warn(
                explain(
                    "R2Score",
                    "too few samples to adjust for the regressors, so the standard "
                    "score is returned",
                    received=int(self.num_samples),
                    expected=f"more than {self.num_regressors + 1}",
                ),
                stacklevel=3,
            )
        enough = freedom > 0
        penalty = (self.num_samples - 1.0) / ops.where(enough, freedom, 1.0)
        return ops.where(enough, 1.0 - (1.0 - scores) * penalty, scores)

    def get_config(self):
        """Dict of constructor arguments."""
        return {
            **super().get_config(),
            "class_aggregation": self.class_aggregation,
            "num_regressors": self.num_regressors,
        }
