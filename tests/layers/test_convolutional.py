"""Convolution, pooling and reshaping layers where a row of cases does not reach."""

import numpy as np
import pytest

from kerasish import layers, ops
from kerasish.core import masks


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: layers.Conv2D(0, 3), "filters must be a positive int"),
        (lambda: layers.Conv2D(4, (3, 0)), "kernel_size is not usable"),
        (lambda: layers.Conv2D(4, (3, 3, 3)), "kernel_size is not usable"),
        (lambda: layers.Conv2D(4, 3, padding="causal"), "unknown padding.*'valid' or 'same'"),
        (lambda: layers.Conv2D(4, 3, strides=2, dilation_rate=2), "cannot both be above 1"),
        (lambda: layers.Conv2D(5, 3, groups=2), "groups must divide filters"),
        (lambda: layers.Conv2D(4, 3, groups=2).build((None, 8, 8, 3)), "input channels"),
        (lambda: layers.Conv2D(4, 3).build((None, 8, 8, None)), "channels must be known"),
        (lambda: layers.Conv2DTranspose(4, 3, output_padding=1), "below strides"),
        (lambda: layers.Conv2D(4, 3, data_format="last"), "unknown image layout"),
        (lambda: layers.MaxPooling2D(0), "pool_size is not usable"),
        (lambda: layers.MaxPooling2D(2, padding="full"), "unknown padding"),
        (lambda: layers.Cropping2D((1, 2, 3)), "cropping is not usable"),
        (lambda: layers.ZeroPadding2D(-1), "padding"),
        (lambda: layers.UpSampling2D(2, interpolation="cubic"), "unknown interpolation"),
        (lambda: layers.Reshape((-1, -1)), "at most one of them -1"),
        (lambda: layers.Permute((0, 1)), "must be a permutation"),
        (lambda: layers.PReLU().build((None, None, 3)), "shared_axes"),
        (lambda: layers.ReLU(threshold=-1), "threshold cannot be negative"),
        (lambda: layers.LeakyReLU(None), "negative_slope cannot be negative"),
    ],
)
def test_bad_arguments_are_explained(make, problem):
    with pytest.raises(ValueError, match=problem):
        make()


def test_causal_convolution_sees_no_later_step():
    layer = layers.Conv1D(3, 3, padding="causal", dilation_rate=2)
    x = np.random.default_rng(0).standard_normal((1, 10, 2)).astype("float32")
    before = layer(x).numpy()
    x[:, 6:] += 1
    after = layer(x).numpy()
    np.testing.assert_array_equal(after[:, :6], before[:, :6])
    assert (after[:, 6:] != before[:, 6:]).all()


def test_causal_convolution_in_both_layouts():
    x = np.random.default_rng(0).standard_normal((2, 10, 3)).astype("float32")
    last = layers.Conv1D(4, 3, padding="causal")
    first = layers.Conv1D(4, 3, padding="causal", data_format="channels_first")
    first(np.moveaxis(x, 1, 2))
    last(x)
    first.set_weights(last.get_weights())
    expected = np.moveaxis(last(x).numpy(), 1, 2)
    np.testing.assert_allclose(first(np.moveaxis(x, 1, 2)).numpy(), expected, rtol=1e-5, atol=1e-6)


def test_pool_size_is_the_default_of_strides():
    assert layers.MaxPooling2D((3, 2)).strides == (3, 2)
    assert layers.AveragePooling1D(4, strides=1).strides == (1,)
    assert layers.MaxPooling3D().pool_size == (2, 2, 2)


def test_global_average_pooling_over_real_steps():
    x = np.arange(12.0, dtype="float32").reshape(2, 3, 2)
    mask = np.array([[True, True, False], [False, True, False]])
    expected = np.stack([x[0, :2].mean(0), x[1, 1]])
    for layout, axis in (("channels_last", 1), ("channels_first", 2)):
        for keepdims in (False, True):
            layer = layers.GlobalAveragePooling1D(layout, keepdims=keepdims)
            tensor = ops.convert_to_tensor(x if axis == 1 else np.moveaxis(x, 1, 2))
            masks.set_mask(tensor, ops.convert_to_tensor(mask))
            output = layer(tensor)
            assert masks.get_mask(output) is None
            wanted = np.expand_dims(expected, axis) if keepdims else expected
            np.testing.assert_allclose(output.numpy(), wanted)


def test_softmax_over_real_scores_only():
    scores = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "float32")
    mask = ops.array([[True, True, False], [False, False, False]])
    expected = np.exp([1.0, 2.0]) / np.exp([1.0, 2.0]).sum()
    for dtype in ("float32", "float16"):
        output = layers.Softmax(dtype=dtype)(ops.cast(scores, dtype), mask=mask).numpy()
        np.testing.assert_allclose(output[0], [*expected, 0.0], rtol=2e-3)
        assert output[1].tolist() == [0.0, 0.0, 0.0]
    numbers = ops.cast(mask, "float32")
    np.testing.assert_array_equal(layers.Softmax()(scores, mask=numbers).numpy()[1], 0)
    with pytest.raises(ValueError, match="mask does not broadcast"):
        layers.Softmax()(scores, mask=mask[:, 0])


def test_reshaping_of_empty_batches():
    empty = ops.zeros((0, 2, 3))
    assert layers.Flatten()(empty).shape == (0, 6)
    assert layers.Flatten()(ops.zeros((2, 0, 3))).shape == (2, 0)
    assert layers.Reshape((3, -1))(empty).shape == (0, 3, 2)
    assert layers.Dense(4)(layers.Flatten()(empty)).shape == (0, 4)


def test_flatten_of_vectors_and_scalars():
    assert layers.Flatten()(ops.ones((4,))).shape == (4, 1)
    assert layers.Flatten()(ops.ones((4, 3))).shape == (4, 3)
    x = np.arange(12.0).reshape(1, 3, 2, 2)
    moved = layers.Flatten("channels_first")(x).numpy()
    np.testing.assert_array_equal(moved[0], np.moveaxis(x, 1, -1).ravel())
