"""Add: the sum of its inputs."""

from kerasish import ops, registry
from kerasish.layers.merging.merge import Merge, fold


@registry.register("layers")
class Add(Merge):
    """Sum of the inputs: output = a + b + ...

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
        >>> Add()([ops.array([[1.0, 2.0]]), ops.array([[3.0, 4.0]])]).tolist()
        [[4.0, 6.0]]

    Source: Keras 3 names and defaults.
    """

    def merge(self, inputs):
        """Add up."""
        return fold(ops.add, inputs)


def add(inputs, **kwargs):
    """Sum of tensors by an `Add` layer: a + b + ...

    Args:
        inputs: list of tensors whose shapes broadcast.
        **kwargs: `name`, `trainable`, `dtype` of the layer.

    Returns:
        tensor of the broadcast shape.

    Example:
        >>> add([ops.array([[1.0, 2.0]]), ops.array([[3.0, 4.0]])]).tolist()
        [[4.0, 6.0]]

    Source: Keras 3 names and defaults.
    """
    return Add(**kwargs)(inputs)
