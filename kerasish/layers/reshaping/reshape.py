"""Reshape: the same elements in another shape."""

import math

from kerasish import ops, registry
from kerasish.errors import ShapeError, explain
from kerasish.layers.layer import Layer


@registry.register("layers")
class Reshape(Layer):
    """The same elements of each sample in another shape: (batch, ...) -> (batch, *target_shape).

    Args:
        target_shape: tuple of int, less the batch axis; one of them may be -1, to be inferred.

    Call arguments:
        inputs: tensor (batch, ...).

    Returns:
        tensor (batch, *target_shape).

    Raises:
        ValueError: two sizes of -1, or another number of elements.

    Example:
        >>> Reshape((2, -1))(ops.ones((5, 6))).shape
        (5, 2, 3)

    Source: Keras 3 names and defaults.
    """

    def __init__(self, target_shape, **kwargs):
        super().__init__(**kwargs)
        self.target_shape = tuple(int(n) for n in target_shape)
        if self.target_shape.count(-1) > 1 or any(n < -1 for n in self.target_shape):
            raise ShapeError(
                explain(
                    self.name,
                    "target_shape is not usable",
                    received=target_shape,
                    expected="sizes, at most one of them -1",
                )
            )
        self.built = True

    def call(self, inputs):
        """Reshape every sample."""
        shape = self.compute_output_shape(inputs.shape)[1:]
        batch = inputs.shape[0]
        if None not in shape:
            return ops.reshape(inputs, (-1 if batch is None else batch, *shape))
        return ops.reshape(inputs, (ops.shape(inputs)[0], *[-1 if n is None else n for n in shape]))

    def compute_output_shape(self, input_shape):
        """(batch, *target_shape), with -1 replaced by the size that is left over."""
        sizes = tuple(input_shape[1:])
        known = math.prod(n for n in self.target_shape if n != -1)
        if None in sizes:
            return (input_shape[0], *[None if n == -1 else n for n in self.target_shape])
        total = math.prod(sizes)
        if -1 not in self.target_shape:
            fits, missing = total == known, None
        else:
            fits = known != 0 and total % known == 0
            missing = total // known if fits else None
        if not fits:
            raise ShapeError(
                explain(
                    self.path,
                    f"{total} elements of a sample do not fit the target shape",
                    received=f" input shape {tuple(input_shape)}",
                    expected=f"target_shape {self.target_shape}",
                )
            )
        return (input_shape[0], *[missing if n == -1 else n for n in self.target_shape])
