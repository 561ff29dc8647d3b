"""EfficientNetB0 to EfficientNetB7: one network, scaled in width, depth and image size."""

import math

from kerasish import layers
from kerasish.applications.architecture import Architecture, standard_function
from kerasish.applications.imagenet_utils import IMAGENET_STD, decode_predictions, preprocessor
from kerasish.applications.mbconv import VERSION_1, Stage, mbconv_head, mbconv_trunk
from kerasish.applications.published import plain_file

__all__ = [
    *(f"EfficientNetB{i}" for i in range(8)),
    "decode_predictions",
    "preprocess_input",
]

_SOURCE = 'Tan and Le, "EfficientNet: rethinking model scaling", 2019, table 1.'
_STAGES = (
    Stage(1, 16, 1, 1, 3),
    Stage(2, 24, 6, 2, 3),
    Stage(2, 40, 6, 2, 5),
    Stage(3, 80, 6, 2, 3),
    Stage(3, 112, 6, 1, 5),
    Stage(4, 192, 6, 2, 5),
    Stage(1, 320, 6, 1, 3),
)


def _efficientnet(title, size, width, depth, dropout, features=None):
    name = title.lower()

    def prepare(units, x, weights):
        x = layers.Rescaling(1.0 / 255.0)(x)
        x = layers.Normalization(axis=units.axis)(x)
        if weights == "imagenet":
            # The published statistics hold the deviations where the variances belong: dividing
            # by their roots is half of it, this is the other half.
            x = layers.Rescaling([1.0 / math.sqrt(s) for s in IMAGENET_STD])(x)
        return x

    def trunk(x, options):
        return mbconv_trunk(
            x,
            lambda units, x: prepare(units, x, options.weights),
            _STAGES,
            stem=32,
            manner=VERSION_1,
            width=width,
            depth=depth,
        )

    architecture = Architecture(
        trunk=trunk,
        head=mbconv_head(dropout),
        size=size,
        files=plain_file(name, "https://storage.googleapis.com/keras-applications/"),
    )
    return standard_function(__name__, title, name, architecture, _SOURCE, features)


preprocess_input = preprocessor(__name__, None)
EfficientNetB0 = _efficientnet("EfficientNetB0", 224, 1.0, 1.0, 0.2, 1280)
EfficientNetB1 = _efficientnet("EfficientNetB1", 240, 1.0, 1.1, 0.2)
EfficientNetB2 = _efficientnet("EfficientNetB2", 260, 1.1, 1.2, 0.3)
EfficientNetB3 = _efficientnet("EfficientNetB3", 300, 1.2, 1.4, 0.3)
EfficientNetB4 = _efficientnet("EfficientNetB4", 380, 1.4, 1.8, 0.4)
EfficientNetB5 = _efficientnet("EfficientNetB5", 456, 1.6, 2.2, 0.4)
EfficientNetB6 = _efficientnet("EfficientNetB6", 528, 1.8, 2.6, 0.5)
EfficientNetB7 = _efficientnet("EfficientNetB7", 600, 2.0, 3.1, 0.5)
