"""Uncertainty from dropout that stays on: the spread of many answers grows away from the data."""

import numpy as np

import kerasish as keras
from kerasish import layers


def main():
    """Fit a curve on [-2, 2]; ask at 0 and at 6."""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    x = generator.uniform(-2, 2, (600, 1)).astype("float32")
    y = (np.sin(2 * x) + 0.1 * generator.normal(size=x.shape)).astype("float32")
    inputs = keras.Input((1,))
    hidden = inputs
    for _ in range(2):
        hidden = layers.Dense(64, activation="relu")(hidden)
        hidden = layers.Dropout(0.1)(hidden, training=True)  # on, whatever the model does
    by_layer = keras.Model(inputs, layers.Dense(1)(hidden))
    by_layer.compile(keras.optimizers.Adam(0.005), "mse")
    history = by_layer.fit(x, y, epochs=30, verbose=0).history["loss"]
    points = np.array([[0.0], [1.0], [6.0]], "float32")
    by_call = [np.asarray(by_layer(points, training=True)) for _ in range(100)]
    spread = np.std(by_call, axis=0).ravel()
    print(f"error {history[0]:.3f} -> {history[-1]:.3f}")
    print("spread at 0, 1 and 6:", np.round(spread, 3).tolist())
    assert history[-1] < 0.3 * history[0] and spread[2] > 2 * spread[0] > 0


if __name__ == "__main__":
    main()
