"""Mistakes users make: each gets one typed error that says what, where and how; state is kept."""

import numpy as np
import pytest

import kerasish
from kerasish import layers, ops
from kerasish.errors import DataError, ShapeError, SymbolicValueError


@pytest.fixture
def model():
    kerasish.utils.set_random_seed(0)
    model = kerasish.Sequential(
        [layers.Input((4,)), layers.Dense(3, name="hidden"), layers.Dense(2, activation="softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


X = np.zeros((8, 4), np.float32)
Y = np.zeros(8, np.int32)


def unchanged(model, call, error, *parts):
    before = model.get_weights()
    with pytest.raises(error) as caught:
        call()
    text = str(caught.value) + "\n" + "\n".join(getattr(caught.value, "__notes__", []))
    for part in parts:
        assert part in text, f"{part!r} is missing in: {text}"
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_wrong_feature_size_names_the_input(model):
    unchanged(
        model, lambda: model.fit(np.zeros((8, 5)), Y, verbose=0), ShapeError, "(8, 5)", "(None, 4)"
    )


def test_wrong_rank(model):
    unchanged(model, lambda: model(np.zeros((2, 3, 4))), ShapeError, "(2, 3, 4)", "(None, 4)")


def test_a_layer_inside_is_named():
    layer = layers.Dense(3, name="inner")
    layer.build((None, 4))
    with pytest.raises(ShapeError, match="inner.*axis -1"):
        layer(np.zeros((2, 5)))


def test_labels_out_of_range(model):
    unchanged(model, lambda: model.fit(X, Y + 7, verbose=0), ValueError, "7", "class index")
    unchanged(model, lambda: model.fit(X, Y - 1, verbose=0), ValueError, "-1", "class index")


def test_metrics_in_the_place_of_loss_weights(model):
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    unchanged(model, lambda: model.fit(X, Y, verbose=0), ValueError, "'accuracy'", "metrics=")


def test_labels_out_of_range_in_eager_steps(model):
    model.compile("adam", "sparse_categorical_crossentropy", run_eagerly=True)
    unchanged(model, lambda: model.fit(X, Y + 7, verbose=0), ValueError, "7", "class index")


def test_unequal_lengths(model):
    unchanged(model, lambda: model.fit(X, Y[:5], verbose=0), DataError, "8 samples", "5 samples")


def test_empty_data(model):
    unchanged(model, lambda: model.fit(X[:0], Y[:0], verbose=0), DataError, "no samples")
    unchanged(model, lambda: model.fit(iter([]), verbose=0), DataError, "no batch")
    unchanged(model, lambda: model.predict(X[:0], verbose=0), DataError, "no samples")


def test_text_in_the_data(model):
    words = np.array(["a", "b"] * 4)
    unchanged(model, lambda: model.fit(words, Y, verbose=0), DataError, "no numbers")


def test_missing_targets(model):
    unchanged(model, lambda: model.fit(X, verbose=0), ValueError, "target")


def test_targets_with_a_generator(model):
    unchanged(model, lambda: model.fit(iter([(X, Y)]), Y, verbose=0), DataError, "generator")


def test_not_compiled():
    model = kerasish.Sequential([layers.Input((4,)), layers.Dense(1)])
    with pytest.raises(ValueError, match="compile"):
        model.fit(X, Y)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ({"optimizer": "adamm"}, "adam"),
        ({"loss": "sparse_categorical_crossentropi"}, "sparse_categorical_crossentropy"),
        ({"metrics": ["acuracy_score"]}, "metrics"),
        ({"steps_per_execution": 0}, "positive"),
    ],
)
def test_unknown_names_in_compile_offer_the_nearest(arguments, hint):
    model = kerasish.Sequential([layers.Input((4,)), layers.Dense(1)])
    with pytest.raises(ValueError, match=hint):
        model.compile(**arguments)


def test_unknown_layer_argument_and_activation():
    with pytest.raises(TypeError, match="unit"):
        layers.Dense(3, activaton="relu")
    with pytest.raises(ValueError, match="relu"):
        layers.Dense(3, activation="rellu")
    with pytest.raises(ValueError, match="units"):
        layers.Dense(-3)


def test_bad_epochs_and_split(model):
    unchanged(model, lambda: model.fit(X, Y, epochs=0, verbose=0), ValueError, "epochs")
    unchanged(model, lambda: model.fit(X, Y, batch_size=0, verbose=0), DataError, "batch_size")
    unchanged(
        model,
        lambda: model.fit(X, Y, validation_split=1.5, verbose=0),
        DataError,
        "between 0 and 1",
    )


def test_python_value_of_an_input():
    x = layers.Input((4,))
    with pytest.raises(SymbolicValueError, match="Input"):
        bool(x)
    with pytest.raises(SymbolicValueError):
        np.asarray(x)


def test_assigning_to_tensors_and_wrong_shapes():
    t = ops.ones((2,))
    with pytest.raises(TypeError, match="immutable"):
        t[0] = 1.0
    v = kerasish.Variable([1.0, 2.0], name="v")
    with pytest.raises(ShapeError, match="v"):
        v.assign([1.0, 2.0, 3.0])
    assert v.numpy().tolist() == [1.0, 2.0]


def test_set_weights_is_all_or_nothing(model):
    weights = model.get_weights()
    weights[-1] = np.zeros(7)
    unchanged(
        model, lambda: model.set_weights([w + 1 for w in weights]), ShapeError, "(7,)", "(2,)"
    )


def test_broadcasting_of_flat_targets_is_never_silent():
    model = kerasish.Sequential([layers.Input((4,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.random.default_rng(0).random((8, 4), np.float32)
    y = np.arange(8.0)
    flat = model.evaluate(x, y, verbose=0)
    column = model.evaluate(x, y[:, None], verbose=0)
    assert flat == pytest.approx(column)


def test_two_layers_of_one_name():
    with pytest.raises(ValueError, match="same"):
        kerasish.Sequential([layers.Dense(1, name="same"), layers.Dense(1, name="same")])


def test_disconnected_graph():
    a, b = layers.Input((2,)), layers.Input((2,), name="forgotten")
    with pytest.raises(ValueError, match="forgotten"):
        kerasish.Model(a, layers.Add()([a, b]))
