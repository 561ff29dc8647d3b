"""Subtract: the difference of its inputs."""

from kerasish import ops, registry
from kerasish.layers.merging.merge import Merge


@registry.register("layers")
class Subtract(Merge):
    """Difference of two inputs: output = a - b.

    Args:
        **kwargs: `name`, `trainable`, `dtype`.

    Call arguments:
        inputs: list of 2 tensors whose shapes broadcast; lower ranks get axes of size 1
            behind the batch axis.

    Returns:
        tensor of the broadcast shape.

    Raises:
        ValueError: not two inputs, or shapes that do not broadcast.

    Example:
        >>> Subtract()([ops.array([[3.0, 4.0]]), ops.array([[1.0, 2.0]])]).tolist()
        [[2.0, 2.0]]

    Source: Keras 3 names and defaults.
    """

    num_inputs = 2

    def merge(self, inputs):
        """Subtract."""
        return ops.subtract(*inputs)


def subtract(inputs, **kwargs):
    """Difference of two tensors by a `Subtract` layer: a - b.

    Args:
        inputs: list of 2 tensors whose shapes broadcast.
        **kwargs: `name`, `trainable`, `dtype` of the layer.

    Returns:
        tensor of the broadcast shape.

    Example:
        >>> subtract([ops.array([[3.0, 4.0]]), ops.array([[1.0, 2.0]])]).tolist()
        [[2.0, 2.0]]

    Source: Keras 3 names and defaults.
    """
    return Subtract(**kwargs)(inputs)
