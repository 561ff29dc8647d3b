"""AdaptiveMaxPooling1D, 2D and 3D: maximum of as many windows as the output has places."""

from kerasish import ops, registry
from kerasish.layers.pooling.base import AdaptivePooling


class AdaptiveMaxPooling(AdaptivePooling):
    """Base of the adaptive maximum pooling layers."""

    def call(self, inputs):
        """Pool."""
        return ops.adaptive_max_pool(inputs, self.output_size, data_format=self.data_format)


@registry.register("layers")
class AdaptiveMaxPooling1D(AdaptiveMaxPooling):
    """Maximum of each channel over windows chosen so that the output has a given size.

    Output place i covers the inputs from floor(i * size / output_size) to
    ceil((i + 1) * size / output_size).

    Args:
        output_size: int.
        data_format: "channels_last", "channels_first" or None (the configured default).

    Call arguments:
        inputs: tensor (batch, time, channels), or channels first.

    Returns:
        tensor with `output_size` as its spatial sizes.

    Raises:
        ValueError: sizes that are not positive.

    Example:
        >>> AdaptiveMaxPooling1D(3)(ops.ones((2, 8, 3))).shape
        (2, 3, 3)

    Source: Keras 3 names and defaults.
    """

    rank = 1


@registry.register("layers")
class AdaptiveMaxPooling2D(AdaptiveMaxPooling):
    """Maximum of each channel over windows chosen so that the output has a given size.

    Output place i covers the inputs from floor(i * size / output_size) to
    ceil((i + 1) * size / output_size).

    Args:
        output_size: int or tuple of 2 int.
        data_format: "channels_last", "channels_first" or None (the configured default).

    Call arguments:
        inputs: tensor (batch, height, width, channels), or channels first.

    Returns:
        tensor with `output_size` as its spatial sizes.

    Raises:
        ValueError: sizes that are not positive.

    Example:
        >>> AdaptiveMaxPooling2D(3)(ops.ones((2, 7, 10, 3))).shape
        (2, 3, 3, 3)

    Source: Keras 3 names and defaults.
    """

    rank = 2


@registry.register("layers")
class AdaptiveMaxPooling3D(AdaptiveMaxPooling):
    """Maximum of each channel over windows chosen so that the output has a given size.

    Output place i covers the inputs from floor(i * size / output_size) to
    ceil((i + 1) * size / output_size).

    Args:
        output_size: int or tuple of 3 int.
        data_format: "channels_last", "channels_first" or None (the configured default).

    Call arguments:
        inputs: tensor (batch, a, b, c, channels), or channels first.

    Returns:
        tensor with `output_size` as its spatial sizes.

    Raises:
        ValueError: sizes that are not positive.

    Example:
        >>> AdaptiveMaxPooling3D(3)(ops.ones((2, 4, 5, 6, 3))).shape
        (2, 3, 3, 3, 3)

    Source: Keras 3 names and defaults.
    """

    rank = 3
