"""Pixels as the networks expect them, and predictions as names of ImageNet's classes."""

import hashlib
import json

import numpy as np
import pytest

import kerasish
from kerasish import applications, layers
from kerasish.applications import imagenet_utils
from kerasish.errors import DataError

INDEX = {str(i): [f"n{i:08}", f"thing {i}"] for i in range(1000)}
SCORES = np.zeros((2, 1000), "float32")
SCORES[0, [3, 999]], SCORES[1, 7] = (0.75, 0.25), 1.0
DECODED = [
    [("n00000003", "thing 3", 0.75), ("n00000999", "thing 999", 0.25)],
    [("n00000007", "thing 7", 1.0), ("n00000000", "thing 0", 0.0)],
]


def test_predictions_are_decoded(tmp_path):
    path = tmp_path / "index.json"
    path.write_text(json.dumps(INDEX))
    for index in (INDEX, path, str(path)):
        found = imagenet_utils.decode_predictions(SCORES, top=2, class_index=index)
        assert found == DECODED
    tensor = kerasish.convert_to_tensor(SCORES)
    assert applications.resnet.decode_predictions(tensor, 2, INDEX) == DECODED


def test_the_class_index_comes_from_the_cache_if_it_is_the_published_one(cache, monkeypatch):
    text = json.dumps(INDEX)
    (cache / "imagenet_class_index.json").write_text(text)
    with pytest.raises(DataError, match="could not be downloaded"):
        imagenet_utils.decode_predictions(SCORES)
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    monkeypatch.setattr(
        imagenet_utils,
        "CLASS_INDEX",
        imagenet_utils.DataFile("imagenet_class_index.json", "https://nowhere/", digest, len(text)),
    )
    assert imagenet_utils.decode_predictions(SCORES, top=2) == DECODED


@pytest.mark.parametrize("content", ["[]", "{}", '{"0": 3}', "no json"])
def test_a_wrong_class_index_is_refused(content, tmp_path):
    path = tmp_path / "index.json"
    path.write_text(content)
    with pytest.raises(DataError, match="not a list of the ImageNet classes"):
        imagenet_utils.decode_predictions(SCORES, class_index=path)


@pytest.mark.parametrize("shape", [(1000,), (2, 10), (1, 2, 1000)])
def test_predictions_of_other_classes_are_refused(shape):
    with pytest.raises(ValueError, match="not predictions of ImageNet"):
        imagenet_utils.decode_predictions(np.zeros(shape), class_index=INDEX)


# ---- pixels ------------------------------------------------------------------------------------

PIXEL = [0.0, 127.5, 255.0]
PREPARED = {
    "caffe": [255.0 - 103.939, 127.5 - 116.779, 0.0 - 123.68],
    "tf": [-1.0, 0.0, 1.0],
    "torch": [-0.485 / 0.229, (0.5 - 0.456) / 0.224, (1 - 0.406) / 0.225],
}
MODES = {
    "caffe": "resnet resnet50 vgg16 vgg19",
    "tf": "inception_resnet_v2 inception_v3 mobilenet mobilenet_v2 nasnet resnet_v2 xception",
    "torch": "densenet",
    None: "convnext efficientnet efficientnet_v2 mobilenet_v3",
}


@pytest.mark.parametrize("mode", MODES)
def test_every_module_prepares_pixels(mode):
    x = np.array([[[PIXEL]]], "float32")
    before = x.copy()
    wanted = PREPARED.get(mode, PIXEL)
    for name in MODES[mode].split():
        prepare = getattr(applications, name).preprocess_input
        np.testing.assert_allclose(prepare(x)[0, 0, 0], wanted, rtol=1e-5, atol=1e-6)
        found = prepare(np.transpose(x, (0, 3, 1, 2)), data_format="channels_first")
        np.testing.assert_allclose(found[0, :, 0, 0], wanted, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("mode", PREPARED)
def test_tensors_integers_and_inputs_are_prepared_too(mode):
    prepare, x = imagenet_utils.preprocess_input, np.array([[[[0, 127, 255]]]], "uint8")
    wanted = prepare(x.astype("float32"), mode=mode)
    assert prepare(x, mode=mode).dtype == "float32"
    np.testing.assert_allclose(prepare(x, mode=mode), wanted, rtol=1e-6)
    tensor = prepare(kerasish.convert_to_tensor(x), mode=mode)
    np.testing.assert_allclose(tensor.numpy(), wanted, rtol=1e-5, atol=1e-6)
    pixels = layers.Input((1, 1, 3))
    model = kerasish.Model(pixels, prepare(pixels, mode=mode))
    np.testing.assert_allclose(model.predict(x.astype("float32"), verbose=0), wanted, rtol=1e-5)


def test_wrong_pixels_are_refused():
    prepare = imagenet_utils.preprocess_input
    with pytest.raises(ValueError, match="unknown mode"):
        prepare(np.zeros((1, 2, 2, 3)), mode="bgr")
    with pytest.raises(ValueError, match="image layout"):
        prepare(np.zeros((1, 2, 2, 3)), data_format="last")
    with pytest.raises(ValueError, match="three channels"):
        prepare(np.zeros((1, 2, 2, 1)))
