"""Losses: what training minimises, as classes and as functions, and their lookup by name."""

from kerasish import identifiers
from kerasish.losses.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from kerasish.losses.crossentropy_losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)
from kerasish.losses.focal import (
    BinaryFocalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalGeneralizedCrossEntropy,
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
    categorical_generalized_cross_entropy,
)
from kerasish.losses.loss import Loss
from kerasish.losses.margin import (
    CategoricalHinge,
    Hinge,
    SquaredHinge,
    categorical_hinge,
    hinge,
    squared_hinge,
)
from kerasish.losses.probabilistic import KLDivergence, Poisson, kl_divergence, poisson
from kerasish.losses.regression import (
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from kerasish.losses.robust import Huber, LogCosh, huber, log_cosh
from kerasish.losses.segmentation import Dice, Tversky, dice, tversky
from kerasish.losses.sequence import CTC, ctc
from kerasish.losses.similarity import Circle, CosineSimilarity, circle, cosine_similarity
from kerasish.losses.wrapper import LossFunctionWrapper
from kerasish.saving.serialization import serialize_keras_object

__all__ = [
    "CTC",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "CategoricalHinge",
    "Circle",
    "CosineSimilarity",
    "Dice",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "LossFunctionWrapper",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "Tversky",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_generalized_cross_entropy",
    "categorical_hinge",
    "circle",
    "cosine_similarity",
    "ctc",
    "deserialize",
    "dice",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "serialize",
    "sparse_categorical_crossentropy",
    "squared_hinge",
    "tversky",
]


def get(identifier):
    """Loss of a name, config, class or object.

    Args:
        identifier: "mse", "MeanSquaredError", a config dict, a Loss class, any callable, or None.

    Returns:
        a Loss for the name of a class, a function for the name of a function; None for None.

    Raises:
        ValueError: an unknown name (the nearest one is offered), or nothing callable.

    Example:
        >>> get("mse").__name__, get("Huber").delta
        ('mean_squared_error', 1.0)

    Source: Keras 3 names and defaults.
    """
    return identifiers.resolve("losses", identifier)


def serialize(loss):
    """Config dict of a Loss or a loss function.

    Args:
        loss: Loss or registered function.

    Returns:
        dict.

    Raises:
        ValueError: a lambda, or an object without `get_config`.

    Example:
        >>> serialize(Huber(2.0))["class_name"]
        'Huber'

    Source: Keras 3 names and config form.
    """
    return serialize_keras_object(loss)


def deserialize(name, custom_objects=None):
    """Loss or function from what `serialize` returned, or from a name.

    Args:
        name: dict or str.
        custom_objects: dict from name to class or function.

    Returns:
        Loss or function.

    Raises:
        ValueError: an unknown name, or a malformed config.

    Example:
        >>> deserialize(serialize(Huber(2.0))).delta
        2.0

    Source: Keras 3 names and config form.
    """
    return identifiers.from_config("losses", name, custom_objects)
