"""A convolutional autoencoder that takes noise out of images."""

import numpy as np

import kerasish as keras
from kerasish import layers


def main():
    """Clean digits from noisy ones."""
    keras.utils.set_random_seed(0)
    (x, _), (x_test, _) = keras.datasets.digits.load_data()
    x, x_test = x[..., None].astype("float32") / 16, x_test[..., None].astype("float32") / 16
    generator = np.random.default_rng(0)
    noisy = np.clip(x + 0.4 * generator.normal(size=x.shape), 0, 1).astype("float32")
    noisy_test = np.clip(x_test + 0.4 * generator.normal(size=x_test.shape), 0, 1)
    noisy_test = noisy_test.astype("float32")
    inputs = layers.Input(shape=(8, 8, 1))
    hidden = layers.Conv2D(24, (3, 3), activation="relu", padding="same")(inputs)
    hidden = layers.MaxPooling2D((2, 2), padding="same")(hidden)
    hidden = layers.Conv2D(24, (3, 3), activation="relu", padding="same")(hidden)
    hidden = layers.Conv2DTranspose(24, (3, 3), strides=2, activation="relu", padding="same")(
        hidden
    )
    outputs = layers.Conv2D(1, (3, 3), activation="sigmoid", padding="same")(hidden)
    autoencoder = keras.Model(inputs, outputs)
    autoencoder.compile(optimizer=keras.optimizers.Adam(0.005), loss="binary_crossentropy")
    autoencoder.fit(
        noisy, x, epochs=10, batch_size=64, validation_data=(noisy_test, x_test), verbose=2
    )
    cleaned = autoencoder.predict(noisy_test, verbose=0)
    before, after = np.mean((noisy_test - x_test) ** 2), np.mean((cleaned - x_test) ** 2)
    print(f"squared error: noisy {before:.4f}, cleaned {after:.4f}")
    assert after < 0.4 * before


if __name__ == "__main__":
    main()
