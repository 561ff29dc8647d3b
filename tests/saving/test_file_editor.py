"""KerasFileEditor: what it shows, what it changes, and what a changed file loads into."""

import numpy as np
import pytest

import kerasish
from kerasish import layers
from kerasish.saving import KerasFileEditor


def make(units=3, **names):
    return kerasish.Sequential(
        [layers.Input((2,)), layers.Dense(units), layers.Dense(1, use_bias=False)], **names
    )


@pytest.fixture(params=["m.weights.h5", "m.keras"])
def file(request, tmp_path):
    model = make()
    path = tmp_path / request.param
    (model.save if path.suffix == ".keras" else model.save_weights)(path)
    return path, model


def test_it_shows_what_is_inside(file, capsys):
    path, model = file
    editor = KerasFileEditor(path)
    editor.summary()
    assert "(2, 3) float32" in capsys.readouterr().out
    assert (editor.config is not None) == (path.suffix == ".keras")
    np.testing.assert_array_equal(
        editor.weights_dict["layers"]["dense"]["0"], model.layers[0].kernel.numpy()
    )
    assert editor.compare(make()) == {"status": "success", "error_count": 0, "match_count": 3}
    found = editor.compare(make(4))
    assert found["status"] == "error" and found["error_count"] == 3
    assert "shape (2, 3) in the file, (2, 4) in the model" in capsys.readouterr().out


def test_changed_file_loads_into_the_model_it_fits(file, tmp_path):
    path, model = file
    editor = KerasFileEditor(path)
    editor.delete_object("layers/dense_1")
    editor.rename_object("dense", "dense_1")
    editor.add_object("layers/dense", {"0": np.eye(2), "1": np.ones(2)})
    editor.delete_weight("dense_1", "1")
    editor.add_weights("dense_1", {"1": np.full(3, 7.0)})
    editor.save(tmp_path / "new.weights.h5")
    other = kerasish.Sequential([layers.Input((2,)), layers.Dense(2), layers.Dense(3)])
    other.load_weights(tmp_path / "new.weights.h5")
    expected = [np.eye(2), np.ones(2), model.layers[0].kernel.numpy(), np.full(3, 7.0)]
    for found, value in zip(other.get_weights(), expected, strict=True):
        np.testing.assert_array_equal(found, value)


MISTAKES = [
    (lambda e: e.rename_object("dens", "new"), "no such object.*did you mean"),
    (lambda e: e.rename_object("dense", "a/b"), "new_name is a path"),
    (lambda e: e.rename_object("dense", "dense_1"), "the name is taken"),
    (lambda e: e.delete_object("layers/none"), "no such object"),
    (lambda e: e.add_object("nowhere/dense", {}), "no such place"),
    (lambda e: e.add_object("layers/x", [1]), "must be a dict"),
    (lambda e: e.delete_weight("dense", "9"), "no such weight"),
    (lambda e: e.save("new.h5"), "unknown ending"),
]


@pytest.mark.parametrize(("change", "match"), MISTAKES, ids=[m for _, m in MISTAKES])
def test_mistakes_change_nothing(change, match, tmp_path):
    make().save_weights(tmp_path / "m.weights.h5")
    editor = KerasFileEditor(tmp_path / "m.weights.h5")
    with pytest.raises(ValueError, match=match):
        change(editor)
    assert editor.compare(make())["status"] == "success"


def test_a_name_that_two_objects_have_needs_its_path(tmp_path):
    inner = make(name="inner")
    outer = kerasish.Sequential([layers.Input((2,)), inner, layers.Dense(1)])
    outer.save_weights(tmp_path / "m.weights.h5")
    editor = KerasFileEditor(tmp_path / "m.weights.h5")
    with pytest.raises(ValueError, match="several objects have the name.*whole path"):
        editor.delete_object("dense")


def test_other_files_are_refused(tmp_path):
    with pytest.raises(ValueError, match="unknown ending"):
        KerasFileEditor(tmp_path / "model.h5")
