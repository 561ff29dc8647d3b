"""A variational autoencoder with a training step of its own, and a walk through its space."""

import numpy as np

import kerasish as keras
from kerasish import layers, ops


class Sampling(layers.Layer):
    """A draw from the distribution that mean and log variance describe."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(1337)

    def call(self, inputs):
        z_mean, z_log_var = inputs
        epsilon = keras.random.normal(shape=ops.shape(z_mean), seed=self.seed_generator)
        return z_mean + ops.exp(0.5 * z_log_var) * epsilon


class VAE(keras.Model):
    """Reconstruction plus divergence, both reported."""

    def __init__(self, encoder, decoder, **kwargs):
        super().__init__(**kwargs)
        self.encoder, self.decoder = encoder, decoder
        self.total_loss_tracker = keras.metrics.Mean(name="total_loss")
        self.reconstruction_loss_tracker = keras.metrics.Mean(name="reconstruction_loss")
        self.kl_loss_tracker = keras.metrics.Mean(name="kl_loss")

    @property
    def metrics(self):
        return [self.total_loss_tracker, self.reconstruction_loss_tracker, self.kl_loss_tracker]

    def train_step(self, data):
        if isinstance(data, tuple):
            data = data[0]
        with keras.GradientTape() as tape:
            z_mean, z_log_var, z = self.encoder(data)
            reconstruction = self.decoder(z)
            errors = keras.losses.binary_crossentropy(data, reconstruction)
            reconstruction_loss = ops.mean(ops.sum(errors, axis=(1, 2)))
            kl_loss = -0.5 * (1 + z_log_var - ops.square(z_mean) - ops.exp(z_log_var))
            kl_loss = ops.mean(ops.sum(kl_loss, axis=1))
            total_loss = reconstruction_loss + kl_loss
        grads = tape.gradient(total_loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(grads, self.trainable_weights, strict=True))
        self.total_loss_tracker.update_state(total_loss)
        self.reconstruction_loss_tracker.update_state(reconstruction_loss)
        self.kl_loss_tracker.update_state(kl_loss)
        return {m.name: m.result() for m in self.metrics}


def main():
    """Train, then decode points between."""
    keras.utils.set_random_seed(0)
    (x, y), _ = keras.datasets.digits.load_data()
    x = x[..., None].astype("float32") / 16
    latent_dim = 2
    encoder_inputs = keras.Input(shape=(8, 8, 1))
    hidden = layers.Conv2D(16, 3, activation="relu", strides=2, padding="same")(encoder_inputs)
    hidden = layers.Dense(32, activation="relu")(layers.Flatten()(hidden))
    z_mean = layers.Dense(latent_dim, name="z_mean")(hidden)
    z_log_var = layers.Dense(latent_dim, name="z_log_var")(hidden)
    z = Sampling()([z_mean, z_log_var])
    encoder = keras.Model(encoder_inputs, [z_mean, z_log_var, z], name="encoder")
    latent_inputs = keras.Input(shape=(latent_dim,))
    hidden = layers.Dense(4 * 4 * 16, activation="relu")(latent_inputs)
    hidden = layers.Reshape((4, 4, 16))(hidden)
    hidden = layers.Conv2DTranspose(16, 3, activation="relu", strides=2, padding="same")(hidden)
    decoded = layers.Conv2DTranspose(1, 3, activation="sigmoid", padding="same")(hidden)
    decoder = keras.Model(latent_inputs, decoded, name="decoder")
    vae = VAE(encoder, decoder)
    vae.compile(optimizer=keras.optimizers.Adam(0.005))
    history = vae.fit(x, epochs=12, batch_size=128, verbose=0).history
    print({name: [round(v[0], 2), round(v[-1], 2)] for name, v in history.items()})
    means, _, _ = vae.encoder.predict(x, verbose=0)
    centers = np.stack([means[y == digit].mean(axis=0) for digit in range(10)])
    nearest = np.linalg.norm(means[:, None] - centers, axis=-1).argmin(axis=1)
    purity = np.mean(nearest == y)
    grid = np.array([[a, b] for a in (-1, 0, 1) for b in (-1, 0, 1)], "float32")
    images = vae.decoder.predict(grid, verbose=0)
    print(f"nearest class centre is right for {purity:.2f} (chance 0.1); walk: {images.shape}")
    assert history["total_loss"][-1] < 0.85 * history["total_loss"][0] and purity > 0.35


if __name__ == "__main__":
    main()
