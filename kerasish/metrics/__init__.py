"""Metrics: what training reports, as classes and as functions, and their lookup by name."""

from kerasish import identifiers, registry
from kerasish.losses import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_hinge,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
)
from kerasish.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
)
from kerasish.metrics.auc import AUC
from kerasish.metrics.correlation import (
    ConcordanceCorrelation,
    PearsonCorrelation,
    concordance_correlation,
    pearson_correlation,
)
from kerasish.metrics.counts import FalseNegatives, FalsePositives, TrueNegatives, TruePositives
from kerasish.metrics.f_score import F1Score, FBetaScore
from kerasish.metrics.iou import BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU
from kerasish.metrics.margin import CategoricalHinge, Hinge, SquaredHinge
from kerasish.metrics.metric import Metric
from kerasish.metrics.operating_point import (
    PrecisionAtRecall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
)
from kerasish.metrics.precision_recall import Precision, Recall
from kerasish.metrics.probabilistic import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    KLDivergence,
    Poisson,
    SparseCategoricalCrossentropy,
)
from kerasish.metrics.r2 import R2Score
from kerasish.metrics.reduction import Mean, MeanMetricWrapper, Sum
from kerasish.metrics.regression import (
    CosineSimilarity,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    RootMeanSquaredError,
)
from kerasish.metrics.top_k import (
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)
from kerasish.saving.serialization import serialize_keras_object

__all__ = [
    "AUC",
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "BinaryIoU",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "ConcordanceCorrelation",
    "CosineSimilarity",
    "F1Score",
    "FBetaScore",
    "FalseNegatives",
    "FalsePositives",
    "Hinge",
    "IoU",
    "KLDivergence",
    "LogCoshError",
    "Mean",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanIoU",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Metric",
    "OneHotIoU",
    "OneHotMeanIoU",
    "PearsonCorrelation",
    "Poisson",
    "Precision",
    "PrecisionAtRecall",
    "R2Score",
    "Recall",
    "RecallAtPrecision",
    "RootMeanSquaredError",
    "SensitivityAtSpecificity",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy",
    "SpecificityAtSensitivity",
    "SquaredHinge",
    "Sum",
    "TopKCategoricalAccuracy",
    "TrueNegatives",
    "TruePositives",
    "binary_accuracy",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_accuracy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "concordance_correlation",
    "deserialize",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "pearson_correlation",
    "poisson",
    "serialize",
    "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
    "sparse_top_k_categorical_accuracy",
    "squared_hinge",
    "top_k_categorical_accuracy",
]

# A registered name stands for the function in a config, but for the metric in `get`.
_CLASS_OF_FUNCTION = {
    binary_accuracy: BinaryAccuracy,
    categorical_accuracy: CategoricalAccuracy,
    concordance_correlation: ConcordanceCorrelation,
    pearson_correlation: PearsonCorrelation,
    sparse_categorical_accuracy: SparseCategoricalAccuracy,
    sparse_top_k_categorical_accuracy: SparseTopKCategoricalAccuracy,
    top_k_categorical_accuracy: TopKCategoricalAccuracy,
}


def get(identifier):
    """Metric of a name, config, class or object.

    Args:
        identifier: "mse", "auc", "MeanSquaredError", a config dict, a Metric class, any callable,
            or None.

    Returns:
        a Metric for a name, config or class; a callable as it is; None for None.

    Raises:
        ValueError: an unknown name (the nearest one is offered), or nothing callable.

    Example:
        >>> get("mse"), get("binary_accuracy").threshold
        (<MeanSquaredError name=mean_squared_error>, 0.5)

    Source: Keras 3 names and defaults.
    """
    if isinstance(identifier, str):
        found = registry.lookup("metrics", identifier, where="metrics.get")
        identifier = _CLASS_OF_FUNCTION.get(found, found)
    return identifiers.resolve("metrics", identifier)


def serialize(metric):
    """Config dict of a Metric or a metric function.

    Args:
        metric: Metric or registered function.

    Returns:
        dict.

    Raises:
        ValueError: a lambda, or an object without `get_config`.

    Example:
        >>> serialize(Recall(top_k=2))["class_name"]
        'Recall'

    Source: Keras 3 names and config form.
    """
    return serialize_keras_object(metric)


def deserialize(config, custom_objects=None):
    """Metric or function from what `serialize` returned, or from a name.

    Args:
        config: dict or str.
        custom_objects: dict from name to class or function.

    Returns:
        Metric or function.

    Raises:
        ValueError: an unknown name, or a malformed config.

    Example:
        >>> deserialize(serialize(Recall(top_k=2))).top_k
        2

    Source: Keras 3 names and config form.
    """
    if isinstance(config, str):
        with registry.CustomObjectScope(custom_objects):
            return get(config)
    return identifiers.from_config("metrics", config, custom_objects)
