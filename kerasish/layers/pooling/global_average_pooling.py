"""GlobalAveragePooling1D, 2D and 3D: mean over all spatial axes."""

from kerasish import ops, registry
from kerasish.layers.pooling.base import GlobalPooling


class GlobalAveragePooling(GlobalPooling):
    """Base of the global mean pooling layers."""

    def call(self, inputs):
        """Pool."""
        return ops.mean(inputs, axis=self.spatial_axes, keepdims=self.keepdims)


@registry.register("layers", "GlobalAvgPool1D")
class GlobalAveragePooling1D(GlobalAveragePooling):
    """Mean of each channel over whole sequences.

    Args:
        data_format: "channels_last", "channels_first" or None (the configured default).
        keepdims: bool. Keep the spatial axes, with size 1.

    Call arguments:
        inputs: tensor (batch, time, channels), or channels first.
        mask: bool tensor (batch, time) or None. Only steps where it is True count.

    Returns:
        tensor (batch, channels).

    Example:
        >>> GlobalAveragePooling1D()(ops.ones((2, 5, 3))).shape
        (2, 3)

    Source: Keras 3 names and defaults.
    """

    rank = 1

    def __init__(self, data_format=None, keepdims=False, **kwargs):
        super().__init__(data_format=data_format, keepdims=keepdims, **kwargs)
        self.supports_masking = True

    def call(self, inputs, mask=None):
        """Pool, over the steps that are not masked."""
        if mask is None:
            return super().call(inputs)
        axis = self.spatial_axes[0]
        weights = ops.expand_dims(ops.cast(mask, "bool"), 3 - axis)
        total = ops.sum(ops.where(weights, inputs, 0.0), axis=axis, keepdims=self.keepdims)
        count = ops.sum(ops.cast(weights, inputs.dtype), axis=axis, keepdims=self.keepdims)
        return ops.divide(total, count)

    def compute_mask(self, inputs, previous_mask):
        """None: no steps are left."""
        return


@registry.register("layers", "GlobalAvgPool2D")
class GlobalAveragePooling2D(GlobalAveragePooling):
    """Mean of each channel over whole images.

    Args:
        data_format: "channels_last", "channels_first" or None (the configured default).
        keepdims: bool. Keep the spatial axes, with size 1.

    Call arguments:
        inputs: tensor (batch, height, width, channels), or channels first.

    Returns:
        tensor (batch, channels).

    Example:
        >>> GlobalAveragePooling2D()(ops.ones((2, 5, 4, 3))).shape
        (2, 3)

    Source: Keras 3 names and defaults.
    """

    rank = 2


@registry.register("layers", "GlobalAvgPool3D")
class GlobalAveragePooling3D(GlobalAveragePooling):
    """Mean of each channel over whole volumes.

    Args:
        data_format: "channels_last", "channels_first" or None (the configured default).
        keepdims: bool. Keep the spatial axes, with size 1.

    Call arguments:
        inputs: tensor (batch, a, b, c, channels), or channels first.

    Returns:
        tensor (batch, channels).

    Example:
        >>> GlobalAveragePooling3D()(ops.ones((2, 2, 3, 4, 3))).shape
        (2, 3)

    Source: Keras 3 names and defaults.
    """

    rank = 3
