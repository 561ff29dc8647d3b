"""Weights and models of real Keras, in an interpreter named by KERASISH_REAL_KERAS_PYTHON."""

import json
import os
import subprocess

import numpy as np
import pytest

from kerasish import applications
from kerasish.saving import load_model, serialize_keras_object
from tests.applications import reference

PYTHON = os.environ.get("KERASISH_REAL_KERAS_PYTHON")
pytestmark = pytest.mark.skipif(
    not PYTHON, reason="KERASISH_REAL_KERAS_PYTHON names no interpreter"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Folder with what real Keras wrote."""
    folder = tmp_path_factory.mktemp("applications")
    environment = {"KERAS_BACKEND": "torch", **os.environ, "PYTHONPATH": ""}
    command = [PYTHON, os.path.abspath(reference.__file__), "write", folder]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


def error(model, title, folder):
    """Largest error of the predictions for one image, relative to the largest prediction."""
    wanted = np.load(folder / f"{title}.npy")
    found = model.predict(reference.image(reference.MEMBERS[title]["input_shape"]), verbose=0)
    return np.abs(found - wanted).max() / np.abs(wanted).max()


def comparable(config):
    """A config less the arguments that Keras writes into calls although they are the defaults."""
    if isinstance(config, dict):
        return {
            key: comparable(value)
            for key, value in config.items()
            if (key, value) not in (("mask", None), ("training", False))
        }
    if isinstance(config, (list, tuple)):
        return [comparable(value) for value in config]
    return config


@pytest.mark.parametrize("title", reference.MEMBERS)
def test_weights_load_and_predictions_are_equal(title, folder):
    build = getattr(applications, title)
    model = build(weights=folder / f"{title}.weights.h5", **reference.MEMBERS[title])
    facts, config = json.loads((folder / f"{title}.json").read_text())
    assert list(reference.facts(model)) == facts
    assert comparable(serialize_keras_object(model)) == comparable(config)
    assert error(model, title, folder) < 1e-4


@pytest.mark.parametrize("title", reference.LEGACY)
def test_legacy_weights_load_in_their_order(title, folder):
    build = getattr(applications, title)
    model = build(weights=str(folder / f"{title}.h5"), **reference.MEMBERS[title])
    assert error(model, title, folder) < 1e-4


@pytest.mark.parametrize("title", reference.WHOLE)
def test_whole_models_load(title, folder):
    assert error(load_model(folder / f"{title}.keras"), title, folder) < 1e-4


@pytest.mark.parametrize("mode", ["caffe", "tf", "torch"])
def test_pixels_are_prepared_alike(mode, folder):
    x = reference.image((3, 4, 3))
    wanted = np.load(folder / "pixels.npz")[mode]
    found = applications.imagenet_utils.preprocess_input(x, mode=mode)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)
