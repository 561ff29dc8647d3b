"""Cropping1D, Cropping2D, Cropping3D: cut off the borders."""

from kerasish import registry
from kerasish.config import standardize_data_format
from kerasish.errors import ShapeError, explain
from kerasish.layers.arguments import int_pairs, int_tuple
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.layer import Layer


class Cropping(Layer):
    """Base of the cropping layers: `cropping` is a pair of ints for each spatial axis."""

    rank = None

    def set_cropping(self, pairs, data_format):
        """Keep the amounts, a tuple of pairs, and the layout."""
        self._pairs, self._layout = pairs, data_format
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs):
        """Slice the spatial axes."""
        self.compute_output_shape(inputs.shape)
        spatial = tuple(slice(before, -after or None) for before, after in self._pairs)
        lead = 2 if self._layout == "channels_first" else 1
        return inputs[(slice(None),) * lead + spatial]

    def compute_output_shape(self, input_shape):
        """The input shape with smaller spatial sizes."""
        shape = list(input_shape)
        lead = 2 if self._layout == "channels_first" else 1
        for axis, (before, after) in enumerate(self._pairs, start=lead):
            if shape[axis] is None:
                continue
            if before + after >= shape[axis]:
                raise ShapeError(
                    explain(
                        self.path,
                        f"nothing would be left of axis {axis}",
                        received=f" input shape {tuple(input_shape)}, cropping {self._pairs}",
                        fix="crop less than the size of the axis",
                    )
                )
            shape[axis] -= before + after
        return tuple(shape)


@registry.register("layers")
class Cropping1D(Cropping):
    """Cut off the ends of sequences.

    Args:
        cropping: int, or (begin, end): number of steps to cut off.

    Call arguments:
        inputs: tensor (batch, time, features).

    Returns:
        tensor (batch, time - begin - end, features).

    Raises:
        ValueError: negative amounts, or nothing would be left.

    Example:
        >>> from kerasish import ops
        >>> Cropping1D((1, 2))(ops.ones((2, 6, 3))).shape
        (2, 3, 3)

    Source: Keras 3 names and defaults.
    """

    rank = 1

    def __init__(self, cropping=(1, 1), **kwargs):
        super().__init__(**kwargs)
        self.cropping = int_tuple(cropping, 2, "cropping", self.name, minimum=0)
        self.set_cropping((self.cropping,), "channels_last")


@registry.register("layers")
class Cropping2D(Cropping):
    """Cut off the borders of images.

    Args:
        cropping: int, (rows, columns), or ((top, bottom), (left, right)).
        data_format: "channels_last", "channels_first" or None (the configured default).

    Call arguments:
        inputs: tensor (batch, height, width, channels), or channels first.

    Returns:
        tensor of smaller height and width.

    Raises:
        ValueError: negative amounts, or nothing would be left.

    Example:
        >>> from kerasish import ops
        >>> Cropping2D(((1, 0), (2, 1)))(ops.ones((2, 5, 6, 3))).shape
        (2, 4, 3, 3)

    Source: Keras 3 names and defaults.
    """

    rank = 2

    def __init__(self, cropping=((0, 0), (0, 0)), data_format=None, **kwargs):
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.cropping = int_pairs(cropping, 2, "cropping", self.name)
        self.set_cropping(self.cropping, self.data_format)


@registry.register("layers")
class Cropping3D(Cropping):
    """Cut off the borders of volumes.

    Args:
        cropping: int, 3 ints, or 3 pairs of ints.
        data_format: "channels_last", "channels_first" or None (the configured default).

    Call arguments:
        inputs: tensor (batch, a, b, c, channels), or channels first.

    Returns:
        tensor of smaller spatial sizes.

    Raises:
        ValueError: negative amounts, or nothing would be left.

    Example:
        >>> from kerasish import ops
        >>> Cropping3D(1)(ops.ones((2, 4, 5, 6, 3))).shape
        (2, 2, 3, 4, 3)

    Source: Keras 3 names and defaults.
    """

    rank = 3

    def __init__(self, cropping=((1, 1), (1, 1), (1, 1)), data_format=None, **kwargs):
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.cropping = int_pairs(cropping, 3, "cropping", self.name)
        self.set_cropping(self.cropping, self.data_format)
