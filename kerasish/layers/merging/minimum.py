"""Minimum: the elementwise minimum of its inputs."""

from kerasish import ops, registry
from kerasish.layers.merging.merge import Merge, fold_unmasked, same_rank


@registry.register("layers")
class Minimum(Merge):
    """Elementwise minimum of the inputs: output = min(a, b, ...), masked elements left out.

    Args:
        **kwargs: `name`, `trainable`, `dtype`.

    Call arguments:
        inputs: list of tensors whose shapes broadcast; lower ranks get axes of size 1
            behind the batch axis.

    Returns:
        tensor of the broadcast shape.

    Raises:
        ValueError: shapes that do not broadcast.

    Example:
        >>> Minimum()([ops.array([[1.0, 4.0]]), ops.array([[3.0, 2.0]])]).tolist()
        [[1.0, 2.0]]

    Source: Keras 3 names and defaults.
    """

    def call(self, inputs, mask=None):
        """Take the minimum."""
        return fold_unmasked(ops.minimum, same_rank(self.checked(inputs)), mask)


def minimum(inputs, **kwargs):
    """Elementwise minimum of tensors by a `Minimum` layer: min(a, b, ...).

    Args:
        inputs: list of tensors whose shapes broadcast.
        **kwargs: `name`, `trainable`, `dtype` of the layer.

    Returns:
        tensor of the broadcast shape.

    Example:
        >>> minimum([ops.array([[1.0, 4.0]]), ops.array([[3.0, 2.0]])]).tolist()
        [[1.0, 2.0]]

    Source: Keras 3 names and defaults.
    """
    return Minimum(**kwargs)(inputs)
