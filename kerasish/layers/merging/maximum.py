"""Maximum: the elementwise maximum of its inputs."""

from kerasish import ops, registry
from kerasish.layers.merging.merge import Merge, fold_unmasked, same_rank


@registry.register("layers")
class Maximum(Merge):
    """Elementwise maximum of the inputs: output = max(a, b, ...), masked elements left out.

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
        >>> Maximum()([ops.array([[1.0, 4.0]]), ops.array([[3.0, 2.0]])]).tolist()
        [[3.0, 4.0]]

    Source: Keras 3 names and defaults.
    """

    def call(self, inputs, mask=None):
        """Take the maximum."""
        return fold_unmasked(ops.maximum, same_rank(self.checked(inputs)), mask)


def maximum(inputs, **kwargs):
    """Elementwise maximum of tensors by a `Maximum` layer: max(a, b, ...).

    Args:
        inputs: list of tensors whose shapes broadcast.
        **kwargs: `name`, `trainable`, `dtype` of the layer.

    Returns:
        tensor of the broadcast shape.

    Example:
        >>> maximum([ops.array([[1.0, 4.0]]), ops.array([[3.0, 2.0]])]).tolist()
        [[3.0, 4.0]]

    Source: Keras 3 names and defaults.
    """
    return Maximum(**kwargs)(inputs)
