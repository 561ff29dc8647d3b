"""Preprocessing layers: adaptation, pixels that move where they should, dicts of data."""

import numpy as np
import pytest

from kerasish import layers, ops
from kerasish.core.function import function

DATA = np.random.default_rng(0).normal(3.0, 2.0, (40, 6, 3)).astype("float32")
IMAGES = np.random.default_rng(1).uniform(0, 255, (8, 6, 7, 3)).astype("float32")


# ---- Normalization and Rescaling ----


@pytest.mark.parametrize(
    ("axis", "reduced"), [(-1, (0, 1)), ((1, 2), (0,)), (1, (0, 2)), (None, (0, 1, 2))]
)
@pytest.mark.parametrize("form", ["whole", "batches", "pairs"])
def test_adapt_finds_mean_and_variance(axis, reduced, form):
    layer = layers.Normalization(axis=axis)
    batches = [DATA[:7], DATA[7:8], DATA[8:]]
    data = {"whole": DATA, "batches": iter(batches), "pairs": [(b, 0) for b in batches]}[form]
    layer.adapt(data)
    mean, variance = DATA.mean(reduced, keepdims=True), DATA.var(reduced, keepdims=True)
    np.testing.assert_allclose(layer.mean.numpy(), mean, rtol=1e-4)
    np.testing.assert_allclose(layer.variance.numpy(), variance, rtol=1e-4)
    np.testing.assert_allclose(layer(DATA).numpy(), (DATA - mean) / variance**0.5, atol=1e-4)
    assert layer.count.numpy() == DATA.size // max(mean.size, 1)


def test_adapt_starts_afresh_and_reaches_traces():
    layer = layers.Normalization()
    layer.adapt(DATA)
    program = function(layer)
    program(DATA)
    layer.adapt(DATA * 10)
    np.testing.assert_allclose(program(DATA * 10).numpy().std((0, 1)), 1.0, rtol=1e-4)
    twin = layers.Normalization()
    twin.build(DATA.shape)
    twin.set_weights(layer.get_weights())
    np.testing.assert_allclose(twin(DATA).numpy(), layer(DATA).numpy())


def test_normalization_inverts_itself():
    mean, variance = [1.0, 2.0, 3.0], np.array([1.0, 4.0, 9.0])
    there = layers.Normalization(mean=mean, variance=variance)
    back = layers.Normalization(mean=mean, variance=variance, invert=True)
    np.testing.assert_allclose(back(there(DATA)).numpy(), DATA, atol=1e-5)
    assert there.get_config()["variance"] == [1.0, 4.0, 9.0]


@pytest.mark.parametrize(
    ("use", "problem"),
    [
        (lambda: layers.Normalization(mean=1.0), "mean and variance do not fit"),
        (lambda: layers.Normalization(mean=[1.0], variance=[1.0, 2.0]), "do not fit"),
        (lambda: layers.Normalization(axis=None, mean=[1.0], variance=[1.0]), "do not fit"),
        (lambda: layers.Normalization(mean=1.0, variance=1.0).adapt(DATA), "nothing to adapt"),
        (lambda: layers.Normalization().adapt([]), "no data"),
        (lambda: layers.Normalization(axis=5).adapt(DATA), "axis out of range"),
        (lambda: layers.Normalization().adapt([DATA, DATA[..., :2]]), "another shape"),
        (lambda: layers.Normalization().build((2, None)), "must be known"),
    ],
)
def test_normalization_explains_bad_use(use, problem):
    with pytest.raises(ValueError, match=problem):
        use()


def test_rescaling_takes_integers_and_arrays():
    pixels = np.array([[0, 255]], "uint8")
    assert layers.Rescaling(1 / 255)(pixels).tolist() == [[0.0, 1.0]]
    layer = layers.Rescaling(np.array([1.0, 2.0]), offset=np.array([0.0, 1.0]))
    twin = layers.deserialize(layers.serialize(layer))
    assert twin(pixels).tolist() == [[0.0, 511.0]]


# ---- images ----


def test_resizing_keeps_integer_types():
    pixels = IMAGES.astype("uint8")
    output = layers.Resizing(9, 9, interpolation="bicubic")(pixels)
    assert output.dtype == "uint8"
    assert layers.Resizing(3, 3)(pixels[0]).shape == (3, 3, 3)


def test_center_crop_takes_the_middle_or_enlarges():
    np.testing.assert_array_equal(
        layers.CenterCrop(2, 3)(IMAGES).numpy(), IMAGES[:, 2:4, 2:5].astype("float32")
    )
    assert layers.CenterCrop(12, 14)(IMAGES).shape == (8, 12, 14, 3)


@pytest.mark.parametrize(
    ("mode", "flip"),
    [
        ("horizontal", lambda x: x[:, :, ::-1]),
        ("vertical", lambda x: x[:, ::-1]),
        ("horizontal_and_vertical", lambda x: x[:, ::-1, ::-1]),
    ],
)
def test_random_flip_mirrors_about_half_of_the_images(mode, flip):
    images = np.repeat(IMAGES, 20, axis=0)
    output = layers.RandomFlip(mode, seed=1)(images).numpy()
    is_flipped = (output == flip(images)).all((1, 2, 3))
    is_same = (output == images).all((1, 2, 3))
    assert (is_flipped ^ is_same).all()
    assert 0.35 < is_flipped.mean() < 0.65


def test_random_crop_takes_windows_and_the_middle_at_rest():
    layer = layers.RandomCrop(3, 4, seed=1)
    windows = np.lib.stride_tricks.sliding_window_view(IMAGES, (3, 4), (1, 2))
    windows = np.moveaxis(windows, 3, -1).reshape(8, -1, 3, 4, 3)
    places = set()
    for _ in range(20):
        output = layer(IMAGES, training=True).numpy()
        found = (windows == output[:, None]).all((2, 3, 4))
        assert (found.sum(1) == 1).all()
        assert len(set(found.argmax(1))) == 1  # one place for the whole batch
        places.add(int(found[0].argmax()))
    assert len(places) > 5
    assert layer(IMAGES, training=False).shape == (8, 3, 4, 3)


def test_random_translation_by_a_fixed_amount():
    layer = layers.RandomTranslation((0.5, 0.5), (0.0, 0.0), fill_mode="constant", fill_value=7.0)
    output = layer(IMAGES).numpy()
    np.testing.assert_allclose(output[:, 3:], IMAGES[:, :3], rtol=1e-4)
    np.testing.assert_allclose(output[:, :3], 7.0)


def test_random_rotation_by_a_fixed_angle():
    square = IMAGES[:, :6, :6]
    layer = layers.RandomRotation((0.25, 0.25), interpolation="nearest")
    output = layer(square).numpy()
    quarter_turns = [np.rot90(square, k, (1, 2)) for k in (1, 3)]
    assert any(np.allclose(output, turned) for turned in quarter_turns)


def test_random_zoom_about_the_center():
    odd = IMAGES[:, :5, :5]
    layer = layers.RandomZoom((1.0, 1.0), fill_mode="constant", interpolation="nearest")
    output = layer(odd).numpy()
    np.testing.assert_allclose(output[:, 1:4, 1:4], odd[:, ::2, ::2])
    keeping = layers.RandomZoom((-0.5, 0.5), seed=1)
    assert keeping(odd).shape == odd.shape


def test_color_layers_stay_in_range_and_act_per_image():
    for layer in (layers.RandomBrightness(0.5, seed=1), layers.RandomContrast(0.9, seed=1)):
        output = layer(IMAGES).numpy()
        assert output.min() >= 0
        assert output.max() <= 255
    shifts = layers.RandomBrightness(0.2, seed=1)(IMAGES * 0 + 100).numpy()
    assert (shifts.min((1, 2, 3)) == shifts.max((1, 2, 3))).all()
    assert len(np.unique(shifts)) == 8
    assert (np.abs(shifts - 100) <= 51).all()


def test_random_grayscale_of_all_images():
    output = layers.RandomGrayscale(1.0)(IMAGES).numpy()
    np.testing.assert_allclose(output[..., 0], output[..., 2], rtol=1e-5)
    expected = IMAGES @ np.array([0.2989, 0.587, 0.114])
    np.testing.assert_allclose(output[..., 1], expected, rtol=1e-3)


def test_dict_of_data_moves_masks_with_images():
    layer = layers.RandomFlip("horizontal", seed=1)
    marks = (IMAGES[..., :1] > 100).astype("float32")
    data = {"images": IMAGES, "segmentation_masks": marks, "labels": np.arange(8)}
    output = layer(data, training=True)
    moved = output["images"].numpy()
    np.testing.assert_array_equal(output["segmentation_masks"].numpy(), moved[..., :1] > 100)
    assert not (moved == IMAGES).all()
    assert output["labels"].tolist() == list(range(8))
    kept = layers.RandomBrightness(0.5, seed=1)(data, training=True)
    np.testing.assert_array_equal(np.asarray(kept["segmentation_masks"]), marks)
    np.testing.assert_array_equal(np.asarray(layer(data, training=False)["images"]), IMAGES)
    with pytest.raises(ValueError, match="format of the bounding boxes"):
        layer({**data, "bounding_boxes": {}})


def test_single_images_are_transformed_alone():
    for layer in (
        layers.RandomFlip(seed=1),
        layers.RandomRotation(0.1),
        layers.RandomContrast(0.1),
    ):
        assert layer(IMAGES[0]).shape == IMAGES[0].shape


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: layers.RandomFlip("sideways"), "unknown mode"),
        (lambda: layers.RandomBrightness(2.0), "factor is not usable"),
        (lambda: layers.RandomContrast((0.1, 0.2, 0.3)), "factor is not usable"),
        (lambda: layers.RandomTranslation(0.1, "x"), "width_factor is not usable"),
        (lambda: layers.RandomZoom(0.1, fill_mode="magic"), "unknown fill_mode"),
        (lambda: layers.RandomGrayscale(2.0), "factor must be a number from 0 to 1"),
        (lambda: layers.Resizing(0, 3), "height must be a positive int"),
        (lambda: layers.RandomCrop(3, 3)(layers.Input((None, 4, 3))), "must be known"),
    ],
)
def test_image_layers_explain_bad_arguments(make, problem):
    with pytest.raises(ValueError, match=problem):
        make()


def test_training_reaches_image_layers_through_the_call_around_them():
    class Around(layers.Layer):
        def __init__(self):
            super().__init__()
            self.flip = layers.RandomFlip(seed=1)

        def call(self, x, training=None):
            return self.flip(x)

    around = Around()
    np.testing.assert_array_equal(around(IMAGES, training=False).numpy(), IMAGES)
    assert (around(ops.convert_to_tensor(IMAGES), training=True).numpy() != IMAGES).any()
