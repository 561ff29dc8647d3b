"""Softmax: probabilities from scores, as a layer."""

from kerasish import ops, registry
from kerasish.errors import ShapeError, explain
from kerasish.layers.layer import Layer

_EXCLUDED = {"float16": -3e4}  # a score that comes out as probability 0 beside any other


@registry.register("layers")
class Softmax(Layer):
    """Probabilities from scores: output = exp(inputs) / sum(exp(inputs)) along an axis.

    Args:
        axis: int or sequence of int. Axes over which the probabilities add up to 1.

    Call arguments:
        inputs: float tensor.
        mask: tensor that broadcasts with `inputs`, or None. Where it is False the probability is 0.

    Returns:
        float tensor of the same shape.

    Raises:
        ValueError: the mask does not broadcast.

    Example:
        >>> Softmax()(ops.array([[1.0, 1.0, 5.0]]), mask=ops.array([[True, True, False]])).tolist()
        [[0.5, 0.5, 0.0]]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, axis=-1, **kwargs):
        super().__init__(**kwargs)
        self.axis = axis
        self.supports_masking = True
        self.built = True

    def call(self, inputs, mask=None):
        """Turn scores into probabilities."""
        if mask is None:
            return self._softmax(inputs)
        self._check_mask(inputs, mask)
        keep = mask if mask.dtype == "bool" else ops.greater(mask, 0.5)
        outputs = self._softmax(ops.where(keep, inputs, _EXCLUDED.get(inputs.dtype, -1e9)))
        # A row without any score left would come out uniform.
        return ops.where(keep, outputs, 0.0)

    def _check_mask(self, inputs, mask):
        pairs = list(zip(mask.shape[::-1], inputs.shape[::-1], strict=False))
        if len(mask.shape) > len(inputs.shape) or any(m not in (1, n, None) for m, n in pairs if n):
            raise ShapeError(
                explain(
                    self.path,
                    "the mask does not broadcast to the inputs",
                    received=f" mask {mask.shape}, inputs {inputs.shape}",
                    fix="give the mask an axis for each of the inputs', of size 1 or theirs",
                )
            )

    def _softmax(self, x):
        if isinstance(self.axis, int):
            return ops.softmax(x, axis=self.axis)
        axes = tuple(self.axis)
        if len(axes) == 1:
            return ops.softmax(x, axis=axes[0])
        return ops.exp(ops.subtract(x, ops.logsumexp(x, axis=axes, keepdims=True)))

    def compute_output_shape(self, input_shape):
        """The input shape."""
        return input_shape
