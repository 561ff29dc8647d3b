"""The six named cases of variance scaling: by Glorot, He and LeCun, each normal and uniform."""

from kerasish.initializers.random import VarianceScaling
from kerasish.registry import register


class _NamedScaling(VarianceScaling):
    """VarianceScaling whose first three arguments are fixed by the class."""

    fixed = ()

    def __init__(self, seed=None, input_axes=None, output_axes=None):
        super().__init__(*self.fixed, seed, input_axes, output_axes)

    def get_config(self):
        """Dict of the constructor's arguments."""
        config = super().get_config()
        return {key: config[key] for key in ("seed", "input_axes", "output_axes")}


@register("initializers", "glorot_uniform")
class GlorotUniform(_NamedScaling):
    """Uniform over [-limit, limit] with `limit = sqrt(6 / (fan_in + fan_out))`.

    Args:
        seed: int, SeedGenerator or None.
        input_axes: axes of the shape that count as inputs, with `output_axes`.
        output_axes: axes of the shape that count as outputs.

    Example:
        >>> GlorotUniform(seed=1)((4, 2)).shape
        (4, 2)

    Source: Glorot and Bengio, 2010; Keras 3 names and defaults.
    """

    fixed = (1.0, "fan_avg", "uniform")


@register("initializers", "glorot_normal")
class GlorotNormal(_NamedScaling):
    """Truncated normal with `stddev = sqrt(2 / (fan_in + fan_out))`.

    Args:
        seed: int, SeedGenerator or None.
        input_axes: axes of the shape that count as inputs, with `output_axes`.
        output_axes: axes of the shape that count as outputs.

    Example:
        >>> GlorotNormal(seed=1)((4, 2)).shape
        (4, 2)

    Source: Glorot and Bengio, 2010; Keras 3 names and defaults.
    """

    fixed = (1.0, "fan_avg", "truncated_normal")


@register("initializers", "he_uniform")
class HeUniform(_NamedScaling):
    """Uniform over [-limit, limit] with `limit = sqrt(6 / fan_in)`: for rectifiers.

    Args:
        seed: int, SeedGenerator or None.
        input_axes: axes of the shape that count as inputs, with `output_axes`.
        output_axes: axes of the shape that count as outputs.

    Example:
        >>> HeUniform(seed=1)((4, 2)).shape
        (4, 2)

    Source: He et al., 2015; Keras 3 names and defaults.
    """

    fixed = (2.0, "fan_in", "uniform")


@register("initializers", "he_normal")
class HeNormal(_NamedScaling):
    """Truncated normal with `stddev = sqrt(2 / fan_in)`: for rectifiers.

    Args:
        seed: int, SeedGenerator or None.
        input_axes: axes of the shape that count as inputs, with `output_axes`.
        output_axes: axes of the shape that count as outputs.

    Example:
        >>> HeNormal(seed=1)((4, 2)).shape
        (4, 2)

    Source: He et al., 2015; Keras 3 names and defaults.
    """

    fixed = (2.0, "fan_in", "truncated_normal")


@register("initializers", "lecun_uniform")
class LecunUniform(_NamedScaling):
    """Uniform over [-limit, limit] with `limit = sqrt(3 / fan_in)`.

    Args:
        seed: int, SeedGenerator or None.
        input_axes: axes of the shape that count as inputs, with `output_axes`.
        output_axes: axes of the shape that count as outputs.

    Example:
        >>> LecunUniform(seed=1)((4, 2)).shape
        (4, 2)

    Source: LeCun et al., 1998; Keras 3 names and defaults.
    """

    fixed = (1.0, "fan_in", "uniform")


@register("initializers", "lecun_normal")
class LecunNormal(_NamedScaling):
    """Truncated normal with `stddev = sqrt(1 / fan_in)`: for SELU.

    Args:
        seed: int, SeedGenerator or None.
        input_axes: axes of the shape that count as inputs, with `output_axes`.
        output_axes: axes of the shape that count as outputs.

    Example:
        >>> LecunNormal(seed=1)((4, 2)).shape
        (4, 2)

    Source: LeCun et al., 1998; Klambauer et al., 2017; Keras 3 names and defaults.
    """

    fixed = (1.0, "fan_in", "truncated_normal")
