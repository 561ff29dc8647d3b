"""Memory: training for long takes no more of it, and a data set is never held twice."""

import gc
import resource
import sys
import tracemalloc
import weakref

import numpy as np
import pytest

import kerasish
from kerasish import layers
from kerasish.data.row_buffers import RowBuffer


def make_model(features=4):
    kerasish.utils.set_random_seed(0)
    stack = [
        layers.Input((features,)),
        layers.Dense(16, activation="relu"),
        layers.Dense(3, activation="softmax"),
    ]
    model = kerasish.Sequential(stack)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def make_data(size, features=4, dtype="float32"):
    generator = np.random.default_rng(0)
    return generator.random((size, features), dtype), generator.integers(0, 3, size)


def resident_bytes():
    """Memory of the process now (where /proc tells), else the most it ever was."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except FileNotFoundError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def growth(model, x, y, steps):
    """(bytes that Python allocated and kept, bytes of resident memory) over so many steps."""
    epochs = steps // (len(x) // 32)
    model.fit(x, y, epochs=max(2, epochs // 10), verbose=0)
    tracemalloc.start()
    try:
        model.fit(x, y, epochs=2, verbose=0)
        gc.collect()
        before, resident = tracemalloc.get_traced_memory()[0], resident_bytes()
        model.fit(x, y, epochs=epochs, verbose=0)
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before, resident_bytes() - resident
    finally:
        tracemalloc.stop()


def test_three_thousand_steps_take_no_memory():
    kept, resident = growth(make_model(), *make_data(32 * 100), 3000)
    assert kept < 64 * 1024
    assert resident < 4 * 2**20


@pytest.mark.slow
def test_a_hundred_thousand_steps_take_no_memory():
    kept, resident = growth(make_model(), *make_data(32 * 500), 100_000)
    assert kept < 256 * 1024
    assert resident < 8 * 2**20


def test_many_calls_take_no_memory():
    model, (x, y) = make_model(), make_data(64)

    def calls():
        for _ in range(100):
            model.fit(x, y, verbose=0)
            model.evaluate(x, y, verbose=0)
            model.predict(x, verbose=0)
            model.train_on_batch(x[:32], y[:32])

    calls()
    tracemalloc.start()
    try:
        calls()
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        calls()
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] - before < 64 * 1024
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("batch_size", [32, 1024])
def test_fit_evaluate_and_predict_hold_no_copy_of_the_data(dtype, batch_size):
    x, y = make_data(20_000, 128, dtype)
    model = make_model(128)
    calls = [
        lambda rows: model.fit(x[:rows], y[:rows], batch_size=batch_size, verbose=0),
        lambda rows: model.evaluate(x[:rows], y[:rows], batch_size=batch_size, verbose=0),
        lambda rows: model.predict(x[:rows], batch_size=batch_size, verbose=0),
    ]
    for call in calls:
        call(2 * batch_size)  # traces and buffers of the programs
        call(len(x) % batch_size or batch_size)
        tracemalloc.start()
        try:
            call(len(x))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < x.nbytes / 4


def test_the_buffers_of_a_call_go_with_it(monkeypatch):
    made = []
    real = RowBuffer.__init__

    def note(self, *arguments):
        real(self, *arguments)
        made.append(weakref.ref(self))

    monkeypatch.setattr(RowBuffer, "__init__", note)
    model, (x, y) = make_model(), make_data(640)
    gc.disable()
    try:
        model.fit(x, y, epochs=2, verbose=0)
        model.evaluate(x, y, verbose=0)
        model.predict(x, verbose=0)
        with pytest.raises(ValueError):
            model.fit(x, y + 7, verbose=0)
    finally:
        gc.enable()
    assert len(made) == 4 and all(buffer() is None for buffer in made[:3])
    gc.collect()  # the traceback of the error held the last one
    assert made[3]() is None
