"""TensorFlow 1's names of initializers, with its defaults where they differ from Keras 3's."""

from kerasish import initializers
from kerasish.compat.v1 import dtypes
from kerasish.compat.v1.variables import (
    global_variables_initializer as global_variables,
)
from kerasish.compat.v1.variables import (
    local_variables_initializer as local_variables,
)
from kerasish.compat.v1.variables import (
    variables_initializer as variables,
)


def _seeded(cls, text):
    def make(seed=None, dtype="float32"):
        return cls(seed=seed)

    make.__doc__ = text
    return make


glorot_normal = _seeded(initializers.GlorotNormal, "Normal, scaled by inputs and outputs.")
glorot_uniform = _seeded(initializers.GlorotUniform, "Uniform, scaled by inputs and outputs.")
he_normal = _seeded(initializers.HeNormal, "Normal, scaled by inputs.")
he_uniform = _seeded(initializers.HeUniform, "Uniform, scaled by inputs.")
lecun_normal = _seeded(initializers.LecunNormal, "Normal, scaled by inputs.")
lecun_uniform = _seeded(initializers.LecunUniform, "Uniform, scaled by inputs.")


def zeros(dtype="float32"):
    """Zeros."""
    return initializers.Zeros()


def ones(dtype="float32"):
    """Ones."""
    return initializers.Ones()


def constant(value=0, dtype="float32", verify_shape=False):
    """One value, or an array."""
    return initializers.Constant(value)


def random_normal(mean=0.0, stddev=1.0, seed=None, dtype="float32"):
    """Normal numbers, of standard deviation 1."""
    return initializers.RandomNormal(mean, stddev, seed)


def truncated_normal(mean=0.0, stddev=1.0, seed=None, dtype="float32"):
    """Normal numbers within two standard deviations."""
    return initializers.TruncatedNormal(mean, stddev, seed)


def random_uniform(minval=0, maxval=None, seed=None, dtype="float32"):
    """Uniform numbers, from 0 to 1."""
    dtypes.as_dtype(dtype)
    return initializers.RandomUniform(minval, 1.0 if maxval is None else maxval, seed)


def variance_scaling(scale=1.0, mode="fan_in", distribution="truncated_normal", seed=None,
                     dtype="float32"):  # fmt: skip
    """Numbers scaled by the sizes of the variable."""
    known = {"normal": "truncated_normal"}
    return initializers.VarianceScaling(scale, mode, known.get(distribution, distribution), seed)


def orthogonal(gain=1.0, seed=None, dtype="float32"):
    """An orthogonal matrix."""
    return initializers.Orthogonal(gain, seed)


def identity(gain=1.0, dtype="float32"):
    """The identity matrix."""
    return initializers.Identity(gain)


__all__ = ["global_variables", "local_variables", "variables"]
