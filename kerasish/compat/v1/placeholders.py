"""Placeholders: tensors that every run is given a value for."""

from kerasish.compat.v1 import dtypes, errors
from kerasish.compat.v1.constants import convert_to_tensor
from kerasish.compat.v1.shapes import TensorShape, sizes_of
from kerasish.compat.v1.tensors import Operation
from kerasish.core.structural import identity


class _Placeholder(Operation):
    """A value that has to be fed."""

    def __init__(self, dtype, sizes, name):
        super().__init__("Placeholder", (), None, name, [(sizes, dtype)])
        self.is_host = dtype == "string"

    def _missing(self):
        tensor = self.output
        sizes = tensor.sizes
        shape = "" if sizes is None else " and shape [" + ",".join(
            "?" if n is None else str(n) for n in sizes) + "]"  # fmt: skip
        return errors.InvalidArgumentError(
            None, self,
            f"You must feed a value for placeholder tensor '{self.name}' with dtype "
            f"{tensor.dtype.enum_name}{shape}",
        )  # fmt: skip

    def execute(self, frame, values):
        raise self._missing()

    def call(self, arrays):
        """Raises: nothing was fed."""
        raise self._missing()


def placeholder(dtype, shape=None, name=None):
    """A tensor whose value `feed_dict` gives at each run.

    Args:
        dtype: dtype-like.
        shape: sequence of int and None; None for any shape.

    Example:
        >>> import kerasish.compat.v1 as tf
        >>> with tf.Graph().as_default(), tf.Session() as session:
        ...     x = tf.placeholder(tf.float32, [None, 2])
        ...     session.run(tf.reduce_sum(x), {x: [[1, 2], [3, 4]]}).item()
        10.0

    Source: TensorFlow 1.
    """
    return _Placeholder(dtypes.as_dtype(dtype), sizes_of(shape), name).output


def placeholder_with_default(input, shape, name=None):
    """A tensor whose value may be fed, and is that of `input` where it is not."""
    x = convert_to_tensor(input)
    TensorShape(x.sizes).assert_is_compatible_with(shape)
    return Operation("PlaceholderWithDefault", [x], identity, name, [(sizes_of(shape), x.dtype)]
                     ).output  # fmt: skip
