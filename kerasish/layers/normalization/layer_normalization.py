"""LayerNormalization: each sample normalized over its features."""

import warnings

from kerasish import constraints, initializers, ops, registry, regularizers
from kerasish.core.spec import normalize_axis
from kerasish.errors import ShapeError, explain
from kerasish.layers.layer import Layer


def weight_shape(axes, input_shape, where):
    """Sizes of the normalized axes, which the weights have.

    Raises:
        ShapeError: an axis that does not exist, or whose size is unknown.
    """
    for axis in axes:
        normalize_axis(axis, len(input_shape), where)
    shape = tuple(input_shape[axis] for axis in axes)
    if None in shape:
        raise ShapeError(
            explain(
                where,
                "the sizes of the normalized axes must be known",
                received=f" axis {axes}, input shape {tuple(input_shape)}",
            )
        )
    return shape


@registry.register("layers")
class LayerNormalization(Layer):
    """Each sample normalized: output = gamma * (x - mean) / sqrt(variance + epsilon) + beta.

    Mean and variance are over the normalized axes, for each sample (and step) on its own, in
    training and otherwise.

    Args:
        axis: int or sequence of int. The axes to normalize over.
        epsilon: float. Added to the variance.
        center, scale: bool. Learn `beta`, `gamma`.
        beta_initializer, gamma_initializer: name or initializer.
        beta_regularizer, gamma_regularizer: regularizer or None.
        beta_constraint, gamma_constraint: constraint or None.
        **kwargs: `rms_scaling=True` (deprecated) scales by the deviation only, without centering;
            use RMSNormalization.

    Call arguments:
        inputs: float tensor (batch, ...).

    Returns:
        float tensor of the same shape.

    Raises:
        TypeError: `axis` is neither an int nor a sequence of ints.

    Example:
        >>> LayerNormalization(epsilon=0.0)(ops.array([[1.0, 3.0]])).tolist()
        [[-1.0, 1.0]]

    Source: Ba et al., 2016; Keras 3 names and defaults.
    """

    def __init__(self, axis=-1, epsilon=1e-3, center=True, scale=True, beta_initializer="zeros",
                 gamma_initializer="ones", beta_regularizer=None, gamma_regularizer=None,
                 beta_constraint=None, gamma_constraint=None, **kwargs):  # fmt: skip
        self.rms_scaling = kwargs.pop("rms_scaling", False)
        super().__init__(**kwargs)
        if self.rms_scaling:
            warnings.warn(
                f"{self.name}: rms_scaling=True divides by the root of the variance, not of the "
                "mean square. Use RMSNormalization.",
                DeprecationWarning,
                stacklevel=2,
            )
        if not isinstance(axis, (int, list, tuple)):
            raise TypeError(explain(self.name, "axis must be an int or ints", received=axis))
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.epsilon, self.center, self.scale = epsilon, center, scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.supports_masking = True
        self.autocast = False  # the statistics of float16 inputs would overflow

    def build(self, input_shape):
        """Make `gamma` and `beta`, of the sizes of the normalized axes."""
        self.axis = [self.axis] if isinstance(self.axis, int) else sorted(self.axis)
        shape = weight_shape(self.axis, input_shape, self.path)
        self.gamma = self.beta = None
        if self.scale or self.rms_scaling:
            self.gamma = self.add_weight(shape, self.gamma_initializer, name="gamma",
                                         regularizer=self.gamma_regularizer, autocast=False,
                                         constraint=self.gamma_constraint)  # fmt: skip
        if self.center and not self.rms_scaling:
            self.beta = self.add_weight(shape, self.beta_initializer, name="beta",
                                        regularizer=self.beta_regularizer, autocast=False,
                                        constraint=self.beta_constraint)  # fmt: skip

    def call(self, inputs):
        """Normalize."""
        extra = {"rms_scaling": True} if self.rms_scaling else {}
        outputs = ops.layer_normalization(inputs, self.gamma, self.beta, axis=tuple(self.axis),
                                          epsilon=self.epsilon, **extra)  # fmt: skip
        return ops.cast(outputs, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        """The input shape."""
        for axis in [self.axis] if isinstance(self.axis, int) else self.axis:
            normalize_axis(axis, len(input_shape), self.path)
        return input_shape

    def get_config(self):
        """Constructor arguments, `rms_scaling` included."""
        return {**super().get_config(), "rms_scaling": self.rms_scaling}
