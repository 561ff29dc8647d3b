"""SpatialDropout1D, SpatialDropout2D, SpatialDropout3D: whole channels set to zero."""

from kerasish import registry
from kerasish.config import standardize_data_format
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.regularization.dropout import Dropout


class SpatialDropout(Dropout):
    """Base of the layers that drop whole channels; subclasses set `rank`."""

    rank = None
    data_format = "channels_last"

    def __init__(self, rate, seed=None, name=None, dtype=None):
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def noise_shape_for(self, inputs):
        """One number for each sample and channel."""
        ones = (1,) * self.rank
        return (None, None, *ones) if self.data_format == "channels_first" else (None, *ones, None)

    def get_config(self):
        """Constructor arguments, as Keras writes them."""
        return {"rate": self.rate, "seed": self.seed, "name": self.name, "dtype": self.dtype}


@registry.register("layers")
class SpatialDropout1D(SpatialDropout):
    """Whole features of sequences set to zero in training, at all steps alike.

    Args:
        rate: float from 0 to 1.
        seed: int or None.
        name: str.
        dtype: dtype name or DTypePolicy.

    Call arguments:
        inputs: float tensor (batch, time, features).
        training: bool.

    Returns:
        float tensor of the same shape.

    Raises:
        ValueError: `rate` is out of range.

    Example:
        >>> from kerasish import ops
        >>> SpatialDropout1D(0.5)(ops.ones((1, 2, 2))).tolist()
        [[[1.0, 1.0], [1.0, 1.0]]]

    Source: Tompson et al., 2015; Keras 3 names and defaults.
    """

    rank = 1


class SpatialDropoutOfImages(SpatialDropout):
    """Base of the layers for two and three spatial axes, which know two layouts."""

    def __init__(self, rate, data_format=None, seed=None, name=None, dtype=None):
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        self.data_format = standardize_data_format(data_format)

    def get_config(self):
        """Constructor arguments, as Keras writes them."""
        return {**super().get_config(), "data_format": self.data_format}


@registry.register("layers")
class SpatialDropout2D(SpatialDropoutOfImages):
    """Whole channels of images set to zero in training.

    Args:
        rate: float from 0 to 1.
        data_format: "channels_last", "channels_first" or None (the configured default).
        seed: int or None.
        name: str.
        dtype: dtype name or DTypePolicy.

    Call arguments:
        inputs: float tensor (batch, height, width, channels), or channels first.
        training: bool.

    Returns:
        float tensor of the same shape.

    Raises:
        ValueError: `rate` is out of range.

    Example:
        >>> from kerasish import ops
        >>> SpatialDropout2D(0.5)(ops.ones((1, 1, 1, 2))).tolist()
        [[[[1.0, 1.0]]]]

    Source: Tompson et al., 2015; Keras 3 names and defaults.
    """

    rank = 2


@registry.register("layers")
class SpatialDropout3D(SpatialDropoutOfImages):
    """Whole channels of volumes set to zero in training.

    Args:
        rate: float from 0 to 1.
        data_format: "channels_last", "channels_first" or None (the configured default).
        seed: int or None.
        name: str.
        dtype: dtype name or DTypePolicy.

    Call arguments:
        inputs: float tensor (batch, a, b, c, channels), or channels first.
        training: bool.

    Returns:
        float tensor of the same shape.

    Raises:
        ValueError: `rate` is out of range.

    Example:
        >>> from kerasish import ops
        >>> SpatialDropout3D(0.5)(ops.ones((1, 1, 1, 1, 2))).tolist()
        [[[[[1.0, 1.0]]]]]

    Source: Tompson et al., 2015; Keras 3 names and defaults.
    """

    rank = 3
