"""Merge: the base of layers that combine a list of inputs elementwise."""

from kerasish import ops
from kerasish.core.spec import broadcast_shapes
from kerasish.errors import ShapeError, explain
from kerasish.layers.layer import Layer


class Merge(Layer):
    """Base of the merging layers: output = f(inputs[0], inputs[1], ...), with broadcasting.

    Inputs of lower rank get new axes behind the batch axis. The output is masked where all inputs
    are; an input without mask has nothing masked.
    """

    num_inputs = None  # the exact number, where a layer needs one

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def merge(self, inputs):
        """Combine a list of tensors of one rank; to be defined by subclasses."""
        raise NotImplementedError(explain(type(self).__name__, "a merging layer defines merge()"))

    def build(self, input_shape):
        """Check the shapes; there are no weights."""
        self.compute_output_shape(input_shape)

    def call(self, inputs):
        """Give all inputs one rank and merge them."""
        return self.merge(same_rank(self.checked(inputs)))

    def checked(self, inputs):
        """The inputs, whose shapes fit each other (the layer may have been built for others)."""
        self._check_list(inputs)
        self.compute_output_shape([x.shape for x in inputs])
        return inputs

    def _check_list(self, inputs):
        is_list = isinstance(inputs, (list, tuple)) and len(inputs) > 0
        if not is_list or self.num_inputs not in (None, len(inputs)):
            wanted = (
                "at least 1 tensor" if self.num_inputs is None else f"{self.num_inputs} tensors"
            )
            count = len(inputs) if isinstance(inputs, (list, tuple)) else "one tensor"
            raise ValueError(
                explain(
                    self.path,
                    "the inputs must come as a list",
                    received=f" {count}",
                    expected=f"a list of {wanted}",
                    fix=f"{type(self).__name__}()([a, b])",
                )
            )

    def _check_shapes(self, input_shape):
        shapes = [] if input_shape is None else input_shape
        if any(not isinstance(s, (list, tuple)) for s in shapes):
            shapes = None  # the shape of a single tensor
        self._check_list(shapes)
        return [tuple(s) for s in shapes]

    def compute_output_shape(self, input_shape):
        """The shapes broadcast to each other.

        Raises:
            ShapeError: sizes that neither agree nor are 1, or other batch sizes.
        """
        shapes = self._check_shapes(input_shape)
        batches = {s[0] for s in shapes if s} - {None}
        if len(batches) > 1:
            raise ShapeError(
                explain(self.path, "the inputs differ in batch size", received=f" shapes {shapes}")
            )
        rests = broadcast_shapes(*[s[1:] for s in shapes], where=self.path)
        return (batches.pop() if batches else None, *rests)

    def compute_mask(self, inputs, previous_mask):
        """True where any input is real; None where one has no mask."""
        if previous_mask is None or any(m is None for m in previous_mask):
            return None
        mask = previous_mask[0]
        for other in previous_mask[1:]:
            mask = ops.logical_or(mask, other)
        return mask


def same_rank(inputs):
    """Tensors with new axes of size 1 behind the batch axis, up to the highest rank."""
    rank = max(len(x.shape) for x in inputs)
    aligned = []
    for x in inputs:
        missing = rank - len(x.shape)
        aligned.append(ops.expand_dims(x, tuple(range(1, 1 + missing))) if missing else x)
    return aligned


def fold(operation, inputs):
    """operation(operation(a, b), c), ..."""
    result = inputs[0]
    for x in inputs[1:]:
        result = operation(result, x)
    return result


def fold_unmasked(operation, inputs, masks):
    """`fold` that leaves masked elements out, for operations without a neutral element.

    Args:
        operation: `f(a, b)`.
        inputs: list of tensors (batch, time, ...).
        masks: list of bool tensors (batch, time) or None, one for each input; or None.
    """
    if masks is None:
        return fold(operation, inputs)
    result, seen = inputs[0], _over_features(masks[0])
    for x, mask in zip(inputs[1:], map(_over_features, masks[1:]), strict=True):
        merged = operation(result, x)
        if seen is not None:
            merged = ops.where(seen, merged, x)
        if mask is not None:
            merged = ops.where(mask, merged, result)
        seen = None if seen is None or mask is None else ops.logical_or(seen, mask)
        result = merged
    return result


def _over_features(mask):
    return None if mask is None else ops.expand_dims(mask, -1)
