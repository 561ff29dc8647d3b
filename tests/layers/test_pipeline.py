"""Pipeline and MaxNumBoundingBoxes: layers in a row, boxes brought to one number."""

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


# ---- boxes ----

BOXES = np.arange(16.0, dtype="float32").reshape(2, 2, 4)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_boxes_are_cut_and_filled(number):
    layer = layers.MaxNumBoundingBoxes(number, fill_value=-2, bounding_box_format="xyxy")
    boxes = {"boxes": BOXES, "labels": np.array([[1, 2], [3, 4]])}
    found = layer({"images": IMAGES[:2], "bounding_boxes": boxes})
    np.testing.assert_array_equal(found["images"], IMAGES[:2])
    for name in ("boxes", "labels"):
        result, given = found["bounding_boxes"][name].numpy(), boxes[name]
        assert result.shape == (2, number, *given.shape[2:])
        np.testing.assert_array_equal(result[:, :2], given[:, :number])
        assert (result[:, 2:] == -2).all()
    alone = layer({"bounding_boxes": {k: v[0] for k, v in boxes.items()}})["bounding_boxes"]
    np.testing.assert_array_equal(alone["boxes"], found["bounding_boxes"]["boxes"][0])
    assert boxes["boxes"].shape == (2, 2, 4)
    np.testing.assert_array_equal(layer(IMAGES), IMAGES)


def test_the_config_is_that_of_keras():
    layer = layers.MaxNumBoundingBoxes(3, bounding_box_format="xyxy", name="boxes")
    assert layer.get_config() == {
        "name": "boxes", "trainable": True, "dtype": layer.get_config()["dtype"],
        "data_format": "channels_last", "bounding_box_format": "xyxy", "max_number": 3,
    }  # fmt: skip
    other = layers.MaxNumBoundingBoxes(3, fill_value=7)
    assert layers.deserialize(layers.serialize(other)).fill_value == 7
    with pytest.raises(ValueError, match='need "labels"'):
        layer({"bounding_boxes": {"boxes": BOXES}})
