"""What the residual networks of both versions share: the stem, four stages, the classifier."""

from kerasish import layers
from kerasish.applications.architecture import Architecture
from kerasish.applications.published import kernels_file
from kerasish.applications.units import Units

_FILTERS = (64, 128, 256, 512)


def residual_architecture(name, stage, depths, strides, preactivated):
    """Architecture of a stem and four stages.

    Args:
        name: str. Name of the published weights.
        stage: function (units, x, filters, count, strides, name) -> tensor.
        depths: four ints. Blocks in each stage.
        strides: four ints. Stride of each stage.
        preactivated: bool. Normalize before convolutions, so not in the stem but at the end.
    """

    def trunk(x, _options):
        units = Units(axis=3, normalization={"epsilon": 1.001e-5})
        x = layers.ZeroPadding2D(3, name="conv1_pad")(x)
        x = units.conv(x, 64, 7, 2, "valid", use_bias=True, name="conv1_conv")
        if not preactivated:
            x = units.norm_act(x, "conv1_bn", "conv1_relu")
        x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
        x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)
        for i, row in enumerate(zip(_FILTERS, depths, strides, strict=True), 2):
            x = stage(units, x, *row, name=f"conv{i}")
        return units.norm_act(x, "post_bn", "post_relu") if preactivated else x

    return Architecture(trunk=trunk, size=224, files=kernels_file(name, folder="resnet"))
