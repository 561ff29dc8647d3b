"""VGG19: sixteen convolutions and three dense layers."""

from kerasish.applications.architecture import standard_function
from kerasish.applications.imagenet_utils import decode_predictions, preprocessor
from kerasish.applications.vgg import SOURCE, vgg

__all__ = ["VGG19", "decode_predictions", "preprocess_input"]

preprocess_input = preprocessor(__name__, "caffe")
VGG19 = standard_function(__name__, "VGG19", "vgg19", vgg("vgg19", (2, 2, 4, 4, 4)), SOURCE)
