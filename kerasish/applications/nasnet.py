"""NASNetLarge and NASNetMobile: two kinds of cells found by search, stacked."""

import functools

from kerasish import initializers, layers
from kerasish.applications.architecture import (
    Architecture,
    Options,
    dense_head,
    published_function,
)
from kerasish.applications.imagenet_utils import decode_predictions, preprocessor
from kerasish.applications.published import suffixed_file
from kerasish.applications.units import Units
from kerasish.core.names import name_scope

__all__ = ["NASNetLarge", "NASNetMobile", "decode_predictions", "preprocess_input"]

_SOURCE = 'Zoph et al., "Learning transferable architectures", 2017, figure 4.'


def _separable(units, x, filters, size, strides, name):
    """Two separable convolutions, each after an activation; the first may stride."""
    with name_scope(f"separable_conv_block_{name}"):
        for i, stride in enumerate((strides, 1), 1):
            x, border = units.act(x), "same"
            if stride == 2:
                x = units.pad_before_stride(x, size, f"separable_conv_{i}_pad_{name}")
                border = "valid"
            convolve = layers.SeparableConv2D(
                filters, size, stride, border, use_bias=False, name=f"separable_conv_{i}_{name}"
            )
            x = units.norm(convolve(x), f"separable_conv_{i}_bn_{name}")
    return x


def _halved(units, x, filters, name):
    """Half the size: one half of the channels from the even pixels, one from the odd ones."""
    x = units.act(x, f"adjust_relu_1_{name}")
    shifted = layers.Cropping2D(((1, 0), (1, 0)))(layers.ZeroPadding2D(((0, 1), (0, 1)))(x))
    halves = []
    for i, pixels in enumerate((x, shifted), 1):
        pixels = layers.AveragePooling2D(1, 2, "valid", name=f"adjust_avg_pool_{i}_{name}")(pixels)
        halves.append(units.conv(pixels, filters // 2, name=f"adjust_conv_{i}_{name}"))
    return units.norm(units.concat(halves), f"adjust_bn_{name}")


def _adjusted(units, earlier, filters, is_larger, name):
    """The output of the cell before the last, brought to the size and channels of this one."""
    if is_larger:
        with name_scope("adjust_block"), name_scope(f"adjust_reduction_block_{name}"):
            return _halved(units, earlier, filters, name)
    if units.channels(earlier) == filters:
        return earlier
    with name_scope("adjust_block"), name_scope(f"adjust_projection_block_{name}"):
        x = units.conv(units.act(earlier), filters, name=f"adjust_conv_projection_{name}")
        return units.norm(x, f"adjust_bn_{name}")


def _squeezed(units, x, filters, kind, name):
    """The last output in the channels of this cell."""
    x = units.conv(units.act(x), filters, name=f"{kind}_conv_1_{name}")
    return units.norm(x, f"{kind}_bn_1_{name}")


def _smoothed(x, name, strides=1, padding="same"):
    return layers.AveragePooling2D(3, strides, padding, name=name)(x)


def _sums(pairs, name):
    """Sums of pairs; each pair is a function of the sums before it."""
    sums = []
    for i, (label, pair) in enumerate(pairs, 1):
        with name_scope(f"block_{i}"):
            sums.append(layers.add(list(pair(sums)), name=label and f"{label}_{name}"))
    return sums


def _normal_cell(units, x, earlier, filters, is_larger, name):
    def separable(x, size, place):
        return _separable(units, x, filters, size, 1, f"normal_{place}_{name}")

    def smoothed(x, place):
        return _smoothed(x, f"normal_{place}_{name}")

    with name_scope(f"normal_A_block_{name}"):
        p = _adjusted(units, earlier, filters, is_larger, name)
        h = _squeezed(units, x, filters, "normal", name)
        pairs = (
            lambda sums: (separable(h, 5, "left1"), separable(p, 3, "right1")),
            lambda sums: (separable(p, 5, "left2"), separable(p, 3, "right2")),
            lambda sums: (smoothed(h, "left3"), p),
            lambda sums: (smoothed(p, "left4"), smoothed(p, "right4")),
            lambda sums: (separable(h, 3, "left5"), h),
        )
        labels = (f"normal_add_{i}" for i in range(1, 6))
        sums = _sums(tuple(zip(labels, pairs, strict=True)), name)
        return units.concat([p, *sums], f"normal_concat_{name}")


def _reduction_cell(units, x, earlier, filters, is_larger, name):
    def separable(x, size, place, strides=2):
        return _separable(units, x, filters, size, strides, f"reduction_{place}_{name}")

    def largest(x, place):
        return layers.MaxPooling2D(3, 2, "valid", name=f"reduction_{place}_{name}")(x)

    def smoothed(x, place, strides=1, padding="same"):
        return _smoothed(x, f"reduction_{place}_{name}", strides, padding)

    with name_scope(f"reduction_A_block_{name}"):
        is_first = earlier is x  # the very first cell sees one output only, and takes it as it is
        p = x if is_first else _adjusted(units, earlier, filters, is_larger, name)
        h = _squeezed(units, x, filters, "reduction", name)
        wide = units.pad_before_stride(h, 3, f"reduction_pad_1_{name}")
        pairs = (
            lambda sums: (separable(h, 5, "left1"), separable(p, 7, "right1")),
            lambda sums: (largest(wide, "left2"), separable(p, 7, "right2")),
            lambda sums: (smoothed(wide, "left3", 2, "valid"), separable(p, 5, "right3")),
            lambda sums: (sums[1], smoothed(sums[0], "left4")),
            lambda sums: (separable(sums[0], 3, "left4", 1), largest(wide, "right5")),
        )
        labels = ("reduction_add_1", "reduction_add_2", "reduction_add3", None, "reduction_add4")
        sums = _sums(tuple(zip(labels, pairs, strict=True)), name)
        return units.concat(sums[1:], f"reduction_concat_{name}")


def _trunk(x, _options, stem, filters, repeats, skips):
    """Stem, then stages of normal cells with a reduction cell between them.

    Every cell sees the two outputs before it; with `skips`, those that follow a reduction see what
    lies before the cell in front of it.
    """
    units = Units(
        normalization={"momentum": 0.9997, "epsilon": 1e-3}, initializer=initializers.HeNormal()
    )
    x = units.conv(x, stem, 3, 2, "valid", name="stem_conv1")
    x = units.norm(x, "stem_bn1")
    earlier, is_larger = x, False
    for i, divisor in enumerate((4, 2), 1):
        cell = _reduction_cell(units, x, earlier, filters // divisor, is_larger, f"stem_{i}")
        x, earlier, is_larger = cell, x, True
    for stage in range(3):
        first = stage * repeats
        if stage:
            width = filters * 2**stage
            cell = _reduction_cell(units, x, earlier, width, is_larger, f"reduce_{first}")
            x, earlier, is_larger = cell, earlier if skips else x, True
        for i in range(repeats):
            name = str(first + i + (1 if stage else 0))
            cell = _normal_cell(units, x, earlier, filters * 2**stage, is_larger, name)
            x, earlier, is_larger = cell, x, False
    return units.act(x)


def _nasnet(title, size, free_size, features=None, **shape):
    name = f"nasnet_{title.removeprefix('NASNet').lower()}"
    remote = f"NASNet-{title.removeprefix('NASNet').lower()}"
    architecture = Architecture(
        trunk=functools.partial(_trunk, **shape),
        head=functools.partial(dense_head, name=None),
        size=size,
        files=suffixed_file(
            name, "nasnet", key=name, remote=(f"{remote}.h5", f"{remote}-no-top.h5")
        ),
        pooling_names=(None, None),
        channels_last_only=True,
    )

    def build(
        input_shape=None,
        include_top=True,
        weights="imagenet",
        input_tensor=None,
        pooling=None,
        classes=1000,
        classifier_activation="softmax",
        name=name,
    ):
        if input_shape is None and not free_size:
            input_shape = (size, size, 3)
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
            )
        )

    return published_function(build, __name__, title, _SOURCE, size, features=features)


preprocess_input = preprocessor(__name__, "tf")
NASNetLarge = _nasnet("NASNetLarge", 331, True, stem=96, filters=168, repeats=6, skips=True)
NASNetMobile = _nasnet(
    "NASNetMobile", 224, False, 1056, stem=32, filters=44, repeats=4, skips=False
)
