"""What image layers draw: ranges, frequencies, shares that sum to 1, seeds."""

import numpy as np
import pytest

from kerasish import layers, ops
from kerasish.core.rng import SeedGenerator
from kerasish.errors import DTypeError

COUNT = 600
IMAGES = np.random.default_rng(2).uniform(0, 255, (COUNT, 6, 8, 3)).astype("float32")


def drawn(layer, images=IMAGES):
    found = layer.get_random_transformation(images, training=True)
    return {k: np.asarray(v) for k, v in found.items() if k not in ("input_shape", "transforms")}


# (layer, key, lowest, highest, mean)
RANGES = [
    (layers.RandomBrightness(0.3, seed=1), "rgb_delta", -76.5, 76.5, 0),
    (layers.RandomContrast((0.2, 0.6), seed=1), "contrast_factor", 0.8, 1.6, 1.2),
    (layers.RandomHue(0.6, seed=1), "factor", -0.3, 0.3, 0),
    (layers.RandomSaturation((0.1, 0.5), seed=1), "factor", 0.1 / 0.9, 1.0, 0.47),
    (layers.RandomSharpness(0.8, seed=1), "factor", 0, 0.8, 0.4),
    (layers.RandomColorDegeneration(0.5, seed=1), "factor", -0.5, 0.5, 0),
    (layers.RandomPosterization((2, 6), seed=1), "shift_factor", 3, 6, 4.5),
    (layers.RandomPosterization((4, 4), seed=1), "shift_factor", 4, 4, 4),
    (layers.Solarization((0.2, 0.4), 0.5, seed=1), "additions", 51, 102, 76.5),
    (layers.Solarization((0.2, 0.4), 0.5, seed=1), "thresholds", 0, 127.5, 63.75),
    (layers.RandomTranslation(0.5, 0.25, seed=1), "translations", -3, 3, 0),
    (layers.RandomZoom((-0.4, 0.2), seed=1), "height_zoom", 0.6, 1.2, 0.9),
    (layers.RandomRotation((0.1, 0.3), seed=1), "angle", 36, 108, 72),
    (layers.RandomShear(0.4, 0.4, seed=1), "shear_factor", -0.4, 0.4, 0),
    (layers.RandomErasing(seed=1), "apply_erasing", 0, 1, 0.5),
    (layers.RandomInvert(0.5, seed=1), "apply_inversion", 0, 1, 0.25),
    (layers.RandomGrayscale(0.2, seed=1), "should_apply", 0, 1, 0.2),
    (layers.RandomGaussianBlur((1, 1), seed=1), "should_apply_blur", 1, 1, 1),
    (layers.RandomElasticTransform(0.0, seed=1), "apply_transform", 0, 0, 0),
    (layers.RandomFlip(seed=1), "flips", 0, 1, 0.5),
    (layers.MixUp(3.0, seed=1), "mix_weight", 0, 1, 0.5),
    (layers.CutMix(seed=1), "mix_weight", 0, 1, 0.5),
]


@pytest.mark.parametrize(
    ("layer", "key", "low", "high", "mean"), RANGES, ids=[f"{r[0].name}-{r[1]}" for r in RANGES]
)
def test_draws_fill_their_range(layer, key, low, high, mean):
    values = drawn(layer)[key].astype("float64")
    assert len(values) == COUNT
    assert values.min() >= low - 1e-5 and values.max() <= high + 1e-5
    spread = high - low
    assert abs(values.mean() - mean) <= 0.06 * spread + 1e-5
    if key != "mix_weight" and spread:
        assert values.min() <= low + 0.03 * spread and values.max() >= high - 0.03 * spread


@pytest.mark.parametrize("layer", [layers.CutMix(seed=1), layers.MixUp(0.4, seed=1)])
def test_labels_are_mixed_as_much_as_images(layer):
    """The share of each image in the mixture is that of its label."""
    count = 8
    ones = np.ones((count, 40, 50, 1), "float32")
    images = ones * np.arange(count).reshape(-1, 1, 1, 1)
    found = layer({"images": images, "labels": np.eye(count, dtype="int32")}, training=True)
    labels, mixed = found["labels"].numpy(), found["images"].numpy()
    np.testing.assert_allclose(labels.sum(1), 1, rtol=1e-5)
    assert (labels >= 0).all() and (labels > 0).sum(1).max() == 2
    # Rectangles begin between pixels, so that their areas are right up to their rims.
    np.testing.assert_allclose(mixed.mean((1, 2, 3)), labels @ np.arange(count), atol=0.35)
    masks = layer({"images": images, "segmentation_masks": images}, training=True)
    np.testing.assert_array_equal(masks["images"].numpy(), masks["segmentation_masks"].numpy())


def test_numbers_of_classes_are_not_mixed():
    for layer in (layers.CutMix(), layers.MixUp()):
        with pytest.raises(DTypeError, match="numbers of classes cannot be mixed.*one_hot"):
            layer({"images": IMAGES[:4], "labels": np.arange(4)}, training=True)


def test_mixing_weights_are_numbers_for_tiny_alpha():
    for layer in (layers.CutMix((0.0, 0.0), seed=1), layers.MixUp(1e-5, seed=1)):
        weights = drawn(layer)["mix_weight"]
        assert np.isfinite(weights).all()
        assert 0.3 < weights.mean() < 0.7


def test_boxes_of_both_images_stay():
    boxes = np.arange(4 * 2 * 4, dtype="float32").reshape(4, 2, 4)
    labels = np.arange(8).reshape(4, 2)
    layer = layers.MixUp(seed=2, bounding_box_format="xyxy")
    data = {"images": IMAGES[:4], "bounding_boxes": {"boxes": boxes, "labels": labels}}
    order = drawn(layers.MixUp(seed=2), IMAGES[:4])["permutation_order"]
    found = layer(data, training=True)["bounding_boxes"]
    np.testing.assert_array_equal(found["boxes"], np.concatenate([boxes, boxes[order]], axis=1))
    np.testing.assert_array_equal(found["labels"], np.concatenate([labels, labels[order]], axis=1))


def test_erased_rectangles_have_sides_of_the_scale():
    layer = layers.RandomErasing((1.0, 1.0), (0.25, 0.49), fill_value=-1.0, value_range=(-1, 255),
                                 seed=3)  # fmt: skip
    images = np.ones((200, 20, 40, 3), "float32")
    gone = layer(images, training=True).numpy()[..., 0] == -1
    rows, columns = gone.any(2).sum(1), gone.any(1).sum(1)
    assert (gone.sum((1, 2)) == rows * columns).all()
    assert rows.min() >= 9 and rows.max() <= 15  # from 0.5 to 0.7 of 20, up to the rims
    assert columns.min() >= 19 and columns.max() <= 29


def test_erased_rectangles_get_the_color_of_each_channel():
    images = np.zeros((4, 3, 8, 8), "float32")
    layer = layers.RandomErasing((1.0, 1.0), (0.5, 0.5), fill_value=(10, 20, 30), seed=3,
                                 data_format="channels_first")  # fmt: skip
    found = layer(images, training=True).numpy()
    assert [sorted(set(found[:, c].ravel())) for c in range(3)] == [[0, 10], [0, 20], [0, 30]]


def test_rand_augment_chooses_every_layer():
    layer = layers.RandAugment(num_ops=3, seed=1)
    numbers = [drawn(layer, IMAGES[:1])["layer_idxes"] for _ in range(60)]
    assert set(np.ravel(numbers)) == set(range(11))
    assert len({tuple(n) for n in numbers}) > 40


def test_aug_mix_is_the_image_where_its_weight_is_one():
    layer = layers.AugMix(seed=1)
    given = layer.get_random_transformation(IMAGES[:2])
    assert given["chain_mixing_weights"].numpy().sum() == pytest.approx(1)
    given["weight_sample"] = ops.ones(())
    np.testing.assert_allclose(layer.transform_images(IMAGES[:2], given).numpy(), IMAGES[:2])
    assert hasattr(layer, "random_brightness")
    assert not hasattr(layers.AugMix(all_ops=False), "random_brightness")


def test_seeds_say_what_is_drawn():
    layer = layers.RandomErasing(seed=4)
    first, second = drawn(layer, IMAGES[:3]), drawn(layer, IMAGES[:3])
    assert any((first[k] != second[k]).any() for k in first)
    for seed in (11, SeedGenerator(11)):
        again = layer.get_random_transformation(IMAGES[:3], seed=seed)
        expected = layers.RandomErasing(seed=11).get_random_transformation(IMAGES[:3])
        for key in expected:
            np.testing.assert_array_equal(np.asarray(again[key]), np.asarray(expected[key]))
    assert layer.get_random_transformation(IMAGES[:3], training=False) is None
