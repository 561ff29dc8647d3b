"""Whole training steps: with native kernels the same weights and losses come out as without."""

import numpy as np
import pytest

import kerasish
from kerasish import layers, ops, optimizers
from kerasish.core.rng import set_random_seed
from kerasish.kernels.cpu import library
from tests.kernels.support import needs_library

pytestmark = needs_library


def dense_model():
    return kerasish.Sequential([
        layers.Input((7,)),
        layers.Dense(19, "relu"),
        layers.Dropout(0.3),
        layers.Dense(5, "tanh", kernel_regularizer="l2"),
        layers.Dense(3, "softmax"),
    ])  # fmt: skip


def convnet():
    return kerasish.Sequential([
        layers.Input((9, 8, 3)),
        layers.Conv2D(6, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(5, 2, padding="same"),
        layers.BatchNormalization(),
        layers.Activation("gelu"),
        layers.DepthwiseConv2D(2),
        layers.AveragePooling2D(2, padding="same"),
        layers.Flatten(),
        layers.Dropout(0.25),
        layers.Dense(3, "softmax"),
    ])  # fmt: skip


def residual_net():
    x = inputs = layers.Input((8, 8, 3))
    for width, stride in ((4, 1), (6, 2)):
        short = layers.Conv2D(width, 1, strides=stride, use_bias=False)(x)
        short = layers.BatchNormalization()(short)
        x = layers.Conv2D(width, 3, strides=stride, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        x = layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(layers.add([x, short]))
    x = layers.GlobalAveragePooling2D()(x)
    return kerasish.Model(inputs, layers.Dense(3, "softmax")(x))


def recurrent_net(cell):
    return lambda: kerasish.Sequential([
        layers.Input((6, 4)),
        cell(9, return_sequences=True),
        layers.LayerNormalization(),
        cell(5),
        layers.Dense(3, "softmax"),
    ])  # fmt: skip


def transformer():
    inputs = layers.Input((10,), dtype="int32")
    x = layers.Embedding(50, 12)(inputs)
    a = layers.MultiHeadAttention(3, 4)(x, x)
    x = layers.LayerNormalization()(x + a)
    f = layers.Dense(20, "gelu")(x)
    x = layers.LayerNormalization()(x + layers.Dense(12)(f))
    x = layers.GlobalAveragePooling1D()(x)
    return kerasish.Model(inputs, layers.Dense(3, "softmax")(x))


MODELS = {
    "dense": (dense_model, (7,)),
    "convnet": (convnet, (9, 8, 3)),
    "residual": (residual_net, (8, 8, 3)),
    "lstm": (recurrent_net(layers.LSTM), (6, 4)),
    "gru": (recurrent_net(layers.GRU), (6, 4)),
    "rnn": (recurrent_net(layers.SimpleRNN), (6, 4)),
    "transformer": (transformer, (10,)),
}


def trained(build, shape, optimizer, batch=16):
    set_random_seed(3)
    model = build()
    rng = np.random.default_rng(0)
    x = rng.normal(size=(48, *shape)).astype(np.float32)
    if len(shape) == 1 and shape[0] == 10:
        x = rng.integers(0, 50, (48, *shape)).astype(np.int32)
    y = rng.integers(0, 3, 48)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y, batch_size=batch, epochs=2, verbose=0)
    weights = [v.numpy() for v in model.weights] + [v.numpy() for v in model.optimizer.variables]
    return weights, history.history, model.predict(x, verbose=0), model


def compare(build, shape, optimizer):
    found, history, outputs, model = trained(build, shape, optimizer())
    kerasish.config.disable_kernels()
    try:
        wanted, plain_history, plain_outputs, _ = trained(build, shape, optimizer())
    finally:
        kerasish.config.enable_kernels()
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=3e-3, atol=2e-4)
    np.testing.assert_allclose(outputs, plain_outputs, rtol=1e-3, atol=2e-4)
    for name, values in history.items():
        np.testing.assert_allclose(values, plain_history[name], rtol=1e-3, atol=1e-4)
    return model


@pytest.mark.parametrize("name", MODELS)
def test_models_train_as_without_kernels(name):
    model = compare(*MODELS[name], lambda: optimizers.SGD(0.05, momentum=0.9))
    source = model.make_train_function().source()
    assert "segment0()" in source


OPTIMIZERS = {
    "adam": lambda: optimizers.Adam(0.01),
    "amsgrad": lambda: optimizers.Adam(0.01, amsgrad=True),
    "adamw": lambda: optimizers.AdamW(0.01, weight_decay=0.1),
    "clipped norm": lambda: optimizers.Adam(0.01, global_clipnorm=0.5),
    "clipped": lambda: optimizers.SGD(0.05, clipvalue=0.1),
    "rmsprop": lambda: optimizers.RMSprop(0.01, centered=True, momentum=0.5),
    "nadam": lambda: optimizers.Nadam(0.01),
    "lion": lambda: optimizers.Lion(0.01),
    "ema": lambda: optimizers.SGD(0.05, use_ema=True, ema_overwrite_frequency=2),
    "accumulated": lambda: optimizers.Adam(0.01, gradient_accumulation_steps=2),
    "schedule": lambda: optimizers.SGD(optimizers.schedules.CosineDecay(0.1, 10)),
    "adafactor": lambda: optimizers.Adafactor(0.01),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_update_as_without_kernels(name):
    compare(*MODELS["dense"], OPTIMIZERS[name])


def test_results_do_not_depend_on_the_number_of_threads():
    results = []
    before = kerasish.config.threads()
    try:
        for count in (1, 2, 5):
            kerasish.config.set_threads(count)
            results.append(trained(*MODELS["convnet"], optimizers.Adam(0.01))[0])
    finally:
        kerasish.config.set_threads(before)
    for other in results[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(results[0], other, strict=True))


def test_a_refused_value_is_the_plain_error_and_changes_nothing():
    model = dense_model()
    model.compile("adam", "sparse_categorical_crossentropy")
    x, y = np.ones((8, 7), np.float32), np.zeros(8, np.int64)
    model.fit(x, y, batch_size=8, verbose=0)
    before = [v.numpy() for v in (*model.weights, *model.optimizer.variables)]
    y[3] = 9
    with pytest.raises(ValueError, match="(?i)label|range|index"):
        model.fit(x, y, batch_size=8, verbose=0)
    after = [v.numpy() for v in (*model.weights, *model.optimizer.variables)]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_non_contiguous_and_foreign_inputs_are_taken():
    f = kerasish.function(lambda x: ops.sum(ops.tanh(x) * 2.0, axis=-1))
    x = np.random.default_rng(0).normal(size=(6, 10)).astype(np.float32)
    for a in (x[:, ::2], x.T, x[::-1], np.asfortranarray(x), np.broadcast_to(x[0], (6, 10))):
        np.testing.assert_allclose(f(a), np.tanh(a).sum(-1) * 2, rtol=1e-5, atol=1e-6)


def test_profile_names_native_calls():
    f = kerasish.function(lambda x: ops.relu(ops.matmul(x, x) + 1.0))
    x = np.ones((8, 8), np.float32)
    f(x)
    text = str(f.profile(x))
    assert "matmul" in text and "total" in text


def test_without_the_library_everything_is_plain(monkeypatch):
    monkeypatch.setattr(library, "library", lambda: None)
    f = kerasish.function(lambda x: ops.relu(ops.matmul(x, x) + 1.0))
    x = np.ones((8, 8), np.float32)
    assert np.array_equal(f(x), np.full((8, 8), 9.0)) and "segment" not in f.source()
