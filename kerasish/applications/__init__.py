"""Architectures of image classifiers under Keras's names; each is loaded when first used.

Every function builds a model with random weights (`weights=None`), with those of a file, or with
the published ImageNet weights where their file lies in Keras's cache.
"""

import importlib

_MODULES = {
    "convnext": "ConvNeXtBase ConvNeXtLarge ConvNeXtSmall ConvNeXtTiny ConvNeXtXLarge",
    "densenet": "DenseNet121 DenseNet169 DenseNet201",
    "efficientnet": " ".join(f"EfficientNetB{i}" for i in range(8)),
    "efficientnet_v2": " ".join(
        f"EfficientNetV2{size}" for size in ("B0", "B1", "B2", "B3", "L", "M", "S")
    ),
    "imagenet_utils": "",
    "inception_resnet_v2": "InceptionResNetV2",
    "inception_v3": "InceptionV3",
    "mobilenet": "MobileNet",
    "mobilenet_v2": "MobileNetV2",
    "mobilenet_v3": "MobileNetV3Large MobileNetV3Small",
    "nasnet": "NASNetLarge NASNetMobile",
    "resnet": "ResNet50 ResNet101 ResNet152",
    "resnet50": "",
    "resnet_v2": "ResNet50V2 ResNet101V2 ResNet152V2",
    "vgg16": "VGG16",
    "vgg19": "VGG19",
    "xception": "Xception",
}
_HOME_OF = {name: module for module, names in _MODULES.items() for name in names.split()}

__all__ = sorted([*_MODULES, *_HOME_OF])


def __getattr__(name):
    if name not in _HOME_OF and name not in _MODULES:
        raise AttributeError(f"module 'kerasish.applications' has no attribute {name!r}")
    value = importlib.import_module(f"kerasish.applications.{_HOME_OF.get(name, name)}")
    value = getattr(value, name) if name in _HOME_OF else value
    globals()[name] = value
    return value


def __dir__():
    return __all__
