"""Masking: marks the steps of a sequence that are padding."""

from kerasish import ops, registry
from kerasish.core import masks
from kerasish.layers.layer import Layer


@registry.register("layers")
class Masking(Layer):
    """Masks steps whose features all equal a value: mask = any(inputs != mask_value, axis=-1).

    Masked steps become 0, and layers behind that know masks skip them.

    Args:
        mask_value: float.

    Call arguments:
        inputs: float tensor (batch, time, ..., features).

    Returns:
        tensor of the same shape, with a mask (batch, time, ...).

    Example:
        >>> from kerasish import ops
        >>> outputs = Masking()(ops.convert_to_tensor([[[1.0, 2.0], [0.0, 0.0]]]))
        >>> masks.get_mask(outputs).tolist()
        [[True, False]]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, mask_value=0.0, **kwargs):
        super().__init__(**kwargs)
        self.mask_value = mask_value
        self.supports_masking = True
        self.built = True

    def compute_mask(self, inputs, previous_mask=None):
        """True where a step has a feature that is not the mask value."""
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)

    def call(self, inputs):
        mask = self.compute_mask(inputs)
        outputs = ops.where(ops.expand_dims(mask, -1), inputs, ops.zeros_like(inputs))
        masks.set_mask(outputs, mask)
        return outputs
