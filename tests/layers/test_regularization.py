"""Noise layers: statistics of what they do in training."""

import numpy as np
import pytest

from kerasish import layers, ops

ONES = np.ones((200, 50, 4), "float32")


def trained(layer, x=ONES):
    return layer(x, training=True).numpy()


def test_dropout_keeps_the_mean():
    output = trained(layers.Dropout(0.25, seed=1))
    assert set(np.unique(output)) == {np.float32(0), np.float32(1 / 0.75)}
    assert (output == 0).mean() == pytest.approx(0.25, abs=0.01)


def test_dropout_of_everything_gives_zeros():
    assert not trained(layers.Dropout(1.0)).any()


def test_dropout_noise_shape_shares_draws():
    output = trained(layers.Dropout(0.5, noise_shape=(None, 1, None), seed=1))
    np.testing.assert_array_equal(output, np.broadcast_to(output[:, :1], output.shape))
    assert (output == 0).mean() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("layer", "shape", "axes"),
    [
        (layers.SpatialDropout1D(0.5, seed=1), (40, 5, 6), (1,)),
        (layers.SpatialDropout2D(0.5, seed=1), (40, 3, 5, 6), (1, 2)),
        (layers.SpatialDropout2D(0.5, "channels_first", seed=1), (40, 6, 3, 5), (2, 3)),
        (layers.SpatialDropout3D(0.5, seed=1), (40, 2, 3, 2, 6), (1, 2, 3)),
    ],
)
def test_spatial_dropout_drops_whole_channels(layer, shape, axes):
    output = trained(layer, np.ones(shape, "float32"))
    np.testing.assert_array_equal(output.min(axes), output.max(axes))
    assert (output == 0).mean() == pytest.approx(0.5, abs=0.1)


def test_gaussian_dropout_is_as_wide_as_dropout():
    output = trained(layers.GaussianDropout(0.2, seed=1))
    assert output.mean() == pytest.approx(1.0, abs=0.01)
    assert output.std() == pytest.approx((0.2 / 0.8) ** 0.5, abs=0.01)


def test_gaussian_noise_has_the_deviation_asked_for():
    output = trained(layers.GaussianNoise(0.3, seed=1))
    assert output.mean() == pytest.approx(1.0, abs=0.01)
    assert output.std() == pytest.approx(0.3, abs=0.01)


def test_alpha_dropout_keeps_mean_and_variance():
    x = np.random.default_rng(0).standard_normal((200, 50, 4)).astype("float32")
    output = trained(layers.AlphaDropout(0.3, seed=1), x)
    assert output.mean() == pytest.approx(0.0, abs=0.02)
    assert output.std() == pytest.approx(1.0, abs=0.02)
    values, counts = np.unique(output, return_counts=True)
    assert counts.max() / output.size == pytest.approx(0.3, abs=0.01)
    shared = trained(layers.AlphaDropout(0.3, noise_shape=(None, 1, 1), seed=1), x)
    dropped = shared == values[counts.argmax()]
    np.testing.assert_array_equal(dropped.all((1, 2)), dropped.any((1, 2)))


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: layers.Dropout(1.5), "rate must be a number from 0 to 1"),
        (lambda: layers.Dropout(0.5, noise_shape=(0, 1)), "noise_shape is not a shape"),
        (lambda: layers.Dropout(0.5, noise_shape="ab"), "noise_shape is not a shape"),
        (lambda: layers.GaussianDropout(1.0), "below 1"),
        (lambda: layers.AlphaDropout(1.0), "below 1"),
        (lambda: layers.GaussianNoise(-0.1), "stddev must be a number from 0 to 1"),
    ],
)
def test_bad_arguments_are_explained(make, problem):
    with pytest.raises(ValueError, match=problem):
        make()


def test_activity_regularization_adds_a_loss_for_each_call():
    layer = layers.ActivityRegularization(l1=0.5, l2=2.0)
    layer(ops.array([[1.0, -2.0], [0.0, 3.0]]))
    assert [loss.item() for loss in layer.losses] == [pytest.approx((0.5 * 6 + 2 * 14) / 2)]
    assert layer.get_config()["l2"] == 2.0
