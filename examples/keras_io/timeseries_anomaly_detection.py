"""Anomalies in a series: windows that a convolutional autoencoder cannot rebuild."""

import numpy as np

import kerasish as keras
from kerasish import layers

STEPS = 32


def windows(values):
    """All windows of a series, with a channel."""
    return np.lib.stride_tricks.sliding_window_view(values, STEPS)[..., None].astype("float32")


def main():
    """Train on normal days; find the disturbed place."""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    time = np.arange(1200)
    normal = np.sin(2 * np.pi * time / 24) + 0.05 * generator.normal(size=1200)
    test = np.sin(2 * np.pi * time / 24) + 0.05 * generator.normal(size=1200)
    test[700:720] += 1.5
    x, x_test = windows(normal), windows(test)
    model = keras.Sequential(
        [
            layers.Input(shape=(STEPS, 1)),
            layers.Conv1D(16, 7, padding="same", strides=2, activation="relu"),
            layers.Dropout(rate=0.1),
            layers.Conv1D(8, 7, padding="same", strides=2, activation="relu"),
            layers.Conv1DTranspose(8, 7, padding="same", strides=2, activation="relu"),
            layers.Dropout(rate=0.1),
            layers.Conv1DTranspose(16, 7, padding="same", strides=2, activation="relu"),
            layers.Conv1DTranspose(1, 7, padding="same"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.005), loss="mse")
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=5, mode="min")
    model.fit(x, x, epochs=20, batch_size=128, validation_split=0.1, callbacks=[stop], verbose=0)
    errors = np.mean(np.abs(model.predict(x, verbose=0) - x), axis=(1, 2))
    threshold = 1.2 * errors.max()
    test_errors = np.mean(np.abs(model.predict(x_test, verbose=0) - x_test), axis=(1, 2))
    found = np.flatnonzero(test_errors > threshold)
    print(f"threshold {threshold:.3f}; {len(found)} windows above it, "
          f"steps {found.min()} to {found.max() + STEPS - 1} (disturbed: 700 to 719)")  # fmt: skip
    assert found.min() > 640 and found.max() < 725


if __name__ == "__main__":
    main()
