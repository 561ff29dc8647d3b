"""Files for another model: the error says what differs, and the model stays as it was."""

import h5py
import numpy as np
import pytest

from kerasish import layers, models, optimizers
from kerasish.errors import CheckpointError, NotBuiltError
from kerasish.saving import load_weights, register_keras_serializable, save_weights
from tests.saving.small import ENDINGS, mlp, save, state


def mixed_kinds():
    model = models.Sequential([layers.Input((3,)), Counter(name="hidden")])
    return model


@register_keras_serializable("mistakes")
class Counter(layers.Layer):
    def build(self, input_shape):
        self.total = self.add_weight((3, 4), dtype="int32", initializer="zeros", name="total")
        self.bias = self.add_weight((4,), initializer="zeros", name="bias")

    def call(self, x):
        return x


WRONG = {
    "other units": lambda: mlp(units=5),
    "other inputs": lambda: mlp(inputs=7),
    "fewer layers": lambda: models.Sequential([layers.Input((3,)), layers.Dense(4, name="hidden")]),
    "no bias": lambda: models.Sequential(
        [
            layers.Input((3,)),
            layers.Dense(4, use_bias=False),
            layers.BatchNormalization(),
            layers.Dense(2),
        ]
    ),
    "other layer": lambda: models.Sequential(
        [layers.Input((3,)), layers.Dense(4), layers.LayerNormalization(), layers.Dense(2)]
    ),
    "integer weight": mixed_kinds,
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("case", WRONG)
def test_file_for_another_model_changes_nothing(tmp_path, ending, case):
    path = tmp_path / f"m.{ending}"
    save(mlp(), path)
    model = WRONG[case]()
    before = state(model)
    with pytest.raises(CheckpointError, match=r"loading .*m\.") as caught:
        model.load_weights(path)
    assert state(model) == before
    text = str(caught.value)
    assert "Received:" in text and "Expected:" in text or "no place for" in text


@pytest.mark.parametrize("ending", ENDINGS)
def test_error_names_layer_shapes_and_file(tmp_path, ending):
    path = tmp_path / f"m.{ending}"
    save(mlp(), path)
    with pytest.raises(CheckpointError) as caught:
        mlp(units=5).load_weights(path)
    for part in (str(path), "mlp/hidden", "'kernel'", "(3, 4)", "(3, 5)", "more mismatches"):
        assert part in str(caught.value)


@pytest.mark.parametrize("ending", ENDINGS)
def test_mismatch_can_be_skipped_with_a_warning(tmp_path, ending):
    path = tmp_path / f"m.{ending}"
    source, model = mlp(compiled=False), mlp(units=5, compiled=False)
    save(source, path)
    hidden = model.get_layer("hidden").get_weights()
    with pytest.warns(UserWarning, match="Weights that do not fit were skipped"):
        model.load_weights(path, skip_mismatch=True)
    assert all(
        (a == b).all() for a, b in zip(hidden, model.get_layer("hidden").get_weights(), strict=True)
    )
    assert (model.get_layer("out").bias.numpy() == source.get_layer("out").bias.numpy()).all()


def test_optimizer_of_another_kind_is_left_with_a_warning(tmp_path):
    path = tmp_path / "m.weights.h5"
    source = mlp()
    source.save_weights(path)
    model = mlp(compiled=False)
    model.compile(optimizers.SGD(0.1, momentum=0.9), "mse")
    model.train_on_batch(np.ones((5, 3), "float32"), np.ones((5, 2), "float32"))
    optimizer = [v.numpy().tobytes() for v in model.optimizer.variables]
    with pytest.warns(UserWarning, match="The optimizer is left as it was"):
        model.load_weights(path)
    assert state(model)[: len(model.weights)] == state(source)[: len(model.weights)]
    assert [v.numpy().tobytes() for v in model.optimizer.variables] == optimizer


def test_trained_state_goes_into_a_new_optimizer(tmp_path):
    path = tmp_path / "m.weights.h5"
    source = mlp()
    source.save_weights(path)
    model = mlp(compiled=False)
    model.compile("adam", "mse")
    model.load_weights(path)
    assert state(model) == state(source)


def test_uncompiled_model_ignores_optimizer_state(tmp_path):
    path = tmp_path / "m.weights.h5"
    source, model = mlp(), mlp(compiled=False)
    source.save_weights(path)
    model.load_weights(path)
    assert state(model) == state(source)[: len(model.weights)]


def test_objects_to_skip_are_neither_written_nor_read(tmp_path):
    path = tmp_path / "m.weights.h5"
    source, model = mlp(compiled=False), mlp(compiled=False)
    save_weights(source, path, objects_to_skip=[source.layers[0]])
    with h5py.File(path) as file:
        assert sorted(file["layers"]) == ["batch_normalization", "dense_1"]
    kept = model.layers[0].get_weights()
    load_weights(model, path, objects_to_skip=[model.layers[0]])
    assert all((a == b).all() for a, b in zip(kept, model.layers[0].get_weights(), strict=True))
    assert (model.layers[-1].kernel.numpy() == source.layers[-1].kernel.numpy()).all()


def test_layer_that_fails_while_loading_leaves_the_model_as_it_was(tmp_path):
    path = tmp_path / "m.weights.h5"
    source = models.Sequential([layers.Input((3,)), layers.Dense(3), Failing()])
    source.save_weights(path)
    model = models.Sequential([layers.Input((3,)), layers.Dense(3), Failing()])
    before = state(model)
    with pytest.raises(CheckpointError, match=r"failing.*could not take its weights: not today"):
        model.load_weights(path)
    assert state(model) == before


@register_keras_serializable("mistakes")
class Failing(layers.Layer):
    def build(self, input_shape):
        self.scale = self.add_weight((3,), initializer="zeros")

    def call(self, x):
        return x

    def load_own_variables(self, store):
        self.scale.assign(store["0"] + 1)
        raise RuntimeError("not today")


def test_unbuilt_model_is_told(tmp_path):
    model = models.Sequential([layers.Dense(2)])
    with pytest.raises(NotBuiltError, match="the model has no weights yet"):
        model.save_weights(tmp_path / "m.weights.h5")
    save(mlp(), tmp_path / "m.h5")
    with pytest.raises(NotBuiltError, match="the model has no weights yet"):
        model.load_weights(tmp_path / "m.h5")
    assert not (tmp_path / "m.weights.h5").exists()
