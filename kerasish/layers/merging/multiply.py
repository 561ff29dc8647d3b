"""Multiply: the product of its inputs."""

from kerasish import ops, registry
from kerasish.layers.merging.merge import Merge, fold


@registry.register("layers")
class Multiply(Merge):
    """Elementwise product of the inputs: output = a * b * ...

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
        >>> Multiply()([ops.array([[1.0, 2.0]]), ops.array([[3.0, 4.0]])]).tolist()
        [[3.0, 8.0]]

    Source: Keras 3 names and defaults.
    """

    def merge(self, inputs):
        """Multiply."""
        return fold(ops.multiply, inputs)


def multiply(inputs, **kwargs):
    """Product of tensors by a `Multiply` layer: a * b * ...

    Args:
        inputs: list of tensors whose shapes broadcast.
        **kwargs: `name`, `trainable`, `dtype` of the layer.

    Returns:
        tensor of the broadcast shape.

    Example:
        >>> multiply([ops.array([[1.0, 2.0]]), ops.array([[3.0, 4.0]])]).tolist()
        [[3.0, 8.0]]

    Source: Keras 3 names and defaults.
    """
    return Multiply(**kwargs)(inputs)
