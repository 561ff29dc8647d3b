"""BatchNormalization: each channel normalized over the batch."""

from kerasish import constraints, initializers, ops, registry, regularizers
from kerasish.config import settings
from kerasish.core.spec import normalize_axis
from kerasish.errors import ShapeError, explain
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.layer import Layer


@registry.register("layers")
class BatchNormalization(Layer):
    """Each channel normalized: output = gamma * (x - mean) / sqrt(variance + epsilon) + beta.

    In training, mean and variance are those of the batch, and the moving statistics follow them:
    moving = momentum * moving + (1 - momentum) * batch. Otherwise the moving statistics are used,
    also where `trainable` is False.

    Args:
        axis: int. The axis of the channels (1 for "channels_first").
        momentum: float. Weight of the past in the moving statistics.
        epsilon: float. Added to the variance.
        center, scale: bool. Learn `beta`, `gamma`.
        beta_initializer, gamma_initializer: name or initializer.
        moving_mean_initializer, moving_variance_initializer: name or initializer.
        beta_regularizer, gamma_regularizer: regularizer or None.
        beta_constraint, gamma_constraint: constraint or None.
        renorm: only False; batch renormalization is not supported.
        renorm_clipping, renorm_momentum: kept for configs; unused.
        synchronized: bool. Kept for configs: the statistics are those of this process's batch.

    Call arguments:
        inputs: float tensor (batch, ..., channels).
        training: bool.
        mask: bool tensor of the inputs' shape less the last axis, or None. Masked steps do not
            count in the statistics.

    Returns:
        float tensor of the same shape.

    Raises:
        ValueError: `renorm` is asked for, or the axis does not exist.

    Example:
        >>> BatchNormalization(epsilon=0.0)(ops.array([[1.0], [3.0]]), training=True).tolist()
        [[-1.0], [1.0]]

    Source: Ioffe and Szegedy, 2015; Keras 3 names and defaults.
    """

    def __init__(self, axis=-1, momentum=0.99, epsilon=1e-3, center=True, scale=True,
                 beta_initializer="zeros", gamma_initializer="ones",
                 moving_mean_initializer="zeros", moving_variance_initializer="ones",
                 beta_regularizer=None, gamma_regularizer=None, beta_constraint=None,
                 gamma_constraint=None, renorm=False, renorm_clipping=None, renorm_momentum=0.99,
                 synchronized=False, **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        if renorm:
            raise ValueError(
                explain(
                    self.name,
                    "batch renormalization is not supported",
                    received=renorm,
                    fix="leave renorm=False, or use GroupNormalization for small batches",
                )
            )
        self.axis = int(axis[0] if isinstance(axis, (list, tuple)) else axis)
        self.momentum, self.epsilon = float(momentum), float(epsilon)
        self.center, self.scale = center, scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.renorm, self.renorm_clipping = renorm, renorm_clipping
        self.renorm_momentum, self.synchronized = renorm_momentum, synchronized
        self.supports_masking = True

    def build(self, input_shape):
        """Make `gamma`, `beta`, `moving_mean` and `moving_variance`, each (channels,)."""
        axis = normalize_axis(self.axis, len(input_shape), self.path)
        channels = input_shape[axis]
        if channels is None:
            raise ShapeError(
                explain(
                    self.path,
                    f"the size of axis {self.axis} must be known",
                    received=f" input shape {tuple(input_shape)}",
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
        self.moving_mean = self.add_weight((channels,), self.moving_mean_initializer,
                                           name="moving_mean", trainable=False,
                                           autocast=False)  # fmt: skip
        self.moving_variance = self.add_weight((channels,), self.moving_variance_initializer,
                                               name="moving_variance", trainable=False,
                                               autocast=False)  # fmt: skip
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: channels})

    def call(self, inputs, training=None, mask=None):
        """Normalize; in training by the batch's statistics, which the moving ones follow."""
        if not (training and self.trainable):
            return self._normalize(inputs, self.moving_mean, self.moving_variance)
        if mask is None:
            outputs, mean, variance = ops.batch_normalization_training(
                inputs, self.gamma, self.beta, axis=self.axis, epsilon=self.epsilon
            )
        else:
            mean, variance = self._masked_moments(inputs, mask)
            outputs = self._normalize(inputs, mean, variance)
        self._follow(self.moving_mean, mean)
        self._follow(self.moving_variance, variance)
        return outputs

    def _normalize(self, inputs, mean, variance):
        return ops.batch_normalization(inputs, mean, variance, self.axis, offset=self.beta,
                                       scale=self.gamma, epsilon=self.epsilon)  # fmt: skip

    def _follow(self, moving, batch):
        batch = ops.cast(ops.stop_gradient(batch), moving.dtype)
        past = ops.multiply(moving, self.momentum)
        moving.assign(ops.add(past, ops.multiply(batch, 1.0 - self.momentum)))

    def _masked_moments(self, inputs, mask):
        ndim = len(inputs.shape)
        if len(mask.shape) != ndim - 1:
            raise ShapeError(
                explain(
                    self.path,
                    "the mask must have one axis less than the inputs",
                    received=f" mask {mask.shape}, inputs {inputs.shape}",
                )
            )
        if inputs.dtype in ("float16", "bfloat16"):
            inputs = ops.cast(inputs, "float32")
        axis = normalize_axis(self.axis, ndim, self.path)
        axes = tuple(i for i in range(ndim) if i != axis)
        keep = ops.logical_and(ops.expand_dims(ops.cast(mask, "bool"), -1),
                               ops.ones_like(inputs, dtype="bool"))  # fmt: skip
        count = ops.sum(ops.cast(keep, inputs.dtype), axis=axes, keepdims=True) + settings.epsilon
        mean = ops.sum(ops.where(keep, inputs, 0.0), axis=axes, keepdims=True) / count
        offsets = ops.where(keep, inputs - mean, 0.0)
        variance = ops.sum(ops.square(offsets), axis=axes, keepdims=True) / count
        return ops.reshape(mean, (-1,)), ops.reshape(variance, (-1,))

    def compute_output_shape(self, input_shape):
        """The input shape."""
        normalize_axis(self.axis, len(input_shape), self.path)
        return input_shape
