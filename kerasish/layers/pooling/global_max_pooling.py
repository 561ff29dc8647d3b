"""GlobalMaxPooling1D, 2D and 3D: maximum over all spatial axes."""

from kerasish import ops, registry
from kerasish.layers.pooling.base import GlobalPooling


class GlobalMaxPooling(GlobalPooling):
    """Base of the global maximum pooling layers."""

    def call(self, inputs):
        """Pool."""
        return ops.max(inputs, axis=self.spatial_axes, keepdims=self.keepdims)


@registry.register("layers", "GlobalMaxPool1D")
class GlobalMaxPooling1D(GlobalMaxPooling):
    """Maximum of each channel over whole sequences.

    Args:
        data_format: "channels_last", "channels_first" or None (the configured default).
        keepdims: bool. Keep the spatial axes, with size 1.

    Call arguments:
        inputs: tensor (batch, time, channels), or channels first.

    Returns:
        tensor (batch, channels).

    Example:
        >>> GlobalMaxPooling1D()(ops.ones((2, 5, 3))).shape
        (2, 3)

    Source: Keras 3 names and defaults.
    """

    rank = 1


@registry.register("layers", "GlobalMaxPool2D")
class GlobalMaxPooling2D(GlobalMaxPooling):
    """Maximum of each channel over whole images.

    Args:
        data_format: "channels_last", "channels_first" or None (the configured default).
        keepdims: bool. Keep the spatial axes, with size 1.

    Call arguments:
        inputs: tensor (batch, height, width, channels), or channels first.

    Returns:
        tensor (batch, channels).

    Example:
        >>> GlobalMaxPooling2D()(ops.ones((2, 5, 4, 3))).shape
        (2, 3)

    Source: Keras 3 names and defaults.
    """

    rank = 2


@registry.register("layers", "GlobalMaxPool3D")
class GlobalMaxPooling3D(GlobalMaxPooling):
    """Maximum of each channel over whole volumes.

    Args:
        data_format: "channels_last", "channels_first" or None (the configured default).
        keepdims: bool. Keep the spatial axes, with size 1.

    Call arguments:
        inputs: tensor (batch, a, b, c, channels), or channels first.

    Returns:
        tensor (batch, channels).

    Example:
        >>> GlobalMaxPooling3D()(ops.ones((2, 2, 3, 4, 3))).shape
        (2, 3)

    Source: Keras 3 names and defaults.
    """

    rank = 3
