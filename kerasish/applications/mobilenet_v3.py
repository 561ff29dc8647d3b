"""MobileNetV3Large and MobileNetV3Small: inverted residual blocks found by search."""

import functools
import typing

from kerasish import layers
from kerasish.applications.architecture import Architecture, Options, published_function
from kerasish.applications.imagenet_utils import decode_predictions, preprocessor
from kerasish.applications.mobile import check_published
from kerasish.applications.published import suffixed_file
from kerasish.applications.units import Units, divisible

__all__ = ["MobileNetV3Large", "MobileNetV3Small", "decode_predictions", "preprocess_input"]

_SOURCE = 'Howard et al., "Searching for MobileNetV3", 2019, tables 1 and 2.'
_EXTRA = """alpha: float. Factor of the numbers of filters.
minimalistic: bool. Without squeezing, hard swish and 5x5 convolutions, for simpler devices.
dropout_rate: float. Rate before the classifier.
include_preprocessing: bool. Begin with the scaling of pixels of 0 to 255."""
_SQUEEZE = 0.25


class _Row(typing.NamedTuple):
    """A row of the tables: kernel size, expanded and final filters, squeezing, swish, stride."""

    size: int
    expanded: int
    filters: int
    squeezes: bool
    swish: bool
    strides: int


_LARGE = (
    _Row(3, 16, 16, False, False, 1),
    _Row(3, 64, 24, False, False, 2),
    _Row(3, 72, 24, False, False, 1),
    _Row(5, 72, 40, True, False, 2),
    _Row(5, 120, 40, True, False, 1),
    _Row(5, 120, 40, True, False, 1),
    _Row(3, 240, 80, False, True, 2),
    _Row(3, 200, 80, False, True, 1),
    _Row(3, 184, 80, False, True, 1),
    _Row(3, 184, 80, False, True, 1),
    _Row(3, 480, 112, True, True, 1),
    _Row(3, 672, 112, True, True, 1),
    _Row(5, 672, 160, True, True, 2),
    _Row(5, 960, 160, True, True, 1),
    _Row(5, 960, 160, True, True, 1),
)
_SMALL = (
    _Row(3, 16, 16, True, False, 2),
    _Row(3, 72, 24, False, False, 2),
    _Row(3, 88, 24, False, False, 1),
    _Row(5, 96, 40, True, True, 2),
    _Row(5, 240, 40, True, True, 1),
    _Row(5, 240, 40, True, True, 1),
    _Row(5, 120, 48, True, True, 1),
    _Row(5, 144, 48, True, True, 1),
    _Row(5, 288, 96, True, True, 2),
    _Row(5, 576, 96, True, True, 1),
    _Row(5, 576, 96, True, True, 1),
)
_SWISH = functools.partial(layers.Activation, "hard_silu")


def _squeeze_excite(units, x, name):
    """Scale the channels by what a small network makes of their means."""
    channels, name = units.channels(x), f"{name}squeeze_excite_"
    y = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}avg_pool")(x)
    y = units.conv(y, divisible(channels * _SQUEEZE), use_bias=True, name=f"{name}conv")
    y = layers.ReLU(name=f"{name}relu")(y)
    y = units.conv(y, channels, use_bias=True, name=f"{name}conv_1")
    y = layers.ReLU(6.0)(y + 3.0) * (1.0 / 6.0)
    return layers.Multiply(name=f"{name}mul")([x, y])


def _block(units, x, row, expansion, filters, act, name, expands):
    """Expand, convolve each channel, squeeze, project; added to an input of equal shape."""
    inputs, channels, border = x, units.channels(x), "same"
    if expands:
        x = units.conv(x, divisible(channels * expansion), name=f"{name}expand")
        x = act()(units.norm(x, f"{name}expand_bn"))
    if row.strides == 2:
        x, border = units.pad_before_stride(x, row.size, f"{name}depthwise_pad"), "valid"
    x = units.depthwise(x, row.size, row.strides, border, name=f"{name}depthwise")
    x = act()(units.norm(x, f"{name}depthwise_bn"))
    if row.squeezes:
        x = _squeeze_excite(units, x, name)
    x = units.norm(units.conv(x, filters, name=f"{name}project"), f"{name}project_bn")
    if row.strides == 1 and filters == channels:
        x = layers.Add(name=f"{name}add")([inputs, x])
    return x


def _trunk(x, options, rows, alpha, minimalistic):
    units = Units(normalization={"momentum": 0.999})
    swish = layers.ReLU if minimalistic else _SWISH
    if options.include_preprocessing:
        x = layers.Rescaling(1.0 / 127.5, -1.0)(x)
    x = units.conv(x, 16, 3, 2, name="conv")
    x = swish()(units.norm(x, "conv_bn"))
    before = 16  # filters of the table: its expansions are ratios, whatever alpha is
    for i, row in enumerate(rows):
        if minimalistic:
            row = row._replace(size=3, squeezes=False, swish=False)
        name = f"expanded_conv_{i}_" if i else "expanded_conv_"
        act, filters = swish if row.swish else layers.ReLU, divisible(row.filters * alpha)
        x = _block(units, x, row, row.expanded / before, filters, act, name, expands=i > 0)
        before = row.filters
    x = units.conv(x, divisible(units.channels(x) * 6), name="conv_1")
    return swish()(units.norm(x, "conv_1_bn"))


def _head(x, options, filters, alpha, minimalistic, dropout_rate):
    filters = divisible(filters * alpha) if alpha > 1.0 else filters
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Conv2D(filters, 1, padding="same", name="conv_2")(x)
    x = layers.ReLU()(x) if minimalistic else _SWISH()(x)
    x = layers.Dropout(dropout_rate)(x) if dropout_rate > 0 else x
    x = layers.Conv2D(options.classes, 1, padding="same", name="logits")(x)
    return layers.Activation(options.classifier_activation, name="predictions")(layers.Flatten()(x))


def _mobilenet_v3(title, rows, last, features=None):
    def build(
        input_shape=None,
        alpha=1.0,
        minimalistic=False,
        include_top=True,
        weights="imagenet",
        input_tensor=None,
        classes=1000,
        pooling=None,
        dropout_rate=0.2,
        classifier_activation="softmax",
        include_preprocessing=True,
        name=title,
    ):
        known = (1.0,) if minimalistic else (0.75, 1.0)
        check_published(title, weights, "alpha", alpha, known)
        kind = title.removeprefix("MobileNetV3").lower() + ("_minimalistic" if minimalistic else "")
        key = f"mobilenet_v3_{kind}_{float(alpha)}" if alpha in known else None
        stem = f"weights_mobilenet_v3_{kind}_224_{float(alpha)}_float"
        width = {"alpha": alpha, "minimalistic": minimalistic}
        architecture = Architecture(
            trunk=functools.partial(_trunk, rows=rows, **width),
            head=functools.partial(_head, filters=last, dropout_rate=dropout_rate, **width),
            size=224,
            files=suffixed_file(stem, "mobilenet_v3", "_no_top_v2", key),
            head_needs_size=False,
        )
        return architecture.model(
            Options(
                include_top,
                weights,
                input_tensor,
                input_shape,
                pooling,
                classes,
                classifier_activation,
                name,
                include_preprocessing,
            )
        )

    return published_function(build, __name__, title, _SOURCE, 224, _EXTRA, features)


preprocess_input = preprocessor(__name__, None)
MobileNetV3Large = _mobilenet_v3("MobileNetV3Large", _LARGE, 1280)
MobileNetV3Small = _mobilenet_v3("MobileNetV3Small", _SMALL, 1024, 576)
