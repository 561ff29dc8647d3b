"""Whole trainings on a GPU (where there is one) and on arrays as strict as CuPy's (everywhere).

On strict arrays nothing converts to NumPy by itself, so a training that passes here does not lean
on the host; its results must equal the CPU's.
"""

import contextlib

import numpy as np
import pytest

import kerasish
from kerasish import layers
from kerasish.arrays import device as devices
from tests.ops.strict_arrays import StrictArray, strict_gpu


@contextlib.contextmanager
def real_gpu():
    with kerasish.device("gpu:0") as device:
        yield device


def places():
    yield pytest.param(strict_gpu, id="strict")
    reason = devices.why_no_gpu()
    marks = [pytest.mark.gpu] + ([pytest.mark.skip(reason=reason)] if reason else [])
    yield pytest.param(real_gpu, id="gpu", marks=marks)


def mlp():
    stack = [layers.Input((6,)), layers.Dense(8, activation="relu"), layers.Dense(3, "softmax")]
    return kerasish.Sequential(stack), "sparse_categorical_crossentropy"


def convnet():
    stack = [
        layers.Input((6, 6, 2)),
        layers.Conv2D(4, 3, padding="same", activation="relu"),
        layers.BatchNormalization(),
        layers.MaxPooling2D(),
        layers.DepthwiseConv2D(2),
        layers.Dropout(0.3),
        layers.Flatten(),
        layers.Dense(3, "softmax"),
    ]
    return kerasish.Sequential(stack), "sparse_categorical_crossentropy"


def recurrent():
    stack = [
        layers.Input((5,), dtype="int32"),
        layers.Embedding(9, 4, mask_zero=True),
        layers.Bidirectional(layers.LSTM(3, return_sequences=True)),
        layers.GRU(3),
        layers.Dense(3, "softmax"),
    ]
    return kerasish.Sequential(stack), "sparse_categorical_crossentropy"


def transformer():
    x = layers.Input((4, 8))
    y = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 4)(x, x))
    y = layers.Dense(8, "gelu")(y)
    y = layers.Dense(3, "softmax")(layers.GlobalAveragePooling1D()(y))
    return kerasish.Model(x, y), "sparse_categorical_crossentropy"


def regression():
    stack = [layers.Input((6,)), layers.Dense(4, "tanh", kernel_regularizer="l2"), layers.Dense(3)]
    return kerasish.Sequential(stack), "mse"


def data_for(model, loss):
    generator = np.random.default_rng(0)
    tensor = model.inputs[0]
    shape = (20, *tensor.shape[1:])
    if tensor.dtype == "int32":
        x = generator.integers(0, 9, shape).astype("int32")
    else:
        x = generator.normal(size=shape).astype("float32")
    if loss == "mse":
        return x, generator.normal(size=(20, 3)).astype("float32")
    return x, generator.integers(0, 3, 20).astype("int32")


def train(make, optimizer, run_eagerly=False):
    kerasish.utils.set_random_seed(3)
    model, loss = make()
    model.compile(
        optimizer, loss, metrics=["accuracy"] if loss != "mse" else ["mae"], run_eagerly=run_eagerly
    )
    x, y = data_for(model, loss)
    history = model.fit(x, y, batch_size=8, epochs=2, validation_split=0.2, verbose=0)
    evaluated = model.evaluate(x, y, verbose=0)
    return model, history.history, evaluated, model.predict(x, verbose=0)


@pytest.mark.parametrize("place", list(places()))
@pytest.mark.parametrize("run_eagerly", [False, True], ids=["compiled", "eager"])
@pytest.mark.parametrize(
    "make", [mlp, convnet, recurrent, transformer, regression], ids=lambda f: f.__name__
)
def test_training_equals_the_cpus(make, run_eagerly, place):
    model, history, evaluated, predicted = train(make, "adam", run_eagerly)
    weights = model.get_weights()
    with place():
        moved, other_history, other_evaluated, other_predicted = train(make, "adam", run_eagerly)
        assert all(v.device == "gpu:0" for v in moved.weights)
        other_weights = moved.get_weights()
    for name, values in history.items():
        assert np.allclose(values, other_history[name], rtol=1e-4, atol=1e-5), name
    assert np.allclose(evaluated, other_evaluated, rtol=1e-4, atol=1e-5)
    assert np.allclose(predicted, other_predicted, rtol=1e-4, atol=1e-5)
    for a, b in zip(weights, other_weights, strict=True):
        assert np.allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("place", list(places()))
@pytest.mark.parametrize(
    "name",
    [
        "SGD",
        "RMSprop",
        "AdamW",
        "Adagrad",
        "Nadam",
        "Adadelta",
        "Adamax",
        "Ftrl",
        "Lion",
        "Lamb",
        "Adafactor",
    ],
)
def test_every_optimizer_runs(name, place):
    optimizer = getattr(kerasish.optimizers, name)
    kwargs = {"clipnorm": 1.0, "use_ema": True}
    weights = train(mlp, optimizer(0.01, **kwargs))[0].get_weights()
    with place():
        others = train(mlp, optimizer(0.01, **kwargs))[0].get_weights()
    for a, b in zip(weights, others, strict=True):
        assert np.allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("place", list(places()))
def test_files_pass_between_devices(place, tmp_path):
    model = train(convnet, "adam")[0]
    model.save(tmp_path / "cpu.keras")
    with place():
        moved = kerasish.models.load_model(tmp_path / "cpu.keras")
        assert all(v.device == "gpu:0" for v in moved.weights)
        moved.save(tmp_path / "gpu.keras")
    back = kerasish.models.load_model(tmp_path / "gpu.keras")
    for a, b in zip(model.get_weights(), back.get_weights(), strict=True):
        assert np.array_equal(a, b)


def test_a_model_computes_where_its_weights_are():
    with strict_gpu():
        model = train(mlp, "adam")[0]
        x = np.ones((2, 6), np.float32)
        with kerasish.device("cpu"):
            assert model.predict(x, verbose=0).shape == (2, 3)
            assert isinstance(model(x)._array, StrictArray)


def test_without_a_gpu_the_error_says_why():
    if devices.gpus():
        pytest.skip("there is a GPU here")
    with pytest.raises(kerasish.errors.DeviceError, match="gpu:0"):
        kerasish.device("gpu:0")
