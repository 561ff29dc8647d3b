"""Xception: residual blocks of depthwise separable convolutions."""

from kerasish import layers
from kerasish.applications.architecture import Architecture, standard_function
from kerasish.applications.imagenet_utils import decode_predictions, preprocessor
from kerasish.applications.published import kernels_file
from kerasish.applications.units import Units

__all__ = ["Xception", "decode_predictions", "preprocess_input"]

_SOURCE = 'Chollet, "Xception: deep learning with depthwise separable convolutions", 2016, fig. 5.'
_BLOCKS = (
    *((2, (128, 128)), (3, (256, 256)), (4, (728, 728))),  # entry flow
    *((block, (728, 728, 728)) for block in range(5, 13)),  # middle flow
    (13, (728, 1024)),  # exit flow
)


def _separable(units, x, filters, name):
    """Separable convolution and normalization."""
    options = {"padding": "same", "use_bias": False, "name": name}
    return units.norm(layers.SeparableConv2D(filters, 3, **options)(x), f"{name}_bn")


def _block(units, x, number, filters):
    """Separable convolutions with a shortcut; those of two also halve the size."""
    name, halves = f"block{number}", len(filters) == 2
    shortcut = units.norm(units.conv(x, filters[-1], strides=2)) if halves else x
    for i, n in enumerate(filters, 1):
        if (number, i) != (2, 1):  # the stem ends with an activation
            x = units.act(x, f"{name}_sepconv{i}_act")
        x = _separable(units, x, n, f"{name}_sepconv{i}")
    if halves:
        x = layers.MaxPooling2D(3, strides=2, padding="same", name=f"{name}_pool")(x)
    return layers.Add()([x, shortcut])


def _trunk(x, _options):
    units = Units()
    for i, (filters, strides) in enumerate(((32, 2), (64, 1)), 1):
        name = f"block1_conv{i}"
        x = units.conv(x, filters, 3, strides, "valid", name=name)
        x = units.norm_act(x, f"{name}_bn", f"{name}_act")
    for number, filters in _BLOCKS:
        x = _block(units, x, number, filters)
    for i, filters in enumerate((1536, 2048), 1):
        name = f"block14_sepconv{i}"
        x = units.act(_separable(units, x, filters, name), f"{name}_act")
    return x


preprocess_input = preprocessor(__name__, "tf")
Xception = standard_function(
    __name__,
    "Xception",
    "xception",
    Architecture(
        trunk=_trunk,
        size=299,
        min_size=71,
        files=kernels_file("xception"),
        pooling_names=(None, None),
    ),
    _SOURCE,
    features=2048,
)
