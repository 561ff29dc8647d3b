"""Callbacks of one's own: what is called when, logs, stopping, rates, what `self.model` gives."""

import numpy as np

import kerasish as keras
from kerasish import layers


def get_model():
    """A linear model of ten classes."""
    model = keras.Sequential([keras.Input((64,)), layers.Dense(10)])
    model.compile(
        optimizer=keras.optimizers.RMSprop(learning_rate=0.01),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


class Recorder(keras.callbacks.Callback):
    """Keeps the name of each call."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def __getattribute__(self, name):
        if name.startswith("on_"):

            def note(*args, **kwargs):
                self.calls.append(name)

            return note
        return super().__getattribute__(name)


class CustomCallback(keras.callbacks.Callback):
    """Looks into the logs of batches and epochs."""

    def __init__(self):
        super().__init__()
        self.keys, self.losses = {}, []

    def on_train_begin(self, logs=None):
        self.keys["train begin"] = sorted(logs or {})

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(logs["loss"])

    def on_epoch_end(self, epoch, logs=None):
        self.keys["epoch end"] = sorted(logs)

    def on_test_batch_end(self, batch, logs=None):
        self.keys["test batch end"] = sorted(logs)

    def on_predict_batch_end(self, batch, logs=None):
        self.keys["predict batch end"] = sorted(logs)


class EarlyStoppingAtMinLoss(keras.callbacks.Callback):
    """Stop when the loss has not fallen for some epochs; take the best weights back."""

    def __init__(self, patience=0):
        super().__init__()
        self.patience = patience
        self.best_weights = None

    def on_train_begin(self, logs=None):
        self.wait = 0
        self.stopped_epoch = 0
        self.best = np.inf

    def on_epoch_end(self, epoch, logs=None):
        current = logs.get("val_loss")
        if np.less(current, self.best):
            self.best = current
            self.wait = 0
            self.best_weights = self.model.get_weights()
        else:
            self.wait += 1
            if self.wait >= self.patience:
                self.stopped_epoch = epoch
                self.model.stop_training = True
                self.model.set_weights(self.best_weights)

    def on_train_end(self, logs=None):
        if self.stopped_epoch > 0:
            print(f"stopped early, in epoch {self.stopped_epoch + 1}")


class CustomLearningRateScheduler(keras.callbacks.Callback):
    """Sets the learning rate at the start of an epoch, by a function of it."""

    def __init__(self, schedule):
        super().__init__()
        self.schedule = schedule
        self.rates = []

    def on_epoch_begin(self, epoch, logs=None):
        if not hasattr(self.model.optimizer, "learning_rate"):
            raise ValueError("the optimizer has no learning rate")
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        self.model.optimizer.learning_rate = self.schedule(epoch, rate)
        self.rates.append(float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)))


def main():
    """Each callback does what it says."""
    keras.utils.set_random_seed(0)
    (x, y), (x_test, y_test) = keras.datasets.digits.load_data()
    x, x_test = x.reshape(-1, 64).astype("float32") / 16, x_test.reshape(-1, 64) / 16

    recorder = Recorder()
    model = get_model()
    model.fit(x[:64], y[:64], batch_size=32, verbose=0, validation_split=0.5, callbacks=[recorder])
    print("calls:", recorder.calls)
    assert recorder.calls == [
        "on_train_begin",
        "on_epoch_begin",
        "on_train_batch_begin",
        "on_train_batch_end",
        "on_test_begin",
        "on_test_batch_begin",
        "on_test_batch_end",
        "on_test_end",
        "on_epoch_end",
        "on_train_end",
    ]

    custom = CustomCallback()
    model.fit(x, y, epochs=2, verbose=0, validation_split=0.2, callbacks=[custom])
    model.evaluate(x_test, y_test, verbose=0, callbacks=[custom])
    model.predict(x_test, verbose=0, callbacks=[custom])
    print(custom.keys)
    assert custom.keys["epoch end"] == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert custom.keys["test batch end"] == ["accuracy", "loss"]
    assert custom.keys["predict batch end"] == ["outputs"]
    assert len(custom.losses) == 2 * 36 and custom.losses[-1] < custom.losses[0]

    model = get_model()
    history = model.fit(
        x[:100],
        y[:100],
        validation_data=(x_test, y_test),
        epochs=200,
        batch_size=16,
        verbose=0,
        callbacks=[EarlyStoppingAtMinLoss(patience=2)],
    )
    best = min(history.history["val_loss"])
    assert len(history.epoch) < 200
    np.testing.assert_allclose(model.evaluate(x_test, y_test, verbose=0)[0], best, rtol=1e-4)

    def by_table(epoch, rate):
        return {3: 0.05, 6: 0.01}.get(epoch, rate)

    scheduler = CustomLearningRateScheduler(by_table)
    model = get_model()
    model.fit(x, y, epochs=8, batch_size=64, verbose=0, callbacks=[scheduler])
    print("learning rates:", [round(rate, 4) for rate in scheduler.rates])
    np.testing.assert_allclose(scheduler.rates, [0.01] * 3 + [0.05] * 3 + [0.01] * 2, rtol=1e-6)


if __name__ == "__main__":
    main()
