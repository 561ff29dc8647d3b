"""VGG16: thirteen convolutions and three dense layers."""

from kerasish.applications.architecture import standard_function
from kerasish.applications.imagenet_utils import decode_predictions, preprocessor
from kerasish.applications.vgg import SOURCE, vgg

__all__ = ["VGG16", "decode_predictions", "preprocess_input"]

preprocess_input = preprocessor(__name__, "caffe")
VGG16 = standard_function(__name__, "VGG16", "vgg16", vgg("vgg16", (2, 2, 3, 3, 3)), SOURCE, 512)
