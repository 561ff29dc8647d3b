"""DenseNet121, DenseNet169, DenseNet201: every block sees the outputs of all before it."""

import functools

from kerasish import layers
from kerasish.applications.architecture import Architecture, standard_function
from kerasish.applications.imagenet_utils import decode_predictions, preprocessor
from kerasish.applications.published import kernels_file
from kerasish.applications.units import Units

__all__ = ["DenseNet121", "DenseNet169", "DenseNet201", "decode_predictions", "preprocess_input"]

_SOURCE = 'Huang et al., "Densely connected convolutional networks", 2016, table 1.'
_GROWTH = 32


def _block(units, x, name):
    """32 new channels from a 1x1 and a 3x3 convolution, joined to the input."""
    y = units.norm_act(x, f"{name}_0_bn", f"{name}_0_relu")
    y = units.conv(y, 4 * _GROWTH, padding="valid", name=f"{name}_1_conv")
    y = units.norm_act(y, f"{name}_1_bn", f"{name}_1_relu")
    y = units.conv(y, _GROWTH, 3, name=f"{name}_2_conv")
    return units.concat([x, y], f"{name}_concat")


def _transition(units, x, name):
    """Half the channels and half the size."""
    x = units.norm_act(x, f"{name}_bn", f"{name}_relu")
    x = units.conv(x, units.channels(x) // 2, padding="valid", name=f"{name}_conv")
    return layers.AveragePooling2D(2, strides=2, name=f"{name}_pool")(x)


def _trunk(x, _options, depths):
    units = Units(axis=3, normalization={"epsilon": 1.001e-5})
    x = layers.ZeroPadding2D(3)(x)
    x = units.conv(x, 64, 7, 2, "valid", name="conv1_conv")
    x = units.norm_act(x, "conv1_bn", "conv1_relu")
    x = layers.ZeroPadding2D(1)(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)
    for stage, depth in enumerate(depths, 2):
        for i in range(1, depth + 1):
            x = _block(units, x, f"conv{stage}_block{i}")
        if stage < 5:
            x = _transition(units, x, f"pool{stage}")
    return units.norm_act(x, "bn", "relu")


def _densenet(title, depths, features=None):
    name = title.lower()
    architecture = Architecture(
        trunk=functools.partial(_trunk, depths=depths),
        size=224,
        files=kernels_file(name, folder="densenet"),
        channels_last_only=True,
    )
    return standard_function(__name__, title, name, architecture, _SOURCE, features)


preprocess_input = preprocessor(__name__, "torch")
DenseNet121 = _densenet("DenseNet121", (6, 12, 24, 16), 1024)
DenseNet169 = _densenet("DenseNet169", (6, 12, 32, 32))
DenseNet201 = _densenet("DenseNet201", (6, 12, 48, 32))
