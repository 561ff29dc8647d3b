"""Names that start anew, and weights that take no memory."""

import numpy as np
import pytest

from kerasish.core import names
from kerasish.core.tensor import Tensor
from kerasish.datasets import fetch
from kerasish.layers import Layer


@pytest.fixture(autouse=True)
def new_names():
    """Automatic names begin again, so that layers are called as in a new process."""
    names.reset()


@pytest.fixture
def light_weights(monkeypatch):
    """Every weight is one zero, repeated: large models are built in no time."""
    plain = Layer.add_weight

    def repeated(shape, dtype):
        return Tensor(np.broadcast_to(np.zeros((), dtype), shape))

    def add_weight(self, shape=None, initializer=None, **options):
        return plain(self, shape, repeated, **options)

    monkeypatch.setattr(Layer, "add_weight", add_weight)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Keras's folder of models, empty; and no network."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv(fetch.HOME_VARIABLE, str(tmp_path / "kerasish"))
    monkeypatch.delenv(fetch.FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr(fetch.urllib.request, "urlopen", _no_network)
    folder = tmp_path / "keras" / "models"
    folder.mkdir(parents=True)
    return folder


def _no_network(*args, **kwargs):
    raise OSError("no network in tests")
