"""MobileNetV2: inverted residual blocks with linear bottlenecks."""

import functools

from kerasish import layers
from kerasish.applications.architecture import (
    Architecture,
    Options,
    dense_head,
    published_function,
)
from kerasish.applications.imagenet_utils import decode_predictions, preprocessor
from kerasish.applications.mobile import check_published, mobile_size, named_model, relu6
from kerasish.applications.published import suffixed_file
from kerasish.applications.units import Units, divisible

__all__ = ["MobileNetV2", "decode_predictions", "preprocess_input"]

_SOURCE = 'Sandler et al., "MobileNetV2", 2018, table 2.'
_SIZES = (96, 128, 160, 192, 224)
_WIDTHS = (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)
_STAGES = (  # expansion, filters, repeats, stride
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
_EXTRA = "alpha: float. Factor of all numbers of filters but the last."


def _block(units, x, expansion, filters, strides, name):
    """Expand, convolve each channel, project; added to the input where the shapes are equal."""
    inputs, channels, border = x, units.channels(x), "same"
    if expansion != 1:
        x = units.conv(x, expansion * channels, name=f"{name}_expand")
        x = units.norm_act(x, f"{name}_expand_BN", f"{name}_expand_relu")
    if strides == 2:
        x, border = units.pad_before_stride(x, 3, f"{name}_pad"), "valid"
    x = units.depthwise(x, 3, strides, border, name=f"{name}_depthwise")
    x = units.norm_act(x, f"{name}_depthwise_BN", f"{name}_depthwise_relu")
    x = units.norm(units.conv(x, filters, name=f"{name}_project"), f"{name}_project_BN")
    if strides == 1 and filters == channels:
        x = layers.Add(name=f"{name}_add")([inputs, x])
    return x


def _trunk(x, _options, alpha):
    units = Units(normalization={"momentum": 0.999}, activation=relu6)
    x = units.conv(x, divisible(32 * alpha), 3, 2, name="Conv1")
    x = units.norm_act(x, "bn_Conv1", "Conv1_relu")
    number = 0
    for expansion, filters, repeats, strides in _STAGES:
        for i in range(repeats):
            name = f"block_{number}" if number else "expanded_conv"
            width = divisible(filters * alpha)
            x = _block(units, x, expansion, width, strides if i == 0 else 1, name)
            number += 1
    last = divisible(1280 * alpha) if alpha > 1.0 else 1280
    x = units.conv(x, last, padding="valid", name="Conv_1")
    return units.norm_act(x, "Conv_1_bn", "out_relu")


def _build(
    input_shape=None,
    alpha=1.0,
    include_top=True,
    weights="imagenet",
    input_tensor=None,
    pooling=None,
    classes=1000,
    classifier_activation="softmax",
    name=None,
):
    check_published("MobileNetV2", weights, "alpha", alpha, _WIDTHS)
    size = mobile_size(input_shape, _SIZES)
    stem = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{float(alpha)}_{size}"
    architecture = Architecture(
        trunk=functools.partial(_trunk, alpha=alpha),
        head=functools.partial(dense_head, name=None),
        size=size,
        files=suffixed_file(stem, "mobilenet_v2"),
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
    return named_model("mobilenetv2", alpha, architecture, options)


preprocess_input = preprocessor(__name__, "tf")
MobileNetV2 = published_function(_build, __name__, "MobileNetV2", _SOURCE, 224, _EXTRA, 1280)
