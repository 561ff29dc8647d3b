"""One row per metric: its options and the kind of data it makes sense for."""

from typing import NamedTuple

import numpy as np


class Case(NamedTuple):
    """A metric class with options; `data(rng, n)` gives labels and predictions of n samples."""

    name: str
    options: dict
    data: callable
    weight_dtype: str = "float32"

    def __str__(self):
        return "-".join([self.name, *(f"{k}={v}" for k, v in self.options.items())])


def real(rng, n):
    return rng.normal(size=(n, 3)), rng.normal(size=(n, 3))


def near(rng, n):
    y_true = rng.normal(size=(n, 3))
    return y_true, y_true + 0.3 * rng.normal(size=(n, 3))


def positive(rng, n):
    return rng.uniform(0.1, 3.0, (n, 3)), rng.uniform(0.1, 3.0, (n, 3))


def signs(rng, n):
    return rng.choice([-1.0, 1.0], (n, 3)), rng.normal(size=(n, 3))


def _probabilities(rng, shape):
    p = rng.uniform(0.1, 1.0, shape)
    return p / p.sum(-1, keepdims=True)


def distributions(rng, n):
    return _probabilities(rng, (n, 4)), _probabilities(rng, (n, 4))


def one_hot(rng, n):
    return np.eye(4)[rng.integers(0, 4, n)], _probabilities(rng, (n, 4))


def indices(rng, n):
    return rng.integers(0, 4, n), _probabilities(rng, (n, 4))


def indices_in_time(rng, n):
    return rng.integers(0, 4, (n, 5)), _probabilities(rng, (n, 5, 4))


def two_indices(rng, n):
    return rng.integers(0, 4, n), rng.integers(0, 4, n)


def pictures_of_indices(rng, n):
    return rng.integers(0, 4, (n, 2, 3)), rng.integers(0, 4, (n, 2, 3))


def sorted_ids(rng, n):
    return rng.integers(0, 4, n), np.stack([rng.permutation(4) for _ in range(n)])


def scores(rng, n):
    return rng.integers(0, 2, n).astype("float64"), rng.uniform(0, 1, n)


def many_scores(rng, n):
    return rng.integers(0, 2, (n, 4)).astype("float64"), rng.uniform(0, 1, (n, 4))


def logits(rng, n):
    return rng.integers(0, 2, (n, 4)).astype("float64"), 2 * rng.normal(size=(n, 4))


CASES = [
    Case("MeanSquaredError", {}, real),
    Case("RootMeanSquaredError", {}, real),
    Case("MeanAbsoluteError", {}, real),
    Case("MeanAbsolutePercentageError", {}, positive),
    Case("MeanSquaredLogarithmicError", {}, positive),
    Case("CosineSimilarity", {}, real),
    Case("LogCoshError", {}, real),
    Case("R2Score", {}, near),
    Case("R2Score", {"class_aggregation": None}, near),
    Case("R2Score", {"class_aggregation": "variance_weighted_average"}, near),
    Case("PearsonCorrelation", {}, near),
    Case("ConcordanceCorrelation", {}, near),
    Case("Hinge", {}, signs),
    Case("SquaredHinge", {}, signs),
    Case("CategoricalHinge", {}, one_hot),
    Case("KLDivergence", {}, distributions),
    Case("Poisson", {}, positive),
    Case("BinaryCrossentropy", {}, many_scores),
    Case("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, logits),
    Case("CategoricalCrossentropy", {"label_smoothing": 0.1}, one_hot),
    Case("SparseCategoricalCrossentropy", {}, indices),
    Case("SparseCategoricalCrossentropy", {"from_logits": True}, indices_in_time),
    Case("Accuracy", {}, two_indices),
    Case("BinaryAccuracy", {"threshold": 0.7}, many_scores),
    Case("CategoricalAccuracy", {}, one_hot),
    Case("SparseCategoricalAccuracy", {}, indices),
    Case("SparseCategoricalAccuracy", {}, indices_in_time),
    Case("TopKCategoricalAccuracy", {"k": 2}, one_hot),
    Case("SparseTopKCategoricalAccuracy", {"k": 2}, indices),
    Case("SparseTopKCategoricalAccuracy", {"k": 2}, indices_in_time),
    Case("SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, sorted_ids),
    Case("TruePositives", {}, scores),
    Case("TrueNegatives", {"thresholds": [0.2, 0.5, 0.8]}, many_scores),
    Case("FalsePositives", {"thresholds": 0.3}, many_scores),
    Case("FalseNegatives", {"thresholds": [0.0, 0.5, 1.0]}, scores),
    Case("Precision", {}, scores),
    Case("Precision", {"top_k": 2}, one_hot),
    Case("Precision", {"class_id": 1, "thresholds": [0.2, 0.4]}, many_scores),
    Case("Recall", {"thresholds": [0.25, 0.75]}, many_scores),
    Case("Recall", {"top_k": 1, "class_id": 2}, one_hot),
    Case("AUC", {}, scores),
    Case("AUC", {"curve": "PR", "num_thresholds": 20}, many_scores),
    Case("AUC", {"curve": "PRGAIN"}, scores),
    Case("AUC", {"summation_method": "majoring", "thresholds": [0.1, 0.4, 0.7]}, scores),
    Case("AUC", {"multi_label": True, "label_weights": [1.0, 2.0, 0.5, 1.0]}, many_scores),
    Case("AUC", {"multi_label": True, "num_labels": 4, "thresholds": [0.2, 0.9]}, many_scores),
    Case("AUC", {"label_weights": [1.0, 2.0, 0.5, 1.0], "from_logits": True}, logits),
    Case("PrecisionAtRecall", {"recall": 0.6}, scores),
    Case("RecallAtPrecision", {"precision": 0.5, "num_thresholds": 30}, scores),
    Case("SensitivityAtSpecificity", {"specificity": 0.5}, scores),
    Case("SpecificityAtSensitivity", {"sensitivity": 0.4, "num_thresholds": 1}, scores),
    Case("SpecificityAtSensitivity", {"sensitivity": 0.4, "class_id": 3}, many_scores),
    Case("F1Score", {}, many_scores),
    Case("F1Score", {"average": "macro", "threshold": 0.5}, many_scores),
    Case("FBetaScore", {"beta": 2.0, "average": "weighted"}, one_hot),
    Case("FBetaScore", {"beta": 0.5, "average": "micro", "threshold": 0.4}, many_scores),
    Case("IoU", {"num_classes": 4, "target_class_ids": [0, 2]}, two_indices, "int32"),
    Case("IoU", {"num_classes": 4, "target_class_ids": [1], "dtype": "float32"}, two_indices),
    Case("MeanIoU", {"num_classes": 4, "ignore_class": 1}, two_indices, "int32"),
    Case("MeanIoU", {"num_classes": 4}, pictures_of_indices, "int32"),
    Case("OneHotIoU", {"num_classes": 4, "target_class_ids": [1, 3]}, one_hot, "int32"),
    Case("OneHotMeanIoU", {"num_classes": 4}, one_hot, "int32"),
    Case("BinaryIoU", {"target_class_ids": [1], "threshold": 0.4}, scores, "int32"),
]
