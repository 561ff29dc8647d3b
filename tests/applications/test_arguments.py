"""Shapes, inputs, pooling, weights and mistakes: what the arguments of the functions do."""

import numpy as np
import pytest

import kerasish
from kerasish import applications, config, layers

FREE = (None, None, None, 3)
CASES = {  # name: (function, arguments, shape of an input, shape of an output)
    "free size": ("MobileNetV2", {}, FREE, (None, None, None, 1280)),
    "own size": (
        "MobileNetV2",
        {"input_shape": (65, 96, 3)},
        (None, 65, 96, 3),
        (None, 3, 3, 1280),
    ),
    "average": ("ResNet50", {"pooling": "avg"}, FREE, (None, 2048)),
    "maximum": ("VGG16", {"pooling": "max"}, FREE, (None, 512)),
    "grey": ("Xception", {"input_shape": (71, 71, 1)}, (None, 71, 71, 1), (None, 3, 3, 2048)),
    "mobile size": ("NASNetMobile", {}, (None, 224, 224, 3), (None, 7, 7, 1056)),
    "thin": ("MobileNet", {"alpha": 0.25}, FREE, (None, None, None, 256)),
    "classes": ("MobileNet", {"include_top": True, "classes": 3}, (None, 224, 224, 3), (None, 3)),
    "free classes": ("MobileNetV3Small", {"include_top": True}, FREE, (None, 1000)),
    "grey v2": (
        "EfficientNetV2B0",
        {"input_shape": (32, 32, 1)},
        (None, 32, 32, 1),
        (None, 1, 1, 1280),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_shapes(case, light_weights):
    title, arguments, input_shape, output_shape = case
    model = getattr(applications, title)(**{"weights": None, "include_top": False, **arguments})
    assert (model.input_shape, model.output_shape) == (input_shape, output_shape)


NAMES = {
    "mobilenet_0.50_128": ("MobileNet", {"alpha": 0.5, "input_shape": (128, 128, 3)}),
    "mobilenetv2_1.40_None": ("MobileNetV2", {"alpha": 1.4, "include_top": False}),
    "mobilenet_1.00_224": ("MobileNet", {}),
    "efficientnetv2-b0": ("EfficientNetV2B0", {}),
    "own": ("MobileNet", {"name": "own"}),
}


@pytest.mark.parametrize("name", NAMES)
def test_names(name, light_weights):
    title, arguments = NAMES[name]
    assert getattr(applications, title)(weights=None, **arguments).name == name


def test_a_model_begins_where_its_input_tensor_comes_from(light_weights):
    x = layers.Input((64, 64, 3), name="pixels")
    y = layers.Rescaling(1 / 255.0, name="scaled")(x)
    model = applications.MobileNet(weights=None, include_top=False, input_tensor=y)
    assert [layer.name for layer in model.layers[:3]] == ["pixels", "scaled", "conv1"]
    assert model.input is x


def test_without_preprocessing_pixels_are_taken_as_they_are(light_weights):
    plain = applications.EfficientNetV2S(weights=None, include_preprocessing=False)
    assert [type(layer).__name__ for layer in plain.layers[:2]] == ["InputLayer", "Conv2D"]


@pytest.fixture
def channels_first():
    config.set_image_data_format("channels_first")
    yield
    config.set_image_data_format("channels_last")


def test_channels_first_computes_the_same(channels_first):
    arguments = {"weights": None, "alpha": 0.35, "include_top": False, "pooling": "avg"}
    first = applications.MobileNetV2(input_shape=(3, 33, 32), **arguments)
    config.set_image_data_format("channels_last")
    last = applications.MobileNetV2(input_shape=(33, 32, 3), **arguments)
    last.set_weights(first.get_weights())
    x = np.random.default_rng(0).uniform(-1, 1, (2, 3, 33, 32)).astype("float32")
    found, wanted = first.predict(x, verbose=0), last.predict(x.transpose(0, 2, 3, 1), verbose=0)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


MISTAKES = {  # name: (function, arguments, part of the message)
    "nowhere": ("ResNet50", {"weights": "nowhere.h5"}, "neither a file"),
    "no path": ("ResNet50", {"weights": 3}, "neither a file"),
    "small": ("ResNet50", {"weights": None, "input_shape": (31, 64, 3)}, "at least 32x32"),
    "small 71": ("Xception", {"weights": None, "input_shape": (70, 99, 3)}, "at least 71x71"),
    "small 75": ("InceptionV3", {"weights": None, "input_shape": (70, 99, 3)}, "at least 75x75"),
    "rank": ("VGG16", {"weights": None, "input_shape": (64, 64)}, "three sizes"),
    "free": ("VGG16", {"weights": None, "input_shape": (None, None, 3)}, "known image size"),
    "pooling": ("VGG16", {"weights": None, "pooling": "sum"}, "unknown pooling"),
    "tensor": ("VGG16", {"weights": None, "input_tensor": 3}, "not a symbolic tensor"),
    "classes": ("ResNet50", {"classes": 10}, "1000 classes"),
    "activation": ("ResNet50", {"classifier_activation": "relu"}, "softmax"),
    "size": ("ResNet50", {"input_shape": (96, 96, 3)}, "its own image size"),
    "channels": ("ResNet50", {"include_top": False, "input_shape": (96, 96, 1)}, "3 channels"),
    "width": ("MobileNetV2", {"alpha": 0.4}, "no ImageNet weights"),
    "multiplier": ("MobileNet", {"depth_multiplier": 2}, "no ImageNet weights"),
    "minimal": ("MobileNetV3Small", {"alpha": 0.75, "minimalistic": True}, "no ImageNet weights"),
}


@pytest.mark.parametrize("case", MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_refused_before_anything_is_built(case, monkeypatch):
    def built(*args, **kwargs):
        raise AssertionError("a model was begun")

    monkeypatch.setattr(kerasish.applications.architecture.Architecture, "_pooled", built)
    monkeypatch.setattr(layers, "Conv2D", built)
    title, arguments, text = case
    with pytest.raises(ValueError, match=text):
        getattr(applications, title)(**arguments)


@pytest.mark.parametrize("title", ["ConvNeXtTiny", "DenseNet121", "NASNetMobile"])
def test_some_have_no_channels_first_form(title, channels_first):
    with pytest.raises(ValueError, match="no channels_first form"):
        getattr(applications, title)(weights=None)


def test_strange_channels_are_warned_of(light_weights):
    with pytest.warns(UserWarning, match="1 or 3 channels as a rule, not 5"):
        applications.MobileNet(weights=None, include_top=False, input_shape=(32, 32, 5))
