"""What EfficientNet and EfficientNetV2 share: inverted residual blocks, stem, classifier."""

import math
import typing

from kerasish import initializers, layers
from kerasish.applications.units import Units, divisible

_FAN_OUT = {"scale": 2.0, "mode": "fan_out", "distribution": "truncated_normal"}
_UNIFORM = {"scale": 1.0 / 3.0, "mode": "fan_out", "distribution": "uniform"}
_DROP_RATE = 0.2
_SQUEEZE = 0.25


class Stage(typing.NamedTuple):
    """A row of the papers' tables: blocks of one kind."""

    repeats: int
    filters: int
    expansion: int
    strides: int
    size: int = 3
    fused: bool = False


class Manner(typing.NamedTuple):
    """How the two versions differ.

    Attributes:
        depthwise: str. What its depthwise convolutions are called.
        pads: bool. Put the borders of strided convolutions before them.
        momentum: float. Of the normalization.
        most_lost: float. Part of the channels that rounding may take away.
        total: function (stages, depth) -> number of blocks that the drop rate is spread over.
    """

    depthwise: str
    pads: bool
    momentum: float
    most_lost: float
    total: typing.Callable


def _repeats(stage, depth):
    return math.ceil(stage.repeats * depth)


VERSION_1 = Manner(
    "dwconv", True, 0.99, 0.1, lambda stages, depth: sum(_repeats(s, depth) for s in stages)
)
VERSION_2 = Manner("dwconv2", False, 0.9, 1.0, lambda stages, depth: sum(s.repeats for s in stages))


def _squeeze_excite(units, x, reduced, name):
    """Scale the channels by what a small network makes of their means."""
    channels = units.channels(x)
    y = layers.GlobalAveragePooling2D(name=f"{name}se_squeeze")(x)
    shape = (channels, 1, 1) if units.axis == 1 else (1, 1, channels)
    y = layers.Reshape(shape, name=f"{name}se_reshape")(y)
    options = {"use_bias": True, "name": f"{name}se_reduce"}
    y = units.conv(y, reduced, activation="silu", **options)
    options["name"] = f"{name}se_expand"
    y = units.conv(y, channels, activation="sigmoid", **options)
    return layers.multiply([x, y], name=f"{name}se_excite")


def _block(units, x, stage, filters, strides, drop_rate, manner, name):
    """One block: expand, convolve each channel (or both at once), squeeze, project."""
    inputs, filters_in, size = x, units.channels(x), stage.size
    if stage.expansion != 1:
        fused = (size, strides) if stage.fused else (1, 1)
        x = units.conv(x, filters_in * stage.expansion, *fused, name=f"{name}expand_conv")
        x = units.norm_act(x, f"{name}expand_bn", f"{name}expand_activation")
    if not stage.fused:
        pads = manner.pads and strides == 2
        if pads:
            x = units.pad_before_stride(x, size, f"{name}dwconv_pad")
        border = "valid" if pads else "same"
        x = units.depthwise(x, size, strides, border, name=f"{name}{manner.depthwise}")
        x = units.norm_act(x, f"{name}bn", f"{name}activation")
        x = _squeeze_excite(units, x, max(1, int(filters_in * _SQUEEZE)), name)
    is_single = stage.fused and stage.expansion == 1
    x = units.conv(
        x, filters, *((size, strides) if is_single else (1, 1)), name=f"{name}project_conv"
    )
    x = units.norm(x, f"{name}project_bn")
    if is_single:
        x = units.act(x, f"{name}project_activation")
    if strides == 1 and filters == filters_in:
        if drop_rate > 0:
            x = layers.Dropout(drop_rate, noise_shape=(None, 1, 1, 1), name=f"{name}drop")(x)
        x = layers.add([x, inputs], name=f"{name}add")
    return x


def mbconv_trunk(x, prepare, stages, stem, manner, width=1.0, depth=1.0):
    """Stem, stages of blocks, and the last convolution.

    Args:
        x: images.
        prepare: function (units, x) -> x, put first.
        stages: tuple of Stage.
        stem: int. Filters of the first convolution.
        manner: Manner.
        width, depth: float. Factors of all channels and of all repeats.
    """
    units = Units(
        axis=3,
        normalization={"momentum": manner.momentum},
        initializer=initializers.VarianceScaling(**_FAN_OUT),
        activation="silu",
    )

    def widened(filters):
        return divisible(filters * width, most_lost=manner.most_lost)

    x = prepare(units, x)
    border = "same"
    if manner.pads:
        x, border = units.pad_before_stride(x, 3, "stem_conv_pad"), "valid"
    x = units.conv(x, widened(stem), 3, 2, border, name="stem_conv")
    x = units.norm_act(x, "stem_bn", "stem_activation")
    number, total = 0, manner.total(stages, depth)
    for i, stage in enumerate(stages, 1):
        for repeat in range(_repeats(stage, depth)):
            strides = stage.strides if repeat == 0 else 1
            name = f"block{i}{chr(ord('a') + repeat)}_"
            rate = _DROP_RATE * number / total
            filters = widened(stage.filters)
            x = _block(units, x, stage, filters, strides, rate, manner, name)
            number += 1
    x = units.conv(x, widened(1280), name="top_conv")
    return units.norm_act(x, "top_bn", "top_activation")


def mbconv_head(dropout, bias_initializer="zeros"):
    """Classifier with dropout before it."""

    def head(x, options):
        x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
        x = layers.Dropout(dropout, name="top_dropout")(x)
        return layers.Dense(
            options.classes,
            options.classifier_activation,
            kernel_initializer=initializers.VarianceScaling(**_UNIFORM),
            bias_initializer=bias_initializer,
            name="predictions",
        )(x)

    return head
