"""Forecasting with an LSTM on windows of a series, made by timeseries_dataset_from_array."""

import numpy as np

import kerasish as keras
from kerasish import layers


def weather(count):
    """Temperature with a daily cycle, and pressure that leads it by some hours."""
    generator = np.random.default_rng(0)
    hours = np.arange(count)
    slow = np.convolve(generator.normal(size=count + 24), np.ones(25) / 5, mode="valid")
    temperature = np.sin(2 * np.pi * hours / 24) + slow + 0.05 * generator.normal(size=count)
    pressure = np.roll(slow, -6) + 0.05 * generator.normal(size=count)
    return np.stack([temperature, pressure], axis=1).astype("float32")


def main():
    """Beat the guess that nothing changes."""
    keras.utils.set_random_seed(0)
    data = weather(3000)
    past, ahead, split = 24, 6, 2400
    data = (data - data[:split].mean(axis=0)) / data[:split].std(axis=0)

    def windows(rows):
        return keras.utils.timeseries_dataset_from_array(
            rows[: -past - ahead + 1],
            rows[past + ahead - 1 :, 0],
            sequence_length=past,
            sampling_rate=1,
            batch_size=128,
        )

    train, validation = windows(data[:split]), windows(data[split:])
    model = keras.Sequential([keras.Input((past, 2)), layers.LSTM(24), layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.01), loss="mse")
    history = model.fit(train, epochs=8, validation_data=validation, verbose=0).history
    naive = np.mean((data[split + ahead :, 0] - data[split:-ahead, 0]) ** 2)
    x, y = next(iter(validation))
    print("one batch:", tuple(x.shape), tuple(y.shape))
    print(f"error {history['val_loss'][-1]:.3f}; 'as it is now' has {naive:.3f}")
    assert history["val_loss"][-1] < 0.6 * naive


if __name__ == "__main__":
    main()
