"""Arguments of saving and loading, and what remains of files when writing fails."""

import io

import numpy as np
import pytest

from kerasish import layers, models
from kerasish.activations import relu
from kerasish.saving import (
    atomic,
    load_model,
    register_keras_serializable,
    save_model,
    save_weights,
    serialize_keras_object,
)
from tests.saving.small import ENDINGS, load, mlp, save, state
from tests.saving.test_atomic import FullDisk


def test_other_endings_are_refused(tmp_path):
    model = mlp()
    for name in ("m", "m.pkl", "m.keras.zip", "m.weights"):
        with pytest.raises(ValueError, match="does not tell a format"):
            model.save(tmp_path / name)
    for name in ("m.h5", "m.keras", "m"):
        with pytest.raises(ValueError, match=r"\.weights\.h5"):
            model.save_weights(tmp_path / name)
    with pytest.raises(ValueError, match="unzipped"):
        save_model(model, tmp_path / "m.keras", zipped=False)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", ENDINGS)
def test_existing_file_is_kept_on_request(tmp_path, ending):
    path = tmp_path / f"m.{ending}"
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        (save_weights if ending == "weights.h5" else save_model)(mlp(), path, overwrite=False)
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("ending", ENDINGS)
def test_full_disk_keeps_the_old_file(tmp_path, monkeypatch, ending):
    path = tmp_path / f"m.{ending}"
    model = mlp()
    save(model, path)
    old = path.read_bytes()
    real = atomic.open_temporary
    monkeypatch.setattr(atomic, "open_temporary", lambda *a: FullDisk(real(*a), 3000))
    with pytest.raises(OSError, match="No space left"):
        save(model, path)
    assert path.read_bytes() == old and [p.name for p in tmp_path.iterdir()] == [path.name]
    assert load(path).built


def test_model_that_cannot_be_written_keeps_the_old_file(tmp_path):
    path = tmp_path / "m.keras"
    path.write_bytes(b"old")
    model = models.Sequential([layers.Input((3,)), layers.Dense(2, activation=lambda x: x)])
    with pytest.raises(ValueError, match="lambda"):
        model.save(path)
    assert path.read_bytes() == b"old" and len(list(tmp_path.iterdir())) == 1


def test_subclassed_model_is_not_written_as_h5(tmp_path):
    class Own(models.Model):
        def call(self, x):
            return x

    model = Own()
    model(np.ones((1, 2), "float32"))
    with pytest.raises(ValueError, match="save it as"):
        model.save(tmp_path / "m.h5")


def test_keras_form_goes_through_file_objects():
    model, buffer = mlp(), io.BytesIO()
    save_model(model, buffer)
    buffer.seek(0)
    assert state(load_model(buffer)) == state(model)


def test_folder_is_made(tmp_path):
    mlp().save(tmp_path / "runs" / "one" / "m.keras")
    assert load_model(tmp_path / "runs" / "one" / "m.keras").built


@register_keras_serializable("api")
class Keeps(layers.Layer):
    """A layer whose config is whatever it was given, unserialized."""

    def __init__(self, value=None, **kwargs):
        super().__init__(**kwargs)
        self.value = value

    def call(self, x):
        return x

    def get_config(self):
        return {**super().get_config(), "value": self.value}


VALUES = [
    np.float32(0.5),
    np.arange(3),
    (1, 2),
    {"a": [None, True]},
    "text",
    float("inf"),
    slice(1, 2),
    b"\x00\xff",
    layers.Dense(2, activation="relu"),
    relu,
]


@pytest.mark.parametrize("value", VALUES, ids=lambda v: type(v).__name__)
def test_values_in_configs_come_back(tmp_path, value):
    model = models.Sequential([layers.Input((3,)), Keeps(value)])
    model.save(tmp_path / "m.keras")
    config = load_model(tmp_path / "m.keras").layers[0].get_config()["value"]
    wanted = serialize_keras_object(value)
    assert serialize_keras_object(config) == (list(wanted) if type(value) is tuple else wanted)


@pytest.mark.parametrize(
    "value", [{1, 2}, object(), lambda x: x, 1j], ids=lambda v: type(v).__name__
)
def test_values_that_no_config_can_hold_are_told(tmp_path, value):
    model = models.Sequential([layers.Input((3,)), Keeps(value)])
    for ending in ("keras", "h5"):
        with pytest.raises(ValueError, match="saving"):
            model.save(tmp_path / f"m.{ending}")
    assert not list(tmp_path.iterdir())


def test_unbuilt_model_is_saved_with_a_warning(tmp_path):
    model = models.Sequential([layers.Dense(2)])
    with pytest.warns(UserWarning, match="saved unbuilt"):
        model.save(tmp_path / "m.keras")
    assert not load_model(tmp_path / "m.keras").built
