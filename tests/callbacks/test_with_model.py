"""Callbacks in the `fit` of a real model: what the loop tells them, and what they leave behind."""

import numpy as np
import pytest

import kerasish
from kerasish import callbacks, layers, optimizers


@pytest.fixture
def data():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(48, 4)).astype(np.float32)
    return x, (x @ np.array([[1.0], [-2.0], [0.5], [3.0]], np.float32)).astype(np.float32)


def make_model(optimizer=None):
    kerasish.set_random_seed(5)
    model = kerasish.Sequential([layers.Input((4,)), layers.Dense(6, "tanh"), layers.Dense(1)])
    model.compile(optimizer or optimizers.Adam(0.05), loss="mse", metrics=["mae"])
    return model


def test_all_together(data, tmp_path, capsys):
    best, log = tmp_path / "best.weights.h5", tmp_path / "log.csv"
    model = make_model()
    used = [
        callbacks.ModelCheckpoint(best, save_best_only=True, save_weights_only=True),
        callbacks.CSVLogger(log),
        callbacks.EarlyStopping(patience=3, restore_best_weights=True),
        callbacks.ReduceLROnPlateau(patience=1, min_delta=10.0),
        callbacks.TerminateOnNaN(),
    ]
    history = model.fit(*data, epochs=6, batch_size=8, validation_split=0.25, validation_freq=2,
                        verbose=2, callbacks=used)  # fmt: skip
    lines = log.read_text().splitlines()
    assert lines[0] == "epoch,learning_rate,loss,mae,val_loss,val_mae"
    assert [("NA" in line) for line in lines[1:]] == [True, False] * 3
    assert len(history.history["loss"]) == 6
    assert len(history.history["val_loss"]) == 3
    assert len(capsys.readouterr().out.splitlines()) == 6
    restored = model.get_weights()
    other = make_model()
    other.load_weights(best)
    for a, b in zip(restored, other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_metric_that_is_not_logged_stops_fit_at_its_first_epoch(data):
    model = make_model()
    with pytest.raises(ValueError, match="'val_loss' is not among the logs.*validation_data"):
        model.fit(*data, epochs=3, verbose=0, callbacks=[callbacks.EarlyStopping()])
    assert int(model.optimizer.iterations) == 2


def test_fit_ends_with_the_moving_averages(data):
    model = make_model(optimizers.SGD(0.05, use_ema=True, ema_momentum=0.5))
    model.fit(*data, epochs=1, verbose=0)
    for variable, average in model.optimizer.averaged_pairs():
        np.testing.assert_array_equal(variable.numpy(), average.numpy())


def test_loss_of_a_batch_is_that_of_the_log_when_it_is_asked_for(data):
    seen = []
    model = make_model()
    note = callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(logs))
    history = model.fit(*data, epochs=1, batch_size=16, verbose=0, callbacks=[note])
    assert len(seen) == 3
    assert seen[-1] == {key: values[0] for key, values in history.history.items()}
