"""Mistakes with metrics give errors that say what is wrong, and leave the state as it was."""

import numpy as np
import pytest

from kerasish import metrics
from kerasish.errors import ShapeError
from tests.metrics.cases import CASES

# Metrics of one value per entry: labels (n,) go with predictions (n, 1).
BY_ENTRY = [
    "MeanSquaredError", "RootMeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError",
    "MeanSquaredLogarithmicError", "LogCoshError", "R2Score", "Hinge", "SquaredHinge", "Poisson",
    "BinaryCrossentropy", "Accuracy", "BinaryAccuracy", "TruePositives", "TrueNegatives",
    "FalsePositives", "FalseNegatives", "Precision", "Recall", "AUC",
]  # fmt: skip


@pytest.mark.parametrize("name", BY_ENTRY)
def test_labels_without_the_last_axis_give_the_same(name, rng):
    y_true = rng.integers(0, 2, 6).astype("float32")
    y_pred = rng.uniform(0.1, 0.9, 6).astype("float32")
    expected = getattr(metrics, name)()(y_true[:, None], y_pred[:, None]).numpy()
    assert getattr(metrics, name)()(y_true, y_pred[:, None]).numpy() == expected
    assert getattr(metrics, name)()(y_true[:, None], y_pred).numpy() == expected


@pytest.mark.parametrize("case", CASES, ids=str)
def test_labels_of_another_shape_are_refused_and_change_nothing(case):
    y_true, y_pred = case.data(np.random.default_rng(0), 6)
    metric = getattr(metrics, case.name)(**case.options)
    metric.update_state(y_true, y_pred)
    before = [v.numpy() for v in metric.variables]
    for wrong in (y_true[:4], np.stack([y_true] * 3, axis=-1), np.stack([y_true] * 2)):
        with pytest.raises(ShapeError):
            metric.update_state(wrong, y_pred)
    for variable, value in zip(metric.variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_weights_of_another_length_are_refused_and_change_nothing(case):
    y_true, y_pred = case.data(np.random.default_rng(0), 6)
    metric = getattr(metrics, case.name)(**case.options)
    metric.update_state(y_true, y_pred)
    before = [v.numpy() for v in metric.variables]
    with pytest.raises(ShapeError, match="weights"):
        metric.update_state(y_true, y_pred, sample_weight=np.ones(5, case.weight_dtype))
    for variable, value in zip(metric.variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("CategoricalAccuracy", "sparse_categorical_accuracy"),
        ("TopKCategoricalAccuracy", "sparse_top_k_categorical_accuracy"),
        ("CategoricalCrossentropy", "sparse_categorical_crossentropy"),
        ("Accuracy", "sparse_categorical_accuracy"),
        ("F1Score", "one_hot"),
    ],
)
def test_integer_labels_for_one_hot_metrics_name_the_right_one(name, hint):
    with pytest.raises(ShapeError, match=hint):
        getattr(metrics, name)()(np.array([0, 1]), np.ones((2, 3)))


@pytest.mark.parametrize(
    "name", ["SparseCategoricalAccuracy", "SparseTopKCategoricalAccuracy",
             "SparseCategoricalCrossentropy"],
)  # fmt: skip
def test_one_hot_labels_for_sparse_metrics_name_the_right_one(name):
    with pytest.raises(ShapeError, match="one-hot labels use"):
        getattr(metrics, name)()(np.eye(3), np.ones((3, 3)))


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: metrics.Precision(thresholds=1.5), "thresholds must lie in"),
        (lambda: metrics.Recall(thresholds=[0.5, None]), "thresholds must lie in"),
        (lambda: metrics.AUC(num_thresholds=1), "num_thresholds must be at least 2"),
        (lambda: metrics.AUC(curve="RUC"), "unknown curve.*did you mean 'ROC'"),
        (lambda: metrics.AUC(summation_method="mean"), "unknown summation_method"),
        (lambda: metrics.AUC(num_labels=3), "num_labels goes with multi_label"),
        (lambda: metrics.AUC(thresholds=[2.0]), "thresholds must lie in"),
        (
            lambda: metrics.AUC(multi_label=True, num_labels=2, label_weights=[1.0]),
            "one weight for each label",
        ),
        (lambda: metrics.PrecisionAtRecall(1.5), r"recall must lie in \[0, 1\]"),
        (lambda: metrics.RecallAtPrecision(-1), r"precision must lie in \[0, 1\]"),
        (
            lambda: metrics.SensitivityAtSpecificity(0.5, num_thresholds=0),
            "num_thresholds must be at least 1",
        ),
        (lambda: metrics.F1Score(average="makro"), "did you mean 'macro'"),
        (lambda: metrics.FBetaScore(beta=2), "beta must be a float"),
        (lambda: metrics.F1Score(threshold=0.0), "threshold must be a float"),
        (lambda: metrics.R2Score(class_aggregation="mean"), "unknown class_aggregation"),
        (lambda: metrics.R2Score(num_regressors=-1), "must not be negative"),
        (lambda: metrics.IoU(3, [3]), "a target class is no class"),
        (lambda: metrics.BinaryIoU([2]), "a target class is no class"),
    ],
)
def test_arguments_out_of_range_are_refused(make, text):
    with pytest.raises(ValueError, match=text):
        make()


@pytest.mark.parametrize("name", ["AUC", "F1Score", "R2Score"])
def test_a_result_before_the_first_batch_says_so(name):
    options = {"multi_label": True} if name == "AUC" else {}
    with pytest.raises(ValueError, match="no result yet.*update_state first"):
        getattr(metrics, name)(**options).result()


@pytest.mark.parametrize("options", [{"class_id": 4}, {"class_id": -1}, {"top_k": 5}, {"top_k": 0}])
def test_classes_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match="class_id|top_k"):
        metrics.Precision(**options)(np.eye(4), np.ones((4, 4)) * 0.5)


def test_class_id_needs_classes():
    with pytest.raises(ValueError, match="class_id needs y_pred of shape"):
        metrics.Recall(class_id=0)([0, 1], [0.2, 0.7])


def test_labels_that_are_no_class_are_refused_by_the_sparse_crossentropy():
    with pytest.raises(ValueError, match="integers from 0 to 2 for 3 classes"):
        metrics.SparseCategoricalCrossentropy()([0, 3], np.ones((2, 3)) / 3)
