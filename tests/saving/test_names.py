"""Odd layer names: they come back, or the form that cannot hold them says so."""

import pytest

from kerasish import layers, models
from kerasish.saving import load_model, register_keras_serializable
from tests.saving.small import state

NAMES = [
    "a.b",
    "é ü",
    "ядро",
    "*",
    "vars",
    "layers",
    "0",
    "name",
    "..",
    "a\\b",
    "CON",
    "x" * 300,
    "a\nb",
    "optimizer",
    "model_weights",
    "\u202eevil",
    "{}",
    "%s",
]


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_odd_layer_names_come_back(tmp_path, ending):
    model = models.Sequential([layers.Input((3,)), *[layers.Dense(3, name=n) for n in NAMES]])
    path = tmp_path / f"m.{ending}"
    model.save(path)
    again = load_model(path)
    assert [layer.name for layer in again.layers] == NAMES and state(again) == state(model)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "names",
    [
        ["a", "a/b"],
        ["a", "a"],
        ["."],
        ["/a"],
        ["a//b"],
        ["a/./b"],
        ["a\0b"],
        ["top_level_model_weights"],
    ],
    ids=repr,
)
def test_names_that_h5_cannot_hold_are_told(tmp_path, names):
    model = models.Sequential([layers.Input((3,)), layers.Dense(3), layers.Dense(3)])
    for layer, name in zip(model.layers, names, strict=False):
        layer.name = name
    with pytest.raises(ValueError, match="saving as .h5"):
        model.save(tmp_path / "m.h5")
    model.save(tmp_path / "m.keras")
    assert [p.name for p in tmp_path.iterdir()] == ["m.keras"]


@pytest.mark.parametrize(
    "names", [("twin", "twin"), ("kernel", "a"), (".", "\0"), ("a", "a/kernel")]
)
def test_names_inside_a_layer_come_back_from_h5(tmp_path, names):
    model = models.Sequential([layers.Input((3,)), Pair(names, name="pair")])
    model.save(tmp_path / "m.h5")
    again = load_model(tmp_path / "m.h5")
    assert state(again) == state(model)


@register_keras_serializable("mistakes")
class Pair(layers.Layer):
    def __init__(self, names, **kwargs):
        super().__init__(**kwargs)
        self.names = names
        self.both = [layers.Dense(3, name=name) for name in names]

    def build(self, input_shape):
        self.kernel = self.add_weight((3,), initializer="ones", name="kernel")
        for layer in self.both:
            layer.build(input_shape)

    def call(self, x):
        return self.both[1](self.both[0](x)) * self.kernel


def test_many_layer_names_fit_into_h5(tmp_path):
    """Lists of names longer than an HDF5 attribute may be are spread over several."""
    names = [f"{'n' * 200}{i}" for i in range(400)]
    model = models.Sequential(
        [layers.Input((1,)), *[layers.Activation("relu", name=n) for n in names], layers.Dense(1)]
    )
    model.save(tmp_path / "m.h5")
    assert [layer.name for layer in load_model(tmp_path / "m.h5").layers][:-1] == names
