"""UpSampling1D, UpSampling2D, UpSampling3D: larger spatial sizes by repeating or interpolating."""

from kerasish import ops, registry
from kerasish.config import standardize_data_format
from kerasish.layers.arguments import choice, int_tuple, positive_int
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.layer import Layer
from kerasish.ops import image
from kerasish.ops.resampling import resample

_INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")


class UpSampling(Layer):
    """Base of the layers that repeat elements along spatial axes."""

    rank = None

    def set_factors(self, factors, data_format):
        """Keep the factors, one for each spatial axis, and the layout."""
        lead = 2 if data_format == "channels_first" else 1
        self._factors = dict(enumerate(factors, start=lead))
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs):
        """Repeat along each spatial axis."""
        for axis, factor in self._factors.items():
            if factor != 1:
                inputs = ops.repeat(inputs, factor, axis=axis)
        return inputs

    def compute_output_shape(self, input_shape):
        """The input shape with larger spatial sizes."""
        factors = [self._factors.get(axis, 1) for axis in range(len(input_shape))]
        return tuple(n if n is None else n * f for n, f in zip(input_shape, factors, strict=True))


@registry.register("layers")
class UpSampling1D(UpSampling):
    """Each step of a sequence several times.

    Args:
        size: int > 0.

    Call arguments:
        inputs: tensor (batch, time, features).

    Returns:
        tensor (batch, time * size, features).

    Raises:
        ValueError: `size` is not a positive int.

    Example:
        >>> UpSampling1D(3)(ops.ones((2, 4, 5))).shape
        (2, 12, 5)

    Source: Keras 3 names and defaults.
    """

    rank = 1

    def __init__(self, size=2, **kwargs):
        super().__init__(**kwargs)
        self.size = positive_int(size, "size", self.name)
        self.set_factors((self.size,), "channels_last")


@registry.register("layers")
class UpSampling2D(UpSampling):
    """Larger images, by repeating rows and columns or by interpolation.

    Args:
        size: int or tuple of 2 int: factors of height and width.
        data_format: "channels_last", "channels_first" or None (the configured default).
        interpolation: "nearest" (repeat), "bilinear", "bicubic", "lanczos3" or "lanczos5".

    Call arguments:
        inputs: tensor (batch, height, width, channels), or channels first.

    Returns:
        tensor (batch, height * size[0], width * size[1], channels).

    Raises:
        ValueError: a size that is not positive, or an unknown interpolation.

    Example:
        >>> UpSampling2D((2, 3))(ops.ones((1, 3, 4, 2))).shape
        (1, 6, 12, 2)

    Source: Keras 3 names and defaults.
    """

    rank = 2

    def __init__(self, size=(2, 2), data_format=None, interpolation="nearest", **kwargs):
        super().__init__(**kwargs)
        self.size = int_tuple(size, 2, "size", self.name)
        self.data_format = standardize_data_format(data_format)
        self.interpolation = choice(interpolation, "interpolation", _INTERPOLATIONS, self.name)
        self.set_factors(self.size, self.data_format)

    def call(self, inputs):
        """Repeat, or interpolate to the new height and width."""
        if self.interpolation == "nearest":
            return super().call(inputs)
        new_size = [
            n for i, n in enumerate(self.compute_output_shape(inputs.shape)) if i in self._factors
        ]
        if None in new_size:  # known only when it runs
            inputs = ops.cast(inputs, self.compute_dtype)
            for axis, factor in self._factors.items():
                inputs = resample(inputs, axis=axis, size=None, factor=factor,
                                  method=self.interpolation)  # fmt: skip
            return inputs
        return image.resize(inputs, new_size, interpolation=self.interpolation,
                            data_format=self.data_format)  # fmt: skip


@registry.register("layers")
class UpSampling3D(UpSampling):
    """Larger volumes, by repeating elements along the three spatial axes.

    Args:
        size: int or tuple of 3 int: factors of the spatial sizes.
        data_format: "channels_last", "channels_first" or None (the configured default).

    Call arguments:
        inputs: tensor (batch, a, b, c, channels), or channels first.

    Returns:
        tensor of larger spatial sizes.

    Raises:
        ValueError: a size that is not positive.

    Example:
        >>> UpSampling3D(2)(ops.ones((1, 2, 3, 2, 5))).shape
        (1, 4, 6, 4, 5)

    Source: Keras 3 names and defaults.
    """

    rank = 3

    def __init__(self, size=(2, 2, 2), data_format=None, **kwargs):
        super().__init__(**kwargs)
        self.size = int_tuple(size, 3, "size", self.name)
        self.data_format = standardize_data_format(data_format)
        self.set_factors(self.size, self.data_format)
