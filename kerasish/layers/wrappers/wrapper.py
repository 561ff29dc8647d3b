"""Wrapper: base of the layers that hold one other layer."""

from kerasish import registry
from kerasish.errors import explain
from kerasish.layers.layer import Layer


@registry.register("layers")
class Wrapper(Layer):
    """Base of layers that apply another layer; subclasses define `call`.

    Args:
        layer: Layer. Kept as `layer`, built with the input shape of the wrapper.

    Raises:
        ValueError: `layer` is not a Layer.

    Example:
        >>> from kerasish import ops
        >>> class Twice(Wrapper):
        ...     def call(self, inputs):
        ...         return self.layer(self.layer(inputs))
        >>> class Double(Layer):
        ...     def call(self, inputs):
        ...         return 2 * inputs
        >>> Twice(Double())(ops.ones((1, 2))).numpy().tolist()
        [[4.0, 4.0]]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, layer, **kwargs):
        if not isinstance(layer, Layer):
            raise ValueError(  # noqa: TRY004 (as in Keras)
                explain(
                    type(self).__name__,
                    "it wraps a layer",
                    received=layer,
                    fix=f"{type(self).__name__}(layers.Dense(4))",
                )
            )
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape=None):
        """Build the wrapped layer."""
        if not self.layer.built:
            self.layer.build(input_shape)
