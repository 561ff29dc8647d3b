"""Network operations beyond their rows: conventions at ties and edges, half precision, errors."""

import math

import numpy as np
import pytest

from kerasish import GradientTape, ops


def gradient(function, x):
    x = ops.convert_to_tensor(x)
    with GradientTape() as tape:
        tape.watch(x)
        y = ops.sum(function(x))
    return tape.gradient(y, x).tolist()


KINKS = [
    (ops.relu, 0.0, 0.0),
    (ops.relu6, 0.0, 0.0),
    (ops.relu6, 6.0, 0.0),
    (ops.leaky_relu, 0.0, 0.2),
    (ops.elu, 0.0, 1.0),
    (ops.selu, 0.0, 1.0507009873554805),
    (ops.hard_shrink, 0.5, 0.0),
    (ops.soft_shrink, 0.5, 0.0),
    (ops.sparse_sigmoid, 1.0, 0.0),
    (ops.sparse_sigmoid, -1.0, 0.0),
]


@pytest.mark.parametrize(("function", "place", "slope"), KINKS)
def test_slope_at_a_kink_follows_tensorflow(function, place, slope):
    assert gradient(function, np.float64(place)) == pytest.approx(slope, rel=1e-7)


def test_max_pool_ties_give_the_gradient_to_the_first_element():
    found = gradient(lambda x: ops.max_pool(x, 2), np.ones((1, 2, 2, 1)))
    assert np.ravel(found).tolist() == [1.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("function", [ops.sigmoid, ops.softplus, ops.silu, ops.gelu, ops.mish])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_activations_of_large_values_stay_finite(function, dtype):
    x = ops.cast(np.array([-60.0, -12.0, 0.0, 12.0, 60.0]), dtype)
    y = function(x)
    assert y.dtype == dtype and np.isfinite(ops.cast(y, "float64").numpy()).all()
    assert np.isfinite(ops.cast(ops.convert_to_tensor(gradient(function, x)), "float64")).all()


def test_sigmoid_keeps_relative_precision_far_below_zero():
    x = np.array([-20.0, -50.0, -80.0], "float32")
    np.testing.assert_allclose(ops.sigmoid(x).numpy(), np.exp(x.astype("float64")), 1e-5)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "sigmoid", "softplus"])
def test_integers_become_floats(name):
    y = getattr(ops, name)(np.array([1, 2, 3], "int32"))
    expected = getattr(ops, name)(np.array([1, 2, 3], "float32"))
    assert y.dtype == "float32" and y.tolist() == expected.tolist()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_normalizations_sum_in_float32(dtype):
    # 4096 values near 300: their sum is beyond float16.
    x = ops.cast(np.linspace(200, 400, 4096).reshape(1, -1), dtype)
    for y in (
        ops.layer_normalization(x),
        ops.rms_normalization(x),
        ops.batch_normalization_training(ops.transpose(x))[0],
        ops.group_normalization(x, groups=1),
    ):
        assert y.dtype == dtype
        values = ops.cast(y, "float64").numpy()
        assert np.isfinite(values).all() and 0.9 < np.sqrt((values**2).mean()) < 1.1


def test_attention_in_half_precision_without_any_allowed_key_averages():
    values = np.arange(4.0).reshape(1, 4, 1, 1)
    q, k, v = (
        ops.cast(a, "float16") for a in (np.ones((1, 2, 1, 1)), np.ones((1, 4, 1, 1)), values)
    )
    y = ops.dot_product_attention(q, k, v, mask=np.zeros((1, 1, 2, 4), bool))
    assert y.dtype == "float16" and np.ravel(y).tolist() == [1.5, 1.5]


def test_masked_lstm_without_states_ignores_padding():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(2, 5, 3))
    weights = rng.normal(size=(3, 8)), rng.normal(size=(2, 8)), rng.normal(size=8)
    mask = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 0, 0]], bool)
    last, outputs, _ = ops.lstm(x, *weights, mask=mask)
    expected, _, _ = ops.lstm(x[:, :3], *weights)
    np.testing.assert_allclose(last.numpy(), expected.numpy())
    np.testing.assert_allclose(outputs[:, -1].numpy(), expected.numpy())


def test_grouped_convolution_equals_convolutions_of_the_groups():
    rng = np.random.default_rng(1)
    x, kernel = rng.normal(size=(2, 5, 5, 4)), rng.normal(size=(3, 3, 2, 6))
    parts = [ops.conv(x[..., 2 * i : 2 * i + 2], kernel[..., 3 * i : 3 * i + 3]) for i in (0, 1)]
    np.testing.assert_allclose(ops.conv(x, kernel), np.concatenate(parts, -1), 1e-12)


def test_convolution_of_many_samples_equals_that_of_each():
    """More windows than fit the scratch memory: they are gathered in several parts."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(40, 24, 24, 16)).astype("float32")
    kernel = rng.normal(size=(3, 3, 16, 4)).astype("float32")

    def slopes(x):
        x, k = ops.convert_to_tensor(x), ops.convert_to_tensor(kernel)
        with GradientTape() as tape:
            tape.watch([x, k])
            y = ops.conv(x, k)
            total = ops.sum(y * y)
        return [y, *tape.gradient(total, [x, k])]

    whole = slopes(x)
    parts = [slopes(part) for part in np.split(x, 2)]
    scale = np.abs(whole[2]).max()
    for i in (0, 1):
        joined = np.concatenate([p[i].numpy() for p in parts])
        np.testing.assert_allclose(whole[i].numpy(), joined, 1e-4, 1e-3)
    np.testing.assert_allclose(whole[2].numpy(), parts[0][2] + parts[1][2], 1e-3, 1e-5 * scale)


def test_crossentropy_of_impossible_targets_is_finite():
    certain = np.array([[1.0, 0.0]])
    wrong = np.array([[0.0, 1.0]])
    limit = -math.log(1e-7)
    for found in (
        ops.categorical_crossentropy(wrong, certain)[0],
        ops.sparse_categorical_crossentropy([1], certain)[0],
        ops.binary_crossentropy(wrong, certain)[0, 0],
    ):
        assert found.item() == pytest.approx(limit, rel=1e-3)


X4 = np.ones((1, 4, 4, 3))
ERRORS = [
    (lambda: ops.conv(X4, np.ones((2, 2, 2, 5))), "multiple of the kernel's"),
    (lambda: ops.conv(X4, np.ones((2, 3, 5))), "same number of axes"),
    (lambda: ops.conv(X4, np.ones((5, 2, 3, 5))), "does not fit into the input"),
    (lambda: ops.conv(X4, np.ones((2, 2, 3, 5)), padding="causal"), "unknown padding"),
    (lambda: ops.conv(X4, np.ones((2, 2, 3, 5)), strides=(1, 2, 3)), "strides must be"),
    (lambda: ops.conv(X4, np.ones((2, 2, 3, 5)), data_format="first"), "unknown image layout"),
    (lambda: ops.depthwise_conv(X4, np.ones((2, 2, 2, 1))), "differ in channels"),
    (lambda: ops.conv_transpose(X4, np.ones((2, 2, 3, 5))), "differ in channels"),
    (lambda: ops.max_pool(np.ones((2, 3)), 2), "inputs need the axes"),
    (lambda: ops.max_pool(X4, 0), "pool_size must be a positive int"),
    (lambda: ops.adaptive_max_pool(X4, (1, 2, 3)), "output size for each spatial axis"),
    (lambda: ops.group_normalization(X4, groups=2), "divide the number of channels"),
    (lambda: ops.layer_normalization(X4, axis=7), "axis out of range"),
    (lambda: ops.normalize(X4, order=0), "order must be a positive int"),
    (lambda: ops.lstm(np.ones((2, 3, 4)), np.ones((4, 9)), np.ones((2, 8))), "4 \\* units"),
    (lambda: ops.dot_product_attention(X4, X4[0], X4), "length, heads, dim"),
    (lambda: ops.dot_product_attention(X4, X4[:, :, :3], X4), "heads of key and value"),
    (lambda: ops.categorical_crossentropy([1.0], [0.5, 0.5]), "differ in shape"),
    (lambda: ops.binary_crossentropy([1.0], [0.5, 0.5]), "differ in shape"),
    (lambda: ops.sparse_categorical_crossentropy([[1, 0]], [[0.5, 0.5]]), "without the class axis"),
    (lambda: ops.sparse_categorical_crossentropy([-1], [[0.5, 0.5]]), "index is out of range"),
    (lambda: ops.sparse_categorical_crossentropy([2], [[0.5, 0.5]]), "index is out of range"),
    (lambda: ops.ctc_loss([1], [[0.5, 0.5]], [1], [1]), "needs target"),
    (lambda: ops.ctc_decode(np.ones((1, 2, 3)), [2], strategy="best"), "unknown strategy"),
    (lambda: ops.image.resize(X4, (2, 2), "cubic"), "unknown interpolation"),
    (
        lambda: ops.image.resize(X4, (2, 2), crop_to_aspect_ratio=True, pad_to_aspect_ratio=True),
        "one of",
    ),
    (lambda: ops.image.crop_images(X4, 1), "exactly two"),
    (lambda: ops.image.crop_images(X4, 1, 1, 1, 1, target_height=2), "exactly two"),
    (lambda: ops.image.pad_images(X4, -1, 0, 0, 0), "cannot be negative"),
    (lambda: ops.image.rgb_to_grayscale(X4[..., :2]), "3 channels"),
    (lambda: ops.image.affine_transform(X4, np.ones(7)), "8 numbers"),
    (lambda: ops.image.map_coordinates(X4, np.ones((2, 3)), 1), "one row for each axis"),
    (lambda: ops.fold(np.ones((1, 4, 5)), 3, 2), "number of windows"),
    (lambda: ops.image.extract_patches(np.ones((3, 3)), 2), "spatial axes"),
]


@pytest.mark.parametrize(("call", "text"), ERRORS)
def test_misuse_is_explained(call, text):
    with pytest.raises(ValueError, match=text):
        call()


def test_colours_of_integers_are_refused():
    with pytest.raises(TypeError, match="floats from 0 to 1"):
        ops.image.rgb_to_hsv(np.ones((2, 2, 3), "uint8"))


DECODED = [
    ({}, [[1, 2, -1, -1]], [-9.0 * 4]),
    ({"merge_repeated": False}, [[1, 1, 2, -1]], [-9.0 * 4]),
]


@pytest.mark.parametrize(("params", "labels", "scores"), DECODED)
def test_greedy_decoding_follows_the_best_class_of_each_step(params, labels, scores):
    logits = np.zeros((1, 4, 3))
    logits[0, range(4), [1, 1, 0, 2]] = 9.0
    found, score = ops.ctc_decode(logits, [4], **params)
    assert found.numpy()[0].tolist() == labels and score.numpy()[0].tolist() == scores


def test_beam_search_finds_the_most_likely_labels_that_the_best_path_misses():
    # Blank is the best class of both steps, but label 1 comes about in three ways.
    logits = np.log(np.array([[[0.6, 0.4], [0.6, 0.4]]]))
    greedy, _ = ops.ctc_decode(logits, [2])
    beams, scores = ops.ctc_decode(logits, [2], "beam_search", beam_width=10, top_paths=2)
    assert greedy.tolist() == [[[-1, -1]]]
    assert beams.tolist() == [[[1, -1]], [[-1, -1]]]
    np.testing.assert_allclose(np.exp(scores.numpy()), [[0.64, 0.36]])
