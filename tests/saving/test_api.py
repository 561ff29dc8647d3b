"""Arguments of saving and loading, and what remains of files when writing fails."""

import io

import numpy as np
import pytest

from kerasish import layers, models
from kerasish.saving import atomic, load_model, save_model, save_weights
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
