"""Recurrent and attention models of real Keras: predictions, and steps of training."""

import json

import numpy as np
import pytest

from kerasish import layers, losses, ops, optimizers
from kerasish.core.tape import GradientTape
from tests.layers_recurrent.small_models import SmallModel, numbered
from tests.support import shared_path

WITHOUT_EMBEDDING = ["lstm", "gru_reset_after", "simple_rnn"]
WITH_EMBEDDING = ["bidirectional_masked", "transformer_block", "transformer_causal_preln"]
UNTRAINED = ["lstm_initial_state", "gru_v1"]


def _folder(name):
    return shared_path("fixtures/keras/manifest.json").parent / name


def _tensors(arrays, prefix):
    return [ops.convert_to_tensor(x) for x in numbered(arrays, prefix)]


def _loaded(name):
    """The model with its weights, its inputs and Keras's outputs."""
    folder = _folder(name)
    model = SmallModel(folder)
    with np.load(folder / "io.npz") as arrays:
        inputs, expected = _tensors(arrays, "x"), numbered(arrays, "y")
    model(*inputs)
    model.load(folder / "model.weights.h5")
    return model, inputs, expected


@pytest.mark.parametrize("name", [*UNTRAINED, *WITHOUT_EMBEDDING, *WITH_EMBEDDING])
def test_predictions_are_those_of_keras(name):
    model, inputs, expected = _loaded(name)
    outputs = model(*inputs)
    assert len(outputs) == len(expected)
    for y, wanted in zip(outputs, expected, strict=True):
        assert np.abs(np.asarray(y) - wanted).max() < 1e-5 * np.abs(wanted).max()


class Training:
    """Steps of training as in the fixture: one batch each, its loss and gradients."""

    def __init__(self, name):
        self.model, _, _ = _loaded(name)
        manifest = json.loads(shared_path("fixtures/keras/manifest.json").read_text())
        compiled = json.loads((_folder(name) / "model.json").read_text())["compile_config"]
        self.loss = losses.get(compiled["loss"])
        self.optimizer = optimizers.deserialize(manifest["cases"][name]["optimizer"])
        with np.load(_folder(name) / "train.npz") as arrays:
            self.arrays = dict(arrays)

    def step(self, number):
        """One step; its loss must be Keras's."""
        inputs = _tensors(self.arrays, f"step{number}/x")
        (target,) = numbered(self.arrays, f"step{number}/t")
        with GradientTape() as tape:
            (output,) = self.model(*inputs)
            loss = ops.mean(self.loss(target, output))
        assert float(loss) == pytest.approx(float(self.arrays["loss"][number]), rel=1e-5)
        gradients = tape.gradient(loss, self.model.weights)
        self.optimizer.apply(gradients, self.model.weights)

    def check(self, key, rows_of=None):
        """Compare all weights; `rows_of`: dict from path to the only rows to compare."""
        for i, weight in enumerate(self.model.weights):
            expected, actual = self.arrays[f"{key}/{i:03d}"], weight.numpy()
            if rows_of and weight.path in rows_of:
                expected, actual = expected[rows_of[weight.path]], actual[rows_of[weight.path]]
            scale = max(np.abs(expected).max(initial=0), 0.1)
            assert np.abs(actual - expected).max(initial=0) < 1e-4 * scale, weight.path


@pytest.mark.parametrize("name", WITHOUT_EMBEDDING)
def test_three_steps_of_training_are_those_of_keras(name):
    training = Training(name)
    training.step(0)
    training.check("after1")
    training.step(1)
    training.step(2)
    training.check("after3")


@pytest.mark.parametrize("name", WITH_EMBEDDING)
def test_a_step_of_training_is_that_of_keras_but_for_repeated_rows(name):
    # Adam on Keras's TensorFlow backend squares the gradient of each occurrence of an id, not of
    # their sum (its JAX backend does as we do), and clips its norm likewise. So of the embeddings
    # only the rows of ids that occur once can be compared, and none where gradients are clipped.
    training = Training(name)
    training.step(0)
    inputs = numbered(training.arrays, "step0/x")
    embeddings = [x for x in training.model.layers.values() if isinstance(x, layers.Embedding)]
    rows = {}
    for layer, ids in zip(embeddings, inputs, strict=True):
        found, counts = np.unique(ids, return_counts=True)
        absent = np.setdiff1d(np.arange(layer.input_dim), found)
        once = found[counts == 1] if training.optimizer.clipnorm is None else []
        rows[layer.embeddings.path] = np.concatenate([absent, once]).astype(int)
    training.check("after1", rows)
