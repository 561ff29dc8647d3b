"""GroupNormalization: each sample normalized over groups of channels."""

from kerasish import constraints, initializers, ops, registry, regularizers
from kerasish.core.spec import normalize_axis
from kerasish.errors import ShapeError, explain
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.layer import Layer


@registry.register("layers")
class GroupNormalization(Layer):
    """Groups of channels normalized: output = gamma * (x - mean) / sqrt(variance + epsilon) + beta.

    Mean and variance are over the channels of a group and all spatial axes, for each sample on its
    own.

    Args:
        groups: int that divides the number of channels; -1 for as many groups as channels
            (instance normalization).
        axis: int. The axis of the channels.
        epsilon: float. Added to the variance.
        center, scale: bool. Learn `beta`, `gamma`.
        beta_initializer, gamma_initializer: name or initializer.
        beta_regularizer, gamma_regularizer: regularizer or None.
        beta_constraint, gamma_constraint: constraint or None.

    Call arguments:
        inputs: float tensor (batch, ..., channels).

    Returns:
        float tensor of the same shape.

    Raises:
        ValueError: `groups` is not usable, or does not divide the number of channels.

    Example:
        >>> GroupNormalization(2, epsilon=0.0)(ops.array([[1.0, 3.0, 5.0, 9.0]])).tolist()
        [[-1.0, 1.0, -1.0, 1.0]]

    Source: Wu and He, 2018; Keras 3 names and defaults.
    """

    def __init__(self, groups=32, axis=-1, epsilon=1e-3, center=True, scale=True,
                 beta_initializer="zeros", gamma_initializer="ones", beta_regularizer=None,
                 gamma_regularizer=None, beta_constraint=None, gamma_constraint=None,
                 **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        if (
            not isinstance(groups, int)
            or isinstance(groups, bool)
            or (groups <= 0 and groups != -1)
        ):
            raise ValueError(
                explain(
                    self.name,
                    "groups must be a positive int, or -1 for one group a channel",
                    received=groups,
                )
            )
        self.groups, self.axis, self.epsilon = groups, axis, epsilon
        self.center, self.scale = center, scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.supports_masking = True
        self.autocast = False  # the statistics of float16 inputs would overflow

    def build(self, input_shape):
        """Make `gamma` and `beta`, each (channels,)."""
        channels = input_shape[normalize_axis(self.axis, len(input_shape), self.path)]
        if self.groups == -1 and channels is not None:
            self.groups = channels
        if channels is None or channels % self.groups:
            raise ShapeError(
                explain(
                    self.path,
                    "groups must divide the number of channels",
                    received=f" groups={self.groups}, {channels} channels in shape "
                    f"{tuple(input_shape)}",
                )
            )
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_weight((channels,), self.gamma_initializer, name="gamma",
                                         regularizer=self.gamma_regularizer, autocast=False,
                                         constraint=self.gamma_constraint)  # fmt: skip
        if self.center:
            self.beta = self.add_weight((channels,), self.beta_initializer, name="beta",
                                        regularizer=self.beta_regularizer, autocast=False,
                                        constraint=self.beta_constraint)  # fmt: skip
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: channels})

    def call(self, inputs):
        """Normalize."""
        outputs = ops.group_normalization(inputs, self.gamma, self.beta, groups=self.groups,
                                          axis=self.axis, epsilon=self.epsilon)  # fmt: skip
        return ops.cast(outputs, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        """The input shape."""
        normalize_axis(self.axis, len(input_shape), self.path)
        return input_shape
