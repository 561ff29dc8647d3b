"""ResNet50V2, ResNet101V2, ResNet152V2: residual bottleneck blocks, normalized beforehand."""

from kerasish import layers
from kerasish.applications.architecture import standard_function
from kerasish.applications.imagenet_utils import decode_predictions, preprocessor
from kerasish.applications.residual import residual_architecture

__all__ = ["ResNet50V2", "ResNet101V2", "ResNet152V2", "decode_predictions", "preprocess_input"]

_SOURCE = 'He et al., "Identity mappings in deep residual networks", 2016, figure 1b.'


def _block(units, x, filters, strides, name, widens):
    """Normalized input through 1x1, 3x3 and 1x1 convolutions, added to the plain input."""
    before = units.norm_act(x, f"{name}_preact_bn", f"{name}_preact_relu")
    if widens:
        options = {"use_bias": True, "padding": "valid", "name": f"{name}_0_conv"}
        shortcut = units.conv(before, 4 * filters, strides=strides, **options)
    else:
        shortcut = layers.MaxPooling2D(1, strides=strides)(x) if strides > 1 else x
    x = units.conv(before, filters, padding="valid", name=f"{name}_1_conv")
    x = units.norm_act(x, f"{name}_1_bn", f"{name}_1_relu")
    x = layers.ZeroPadding2D(1, name=f"{name}_2_pad")(x)
    x = units.conv(x, filters, 3, strides, "valid", name=f"{name}_2_conv")
    x = units.norm_act(x, f"{name}_2_bn", f"{name}_2_relu")
    x = units.conv(x, 4 * filters, padding="valid", use_bias=True, name=f"{name}_3_conv")
    return layers.Add(name=f"{name}_out")([shortcut, x])


def _stage(units, x, filters, count, strides, name):
    """Blocks of one size: the first one widens, the last one strides."""
    for i in range(1, count + 1):
        stride = strides if i == count else 1
        x = _block(units, x, filters, stride, f"{name}_block{i}", widens=i == 1)
    return x


def _resnet(title, depths, features=None):
    name = title.lower()
    architecture = residual_architecture(name, _stage, depths, (2, 2, 2, 1), preactivated=True)
    return standard_function(__name__, title, name, architecture, _SOURCE, features)


preprocess_input = preprocessor(__name__, "tf")
ResNet50V2 = _resnet("ResNet50V2", (3, 4, 6, 3), 2048)
ResNet101V2 = _resnet("ResNet101V2", (3, 4, 23, 3))
ResNet152V2 = _resnet("ResNet152V2", (3, 8, 36, 3))
