"""Edges of single metrics: thresholds, ties, classes that are absent, too few samples."""

import warnings

import numpy as np
import pytest

from kerasish import metrics
from kerasish.core.function import function


def counts_at(y_true, y_pred, threshold):
    positive = y_pred > threshold
    return (
        (positive & (y_true == 1)).sum(),
        (positive & (y_true == 0)).sum(),
        (~positive & (y_true == 0)).sum(),
        (~positive & (y_true == 1)).sum(),
    )


@pytest.mark.parametrize("thresholds", [[0.0, 0.25, 0.5, 0.75, 1.0], [0.0, 0.2, 0.5, 0.75, 1.0]],
                         ids=["buckets", "comparisons"])  # fmt: skip
def test_counts_at_thresholds_include_the_edges(thresholds):
    y_pred = np.float32([0, 0, 0.25, 0.25, 0.3, 0.5, 0.75, 1, 1, 0.6])
    y_true = np.array([0, 1, 0, 1, 1, 0, 1, 0, 1, 1])
    expected = np.array([counts_at(y_true, y_pred, t) for t in thresholds]).T
    for name, row in zip(
        ("TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives"),
        expected,
        strict=True,
    ):
        metric = getattr(metrics, name)(thresholds=thresholds)
        np.testing.assert_array_equal(metric(y_true, y_pred), row)


@pytest.mark.parametrize("thresholds", [[0.0, 0.5, 1.0], [0.1, 0.5]], ids=["even", "uneven"])
def test_predictions_that_are_nan_are_never_positive(thresholds):
    y_true, y_pred = np.array([1, 0]), np.float32([np.nan, np.nan])
    assert not metrics.TruePositives(thresholds=thresholds)(y_true, y_pred).numpy().any()
    assert metrics.FalseNegatives(thresholds=thresholds)(y_true, y_pred).tolist() == [1.0] * len(
        thresholds
    )


def test_auc_is_the_share_of_ordered_pairs(rng):
    y_true = rng.integers(0, 2, 200)
    y_pred = rng.permutation(200) / 199 * 0.98 + 0.01
    positive, negative = y_pred[y_true == 1], y_pred[y_true == 0]
    share = (positive[:, None] > negative[None]).mean()
    assert metrics.AUC(num_thresholds=2000)(y_true, y_pred).item() == pytest.approx(share, abs=2e-3)


def test_auc_of_a_perfect_and_of_a_reversed_order():
    y_true, y_pred = [0, 0, 1, 1], [0.0, 0.2, 0.8, 1.0]
    for curve in ("ROC", "PR", "PRGAIN"):
        assert metrics.AUC(curve=curve)(y_true, y_pred).item() == pytest.approx(1.0, abs=1e-6)
    assert metrics.AUC()([1, 1, 0, 0], y_pred).item() == pytest.approx(0.0, abs=1e-6)


def test_auc_of_labels_by_themselves_is_the_mean_of_their_aucs(rng):
    y_true, y_pred = rng.integers(0, 2, (40, 3)), rng.uniform(size=(40, 3))
    single = [metrics.AUC()(y_true[:, i], y_pred[:, i]).item() for i in range(3)]
    together = metrics.AUC(multi_label=True)(y_true, y_pred).item()
    assert together == pytest.approx(np.mean(single), rel=1e-5)
    weighted = metrics.AUC(multi_label=True, label_weights=[1.0, 0.0, 3.0])(y_true, y_pred).item()
    assert weighted == pytest.approx((single[0] + 3 * single[2]) / 4, rel=1e-5)


def test_precision_without_positive_predictions_is_zero():
    assert metrics.Precision()([0, 1], [0.1, 0.2]).item() == 0.0


def test_top_k_counts_ties_at_the_boundary():
    hits = metrics.sparse_top_k_categorical_accuracy([0, 1, 2], np.ones((3, 3)), k=1)
    assert hits.tolist() == [1.0, 1.0, 1.0]


def test_accuracy_of_many_classes_in_half_precision_is_exact():
    y_pred = np.zeros((1, 5000), "float16")
    y_pred[0, 4095] = 1
    assert metrics.SparseCategoricalAccuracy()([4095], y_pred).item() == 1.0
    assert metrics.SparseCategoricalAccuracy()([4096], y_pred).item() == 0.0


def test_f_score_without_true_or_predicted_positives_is_zero():
    assert metrics.F1Score(threshold=0.5)([[0, 1]], [[0.1, 0.9]]).tolist()[0] == 0.0


def test_iou_leaves_out_absent_classes_ignored_labels_and_what_is_no_class():
    y_true, y_pred = [0, 0, 1, 255, -1], [0, 1, 1, 0, 1]
    assert metrics.MeanIoU(3)(y_true, y_pred).item() == pytest.approx(0.5, abs=1e-5)
    ignoring = metrics.MeanIoU(3, ignore_class=1)(y_true, y_pred).item()
    assert ignoring == pytest.approx((0.5 + 0.0) / 2, abs=1e-5)


def test_iou_counts_beyond_what_float32_or_int32_hold():
    metric = metrics.MeanIoU(2)
    metric.total_cm.assign([[2**40, 1], [0, 2**40]])
    metric.update_state([0], [1])
    assert metric.total_cm.numpy()[0, 1] == 2 and metric.total_cm.dtype == "int64"


def test_iou_of_float_weights_warns():
    with pytest.warns(UserWarning, match="cut to integers"):
        metrics.MeanIoU(2).update_state([0, 1], [0, 1], sample_weight=[0.5, 1.5])


def test_one_hot_iou_with_classes_first():
    y_true = np.zeros((2, 3, 4, 4))
    y_true[:, 1] = 1
    metric = metrics.OneHotMeanIoU(3, axis=1)
    assert metric(y_true, y_true).item() == pytest.approx(1.0, abs=1e-5)


def test_r2_of_a_perfect_fit_is_one_and_of_the_mean_is_zero():
    y_true = np.float32([[1], [2], [3]])
    assert metrics.R2Score()(y_true, y_true).item() == 1.0
    assert metrics.R2Score()(y_true, np.full((3, 1), 2.0)).item() == pytest.approx(0.0, abs=1e-6)


def test_adjusted_r2_and_too_few_samples_for_it():
    y_true, y_pred = np.float32([[1], [2], [3], [4]]), np.float32([[1], [2], [3], [5]])
    plain = metrics.R2Score()(y_true, y_pred).item()
    adjusted = metrics.R2Score(num_regressors=1)(y_true, y_pred).item()
    assert adjusted == pytest.approx(1 - (1 - plain) * 3 / 2)
    with pytest.warns(UserWarning, match="too few samples"):
        assert metrics.R2Score(num_regressors=3)(y_true, y_pred).item() == pytest.approx(plain)


def test_adjusted_r2_inside_a_trace():
    y_true, y_pred = np.float32([[1], [2], [3], [4]]), np.float32([[1], [2], [3], [5]])
    for num_regressors in (1, 3):
        traced = metrics.R2Score(num_regressors=num_regressors)
        result = function(lambda t, p, m=traced: m(t, p))(y_true, y_pred).item()
        with warnings.catch_warnings(action="ignore"):
            eager = metrics.R2Score(num_regressors=num_regressors)(y_true, y_pred).item()
        assert result == pytest.approx(eager)


def test_operating_points_that_are_out_of_reach_are_zero():
    assert metrics.PrecisionAtRecall(0.9)([0, 0], [0.1, 0.2]).item() == 0.0
