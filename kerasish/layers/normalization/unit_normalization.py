"""UnitNormalization: each sample scaled to length 1."""

from kerasish import ops, registry
from kerasish.core.spec import normalize_axis
from kerasish.errors import explain
from kerasish.layers.layer import Layer


@registry.register("layers")
class UnitNormalization(Layer):
    """Inputs scaled to length 1 along axes: output = x / sqrt(sum(x**2)).

    Args:
        axis: int or sequence of int.

    Call arguments:
        inputs: float tensor (batch, ...).

    Returns:
        float tensor of the same shape.

    Raises:
        TypeError: `axis` is neither an int nor a sequence of ints.

    Example:
        >>> UnitNormalization()(ops.array([[0.0, 2.0]])).tolist()
        [[0.0, 1.0]]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, axis=-1, **kwargs):
        super().__init__(**kwargs)
        if not isinstance(axis, (int, list, tuple)):
            raise TypeError(explain(self.name, "axis must be an int or ints", received=axis))
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.supports_masking = True
        self.built = True

    def call(self, inputs):
        """Scale."""
        axis = self.axis if isinstance(self.axis, int) else tuple(self.axis)
        return ops.normalize(inputs, axis=axis, order=2, epsilon=1e-12)

    def compute_output_shape(self, input_shape):
        """The input shape."""
        for axis in [self.axis] if isinstance(self.axis, int) else self.axis:
            normalize_axis(axis, len(input_shape), self.path)
        return input_shape
