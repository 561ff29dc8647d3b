"""Models on text: string inputs train, predict, and are refused where numbers are needed."""

import numpy as np
import pytest

import kerasish
from kerasish import layers
from kerasish.errors import DataError, DTypeError

TEXTS = np.array(["good movie", "bad film", "great good film", "awful bad", "nice", "poor movie"])
LABELS = np.array([1, 0, 1, 0, 1, 0], "float32")
TEXTS, LABELS = np.tile(TEXTS, 8), np.tile(LABELS, 8)


def vectorizer(**arguments):
    layer = layers.TextVectorization(**arguments)
    layer.adapt(TEXTS)
    return layer


def classifier(first, *inner):
    model = kerasish.Sequential([first, *inner, layers.Dense(1, activation="sigmoid")])
    model.compile(kerasish.optimizers.Adam(0.1), "binary_crossentropy", metrics=["accuracy"])
    return model


def sequences(**arguments):
    first = vectorizer(**arguments)
    size = first.vocabulary_size()
    return classifier(first, layers.Embedding(size, 8, mask_zero=True), layers.LSTM(6))


@pytest.mark.parametrize(
    "make",
    [
        lambda: sequences(output_sequence_length=4),
        sequences,  # of the length of each batch's longest text
        lambda: classifier(vectorizer(output_mode="tf_idf")),
        lambda: classifier(vectorizer(output_mode="multi_hot", ngrams=2)),
        lambda: classifier(layers.Hashing(16, output_mode="one_hot")),
    ],
)
@pytest.mark.parametrize("form", [lambda x: x, lambda x: x[:, None], lambda x: x.astype("S")])
def test_a_text_classifier_learns(make, form):
    model = make()
    history = model.fit(form(TEXTS), LABELS, epochs=12, batch_size=16, verbose=0)
    assert history.history["loss"][-1] < 0.5 * history.history["loss"][0]
    assert model.evaluate(form(TEXTS), LABELS, verbose=0)[1] == 1.0
    several = model.predict(form(TEXTS), batch_size=7, verbose=0)
    np.testing.assert_allclose(several, model.predict(form(TEXTS), verbose=0), atol=1e-5)
    np.testing.assert_allclose(model(form(TEXTS)), several, atol=1e-5)
    assert model.inputs[0].dtype == "string"


def test_compiled_and_eager_steps_agree():
    losses = []
    for run_eagerly in (False, True):
        kerasish.set_random_seed(1)
        model = sequences(output_sequence_length=3)
        model.compile("adam", "binary_crossentropy", run_eagerly=run_eagerly)
        losses.append(model.fit(TEXTS, LABELS, epochs=2, verbose=0).history["loss"])
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-4)


def table_model():
    inputs = {
        "text": layers.Input((1,), dtype="string"),
        "color": layers.Input((1,), dtype="string"),
        "size": layers.Input((1,)),
    }
    words = layers.Embedding(20, 4)(vectorizer(output_sequence_length=3)(inputs["text"]))
    color = layers.StringLookup(vocabulary=["red", "blue"], output_mode="one_hot")(inputs["color"])
    cross = layers.HashedCrossing(8, output_mode="one_hot")([inputs["text"], inputs["color"]])
    parts = [layers.Flatten()(words), kerasish.ops.cast(color, "float32"), cross, inputs["size"]]
    return kerasish.Model(inputs, layers.Dense(1)(layers.Concatenate()(parts)))


def test_a_functional_model_mixes_text_and_numbers():
    model = table_model()
    model.compile("adam", "mse")
    data = {"text": TEXTS, "color": np.tile(["red", "blue", "?"], 16), "size": LABELS}
    batches = [({k: v[:8] for k, v in data.items()}, LABELS[:8])] * 3
    model.fit(data, LABELS, verbose=0, validation_split=0.25, epochs=2)
    model.fit(iter(batches), verbose=0)
    columns = {k: v[:, None] for k, v in data.items()}
    expected = model.predict(columns, verbose=0)
    np.testing.assert_allclose(model.predict(data, verbose=0), expected, atol=1e-6)
    np.testing.assert_allclose(model.predict_on_batch(data), expected, atol=1e-5)


def test_a_model_may_return_text():
    x = layers.Input((2,), dtype="int64")
    model = kerasish.Model(x, layers.StringLookup(vocabulary=["a", "b"], invert=True)(x))
    found = model.predict(np.array([[0, 1], [2, 1]] * 20), verbose=0)
    assert found.shape == (40, 2)
    assert found[:2].tolist() == [["[UNK]", "a"], ["b", "a"]]


def test_adapting_again_reaches_a_compiled_model():
    layer = vectorizer(output_sequence_length=2)
    model = kerasish.Sequential([layer, layers.Lambda(lambda x: x * 1)])
    assert model.predict(np.array(["good movie"]), verbose=0).tolist() == [[3, 2]]
    layer.set_vocabulary(["movie"])
    assert model.predict(np.array(["good movie"]), verbose=0).tolist() == [[1, 2]]


def number_model():
    model = kerasish.Sequential([layers.Input((1,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize(
    ("use", "error", "problem"),
    [
        (lambda: number_model().fit(TEXTS, LABELS, verbose=0), DataError, "no numbers"),
        (lambda: number_model()(TEXTS[:, None]), DataError, "no numbers"),
        (lambda: number_model().fit(LABELS, TEXTS, verbose=0), DataError, "y holds no numbers"),
        (lambda: sequences().predict(LABELS, verbose=0), DataError, "no text"),
        (lambda: layers.Dense(2)(TEXTS[:, None]), DTypeError, "text and numbers do not mix"),
        (
            lambda: sequences().predict(np.array(["a", None], dtype=object), verbose=0),
            DTypeError,
            "NoneType",
        ),
        (
            lambda: sequences().predict(np.array([["a"], ["b", "c"]], dtype=object), verbose=0),
            DataError,
            "no numbers",
        ),
    ],
)
def test_text_in_the_wrong_place_is_explained(use, error, problem):
    with pytest.raises(error, match=problem):
        use()
