"""MaxPooling1D, MaxPooling2D, MaxPooling3D: maximum of moving windows."""

from kerasish import ops, registry
from kerasish.layers.arguments import defaults
from kerasish.layers.pooling.base import Pooling


class MaxPooling(Pooling):
    """Base of the maximum pooling layers."""

    def call(self, inputs):
        """Pool."""
        return ops.max_pool(inputs, self.pool_size, **self.geometry())


@registry.register("layers", "MaxPool1D")
@defaults(pool_size=2)
class MaxPooling1D(MaxPooling):
    """Maximum of each channel over windows that move over sequences.

    Args:
        pool_size: int. Size of the windows.
        strides: int, or None (`pool_size`: windows side by side).
        padding: "valid" (whole windows only) or "same" (output size = ceil(size / stride)).
        data_format: "channels_last", "channels_first" or None (the configured default).
        name: str.

    Call arguments:
        inputs: tensor (batch, time, channels), or channels first.

    Returns:
        tensor of smaller spatial sizes.

    Raises:
        ValueError: sizes that are not positive, or an unknown padding.

    Example:
        >>> MaxPooling1D(2)(ops.ones((2, 7, 3))).shape
        (2, 3, 3)

    Source: Keras 3 names and defaults.
    """

    rank = 1


@registry.register("layers", "MaxPool2D")
@defaults(pool_size=(2, 2))
class MaxPooling2D(MaxPooling):
    """Maximum of each channel over windows that move over images.

    Args:
        pool_size: int or tuple of 2 int. Size of the windows.
        strides: int or tuple of 2 int, or None (`pool_size`: windows side by side).
        padding: "valid" (whole windows only) or "same" (output size = ceil(size / stride)).
        data_format: "channels_last", "channels_first" or None (the configured default).
        name: str.

    Call arguments:
        inputs: tensor (batch, height, width, channels), or channels first.

    Returns:
        tensor of smaller spatial sizes.

    Raises:
        ValueError: sizes that are not positive, or an unknown padding.

    Example:
        >>> MaxPooling2D(2)(ops.ones((2, 6, 8, 3))).shape
        (2, 3, 4, 3)

    Source: Keras 3 names and defaults.
    """

    rank = 2


@registry.register("layers", "MaxPool3D")
@defaults(pool_size=(2, 2, 2))
class MaxPooling3D(MaxPooling):
    """Maximum of each channel over windows that move over volumes.

    Args:
        pool_size: int or tuple of 3 int. Size of the windows.
        strides: int or tuple of 3 int, or None (`pool_size`: windows side by side).
        padding: "valid" (whole windows only) or "same" (output size = ceil(size / stride)).
        data_format: "channels_last", "channels_first" or None (the configured default).
        name: str.

    Call arguments:
        inputs: tensor (batch, a, b, c, channels), or channels first.

    Returns:
        tensor of smaller spatial sizes.

    Raises:
        ValueError: sizes that are not positive, or an unknown padding.

    Example:
        >>> MaxPooling3D(2)(ops.ones((1, 4, 4, 4, 3))).shape
        (1, 2, 2, 2, 3)

    Source: Keras 3 names and defaults.
    """

    rank = 3
