"""A subclassed model with a training step of its own: an autoencoder with noise on its input."""

import kerasish as keras
from kerasish import layers, ops


class Denoiser(keras.Model):
    """Rebuilds clean digits from noisy ones."""

    def __init__(self):
        super().__init__()
        self.encode = layers.Dense(24, activation="relu")
        self.decode = layers.Dense(64, activation="sigmoid")
        self.noise = keras.random.SeedGenerator(1)
        self.error = keras.metrics.Mean(name="error")

    def call(self, pixels):
        return self.decode(self.encode(pixels))

    def train_step(self, data):
        """One update; it is traced and compiled like the built-in one."""
        (pixels,) = data
        noisy = pixels + 0.3 * keras.random.normal(ops.shape(pixels), seed=self.noise)
        with keras.GradientTape() as tape:
            loss = ops.mean(ops.square(self(noisy) - pixels))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        self.error.update_state(loss)
        return {"error": self.error.result()}

    @property
    def metrics(self):
        """Reset at the start of each epoch."""
        return [self.error]


def main():
    """Train for ten epochs and return the history of errors."""
    keras.utils.set_random_seed(0)
    (x, _), _ = keras.datasets.digits.load_data()
    pixels = x.reshape(-1, 64).astype("float32") / 16
    model = Denoiser()
    model.compile(keras.optimizers.Adam(0.003))
    history = model.fit(pixels, epochs=10, verbose=2)
    return history.history["error"]


if __name__ == "__main__":
    main()
