"""ResNet50, ResNet101, ResNet152: residual bottleneck blocks, normalized after convolution."""

from kerasish import layers
from kerasish.applications.architecture import standard_function
from kerasish.applications.imagenet_utils import decode_predictions, preprocessor
from kerasish.applications.residual import residual_architecture

__all__ = ["ResNet50", "ResNet101", "ResNet152", "decode_predictions", "preprocess_input"]

_SOURCE = 'He et al., "Deep residual learning for image recognition", 2015, table 1.'


def _block(units, x, filters, strides, name, widens):
    """1x1, 3x3 and 1x1 convolutions, added to the input or to its projection."""

    def conv_norm(x, number, *args, **options):
        x = units.conv(x, *args, use_bias=True, name=f"{name}_{number}_conv", **options)
        return units.norm(x, f"{name}_{number}_bn")

    shortcut = x
    if widens:
        shortcut = conv_norm(x, 0, 4 * filters, strides=strides, padding="valid")
    x = conv_norm(x, 1, filters, strides=strides, padding="valid")
    x = conv_norm(units.act(x, f"{name}_1_relu"), 2, filters, 3)
    x = conv_norm(units.act(x, f"{name}_2_relu"), 3, 4 * filters, padding="valid")
    return units.act(layers.Add(name=f"{name}_add")([shortcut, x]), f"{name}_out")


def _stage(units, x, filters, count, strides, name):
    """Blocks of one size: the first one strides and widens."""
    for i in range(1, count + 1):
        is_first = i == 1
        x = _block(units, x, filters, strides if is_first else 1, f"{name}_block{i}", is_first)
    return x


def _resnet(title, depths, features=None):
    name = title.lower()
    architecture = residual_architecture(name, _stage, depths, (1, 2, 2, 2), preactivated=False)
    return standard_function(__name__, title, name, architecture, _SOURCE, features)


preprocess_input = preprocessor(__name__, "caffe")
ResNet50 = _resnet("ResNet50", (3, 4, 6, 3), 2048)
ResNet101 = _resnet("ResNet101", (3, 4, 23, 3))
ResNet152 = _resnet("ResNet152", (3, 8, 36, 3))
