"""ConvNeXt: convolutional networks after the manner of transformers, in five sizes."""

import functools

from kerasish import layers
from kerasish.applications.architecture import Architecture, Options, published_function
from kerasish.applications.imagenet_utils import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    decode_predictions,
    preprocessor,
)
from kerasish.applications.published import plain_file
from kerasish.applications.scaling import LayerScale
from kerasish.models import Sequential

__all__ = [
    *(f"ConvNeXt{size}" for size in ("Tiny", "Small", "Base", "Large", "XLarge")),
    "decode_predictions",
    "preprocess_input",
]

_SOURCE = 'Liu et al., "A ConvNet for the 2020s", 2022, section 3.'
_EXTRA = """include_preprocessing: bool. Begin with the standardization of pixels of 0 to 255."""
_EPSILON = 1e-6
_SCALE = 1e-6


def _norm(name=None):
    return layers.LayerNormalization(epsilon=_EPSILON, name=name)


def _block(x, name):
    """7x7 convolution of each channel, then two dense layers; scaled, and added to the input."""
    channels = x.shape[-1]
    convolve = layers.Conv2D(
        channels, 7, padding="same", groups=channels, name=f"{name}_depthwise_conv"
    )
    y = _norm(f"{name}_layernorm")(convolve(x))
    y = layers.Dense(4 * channels, name=f"{name}_pointwise_conv_1")(y)
    y = layers.Activation("gelu", name=f"{name}_gelu")(y)
    y = layers.Dense(channels, name=f"{name}_pointwise_conv_2")(y)
    y = LayerScale(_SCALE, channels, name=f"{name}_layer_scale")(y)
    y = layers.Activation("linear", name=f"{name}_identity")(y)
    return x + y


def _trunk(x, options, depths, channels):
    name = options.name
    if options.include_preprocessing and x.shape[-1] == 3:
        mean = [255 * m for m in IMAGENET_MEAN]
        variance = [(255 * s) ** 2 for s in IMAGENET_STD]
        prestem = layers.Normalization(-1, mean, variance, name=f"{name}_prestem_normalization")
        x = prestem(x)
    for stage, (depth, width) in enumerate(zip(depths, channels, strict=True)):
        if stage == 0:
            parts = [layers.Conv2D(width, 4, 4, name=f"{name}_stem_conv")]
            parts = [*parts, _norm(f"{name}_stem_layernorm")]
            x = Sequential(parts, name=f"{name}_stem")(x)
        else:
            below = f"{name}_downsampling"
            parts = [_norm(f"{below}_layernorm_{stage - 1}")]
            parts = [*parts, layers.Conv2D(width, 2, 2, name=f"{below}_conv_{stage - 1}")]
            x = Sequential(parts, name=f"{below}_block_{stage - 1}")(x)
        for i in range(depth):
            x = _block(x, f"{name}_stage_{stage}_block_{i}")
    return x


def _head(x, options):
    name = f"{options.name}_head"
    x = _norm(f"{name}_layernorm")(layers.GlobalAveragePooling2D(name=f"{name}_gap")(x))
    return layers.Dense(options.classes, options.classifier_activation, name=f"{name}_dense")(x)


def _convnext(size, depths, channels, features=None):
    title, name = f"ConvNeXt{size}", f"convnext_{size.lower()}"
    architecture = Architecture(
        trunk=functools.partial(_trunk, depths=depths, channels=channels),
        head=_head,
        size=224,
        files=plain_file(name, "convnext"),
        pooling_names=(None, None),
        after_pooling=lambda x: _norm()(x),
        channels_last_only=True,
    )

    def build(
        include_top=True,
        include_preprocessing=True,
        weights="imagenet",
        input_tensor=None,
        input_shape=None,
        pooling=None,
        classes=1000,
        classifier_activation="softmax",
        name=name,
    ):
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
ConvNeXtTiny = _convnext("Tiny", (3, 3, 9, 3), (96, 192, 384, 768), 768)
ConvNeXtSmall = _convnext("Small", (3, 3, 27, 3), (96, 192, 384, 768))
ConvNeXtBase = _convnext("Base", (3, 3, 27, 3), (128, 256, 512, 1024))
ConvNeXtLarge = _convnext("Large", (3, 3, 27, 3), (192, 384, 768, 1536))
ConvNeXtXLarge = _convnext("XLarge", (3, 3, 27, 3), (256, 512, 1024, 2048))
