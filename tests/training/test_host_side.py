"""What `fit`, `evaluate` and `predict` do around the compiled step: little, and nothing wrong."""

import contextlib
import io
import re
import sys
import threading

import numpy as np
import pytest

import kerasish
from kerasish import layers, ops
from kerasish.callbacks import Callback, CallbackList, ProgbarLogger
from kerasish.core.function import ConcreteFunction
from kerasish.data import array_adapter, row_buffers
from kerasish.training import step as steps
from kerasish.training.predictions import Predictions


@pytest.fixture
def data():
    generator = np.random.default_rng(0)
    x = generator.normal(size=(330, 4)).astype("float32")
    return x, (x @ [1.0, -2.0, 0.5, 0.0] > 0).astype("int32")


def make_model(**options):
    kerasish.utils.set_random_seed(1)
    stack = [
        layers.Input((4,)),
        layers.Dense(8, activation="relu"),
        layers.Dense(2, activation="softmax"),
    ]
    model = kerasish.Sequential(stack)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], **options)
    return model


class Listener(Callback):
    """Has batch hooks, so that batches run one by one."""

    reads_batch_logs = False

    def __init__(self):
        super().__init__()
        self.ends = []

    def on_train_batch_end(self, batch, logs=None):
        self.ends.append(batch)


def assert_same_run(model, history, other, other_history):
    assert history.history == other_history.history
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        assert np.array_equal(a, b)


# ---- the same results on every path ----


@pytest.mark.parametrize("batch_size", [7, 32, 400])
@pytest.mark.parametrize("longest", [0.0, float("inf")])
def test_blocks_train_as_single_batches_do(data, batch_size, longest, monkeypatch):
    monkeypatch.setattr(steps, "_LONGEST_GO", longest)
    arguments = {"epochs": 3, "batch_size": batch_size, "verbose": 0, "validation_data": data}
    model, listener = make_model(), Listener()
    a = model.fit(*data, **arguments)
    other = make_model()  # starts the seeds anew
    b = other.fit(*data, callbacks=[listener], **arguments)
    assert listener.ends == [*range(-(-330 // batch_size))] * 3
    assert_same_run(model, a, other, b)
    assert model.evaluate(*data, verbose=0) == other.evaluate(
        *data, verbose=0, callbacks=[Listener()]
    )


@pytest.mark.parametrize("kind", ["sample_weight", "class_weight", "steps_per_epoch", "float64"])
def test_options_give_the_same_in_blocks_and_in_the_eager_loop(data, kind):
    x, y = data
    x = x.astype("float64") if kind == "float64" else x
    options = {
        "sample_weight": {"sample_weight": np.linspace(0, 2, len(x))},
        "class_weight": {"class_weight": {0: 0.3, 1: 2.0}},
        "steps_per_epoch": {"steps_per_epoch": 13},
        "float64": {},
    }[kind]
    runs = []
    for run_eagerly in (False, True):
        model = make_model(run_eagerly=run_eagerly)
        runs.append(model.fit(x, y, epochs=2, verbose=0, **options).history)
    for name, values in runs[0].items():
        assert np.allclose(values, runs[1][name], rtol=1e-4), name


# ---- reused memory is never seen ----


class Keeper(layers.Layer):
    """Keeps the last batch that it saw in a weight."""

    def build(self, input_shape):
        self.last = self.add_weight((10, 4), "zeros", trainable=False)

    def call(self, inputs):
        self.last.assign(inputs)
        return inputs


def test_a_batch_that_a_step_assigns_stays_as_it_was(data):
    x = data[0]
    keeper = Keeper()
    model = kerasish.Sequential([layers.Input((4,)), keeper, layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x, x[:, 0], batch_size=10, shuffle=False, verbose=0)
    kept = keeper.last.value
    assert np.array_equal(kept.numpy(), x[-10:])
    model.fit(x + 1, x[:, 0], batch_size=10, shuffle=False, verbose=0)
    assert np.array_equal(kept.numpy(), x[-10:])


@pytest.mark.parametrize("batch_size", [1, 16, 200])
@pytest.mark.parametrize("block_bytes", [1, 65536])
def test_outputs_that_are_the_inputs_are_not_their_memory(
    data, batch_size, block_bytes, monkeypatch
):
    monkeypatch.setattr(row_buffers, "_BLOCK_BYTES", block_bytes)
    a = layers.Input((4,))
    model = kerasish.Model(a, {"same": layers.Identity()(a), "flat": layers.Reshape((2, 2))(a)})
    x = data[0].astype("float64")
    found = model.predict(x, batch_size=batch_size, verbose=0)
    assert np.array_equal(found["same"], data[0])
    assert np.array_equal(found["flat"], data[0].reshape(-1, 2, 2))
    found["same"][:] = 0
    assert np.array_equal(found["flat"], data[0].reshape(-1, 2, 2))


def keeping_model(seen):
    class Keeping(kerasish.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, x):
            seen.append(x)
            return self.dense(x)

    return Keeping()


@pytest.mark.parametrize("how", ["compile", "globally", "in between"])
def test_tensors_kept_by_eager_steps_stay_as_they_were(data, how):
    x, seen = data[0], []
    model = keeping_model(seen)
    model.compile("sgd", "mse", run_eagerly=how == "compile")
    calls = []
    if how == "in between":
        calls = [EagerFrom(20)]
    kerasish.config.run_functions_eagerly(how == "globally")
    try:
        model.fit(x, x[:, 0], batch_size=10, shuffle=False, verbose=0, callbacks=calls)
    finally:
        kerasish.config.run_functions_eagerly(False)
    values = [s.numpy() for s in seen if not s.is_symbolic]
    assert len(values) == (13 if how == "in between" else 33)
    assert np.array_equal(np.concatenate(values), x[-10 * len(values) :])


class EagerFrom(Callback):
    def __init__(self, batch):
        super().__init__()
        self.batch = batch

    def on_train_batch_begin(self, batch, logs=None):
        if batch == self.batch:
            kerasish.config.run_functions_eagerly(True)


# ---- what a step costs ----


def python_calls(function):
    """Number of Python and C functions called by a call."""
    count = 0

    def note(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("verbose", [0, 2])
@pytest.mark.parametrize("what", ["fit", "evaluate"])
def test_hardly_a_function_is_called_around_a_step(what, verbose, monkeypatch, capsys):
    model = make_model()
    x, y = np.zeros((32 * 640, 4)), np.zeros(32 * 640, "int64")

    def run(batches):
        getattr(model, what)(x[: 32 * batches], y[: 32 * batches], verbose=verbose)

    run(64)
    for name in ("run_silently", "run_silently_each"):
        monkeypatch.setattr(ConcreteFunction, name, lambda self, arrays: None)
    counts = []
    for batches in (64, 640):
        run(batches)  # buffers are made anew for every call, so that this only warms up caches
        counts.append(python_calls(lambda n=batches: run(n)))
    assert (counts[1] - counts[0]) / 576 < 0.5


def test_metrics_are_read_once_an_epoch_unless_a_callback_asks(data, monkeypatch):
    model, asked = make_model(), []
    real = type(model).get_metrics_result

    def count(self):
        asked.append(threading.current_thread())
        return real(self)

    model.fit(*data, verbose=0)
    monkeypatch.setattr(kerasish.training.trainer.Trainer, "get_metrics_result", count)
    model.fit(*data, epochs=4, verbose=0)
    assert len(asked) == 4
    model.fit(*data, epochs=1, verbose=0, callbacks=[Listener()])
    assert len(asked) == 5


def test_resetting_metrics_keeps_their_memory_unless_it_is_held():
    metric = kerasish.metrics.Mean()
    metric.update_state([2.0, 4.0])
    array = metric.total.exclusive_array()
    metric.reset_state()
    assert metric.total.exclusive_array() is array and array == 0
    metric.update_state([2.0, 4.0])
    kept = metric.total.value
    metric.reset_state()
    assert kept.item() == 6.0 and metric.result().item() == 0.0

    @kerasish.function
    def reset_and_add(x):
        metric.reset_state()
        metric.update_state(x)

    metric.update_state([5.0])
    reset_and_add(ops.array([1.0, 3.0]))
    assert metric.result().item() == 2.0


# ---- callbacks and the number of batches ----


@pytest.mark.parametrize("verbose", [2, "auto"])
def test_the_line_of_an_epoch_tells_its_batches(data, verbose, capsys):
    model = make_model()
    model.fit(*data, epochs=2, batch_size=10, verbose=verbose)
    model.fit(*data, steps_per_epoch=4, verbose=verbose)
    model.evaluate(*data, batch_size=100, verbose=verbose)
    model.predict(data[0], batch_size=110, verbose=verbose)
    counts = re.findall(r"(\d+/\d+) - \d+s", capsys.readouterr().out)
    assert counts == ["33/33", "33/33", "4/4", "4/4", "3/3"]


def test_subclasses_of_lists_and_bars_are_called_at_every_batch(data):
    seen = []

    class Bar(ProgbarLogger):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(("bar", batch))

    class List(CallbackList):
        def on_train_batch_begin(self, batch, logs=None):
            seen.append(("list", batch))

    model = make_model()
    model.fit(*data, batch_size=110, verbose=2, callbacks=[Bar()])
    assert seen == [("bar", 0), ("bar", 1), ("bar", 2)]
    seen.clear()
    calls = List([], add_history=True, model=model)
    model.fit(*data, batch_size=110, verbose=0, callbacks=calls)
    assert seen == [("list", 0), ("list", 1), ("list", 2)]


def test_a_step_that_stops_training_stops_it_at_once(data):
    class Stopping(kerasish.Model):
        count = 0

        def train_step(self, data):
            self.count += 1
            self.stop_training = self.count == 5
            return {"loss": 0.0}

    model = Stopping()
    model.compile("sgd", "mse", run_eagerly=True)
    model.fit(*data, batch_size=10, epochs=3, verbose=0)
    assert model.count == 5


def test_no_thread_is_left_when_training_ends_early(data, monkeypatch):
    monkeypatch.setattr(array_adapter, "_PREFETCH_CONVERTED", 1)
    monkeypatch.setattr(row_buffers, "_BLOCK_BYTES", 1)
    monkeypatch.setattr(array_adapter.os, "cpu_count", lambda: 2)
    before, during = set(threading.enumerate()), []

    class Stop(Callback):
        def on_train_batch_end(self, batch, logs=None):
            during.append(len(set(threading.enumerate()) - before))
            self.model.stop_training = batch == 3
            if batch == 3 and fails:
                raise RuntimeError("enough")

    x = data[0].astype("float64")
    for fails in (False, True):
        expected = (
            pytest.raises(RuntimeError, match="enough") if fails else contextlib.nullcontext()
        )
        with expected:
            make_model().fit(x, data[1], batch_size=10, verbose=0, callbacks=[Stop()])
        assert set(threading.enumerate()) == before
    assert len(during) == 8 and max(during) == 1


# ---- predictions ----


def test_predictions_of_known_and_unknown_number():
    parts = [{"a": ops.ones((n, 2)) * n, "b": ops.ones((n,)) * n} for n in (3, 3, 1)]
    for samples in (7, None):
        results = Predictions(samples)
        for part in parts:
            results.add(part)
        whole = results.whole()
        assert whole["b"].tolist() == [3, 3, 3, 3, 3, 3, 1]
        assert whole["a"].shape == (7, 2) and whole["a"].flags.writeable


@pytest.mark.parametrize("shapes", [[(1, 2), (1, 2)], [(3, 2), (5, 2)], [(3, 2), (1, 2)]])
def test_predictions_whose_rows_are_not_the_samples_are_joined(shapes):
    results = Predictions(6)
    for number, shape in enumerate(shapes):
        results.add(ops.full(shape, number))
    expected = np.concatenate([np.full(s, n) for n, s in enumerate(shapes)])
    assert np.array_equal(results.whole(), expected)


def test_batch_outputs_reach_a_callback_that_reads_them(data):
    seen = []

    class Reader(Callback):
        def on_predict_batch_end(self, batch, logs=None):
            seen.append(logs["outputs"])

    model = make_model()
    whole = model.predict(data[0], batch_size=100, verbose=0, callbacks=[Reader()])
    assert np.array_equal(np.concatenate(seen), whole)
    assert [len(part) for part in seen] == [100, 100, 100, 30]


def test_one_row_of_any_kind_is_predicted_as_in_a_batch(data):
    model, x = make_model(), data[0][:1]
    expected = model.predict(data[0], verbose=0)[:1]
    for row in (x, x.astype("float64"), x.tolist(), ops.array(x), np.asfortranarray(x), [x]):
        found = model.predict(row, verbose=0)
        assert type(found) is np.ndarray and np.allclose(found, expected, atol=1e-6)
    assert model.predict(x.astype("float16"), verbose=0).dtype == "float32"
    with contextlib.redirect_stdout(io.StringIO()) as out:
        model.predict(x, verbose=1)
    assert out.getvalue() == ""
