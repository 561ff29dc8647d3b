"""fit, evaluate, predict: histories, weights of samples, data of all kinds, steps of one's own."""

import warnings

import numpy as np
import pytest

import kerasish
from kerasish import layers, ops
from kerasish.core.function import EagerFallbackWarning


@pytest.fixture
def data():
    generator = np.random.default_rng(0)
    x = generator.normal(size=(60, 4)).astype("float32")
    y = (x @ [1.0, -2.0, 0.5, 0.0] > 0).astype("int32")
    return x, y


def make_model(run_eagerly=False, metrics=("accuracy",), loss="sparse_categorical_crossentropy"):
    kerasish.utils.set_random_seed(1)
    model = kerasish.Sequential(
        [
            layers.Input((4,)),
            layers.Dense(8, activation="relu"),
            layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile("adam", loss, metrics=list(metrics), run_eagerly=run_eagerly)
    return model


def test_compiled_and_eager_training_agree(data):
    compiled = make_model()
    a = compiled.fit(*data, epochs=3, batch_size=16, verbose=0)
    eager = make_model(run_eagerly=True)
    b = eager.fit(*data, epochs=3, batch_size=16, verbose=0)
    for name, values in a.history.items():
        assert np.allclose(values, b.history[name], atol=1e-5), name
    for v, w in zip(compiled.weights, eager.weights, strict=True):
        assert np.allclose(v.numpy(), w.numpy(), atol=1e-5), v.path


def test_one_seed_gives_one_run(data):
    runs = []
    for _ in range(2):
        model = make_model()
        model.fit(*data, epochs=2, verbose=0)
        runs.append(model.get_weights())
    assert all(np.array_equal(a, b) for a, b in zip(*runs, strict=True))


def test_training_learns_and_evaluate_agrees_with_itself(data):
    model = make_model()
    model.optimizer.learning_rate = 0.03
    history = model.fit(*data, epochs=60, batch_size=20, verbose=0, validation_data=data)
    assert history.history["accuracy"][-1] > 0.95
    assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    loss, accuracy = model.evaluate(*data, verbose=0)
    assert np.isclose(loss, history.history["val_loss"][-1], atol=1e-6)
    assert model.evaluate(*data, verbose=0, return_dict=True) == {
        "loss": loss,
        "accuracy": accuracy,
    }
    assert model.metrics_names == ["loss", "accuracy"]


def test_predict_joins_batches_and_single_rows(data):
    model = make_model()
    whole = model.predict(data[0], batch_size=7, verbose=0)
    assert whole.shape == (60, 2)
    assert np.allclose(whole, model(data[0]).numpy(), atol=1e-6)
    assert np.allclose(model.predict(data[0][:1], verbose=0), whole[:1], atol=1e-6)
    assert np.allclose(model.predict_on_batch(data[0][:3]), whole[:3], atol=1e-6)


def test_predictions_are_the_callers_own(data):
    model = make_model()
    first = model.predict(data[0][:4], verbose=0)
    kept = first.copy()
    model.predict(data[0][4:8], verbose=0)
    assert np.array_equal(first, kept)
    first[:] = 0  # writable


def test_sample_weight_equals_repetition(data):
    x, y = data
    weights = np.arange(60) % 3
    weighted = make_model(metrics=())
    weighted.compile("sgd", "sparse_categorical_crossentropy")
    repeated = make_model(metrics=())
    repeated.compile("sgd", kerasish.losses.SparseCategoricalCrossentropy(reduction="sum"))
    a = weighted.evaluate(x, y, sample_weight=weights.astype("float32"), batch_size=60, verbose=0)
    index = np.repeat(np.arange(60), weights)
    b = repeated.evaluate(x[index], y[index], batch_size=1000, verbose=0)
    assert np.isclose(a * 60, b, rtol=1e-5)


def test_class_weight_equals_sample_weight(data):
    x, y = data
    by_class = make_model()
    by_class.fit(x, y, class_weight={0: 0.5, 1: 3.0}, epochs=2, verbose=0)
    samples = np.where(y == 1, 3.0, 0.5).astype("float32")
    by_sample = make_model()
    by_sample.fit(x, y, sample_weight=samples, epochs=2, verbose=0)
    for a, b in zip(by_class.get_weights(), by_sample.get_weights(), strict=True):
        assert np.array_equal(a, b)


def test_validation_split_takes_the_last_rows(data):
    x, y = data
    model = make_model()
    model.fit(x, y, validation_split=0.25, epochs=1, verbose=0)
    value = model.history.history["val_loss"][0]
    assert np.isclose(value, model.evaluate(x[45:], y[45:], verbose=0)[0], atol=1e-6)


def test_generators_iterables_and_datasets(data):
    x, y = data

    def batches():
        while True:
            for i in range(0, 60, 20):
                yield x[i : i + 20], y[i : i + 20]

    model = make_model()
    model.fit(batches(), steps_per_epoch=3, epochs=2, verbose=0)
    assert int(model.optimizer.iterations.numpy()) == 6

    class Rows(kerasish.utils.PyDataset):
        def __len__(self):
            return 3

        def __getitem__(self, i):
            return x[i * 20 : i * 20 + 20], y[i * 20 : i * 20 + 20]

    other = make_model()
    other.fit(Rows(), epochs=2, shuffle=False, verbose=0)
    again = make_model()
    again.fit(x, y, batch_size=20, epochs=2, shuffle=False, verbose=0)
    for a, b, c in zip(model.get_weights(), other.get_weights(), again.get_weights(), strict=True):
        assert np.array_equal(a, b) and np.array_equal(b, c)


def test_data_that_runs_out_is_told_with_counts(data):
    x, y = data
    model = make_model()
    with pytest.warns(UserWarning, match="2 of 5 batches"):
        model.fit(iter([(x, y), (x, y)]), steps_per_epoch=5, epochs=2, verbose=0)


def test_shuffling_differs_by_epoch_and_repeats_by_seed():
    from kerasish.data.adapters import ArrayAdapter

    x = np.arange(40)
    one = ArrayAdapter(x, shuffle=True, seed=5, batch_size=8)
    orders = [np.concatenate([b[0] for b in one.epoch(e)]) for e in range(2)]
    assert sorted(orders[0]) == list(range(40))
    assert not np.array_equal(*orders)
    two = ArrayAdapter(x, shuffle=True, seed=5, batch_size=8)
    assert np.array_equal(np.concatenate([b[0] for b in two.epoch(1)]), orders[1])
    three = ArrayAdapter(x, shuffle=True, seed=6, batch_size=8)
    assert not np.array_equal(np.concatenate([b[0] for b in three.epoch(1)]), orders[1])


def test_fit_does_not_copy_the_data(tmp_path):
    import tracemalloc

    path = tmp_path / "big.npy"
    np.lib.format.open_memmap(path, "w+", "float32", (200_000, 64))[:] = 1.0
    x = np.load(path, mmap_mode="r")
    y = np.zeros(200_000, "int32")
    kerasish.utils.set_random_seed(0)
    model = kerasish.Sequential([layers.Input((64,)), layers.Dense(2)])
    model.compile("sgd", kerasish.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(x[:64], y[:64], verbose=0)
    tracemalloc.start()
    model.fit(x, y, batch_size=4096, steps_per_epoch=3, shuffle=False, verbose=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < x.nbytes / 4


def test_steps_per_execution_changes_only_the_callbacks(data):
    class Count(kerasish.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.ends = []

        def on_train_batch_end(self, batch, logs=None):
            self.ends.append(batch)

    counter = Count()
    model = make_model()
    model.compile("adam", "sparse_categorical_crossentropy", steps_per_execution=2)
    model.fit(*data, batch_size=12, epochs=1, callbacks=[counter], verbose=0)
    plain = make_model()
    plain.compile("adam", "sparse_categorical_crossentropy")
    plain.fit(*data, batch_size=12, epochs=1, verbose=0)
    assert counter.ends == [1, 3, 4]
    for a, b in zip(model.get_weights(), plain.get_weights(), strict=True):
        assert np.array_equal(a, b)


def test_a_train_step_of_ones_own(data):
    class Mine(kerasish.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)
            self.tracker = kerasish.metrics.Mean(name="my_loss")

        def call(self, x):
            return self.dense(x)

        def train_step(self, data):
            x, y = data
            with kerasish.GradientTape() as tape:
                loss = ops.mean(ops.square(ops.cast(y, "float32") - self(x)[:, 0]))
            grads = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(grads, self.trainable_variables, strict=True))
            self.tracker.update_state(loss)
            return {"my_loss": self.tracker.result()}

        @property
        def metrics(self):
            return [self.tracker]

    model = Mine()
    model.compile("adam")
    history = model.fit(*data, epochs=30, verbose=0)
    assert history.history["my_loss"][-1] < history.history["my_loss"][0]
    assert len(model.train_function.traces) == 2  # the full batch and the last, smaller one


def test_values_in_python_control_flow_fall_back_to_eager(data):
    class Branching(kerasish.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(2, activation="softmax")

        def call(self, x):
            if ops.mean(x) > 100.0:
                x = x * 2.0
            return self.dense(x)

    model = Branching()
    model.compile("adam", "sparse_categorical_crossentropy")
    with pytest.warns(EagerFallbackWarning, match="if ops.mean"):
        model.fit(*data, epochs=1, verbose=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(*data, epochs=1, verbose=0)


def test_several_inputs_and_outputs_with_dicts(data):
    x, y = data
    a, b = layers.Input((2,), name="a"), layers.Input((2,), name="b")
    h = layers.Concatenate()([a, b])
    model = kerasish.Model(
        {"a": a, "b": b},
        {
            "cls": layers.Dense(2, activation="softmax", name="cls")(h),
            "reg": layers.Dense(1, name="reg")(h),
        },
    )
    model.compile(
        "adam",
        loss={"cls": "sparse_categorical_crossentropy", "reg": "mse"},
        loss_weights={"cls": 1.0, "reg": 0.3},
        metrics={"cls": ["accuracy"], "reg": ["mae"]},
    )
    history = model.fit(
        {"a": x[:, :2], "b": x[:, 2:]}, {"cls": y, "reg": x[:, 0]}, epochs=2, verbose=0
    )
    assert set(history.history) == {"loss", "cls_loss", "reg_loss", "cls_accuracy", "reg_mae"}
    last = {k: v[-1] for k, v in history.history.items()}
    assert np.isclose(last["loss"], last["cls_loss"] + 0.3 * last["reg_loss"], rtol=1e-5)
    out = model.predict({"b": x[:, 2:], "a": x[:, :2]}, verbose=0)
    assert out["cls"].shape == (60, 2) and out["reg"].shape == (60, 1)


def test_regularizers_and_activity_losses_are_added(data):
    x, y = data
    model = kerasish.Sequential(
        [layers.Input((4,)), layers.Dense(1, kernel_regularizer="l2", activity_regularizer="l2")]
    )
    model.compile("sgd", "mse")
    base = float(np.mean((model.predict(x, verbose=0)[:, 0] - y) ** 2))
    penalty = 0.01 * np.sum(model.weights[0].numpy() ** 2)
    activity = 0.01 * np.sum(model.predict(x, verbose=0) ** 2) / 60
    total = model.evaluate(x, y, batch_size=60, verbose=0)
    assert np.isclose(total, base + penalty + activity, rtol=1e-4)


def test_frozen_layers_do_not_move(data):
    model = make_model()
    model.layers[0].trainable = False
    model.compile("adam", "sparse_categorical_crossentropy")
    before = model.layers[0].get_weights()
    moving = model.layers[1].get_weights()
    model.fit(*data, epochs=1, verbose=0)
    assert all(
        np.array_equal(a, b) for a, b in zip(before, model.layers[0].get_weights(), strict=True)
    )
    assert not np.array_equal(moving[0], model.layers[1].get_weights()[0])


def test_train_on_batch_reports_since_the_reset(data):
    x, y = data
    model = make_model()
    model.train_on_batch(x[:30], y[:30])
    model.reset_metrics()
    logs = model.train_on_batch(x[30:], y[30:], return_dict=True)
    assert set(logs) == {"loss", "accuracy"}
    tested = model.test_on_batch(x, y)
    assert len(tested) == 2


def test_batch_normalization_and_dropout_differ_between_phases(data):
    kerasish.utils.set_random_seed(0)
    model = kerasish.Sequential(
        [layers.Input((4,)), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(2)]
    )
    x = data[0] * 3 + 5
    assert not np.allclose(model(x, training=True).numpy(), model(x, training=False).numpy())
    moving = model.layers[0].moving_mean.numpy()
    assert not np.array_equal(moving, np.zeros(4))
    model(x, training=False)
    assert np.array_equal(moving, model.layers[0].moving_mean.numpy())
