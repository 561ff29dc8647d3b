"""Time series in two classes: 1D convolutions with checkpoint, plateau and early stopping."""

import os
import tempfile

import numpy as np

import kerasish as keras
from kerasish import layers


def series(count, generator):
    """Noise with a slow or a fast wave in it."""
    y = generator.integers(0, 2, count)
    steps = np.arange(64)[None]
    phase = generator.uniform(0, 2 * np.pi, (count, 1))
    wave = np.sin(steps * np.where(y == 1, 0.5, 0.35)[:, None] + phase)
    return (wave + generator.normal(0, 0.7, (count, 64)))[..., None].astype("float32"), y


def main():
    """Train a fully convolutional network and test the best epoch."""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    x, y = series(600, generator)
    x_test, y_test = series(200, generator)
    inputs = keras.Input(x.shape[1:])
    hidden = inputs
    for _ in range(3):
        hidden = layers.Conv1D(filters=24, kernel_size=5, padding="same")(hidden)
        hidden = layers.BatchNormalization()(hidden)
        hidden = layers.ReLU()(hidden)
    outputs = layers.Dense(2, activation="softmax")(layers.GlobalAveragePooling1D()(hidden))
    model = keras.Model(inputs, outputs)
    with tempfile.TemporaryDirectory() as folder:
        best = os.path.join(folder, "best_model.keras")
        callbacks = [
            keras.callbacks.ModelCheckpoint(best, save_best_only=True, monitor="val_loss"),
            keras.callbacks.ReduceLROnPlateau(
                monitor="val_loss", factor=0.5, patience=3, min_lr=0.0001
            ),
            keras.callbacks.EarlyStopping(monitor="val_loss", patience=8, verbose=1),
        ]
        model.compile(
            optimizer=keras.optimizers.Adam(0.01),
            loss="sparse_categorical_crossentropy",
            metrics=["sparse_categorical_accuracy"],
        )
        history = model.fit(
            x, y, batch_size=64, epochs=15, callbacks=callbacks, validation_split=0.2, verbose=0
        ).history
        model = keras.models.load_model(best)
    loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print("learning rates:", sorted({round(float(rate), 5) for rate in history["learning_rate"]}))
    print(f"test accuracy of the best epoch {accuracy:.3f}")
    assert accuracy > 0.85


if __name__ == "__main__":
    main()
