"""fit, evaluate and predict on a Dataset and on a PyDataset read by threads."""

import threading
import time

import numpy as np
import pytest

import kerasish
from kerasish import layers
from kerasish.data import Dataset
from kerasish.errors import DataError
from kerasish.utils import PyDataset

X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
Y = (X.sum(1) > 0).astype("int32")
W = np.linspace(0.1, 1, 60).astype("float32")
SLICES = Dataset.from_tensor_slices

PIPELINES = {
    "rows": lambda *parts: SLICES(parts).batch(8),
    "map": lambda *parts: SLICES(parts).map(lambda *e: e).batch(8),
    "parallel map": lambda *parts: SLICES(parts).batch(8).map(lambda *e: e, 2),
    "prefetch": lambda *parts: SLICES(parts).batch(8).prefetch(2),
    "fetched map": lambda *parts: SLICES(parts).batch(8).map(lambda *e: e).prefetch(2),
    "generator": lambda *parts: Dataset.from_generator(lambda: zip(*parts, strict=True)).batch(8),
    "py dataset": lambda *parts: Batches(parts, 1),
    "threads": lambda *parts: Batches(parts, 3),
}


class Batches(PyDataset):
    """Batches of arrays by index; the first ones take longest."""

    def __init__(self, parts, workers):
        super().__init__(workers=workers)
        self.parts, self.ended = parts, 0

    def __len__(self):
        return 8

    def __getitem__(self, index):
        time.sleep(0.002 * (index < 2))
        return tuple(part[8 * index : 8 * index + 8] for part in self.parts)

    def on_epoch_end(self):
        self.ended += 1


def make_model():
    kerasish.utils.set_random_seed(1)
    model = kerasish.Sequential([layers.Input((4,)), layers.Dense(2, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def losses(*args, **kwargs):
    history = make_model().fit(*args, verbose=0, shuffle=False, **kwargs).history
    return np.array([history["loss"], history["accuracy"]])


@pytest.mark.parametrize("options", [{}, {"class_weight": {0: 1.0, 1: 3.0}}], ids=["", "classes"])
@pytest.mark.parametrize("parts", [(X, Y), (X, Y, W)], ids=["xy", "xyw"])
@pytest.mark.parametrize("make", PIPELINES.values(), ids=PIPELINES)
def test_fit_as_on_arrays(make, parts, options):
    before = threading.active_count()
    found = losses(make(*parts), epochs=2, **options)
    arrays = dict(zip(("x", "y", "sample_weight"), parts, strict=False))
    np.testing.assert_allclose(found, losses(**arrays, batch_size=8, epochs=2, **options), 1e-6)
    assert threading.active_count() == before


@pytest.mark.parametrize("make", PIPELINES.values(), ids=PIPELINES)
def test_evaluate_and_predict_as_on_arrays(make):
    model = make_model()
    np.testing.assert_allclose(
        model.evaluate(make(X, Y), verbose=0), model.evaluate(X, Y, 8, verbose=0), 1e-6
    )
    np.testing.assert_allclose(
        model.predict(make(X), verbose=0), model.predict(X, 8, verbose=0), 1e-6
    )


def test_dict_and_lone_elements():
    model = make_model()
    expected = model.predict(X, verbose=0)
    np.testing.assert_allclose(model.predict(SLICES(X).batch(7), verbose=0), expected, 1e-6)


def test_steps_per_epoch_go_on_in_the_data():
    endless = SLICES((X, Y)).repeat().batch(8)
    history = make_model().fit(endless, epochs=3, steps_per_epoch=5, verbose=0).history
    assert len(history["loss"]) == 3
    x, y = np.tile(X, (2, 1)), np.tile(Y, 2)
    whole = make_model().fit(x, y, batch_size=8, epochs=1, verbose=0, shuffle=False).history
    assert np.isclose(np.mean(history["loss"]), whole["loss"][0], rtol=1e-6)


def test_validation_and_sizes():
    data, seen = SLICES((X, Y)).batch(8), []
    count = kerasish.callbacks.LambdaCallback(on_train_batch_end=lambda i, logs: seen.append(i))
    model = make_model()
    history = model.fit(data, validation_data=data.take(2), callbacks=[count], verbose=0).history
    assert seen == list(range(8)) and "val_accuracy" in history


def test_a_shuffled_data_set_is_shuffled_anew_each_epoch():
    orders = []

    def look(x, y):
        orders.append(y.tolist())
        return x, y

    data = SLICES((X, np.arange(60) % 2)).shuffle(60, seed=1)
    numbered = Dataset.zip(data, Dataset.range(60)).map(lambda e, i: e).batch(60).map(look)
    make_model().fit(numbered, epochs=3, verbose=0)
    assert len(orders) == 3 and orders[0] != orders[1] != orders[2]


def test_the_end_of_an_epoch_is_told_once():
    for workers in (1, 3):
        data = Batches((X, Y), workers)
        make_model().fit(data, epochs=3, verbose=0)
        assert data.ended == 3


@pytest.mark.parametrize("make", ["map", "parallel map", "threads"])
def test_an_error_arrives_and_threads_end(make):
    before = threading.active_count()

    class Failing(Batches):
        def __getitem__(self, index):
            if index == 3:
                raise OSError("unreadable")
            return super().__getitem__(index)

    def fail(x, y):
        raise OSError("unreadable")

    data = Failing((X, Y), 3) if make == "threads" else PIPELINES[make](X, Y).map(fail)
    with pytest.raises(OSError, match="unreadable"):
        make_model().fit(data, verbose=0)
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before


def test_an_endless_py_dataset():
    class Endless(Batches):
        @property
        def num_batches(self):
            return None

        def __getitem__(self, index):
            return super().__getitem__(index % 8)

    for workers in (1, 2):
        model = make_model()
        history = model.fit(Endless((X, Y), workers), steps_per_epoch=9, epochs=2, verbose=0)
        assert len(history.history["loss"]) == 2


def test_what_a_data_set_must_give():
    with pytest.raises(DataError, match="1 to 3 parts"):
        make_model().fit(SLICES((X, Y, W, W)).batch(8), verbose=0)
    with pytest.raises(DataError, match="y cannot be given"):
        make_model().fit(SLICES((X, Y)).batch(8), Y, verbose=0)


def test_text_through_a_layer_in_map():
    texts = SLICES((["a b c", "b c", "a a d", "d"] * 4, [0, 1, 0, 1] * 4)).batch(4)
    layer = layers.TextVectorization(max_tokens=10, output_sequence_length=3)
    layer.adapt(texts.map(lambda text, label: text))
    data = texts.map(lambda text, label: (layer(text), label), 2)
    assert next(iter(data))[0].shape == (4, 3)
    model = kerasish.Sequential(
        [layers.Embedding(10, 4), layers.GlobalAveragePooling1D(), layers.Dense(1)]
    )
    model.compile("adam", "mse")
    losses = model.fit(data, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
