"""Recurrent and attention models of real Keras: predictions, and three steps of training."""

import json

import numpy as np
import pytest

from kerasish import losses, ops, optimizers
from kerasish.core.gradients import GradientTape
from tests.layers_recurrent.small_models import SmallModel, numbered
from tests.support import shared_path

NAMES = [
    "lstm",
    "lstm_initial_state",
    "gru_v1",
    "gru_reset_after",
    "simple_rnn",
    "bidirectional_masked",
    "transformer_block",
    "transformer_causal_preln",
]
TRAINED = [n for n in NAMES if n not in ("lstm_initial_state", "gru_v1")]


def _folder(name):
    return shared_path("fixtures/keras/manifest.json").parent / name


def _model(name, *, inputs=None):
    folder = _folder(name)
    model = SmallModel(folder)
    with np.load(folder / "io.npz") as arrays:
        inputs = numbered(arrays, "x")
        expected = numbered(arrays, "y")
    model(*[ops.convert_to_tensor(x) for x in inputs])
    model.load(folder / "model.weights.h5")
    return model, inputs, expected


def _assert_close(actual, expected, tolerance):
    error = np.abs(np.asarray(actual) - expected).max() / np.abs(expected).max()
    assert error < tolerance


@pytest.mark.parametrize("name", NAMES)
def test_predictions_are_those_of_keras(name):
    model, inputs, expected = _model(name)
    outputs = model(*[ops.convert_to_tensor(x) for x in inputs])
    assert len(outputs) == len(expected)
    for y, wanted in zip(outputs, expected, strict=True):
        _assert_close(y, wanted, 1e-5)


def _loss(config):
    return losses.get(config)


@pytest.mark.parametrize("name", TRAINED)
def test_three_steps_of_training_are_those_of_keras(name):
    model, _, _ = _model(name)
    entry = json.loads(shared_path("fixtures/keras/manifest.json").read_text())["cases"][name]
    compiled = json.loads((_folder(name) / "model.json").read_text())["compile_config"]
    loss = losses.get(compiled["loss"])
    optimizer = optimizers.deserialize(entry["optimizer"])
    with np.load(_folder(name) / "train.npz") as arrays:
        arrays = dict(arrays)
    for step in range(3):
        inputs = [ops.convert_to_tensor(x) for x in numbered(arrays, f"step{step}/x")]
        (target,) = numbered(arrays, f"step{step}/t")
        with GradientTape() as tape:
            (output,) = model(*inputs)
            value = ops.mean(loss(target, output))
        assert float(value) == pytest.approx(float(arrays["loss"][step]), rel=1e-5)
        gradients = tape.gradient(value, model.weights)
        optimizer.apply(gradients, model.weights)
        if step == 0:
            _assert_weights(model, arrays, "after1", 1e-4)
    _assert_weights(model, arrays, "after3", 1e-4)


def _assert_weights(model, arrays, key, tolerance):
    for i, weight in enumerate(model.weights):
        expected = arrays[f"{key}/{i:03d}"]
        scale = max(np.abs(expected).max(), 0.1)
        assert np.abs(weight.numpy() - expected).max() < tolerance * scale, weight.path
