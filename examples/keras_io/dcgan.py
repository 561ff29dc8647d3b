"""A convolutional GAN: images from noise, two optimizers in one step."""

import numpy as np

import kerasish as keras
from kerasish import layers, ops


def make_discriminator():
    """Image to a probability that it is generated."""
    return keras.Sequential(
        [
            keras.Input(shape=(8, 8, 1)),
            layers.Conv2D(16, kernel_size=4, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2D(32, kernel_size=4, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(1, activation="sigmoid"),
        ],
        name="discriminator",
    )


def make_generator(latent_dim):
    """Noise to an image."""
    return keras.Sequential(
        [
            keras.Input(shape=(latent_dim,)),
            layers.Dense(2 * 2 * 32),
            layers.Reshape((2, 2, 32)),
            layers.Conv2DTranspose(32, kernel_size=4, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2DTranspose(16, kernel_size=4, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2D(1, kernel_size=5, padding="same", activation="sigmoid"),
        ],
        name="generator",
    )


class GAN(keras.Model):
    """Trains both against each other."""

    def __init__(self, discriminator, generator, latent_dim):
        super().__init__()
        self.discriminator = discriminator
        self.generator = generator
        self.latent_dim = latent_dim
        self.seed_generator = keras.random.SeedGenerator(1337)

    def compile(self, d_optimizer, g_optimizer, loss_fn):
        super().compile()
        self.d_optimizer, self.g_optimizer, self.loss_fn = d_optimizer, g_optimizer, loss_fn
        self.d_loss_metric = keras.metrics.Mean(name="d_loss")
        self.g_loss_metric = keras.metrics.Mean(name="g_loss")

    @property
    def metrics(self):
        return [self.d_loss_metric, self.g_loss_metric]

    def train_step(self, data):
        real_images = data[0] if isinstance(data, tuple) else data
        batch_size = ops.shape(real_images)[0]
        noise_shape = (batch_size, self.latent_dim)
        noise = keras.random.normal(shape=noise_shape, seed=self.seed_generator)
        combined = ops.concatenate([self.generator(noise), real_images], axis=0)
        labels = ops.concatenate([ops.ones((batch_size, 1)), ops.zeros((batch_size, 1))], axis=0)
        labels += 0.05 * keras.random.uniform(ops.shape(labels), seed=self.seed_generator)
        with keras.GradientTape() as tape:
            d_loss = self.loss_fn(labels, self.discriminator(combined, training=True))
        grads = tape.gradient(d_loss, self.discriminator.trainable_weights)
        self.d_optimizer.apply_gradients(
            zip(grads, self.discriminator.trainable_weights, strict=True)
        )
        noise = keras.random.normal(shape=noise_shape, seed=self.seed_generator)
        with keras.GradientTape() as tape:
            predictions = self.discriminator(self.generator(noise, training=True))
            g_loss = self.loss_fn(ops.zeros((batch_size, 1)), predictions)
        grads = tape.gradient(g_loss, self.generator.trainable_weights)
        self.g_optimizer.apply_gradients(zip(grads, self.generator.trainable_weights, strict=True))
        self.d_loss_metric.update_state(d_loss)
        self.g_loss_metric.update_state(g_loss)
        return {"d_loss": self.d_loss_metric.result(), "g_loss": self.g_loss_metric.result()}


class GANMonitor(keras.callbacks.Callback):
    """Makes images from the same noise at the end of each epoch."""

    def __init__(self, noise):
        super().__init__()
        self.noise, self.images = noise, []

    def on_epoch_end(self, epoch, logs=None):
        self.images.append(ops.convert_to_numpy(self.model.generator(self.noise)))


def main():
    """The mean of what is generated comes close to the mean digit; the images differ."""
    keras.utils.set_random_seed(0)
    (x, _), _ = keras.datasets.digits.load_data()
    x = x[:1408, ..., None].astype("float32") / 16
    dataset = keras.data.Dataset.from_tensor_slices(x)
    dataset = dataset.shuffle(buffer_size=1408, seed=0).batch(64)
    gan = GAN(make_discriminator(), make_generator(16), latent_dim=16)
    gan.compile(
        d_optimizer=keras.optimizers.Adam(learning_rate=0.001, beta_1=0.5),
        g_optimizer=keras.optimizers.Adam(learning_rate=0.001, beta_1=0.5),
        loss_fn=keras.losses.BinaryCrossentropy(),
    )
    monitor = GANMonitor(keras.random.normal((200, 16), seed=5))
    history = gan.fit(dataset, epochs=15, callbacks=[monitor], verbose=0).history
    distances = [
        float(np.abs(images.mean(axis=0) - x.mean(axis=0)).mean()) for images in monitor.images
    ]
    variety = float(monitor.images[-1].std(axis=0).mean() / x.std(axis=0).mean())
    print("losses:", {name: round(values[-1], 3) for name, values in history.items()})
    print(f"distance of the mean images {distances[0]:.3f} -> {distances[-1]:.3f}, "
          f"variety {variety:.2f} of the data's")  # fmt: skip
    assert distances[-1] < 0.6 * distances[0] and variety > 0.3


if __name__ == "__main__":
    main()
