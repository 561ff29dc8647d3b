"""Pipeline: layers in a row."""

import json

import numpy as np
import pytest

import kerasish
from kerasish import layers

IMAGES = np.random.default_rng(1).uniform(0, 255, (8, 6, 7, 3)).astype("float32")


def test_layers_are_applied_in_order():
    pipeline = layers.Pipeline([layers.Rescaling(2.0), layers.CenterCrop(2, 2)])
    np.testing.assert_allclose(pipeline(IMAGES), 2 * layers.CenterCrop(2, 2)(IMAGES).numpy())
    assert len(pipeline.layers) == 2
    config = json.loads(json.dumps(layers.serialize(pipeline)))
    assert sorted(config["config"]) == ["layers", "name"]
    np.testing.assert_allclose(layers.deserialize(config)(IMAGES), pipeline(IMAGES))


def test_random_layers_follow_training():
    pipeline = layers.Pipeline([layers.RandomFlip(seed=1)])
    assert (pipeline(IMAGES).numpy() != IMAGES).any()  # training is the default
    np.testing.assert_array_equal(pipeline(IMAGES, training=False), IMAGES)


def test_dicts_and_text_go_through():
    labels = np.arange(8)
    found = layers.Pipeline([layers.RandomFlip(seed=1)])({"images": IMAGES, "labels": labels})
    assert found["labels"].tolist() == labels.tolist()
    words = layers.Pipeline([
        layers.TextVectorization(vocabulary=["a", "b"]), layers.CategoryEncoding(4, "count"),
    ])  # fmt: skip
    model = kerasish.Sequential([words])
    assert model.predict(np.array(["a b", "b b"]), verbose=0).tolist() == [
        [0, 0, 1, 1], [0, 0, 0, 2],
    ]  # fmt: skip


def test_only_layers():
    with pytest.raises(TypeError, match="consists of layers"):
        layers.Pipeline([np.ones])
