"""Concatenate: inputs laid end to end along an axis."""

from kerasish import ops, registry
from kerasish.core.spec import normalize_axis
from kerasish.errors import ShapeError, explain
from kerasish.layers.merging.merge import Merge


@registry.register("layers")
class Concatenate(Merge):
    """Inputs laid end to end along one axis: output = [a, b, ...].

    Args:
        axis: int. Not the batch axis 0.
        **kwargs: `name`, `trainable`, `dtype`.

    Call arguments:
        inputs: list of tensors of equal shapes except along `axis`.

    Returns:
        tensor whose size along `axis` is the sum of theirs.

    Raises:
        ValueError: not a list, or shapes that differ elsewhere.

    Example:
        >>> Concatenate(axis=1)([ops.ones((2, 4)), ops.ones((2, 3))]).shape
        (2, 7)

    Source: Keras 3 names and defaults.
    """

    def __init__(self, axis=-1, **kwargs):
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs):
        """Join the inputs."""
        return ops.concatenate(self.checked(inputs), axis=self.axis)

    def compute_output_shape(self, input_shape):
        """The shapes' common sizes, and the sum along the axis.

        Raises:
            ShapeError: another rank, or sizes that differ along another axis.
        """
        shapes = self._check_shapes(input_shape)
        axis = normalize_axis(self.axis, len(shapes[0]), self.path)
        result = list(shapes[0])
        for shape in shapes[1:]:
            pairs = [
                (a, b) for i, (a, b) in enumerate(zip(shape, result, strict=False)) if i != axis
            ]
            if len(shape) != len(result) or any(a != b for a, b in pairs if None not in (a, b)):
                raise ShapeError(
                    explain(
                        self.path,
                        f"the inputs differ elsewhere than along axis {self.axis}",
                        received=f" shapes {shapes}",
                    )
                )
            known = [b if a is None else a for a, b in zip(shape, result, strict=True)]
            is_open = shape[axis] is None or result[axis] is None
            known[axis] = None if is_open else shape[axis] + result[axis]
            result = known
        return tuple(result)

    def compute_mask(self, inputs, previous_mask):
        """The masks joined in the same way; inputs without one count as real throughout."""
        if previous_mask is None or all(m is None for m in previous_mask):
            return None
        whole = [_spread(mask, x) for mask, x in zip(previous_mask, inputs, strict=True)]
        return ops.any(ops.concatenate(whole, axis=self.axis), axis=-1)


def _spread(mask, x):
    """A mask as a bool tensor of the shape of `x`."""
    everywhere = ops.ones_like(x, dtype="bool")
    if mask is None:
        return everywhere
    missing = len(x.shape) - len(mask.shape)
    mask = ops.expand_dims(mask, tuple(range(-missing, 0))) if missing else mask
    return ops.logical_and(mask, everywhere)


def concatenate(inputs, axis=-1, **kwargs):
    """Tensors laid end to end along one axis, by a `Concatenate` layer.

    Args:
        inputs: list of tensors of equal shapes except along `axis`.
        axis: int. Not the batch axis 0.
        **kwargs: `name`, `trainable`, `dtype` of the layer.

    Returns:
        tensor whose size along `axis` is the sum of theirs.

    Example:
        >>> concatenate([ops.ones((2, 4)), ops.ones((2, 3))]).shape
        (2, 7)

    Source: Keras 3 names and defaults.
    """
    return Concatenate(axis=axis, **kwargs)(inputs)
