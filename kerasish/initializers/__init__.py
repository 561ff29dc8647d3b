"""Initializers: the first values of weights, by class or by name."""

import numpy

from kerasish import identifiers, ops
from kerasish.arrays import dtypes
from kerasish.core.tensor import Tensor
from kerasish.core.variable import Variable
from kerasish.errors import ShapeError, explain
from kerasish.initializers.constant import STFT, Constant, Identity, Ones, Zeros
from kerasish.initializers.initializer import Initializer
from kerasish.initializers.random import (
    Orthogonal,
    RandomInitializer,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
    compute_fans,
)
from kerasish.initializers.scaled import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
)
from kerasish.saving.serialization import serialize_keras_object

__all__ = [
    "STFT",
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "IdentityInitializer",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "OrthogonalInitializer",
    "RandomInitializer",
    "RandomNormal",
    "RandomUniform",
    "STFTInitializer",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "compute_fans",
    "constant",
    "deserialize",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "serialize",
    "stft",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]

constant, identity, ones, stft, zeros = Constant, Identity, Ones, STFT, Zeros
glorot_normal, glorot_uniform = GlorotNormal, GlorotUniform
he_normal, he_uniform = HeNormal, HeUniform
lecun_normal, lecun_uniform = LecunNormal, LecunUniform
orthogonal, random_normal, random_uniform = Orthogonal, RandomNormal, RandomUniform
truncated_normal, variance_scaling = TruncatedNormal, VarianceScaling
IdentityInitializer, OrthogonalInitializer, STFTInitializer = Identity, Orthogonal, STFT


def get(identifier):
    """Initializer named by a string ("he_normal"), a config, a class or itself; None stays None.

    Args:
        identifier: str, dict, class, callable, None, or an array, which is then the value and
            must have the shape asked for.

    Returns:
        callable `f(shape, dtype)`, or None.

    Raises:
        ValueError: an unknown name (the nearest one is offered), or nothing usable.

    Example:
        >>> get("zeros")((2,)).tolist()
        [0.0, 0.0]

    Source: Keras 3 names and defaults.
    """
    if isinstance(identifier, (numpy.ndarray, numpy.generic, Tensor, Variable)):
        return _given_value(identifier)
    return identifiers.resolve("initializers", identifier)


def _given_value(value):
    def initialize(shape, dtype=None):
        if tuple(shape) != tuple(value.shape):
            raise ShapeError(
                explain(
                    "initializer",
                    "the array given as initial value has another shape",
                    received=tuple(value.shape),
                    expected=str(tuple(shape)),
                )
            )
        return ops.cast(value, dtypes.standardize(dtype))

    return initialize


def serialize(initializer):
    """Config of an initializer, for `deserialize`."""
    return serialize_keras_object(initializer)


def deserialize(config, custom_objects=None):
    """Initializer from its config.

    Args:
        config: dict with "class_name" and "config", or a name.
        custom_objects: dict from name to class or function.

    Returns:
        the initializer.
    """
    return identifiers.from_config("initializers", config, custom_objects)
