"""Dot: the product of two inputs, summed along an axis, sample by sample."""

import string

from kerasish import ops, registry
from kerasish.core.spec import normalize_axis
from kerasish.errors import ShapeError, explain
from kerasish.layers.merging.merge import Merge


@registry.register("layers")
class Dot(Merge):
    """Product of two inputs summed along an axis of each: output[b] = sum_i a[b, i] * c[b, i].

    Args:
        axes: int, or a pair of int: the axis of each input to sum over, not the batch axis 0.
        normalize: bool. Scale both to length 1 along their axis first: cosine similarity.
        **kwargs: `name`, `trainable`, `dtype`.

    Call arguments:
        inputs: list of 2 tensors of rank 2 or more.

    Returns:
        tensor with the axes left over: those of the first input, then those of the second;
        (batch, 1) where none is left.

    Raises:
        ValueError: not two inputs, an axis out of range, or sizes that differ.
        TypeError: `axes` is neither an int nor a pair.

    Example:
        >>> Dot((1, 2))([ops.ones((5, 3, 4)), ops.ones((5, 2, 3))]).shape
        (5, 4, 2)

    Source: Keras 3 names and defaults.
    """

    num_inputs = 2

    def __init__(self, axes, normalize=False, **kwargs):
        super().__init__(**kwargs)
        if not isinstance(axes, (int, list, tuple)):
            raise TypeError(explain(self.name, "axes must be an int or a pair", received=axes))
        if not isinstance(axes, int) and [type(a) for a in axes] != [int, int]:
            raise ValueError(explain(self.name, "axes must be an int or a pair", received=axes))
        self.axes, self.normalize = axes, normalize

    def _axes_of(self, shapes):
        axes = (self.axes, self.axes) if isinstance(self.axes, int) else self.axes
        found = [normalize_axis(a, len(s), self.path) for a, s in zip(axes, shapes, strict=True)]
        if 0 in found or min(map(len, shapes)) < 2:
            raise ShapeError(
                explain(
                    self.path,
                    "the batch axis cannot be summed over",
                    received=f" axes {self.axes}, shapes {shapes}",
                )
            )
        sizes = [s[a] for a, s in zip(found, shapes, strict=True)]
        if None not in sizes and sizes[0] != sizes[1]:
            raise ShapeError(
                explain(
                    self.path,
                    "the sizes along the axes to sum over differ",
                    received=f" {sizes}, in shapes {shapes}",
                )
            )
        return found

    def call(self, inputs):
        """Multiply and sum."""
        self._check_list(inputs)
        axes = self._axes_of([tuple(x.shape) for x in inputs])
        if self.normalize:
            inputs = [ops.normalize(x, axis=a) for x, a in zip(inputs, axes, strict=True)]
        letters = iter(string.ascii_letters[2:])  # a is the batch axis, b the one summed over
        terms = [["a"] + [next(letters) for _ in x.shape[1:]] for x in inputs]
        for term, axis in zip(terms, axes, strict=True):
            term[axis] = "b"
        left = [c for term in terms for c in term if c not in "ab"]
        equation = ",".join("".join(term) for term in terms) + "->a" + "".join(left)
        outputs = ops.einsum(equation, *inputs)
        return outputs if left else ops.expand_dims(outputs, 1)

    def compute_output_shape(self, input_shape):
        """Shape of the axes left over."""
        shapes = self._check_shapes(input_shape)
        axes = self._axes_of(shapes)
        left = [
            n for s, a in zip(shapes, axes, strict=True) for i, n in enumerate(s) if i not in (0, a)
        ]
        batch = shapes[0][0] if shapes[0][0] is not None else shapes[1][0]
        return (batch, *(left or [1]))

    def compute_mask(self, inputs, previous_mask):
        """None: the axes change their meaning."""
        return


def dot(inputs, axes=-1, **kwargs):
    """Product of two tensors summed along an axis of each, by a `Dot` layer.

    Args:
        inputs: list of 2 tensors of rank 2 or more.
        axes: int, or a pair of int: the axis of each tensor to sum over, not the batch axis 0.
        **kwargs: `normalize`, `name`, `trainable`, `dtype` of the layer.

    Returns:
        tensor with the axes left over.

    Example:
        >>> dot([ops.ones((5, 3)), ops.ones((5, 3))]).shape
        (5, 1)

    Source: Keras 3 names and defaults.
    """
    return Dot(axes=axes, **kwargs)(inputs)
