"""check_layer: what every layer must do, from its config to its file."""

from kerasish.testing import layer_forms, layer_values  # noqa: F401 - declare the properties
from kerasish.testing.layer_case import LAYER, LayerCase

POLICIES = ("float16", "bfloat16", "mixed_float16", "mixed_bfloat16", "float64")


def check_layer(
    layer,
    *inputs,
    call_kwargs=None,
    wrong_inputs=None,
    supports_masking=None,
    policies=POLICIES,
    unknown_axes=(),
    skip=(),
    tolerance=1e-5,
    custom_objects=None,
):
    """Check that a layer does what every layer must do.

    `layer` itself is called once; all else is done with twins that are made from its config.

    Its config makes an equal layer; its weights have the same names and shapes whether they are
    made by `build` or by a call; shapes and dtypes are those that it announces, also for an unknown
    batch; a compiled call equals an eager one, in training, too; derivatives are finite, and those
    of the values; dtype policies are obeyed; masks go where `supports_masking` says; a functional
    model of it survives a file; equal state gives equal results; a wrong rank is refused.

    Args:
        layer: Layer.
        *inputs: arrays (nested as the layer takes them), the positional arguments of its call,
            batch first.
        call_kwargs: dict of further arguments of the call.
        wrong_inputs: tuple of arguments that the layer must refuse. When None, an input with an
            axis less, for layers with an `input_spec`.
        supports_masking: bool or None. What the layer must declare; not asked when None.
        policies: dtype policies under which it must work.
        unknown_axes: axes that may be unknown while tracing, besides the batch.
        skip: names of properties that do not hold for this layer, and are not meant to.
        tolerance: float. Between results that are computed in another order.
        custom_objects: dict from name to class, for what its config names besides its own class.

    Returns:
        tuple of the names of the properties that were checked.

    Raises:
        ContractError (an AssertionError): a property does not hold.

    Example:
        >>> import numpy
        >>> from kerasish import layers
        >>> class Scale(layers.Layer):
        ...     def build(self, input_shape):
        ...         self.factor = self.add_weight((input_shape[-1],), "ones", name="factor")
        ...     def call(self, inputs):
        ...         return inputs * self.factor
        >>> "gradients_are_finite" in check_layer(Scale(), numpy.ones((2, 3), "float32"))
        True
    """
    case = LayerCase(
        layer,
        inputs,
        call_kwargs,
        wrong_inputs,
        supports_masking,
        policies,
        unknown_axes,
        tolerance,
        custom_objects,
    )
    with case.scope():
        return LAYER.check(case, where=case.where, skip=skip)
