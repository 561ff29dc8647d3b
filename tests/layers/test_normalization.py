"""Normalization layers: moving statistics, masks, frozen layers, spectral norm."""

import numpy as np
import pytest

from kerasish import layers, ops
from kerasish.core.function import function
from kerasish.core.tape import GradientTape

X = np.random.default_rng(0).normal(2.0, 3.0, (8, 5, 3)).astype("float32")


def test_batch_normalization_statistics_follow_the_batches():
    layer = layers.BatchNormalization(momentum=0.8)
    mean, variance = np.zeros(3), np.ones(3)
    step = function(lambda x: layer(x, training=True))
    for i in range(3):
        x = X * (i + 1)
        output = step(x)
        mean = 0.8 * mean + 0.2 * x.mean((0, 1))
        variance = 0.8 * variance + 0.2 * x.var((0, 1))
        np.testing.assert_allclose(layer.moving_mean.numpy(), mean, rtol=1e-5)
        np.testing.assert_allclose(layer.moving_variance.numpy(), variance, rtol=1e-5)
    np.testing.assert_allclose(output.numpy().mean((0, 1)), 0, atol=1e-5)
    expected = (X - mean) / np.sqrt(variance + 1e-3)
    np.testing.assert_allclose(layer(X).numpy(), expected, rtol=1e-4, atol=1e-5)


def test_frozen_batch_normalization_keeps_its_statistics():
    layer = layers.BatchNormalization()
    layer(X)
    layer.trainable = False
    np.testing.assert_array_equal(layer(X, training=True).numpy(), layer(X).numpy())
    assert layer.moving_mean.numpy().tolist() == [0, 0, 0]


def test_batch_normalization_leaves_masked_steps_out():
    mask = np.random.default_rng(1).random((8, 5)) < 0.6
    layer = layers.BatchNormalization(momentum=0.0)
    output = layer(X, training=True, mask=ops.convert_to_tensor(mask))
    np.testing.assert_allclose(layer.moving_mean.numpy(), X[mask].mean(0), rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance.numpy(), X[mask].var(0), rtol=1e-5)
    np.testing.assert_allclose(output.numpy()[mask].mean(0), 0, atol=1e-5)
    whole = layers.BatchNormalization(momentum=0.0)
    everything = ops.ones((8, 5), dtype="bool")
    np.testing.assert_allclose(
        whole(X, training=True, mask=everything).numpy(),
        layers.BatchNormalization()(X, training=True).numpy(),
        rtol=1e-4, atol=1e-5,
    )  # fmt: skip
    with pytest.raises(ValueError, match="one axis less"):
        whole(X, training=True, mask=ops.ones((8,), dtype="bool"))


def test_batch_normalization_of_half_precision_keeps_float32_statistics():
    layer = layers.BatchNormalization(dtype="mixed_float16", momentum=0.0)
    output = layer(X * 300, training=True)  # squares beyond float16
    assert output.dtype == "float16"
    assert np.isfinite(output.numpy()).all()
    np.testing.assert_allclose(layer.moving_variance.numpy(), (X * 300).var((0, 1)), rtol=1e-2)


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: layers.BatchNormalization(renorm=True), "renormalization is not supported"),
        (lambda: layers.BatchNormalization(axis=4).build((2, 3)), "axis out of range"),
        (lambda: layers.BatchNormalization().build((2, None)), "must be known"),
        (lambda: layers.GroupNormalization(0), "positive int, or -1"),
        (lambda: layers.GroupNormalization(2).build((2, 3)), "groups must divide"),
        (lambda: layers.LayerNormalization().build((2, None)), "must be known"),
        (lambda: layers.RMSNormalization(axis=3).build((2, 3)), "axis out of range"),
        (lambda: layers.SpectralNormalization(layers.Dense(2), 0), "positive int"),
        (lambda: layers.SpectralNormalization(layers.ReLU())(X), "neither a kernel nor"),
    ],
)
def test_bad_arguments_are_explained(make, problem):
    with pytest.raises(ValueError, match=problem):
        make()


@pytest.mark.parametrize("cls", [layers.LayerNormalization, layers.UnitNormalization])
def test_axis_of_another_type_is_refused(cls):
    with pytest.raises(TypeError, match="axis must be an int or ints"):
        cls(axis="last")


def test_layer_normalization_rms_scaling_warns_and_scales():
    with pytest.warns(DeprecationWarning, match="Use RMSNormalization"):
        layer = layers.LayerNormalization(rms_scaling=True)
    expected = X / np.sqrt(X.var(-1, keepdims=True) + 1e-3)
    np.testing.assert_allclose(layer(X).numpy(), expected, rtol=1e-5)
    assert [w.name for w in layer.weights] == ["gamma"]
    assert layer.get_config()["rms_scaling"] is True


def test_spectral_normalization_brings_the_largest_singular_value_to_one():
    layer = layers.SpectralNormalization(layers.Dense(6), power_iterations=30)
    step = function(lambda x: layer(x, training=True))
    x = X.reshape(8, 15)
    layer(x)
    layer.kernel.assign(5 * layer.kernel)
    direction = layer.kernel.numpy() / np.linalg.norm(layer.kernel.numpy())
    step(x)
    kernel = layer.layer.kernel.numpy()
    assert np.linalg.svd(kernel)[1][0] == pytest.approx(1.0, rel=1e-3)
    np.testing.assert_allclose(kernel / np.linalg.norm(kernel), direction, rtol=1e-4, atol=1e-6)


def test_spectral_normalization_leaves_a_kernel_of_zeros():
    layer = layers.SpectralNormalization(layers.Dense(2, kernel_initializer="zeros"))
    layer(X[:, 0])
    before = layer.vector_u.numpy()
    layer(X[:, 0], training=True)
    assert not layer.kernel.numpy().any()
    np.testing.assert_array_equal(layer.vector_u.numpy(), before)


def test_moving_statistics_have_no_gradient():
    layer = layers.BatchNormalization()
    layer(X)
    with GradientTape() as tape:
        layer(X, training=True)
        total = ops.sum(layer.moving_mean * 2.0)
    assert tape.gradient(total, [layer.gamma]) == [None]
