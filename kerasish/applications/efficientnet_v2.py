"""EfficientNetV2: B0 to B3 as the first version scaled them, S, M and L as found by search."""

from kerasish import initializers, layers
from kerasish.applications.architecture import Architecture, Options, published_function
from kerasish.applications.imagenet_utils import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    decode_predictions,
    preprocessor,
)
from kerasish.applications.mbconv import VERSION_2, Stage, mbconv_head, mbconv_trunk
from kerasish.applications.published import plain_file

__all__ = [
    *(f"EfficientNetV2{size}" for size in ("B0", "B1", "B2", "B3", "S", "M", "L")),
    "decode_predictions",
    "preprocess_input",
]

_SOURCE = 'Tan and Le, "EfficientNetV2: smaller models and faster training", 2021, table 4.'
_EXTRA = """include_preprocessing: bool. Begin with the scaling of pixels of 0 to 255."""
_BASE = (
    Stage(1, 16, 1, 1, fused=True),
    Stage(2, 32, 4, 2, fused=True),
    Stage(2, 48, 4, 2, fused=True),
    Stage(3, 96, 4, 2),
    Stage(5, 112, 6, 1),
    Stage(8, 192, 6, 2),
)
_SMALL = (
    Stage(2, 24, 1, 1, fused=True),
    Stage(4, 48, 4, 2, fused=True),
    Stage(4, 64, 4, 2, fused=True),
    Stage(6, 128, 4, 2),
    Stage(9, 160, 6, 1),
    Stage(15, 256, 6, 2),
)
_MEDIUM = (
    Stage(3, 24, 1, 1, fused=True),
    Stage(5, 48, 4, 2, fused=True),
    Stage(5, 80, 4, 2, fused=True),
    Stage(7, 160, 4, 2),
    Stage(14, 176, 6, 1),
    Stage(18, 304, 6, 2),
    Stage(5, 512, 6, 1),
)
_LARGE = (
    Stage(4, 32, 1, 1, fused=True),
    Stage(7, 64, 4, 2, fused=True),
    Stage(7, 96, 4, 2, fused=True),
    Stage(10, 192, 4, 2),
    Stage(19, 224, 6, 1),
    Stage(25, 384, 6, 2),
    Stage(7, 640, 6, 1),
)


def _efficientnet_v2(title, size, stages, width=1.0, depth=1.0, stem=None, features=None):
    letters = title.removeprefix("EfficientNetV2").lower()
    name = f"efficientnetv2-{letters}"

    def prepare(units, x, wanted):
        if not wanted:
            return x
        if letters.startswith("b") and units.channels(x) == 3:
            x = layers.Rescaling(1.0 / 255.0)(x)
            variance = [s**2 for s in IMAGENET_STD]
            return layers.Normalization(units.axis, list(IMAGENET_MEAN), variance)(x)
        return layers.Rescaling(1.0 / 128.0, offset=-1)(x)

    def trunk(x, options):
        return mbconv_trunk(
            x,
            lambda units, x: prepare(units, x, options.include_preprocessing),
            stages,
            stem=stem or stages[0].filters,
            manner=VERSION_2,
            width=width,
            depth=depth,
        )

    architecture = Architecture(
        trunk=trunk,
        head=mbconv_head(0.2, initializers.Constant(0.0)),
        size=size,
        files=plain_file(name, "efficientnet_v2"),
    )

    def build(
        include_top=True,
        weights="imagenet",
        input_tensor=None,
        input_shape=None,
        pooling=None,
        classes=1000,
        classifier_activation="softmax",
        include_preprocessing=True,
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

    return published_function(build, __name__, title, _SOURCE, size, _EXTRA, features)


preprocess_input = preprocessor(__name__, None)
EfficientNetV2B0 = _efficientnet_v2("EfficientNetV2B0", 224, _BASE, 1.0, 1.0, 32, 1280)
EfficientNetV2B1 = _efficientnet_v2("EfficientNetV2B1", 240, _BASE, 1.0, 1.1, 32)
EfficientNetV2B2 = _efficientnet_v2("EfficientNetV2B2", 260, _BASE, 1.1, 1.2, 32)
EfficientNetV2B3 = _efficientnet_v2("EfficientNetV2B3", 300, _BASE, 1.2, 1.4, 32)
EfficientNetV2S = _efficientnet_v2("EfficientNetV2S", 384, _SMALL)
EfficientNetV2M = _efficientnet_v2("EfficientNetV2M", 480, _MEDIUM)
EfficientNetV2L = _efficientnet_v2("EfficientNetV2L", 480, _LARGE)
