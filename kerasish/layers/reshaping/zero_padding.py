"""ZeroPadding1D, ZeroPadding2D, ZeroPadding3D: a border of zeros."""

from kerasish import ops, registry
from kerasish.config import standardize_data_format
from kerasish.layers.arguments import int_pairs, int_tuple
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.layer import Layer


class ZeroPadding(Layer):
    """Base of the padding layers: `padding` is a pair of ints for each spatial axis."""

    rank = None

    def set_padding(self, pairs, data_format):
        """Keep the amounts, a tuple of pairs, and the layout."""
        self.data_format = standardize_data_format(data_format)
        spatial = tuple(pairs)
        first = self.data_format == "channels_first"
        self._widths = ((0, 0), (0, 0), *spatial) if first else ((0, 0), *spatial, (0, 0))
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs):
        """Put zeros around the spatial axes."""
        return ops.pad(inputs, self._widths)

    def compute_output_shape(self, input_shape):
        """The input shape with larger spatial sizes."""
        pairs = zip(input_shape, self._widths, strict=True)
        return tuple(None if n is None else n + before + after for n, (before, after) in pairs)


@registry.register("layers")
class ZeroPadding1D(ZeroPadding):
    """Zeros before and after sequences.

    Args:
        padding: int, or (begin, end): number of steps to add.
        data_format: "channels_last", "channels_first" or None (the configured default).

    Call arguments:
        inputs: tensor (batch, time, features), or channels first.

    Returns:
        tensor (batch, time + begin + end, features).

    Raises:
        ValueError: negative amounts.

    Example:
        >>> ZeroPadding1D((1, 2))(ops.ones((2, 4, 3))).shape
        (2, 7, 3)

    Source: Keras 3 names and defaults.
    """

    rank = 1

    def __init__(self, padding=1, data_format=None, **kwargs):
        super().__init__(**kwargs)
        self.padding = int_tuple(padding, 2, "padding", self.name, minimum=0)
        self.set_padding((self.padding,), data_format)


@registry.register("layers")
class ZeroPadding2D(ZeroPadding):
    """Zeros around images.

    Args:
        padding: int, (rows, columns), or ((top, bottom), (left, right)).
        data_format: "channels_last", "channels_first" or None (the configured default).

    Call arguments:
        inputs: tensor (batch, height, width, channels), or channels first.

    Returns:
        tensor of larger height and width.

    Raises:
        ValueError: negative amounts.

    Example:
        >>> ZeroPadding2D(((1, 0), (2, 3)))(ops.ones((2, 3, 4, 5))).shape
        (2, 4, 9, 5)

    Source: Keras 3 names and defaults.
    """

    rank = 2

    def __init__(self, padding=(1, 1), data_format=None, **kwargs):
        super().__init__(**kwargs)
        self.padding = int_pairs(padding, 2, "padding", self.name)
        self.set_padding(self.padding, data_format)


@registry.register("layers")
class ZeroPadding3D(ZeroPadding):
    """Zeros around volumes.

    Args:
        padding: int, 3 ints, or 3 pairs of ints.
        data_format: "channels_last", "channels_first" or None (the configured default).

    Call arguments:
        inputs: tensor (batch, a, b, c, channels), or channels first.

    Returns:
        tensor of larger spatial sizes.

    Raises:
        ValueError: negative amounts.

    Example:
        >>> ZeroPadding3D(1)(ops.ones((2, 2, 3, 2, 5))).shape
        (2, 4, 5, 4, 5)

    Source: Keras 3 names and defaults.
    """

    rank = 3

    def __init__(self, padding=((1, 1), (1, 1), (1, 1)), data_format=None, **kwargs):
        super().__init__(**kwargs)
        self.padding = int_pairs(padding, 3, "padding", self.name)
        self.set_padding(self.padding, data_format)
