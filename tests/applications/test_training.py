"""A network as users train it: the base frozen, a head of one's own learning; then all of it."""

import numpy as np
import pytest

import kerasish
from kerasish import applications, layers
from kerasish.applications.mobilenet import preprocess_input


def stripes(count):
    """Images of horizontal (0) or vertical (1) stripes with noise."""
    draw = np.random.default_rng(1)
    labels = np.arange(count) % 2
    wave = 127.5 + 100 * np.sin(np.arange(32) * 1.5)
    images = np.where(labels[:, None, None] == 0, wave[:, None], wave[None, :])
    images = images[..., None] + draw.normal(0, 20, (count, 32, 32, 3))
    return preprocess_input(images.astype("float32")), labels


@pytest.fixture(scope="module")
def base():
    """The first blocks of a network, trained to tell stripes apart; and how that went."""
    kerasish.utils.set_random_seed(3)
    shape = {"input_shape": (32, 32, 3), "include_top": False}
    whole = applications.MobileNet(weights=None, alpha=0.25, **shape)
    base = kerasish.Model(whole.input, whole.get_layer("conv_pw_4_relu").output)
    for layer in base.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = 0.5  # a few steps must do for the moving statistics
    before = base.get_weights()
    losses, accuracies = trained(with_head(base), *stripes(64), epochs=6)
    return base, before, losses, accuracies


def with_head(base):
    """Model of a base and a new head for two classes."""
    pixels = layers.Input((32, 32, 3))
    features = layers.GlobalMaxPooling2D()(base(pixels))
    return kerasish.Model(pixels, layers.Dense(2, activation="softmax")(features))


def trained(model, x, y, epochs):
    """Losses and accuracies of training with a few images."""
    optimizer = kerasish.optimizers.Adam(0.02)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y, batch_size=16, epochs=epochs, verbose=0).history
    return history["loss"], history["accuracy"]


def test_a_network_learns_with_all_its_weights(base):
    base, before, losses, accuracies = base
    assert losses[-1] < 0.5 * losses[0] and accuracies[-1] > 0.95
    for one, other in zip(before, base.get_weights(), strict=True):
        assert (one != other).any()


def test_a_new_head_learns_on_the_frozen_base(base):
    base = base[0]
    base.trainable = False
    model = with_head(base)
    assert [w.name for w in model.trainable_weights] == ["kernel", "bias"]
    before = base.get_weights()
    x, y = stripes(64)
    losses, accuracies = trained(model, x, 1 - y, epochs=8)
    assert losses[-1] < 0.5 * losses[0] and accuracies[-1] > 0.95
    for one, other in zip(before, base.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    base.trainable = True
    assert len(model.trainable_weights) > 2
