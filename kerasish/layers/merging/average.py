"""Average: the mean of its inputs."""

from kerasish import ops, registry
from kerasish.layers.merging.merge import Merge, fold


@registry.register("layers")
class Average(Merge):
    """Mean of the inputs: output = (a + b + ...) / number of inputs.

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
        >>> Average()([ops.array([[1.0, 2.0]]), ops.array([[3.0, 4.0]])]).tolist()
        [[2.0, 3.0]]

    Source: Keras 3 names and defaults.
    """

    def merge(self, inputs):
        """Add up and divide."""
        return ops.divide(fold(ops.add, inputs), len(inputs))


def average(inputs, **kwargs):
    """Mean of tensors by an `Average` layer: (a + b + ...) / number of tensors.

    Args:
        inputs: list of tensors whose shapes broadcast.
        **kwargs: `name`, `trainable`, `dtype` of the layer.

    Returns:
        tensor of the broadcast shape.

    Example:
        >>> average([ops.array([[1.0, 2.0]]), ops.array([[3.0, 4.0]])]).tolist()
        [[2.0, 3.0]]

    Source: Keras 3 names and defaults.
    """
    return Average(**kwargs)(inputs)
