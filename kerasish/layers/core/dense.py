"""Dense: the fully connected layer."""

from kerasish import activations, constraints, initializers, ops, registry, regularizers
from kerasish.errors import ShapeError, explain
from kerasish.layers.arguments import positive_int
from kerasish.layers.core.low_rank import LowRankAdaptation, refuse_quantization
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.layer import Layer


@registry.register("layers")
class Dense(LowRankAdaptation, Layer):
    """Fully connected layer: output = activation(inputs @ kernel + bias).

    An input of more than two axes is multiplied along its last one.

    Args:
        units: int > 0. Size of the last axis of the output.
        activation: name, callable or None (identity).
        use_bias: bool. Adds a vector `bias` of shape (units,).
        kernel_initializer, bias_initializer: name or initializer.
        kernel_regularizer, bias_regularizer, activity_regularizer: regularizer or None.
        kernel_constraint, bias_constraint: constraint or None.
        lora_rank: int or None. Freeze the kernel and learn a product of this rank added to it.
        lora_alpha: number. The product is scaled by lora_alpha / lora_rank; `lora_rank` when None.
        quantization_config: only None; there is no quantization.

    Call arguments:
        inputs: float tensor (batch, ..., features).

    Returns:
        float tensor (batch, ..., units).

    Raises:
        ValueError: `units` is not a positive int, or the last axis of the inputs is unknown.

    Example:
        >>> Dense(4)(ops.ones((2, 3))).shape
        (2, 4)

    Source: Keras 3 names and defaults.
    """

    def __init__(self, units, activation=None, use_bias=True, kernel_initializer="glorot_uniform",
                 bias_initializer="zeros", kernel_regularizer=None, bias_regularizer=None,
                 activity_regularizer=None, kernel_constraint=None, bias_constraint=None,
                 lora_rank=None, lora_alpha=None, quantization_config=None, **kwargs):  # fmt: skip
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.units = positive_int(units, "units", self.name)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.quantization_config = refuse_quantization(quantization_config, self.name)
        self.set_low_rank(lora_rank, lora_alpha)
        self.input_spec = InputSpec(min_ndim=2)
        self.supports_masking = True

    def build(self, input_shape):
        """Make `kernel` (features, units) and `bias` (units,)."""
        features = input_shape[-1]
        if features is None:
            raise ShapeError(
                explain(
                    self.path,
                    "the size of the last axis must be known to make the kernel",
                    received=f" input shape {tuple(input_shape)}",
                    fix="give Input or build a shape whose last size is an int",
                )
            )
        self._kernel = self.add_weight(
            (features, self.units), self.kernel_initializer, regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint, name="kernel",
        )  # fmt: skip
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight((self.units,), self.bias_initializer, name="bias",
                                        regularizer=self.bias_regularizer,
                                        constraint=self.bias_constraint)  # fmt: skip
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})
        self.build_low_rank()

    def call(self, inputs, training=None):
        """Multiply by the kernel, add the bias, apply the activation."""
        outputs = ops.matmul(inputs, self.kernel)
        if self.bias is not None:
            outputs = ops.add(outputs, self.bias)
        return self.activation(outputs)

    def compute_output_shape(self, input_shape):
        """The input shape with `units` as its last size."""
        return (*input_shape[:-1], self.units)

    def get_config(self):
        """Constructor arguments; `activity_regularizer` and LoRA's only where they are set."""
        config = super().get_config()
        if config["activity_regularizer"] is None:
            del config["activity_regularizer"]
        return self.without_low_rank_defaults(config)
