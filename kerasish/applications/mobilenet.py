"""MobileNet: depthwise separable convolutions, thinner by a factor."""

import functools

from kerasish import layers
from kerasish.applications.architecture import Architecture, Options, published_function
from kerasish.applications.imagenet_utils import decode_predictions, preprocessor
from kerasish.applications.mobile import check_published, mobile_size, named_model, relu6
from kerasish.applications.published import suffixed_file
from kerasish.applications.units import Units

__all__ = ["MobileNet", "decode_predictions", "preprocess_input"]

_SOURCE = 'Howard et al., "MobileNets", 2017, table 1.'
_SIZES = (128, 160, 192, 224)
_WIDTHS = {0.25: "2_5", 0.5: "5_0", 0.75: "7_5", 1.0: "1_0"}  # and their names in file names
_BLOCKS = (  # filters, stride
    *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)),
    *((512, 1),) * 5,
    *((1024, 2), (1024, 1)),
)
_EXTRA = """alpha: float. Factor of all numbers of filters.
depth_multiplier: int. Filters for each channel in the depthwise convolutions.
dropout: float. Rate before the classifier."""


def _trunk(x, _options, alpha, depth_multiplier):
    units = Units(activation=relu6)
    x = units.conv(x, int(32 * alpha), 3, 2, name="conv1")
    x = units.norm_act(x, "conv1_bn", "conv1_relu")
    for i, (filters, strides) in enumerate(_BLOCKS, 1):
        name, border = f"conv_dw_{i}", "same"
        if strides == 2:
            x, border = layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"conv_pad_{i}")(x), "valid"
        x = units.depthwise(x, 3, strides, border, depth_multiplier=depth_multiplier, name=name)
        x = units.norm_act(x, f"{name}_bn", f"{name}_relu")
        name = f"conv_pw_{i}"
        x = units.conv(x, int(filters * alpha), name=name)
        x = units.norm_act(x, f"{name}_bn", f"{name}_relu")
    return x


def _head(x, options, dropout):
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    x = layers.Conv2D(options.classes, 1, padding="same", name="conv_preds")(x)
    x = layers.Reshape((options.classes,), name="reshape_2")(x)
    return layers.Activation(options.classifier_activation, name="predictions")(x)


def _build(
    input_shape=None,
    alpha=1.0,
    depth_multiplier=1,
    dropout=1e-3,
    include_top=True,
    weights="imagenet",
    input_tensor=None,
    pooling=None,
    classes=1000,
    classifier_activation="softmax",
    name=None,
):
    check_published("MobileNet", weights, "alpha", alpha, tuple(_WIDTHS))
    check_published("MobileNet", weights, "depth_multiplier", depth_multiplier, (1,))
    size = mobile_size(input_shape, _SIZES)
    architecture = Architecture(
        trunk=functools.partial(_trunk, alpha=alpha, depth_multiplier=depth_multiplier),
        head=functools.partial(_head, dropout=dropout),
        size=size,
        files=suffixed_file(f"mobilenet_{_WIDTHS.get(alpha)}_{size}_tf", "mobilenet"),
        pooling_names=(None, None),
    )
    options = Options(
        include_top,
        weights,
        input_tensor,
        input_shape,
        pooling,
        classes,
        classifier_activation,
        name,
    )
    return named_model("mobilenet", alpha, architecture, options)


preprocess_input = preprocessor(__name__, "tf")
MobileNet = published_function(_build, __name__, "MobileNet", _SOURCE, 224, _EXTRA, 1024)
