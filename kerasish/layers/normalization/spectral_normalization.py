"""SpectralNormalization: a wrapper that holds the kernel of a layer at spectral norm 1."""

from kerasish import initializers, ops, registry
from kerasish.errors import explain
from kerasish.layers.arguments import positive_int
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.wrappers.wrapper import Wrapper


@registry.register("layers")
class SpectralNormalization(Wrapper):
    """Layer whose kernel is divided by its largest singular value at each training call.

    That value is estimated by power iteration on the kernel as a matrix of shape (-1, outputs),
    begun where the last call ended (weight `vector_u`). It bounds how steep the layer can become,
    which steadies the discriminator of a generative adversarial network.

    Args:
        layer: layer with a weight `kernel` or `embeddings`.
        power_iterations: int > 0. Iterations in each training call.

    Call arguments:
        inputs: what the layer takes.
        training: bool. Normalize the kernel first.

    Returns:
        the layer's output.

    Raises:
        ValueError: `power_iterations` is not positive, or the layer has no kernel.

    Example:
        >>> from kerasish.layers.core.dense import Dense
        >>> SpectralNormalization(Dense(4))(ops.ones((2, 3))).shape
        (2, 4)

    Source: Miyato et al., 2018, algorithm 1; Keras 3 names and defaults.
    """

    def __init__(self, layer, power_iterations=1, **kwargs):
        super().__init__(layer, **kwargs)
        self.power_iterations = positive_int(power_iterations, "power_iterations", self.name)

    def build(self, input_shape):
        """Build the layer and make `vector_u` (1, outputs)."""
        super().build(input_shape)
        self.input_spec = InputSpec(min_ndim=1, axes={-1: input_shape[-1]})
        kernel = getattr(self.layer, "kernel", None)
        self.kernel = kernel if kernel is not None else getattr(self.layer, "embeddings", None)
        if self.kernel is None:
            raise ValueError(
                explain(
                    self.path,
                    "the layer has neither a kernel nor embeddings",
                    received=self.layer,
                    fix="wrap a Dense, convolution or Embedding layer",
                )
            )
        self.vector_u = self.add_weight((1, self.kernel.shape[-1]),
                                        initializers.TruncatedNormal(stddev=0.02),
                                        dtype=self.kernel.dtype, trainable=False,
                                        name="vector_u")  # fmt: skip

    def call(self, inputs, training=False):
        """Normalize the kernel in training, then apply the layer."""
        if training:
            vector_u, kernel = self.normalized_weights()
            self.vector_u.assign(vector_u)
            self.kernel.assign(kernel)
        return ops.cast(self.layer(inputs), inputs.dtype)

    def normalized_weights(self):
        """The next `vector_u` and the kernel divided by its spectral norm, both unassigned."""
        # The stored values, not the half-precision ones that a mixed policy computes with.
        kernel, start = self.kernel.read_value(), self.vector_u.read_value()
        weights, vector_u = ops.reshape(kernel, (-1, kernel.shape[-1])), start
        for _ in range(self.power_iterations):
            vector_v = ops.normalize(ops.matmul(vector_u, ops.transpose(weights)), axis=-1)
            vector_u = ops.normalize(ops.matmul(vector_v, weights), axis=-1)
        sigma = ops.sum(ops.multiply(ops.matmul(vector_v, weights), vector_u))
        is_zero = ops.all(ops.equal(kernel, 0.0))  # and has no direction to divide out
        kernel = ops.divide(kernel, ops.where(is_zero, 1.0, sigma))
        return ops.where(is_zero, start, vector_u), kernel

    def compute_output_shape(self, input_shape):
        """The layer's."""
        return self.layer.compute_output_shape(input_shape)
