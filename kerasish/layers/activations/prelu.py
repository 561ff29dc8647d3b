"""PReLU: the rectifier with a learned slope."""

from kerasish import constraints, initializers, ops, registry, regularizers
from kerasish.errors import ShapeError, explain
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.layer import Layer


@registry.register("layers")
class PReLU(Layer):
    """Rectifier with a learned slope: output = x for x > 0, alpha * x below.

    Args:
        alpha_initializer: name or initializer.
        alpha_regularizer: regularizer or None.
        alpha_constraint: constraint or None.
        shared_axes: int or sequence of int. Axes along which one slope serves all, for instance
            [1, 2] to learn one slope for each channel of images.

    Call arguments:
        inputs: float tensor (batch, ...).

    Returns:
        float tensor of the same shape.

    Raises:
        ValueError: a size is unknown and its axis not shared.

    Example:
        >>> PReLU(alpha_initializer="ones")(ops.array([[-2.0, 2.0]])).tolist()
        [[-2.0, 2.0]]

    Source: He et al., 2015; Keras 3 names and defaults.
    """

    def __init__(self, alpha_initializer="Zeros", alpha_regularizer=None, alpha_constraint=None,
                 shared_axes=None, **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        if shared_axes is not None:
            shared_axes = [shared_axes] if isinstance(shared_axes, int) else list(shared_axes)
        self.shared_axes = shared_axes
        self.supports_masking = True

    def build(self, input_shape):
        """Make `alpha`, of the input's shape less the batch axis, 1 along shared axes."""
        shared = {axis % len(input_shape) for axis in self.shared_axes or ()}
        shape = tuple(1 if i in shared else n for i, n in enumerate(input_shape))[1:]
        if None in shape:
            raise ShapeError(
                explain(
                    self.path,
                    "every size must be known, except along shared axes",
                    received=f" input shape {tuple(input_shape)}",
                    fix="add the axes of unknown size to shared_axes",
                )
            )
        self.alpha = self.add_weight(shape, self.alpha_initializer, name="alpha",
                                     regularizer=self.alpha_regularizer,
                                     constraint=self.alpha_constraint)  # fmt: skip
        fixed = {i: n for i, n in enumerate(input_shape) if i > 0 and i not in shared}
        self.input_spec = InputSpec(ndim=len(input_shape), axes=fixed)

    def call(self, inputs):
        """Apply the rectifier."""
        return ops.subtract(ops.relu(inputs), ops.multiply(self.alpha, ops.relu(-inputs)))

    def compute_output_shape(self, input_shape):
        """The input shape."""
        return input_shape
