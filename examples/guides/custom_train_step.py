"""fit with steps of one's own: train_step, test_step, compute_loss, weights, and a GAN."""

import numpy as np

import kerasish as keras
from kerasish import layers, ops


class CustomModel(keras.Model):
    """The usual step, written out, with compiled losses and metrics."""

    def train_step(self, data):
        x, y = data
        with keras.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=y_pred)
        trainable_vars = self.trainable_variables
        gradients = tape.gradient(loss, trainable_vars)
        self.optimizer.apply(gradients, trainable_vars)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}

    def test_step(self, data):
        x, y = data
        y_pred = self(x, training=False)
        loss = self.compute_loss(x=x, y=y, y_pred=y_pred)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


class LowLevelModel(keras.Model):
    """Loss and metrics of its own: compile gets an optimizer alone."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.mae_metric = keras.metrics.MeanAbsoluteError(name="mae")
        self.loss_fn = keras.losses.MeanSquaredError()

    def train_step(self, data):
        if len(data) == 3:
            x, y, sample_weight = data
        else:
            sample_weight = None
            x, y = data
        with keras.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.loss_fn(y, y_pred, sample_weight=sample_weight)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        self.loss_tracker.update_state(loss)
        self.mae_metric.update_state(y, y_pred)
        return {"loss": self.loss_tracker.result(), "mae": self.mae_metric.result()}

    @property
    def metrics(self):
        return [self.loss_tracker, self.mae_metric]


class ClippedLoss(keras.Model):
    """The step stays; what it minimizes changes."""

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return ops.mean(ops.minimum(ops.square(y - y_pred), 4.0))


def regression_model(cls):
    """One layer on 32 numbers."""
    inputs = keras.Input(shape=(32,))
    return cls(inputs, keras.layers.Dense(1)(inputs))


def regressions():
    """Each class learns the same line."""
    generator = np.random.default_rng(0)
    x = generator.random((1000, 32)).astype("float32")
    y = (x @ generator.normal(size=(32, 1))).astype("float32")
    optimizer = {"learning_rate": 0.02}
    model = regression_model(CustomModel)
    model.compile(keras.optimizers.Adam(**optimizer), loss="mse", metrics=["mae"])
    history = model.fit(x, y, epochs=8, verbose=0).history
    results = model.evaluate(x, y, verbose=0, return_dict=True)
    print("written out:", {k: round(float(v), 3) for k, v in results.items()})
    assert history["loss"][-1] < 0.3 * history["loss"][0]

    model = regression_model(LowLevelModel)
    model.compile(keras.optimizers.Adam(**optimizer))
    weights = generator.random((1000, 1)).astype("float32")
    history = model.fit(x, y, sample_weight=weights, epochs=8, verbose=0).history
    print("own loss:", {k: round(float(v[-1]), 3) for k, v in history.items()})
    assert set(history) == {"loss", "mae"} and history["loss"][-1] < 0.3 * history["loss"][0]

    model = regression_model(ClippedLoss)
    model.compile(keras.optimizers.Adam(**optimizer))
    history = model.fit(x, y, epochs=8, verbose=0).history
    print(f"own compute_loss: {history['loss'][0]:.3f} -> {history['loss'][-1]:.3f}")
    assert history["loss"][-1] < 0.5 * history["loss"][0]


class GAN(keras.Model):
    """Two models, two optimizers, one step."""

    def __init__(self, discriminator, generator, latent_dim):
        super().__init__()
        self.discriminator, self.generator = discriminator, generator
        self.latent_dim = latent_dim
        self.d_loss_tracker = keras.metrics.Mean(name="d_loss")
        self.g_loss_tracker = keras.metrics.Mean(name="g_loss")
        self.seed_generator = keras.random.SeedGenerator(1337)

    def compile(self, d_optimizer, g_optimizer, loss_fn):
        super().compile()
        self.d_optimizer, self.g_optimizer, self.loss_fn = d_optimizer, g_optimizer, loss_fn

    @property
    def metrics(self):
        return [self.d_loss_tracker, self.g_loss_tracker]

    def noise(self, like):
        return keras.random.normal((ops.shape(like)[0], self.latent_dim), seed=self.seed_generator)

    def train_step(self, real):
        if isinstance(real, tuple):
            real = real[0]
        generated = self.generator(self.noise(real))
        combined = ops.concatenate([generated, real], axis=0)
        count = ops.shape(real)[0]
        labels = ops.concatenate([ops.ones((count, 1)), ops.zeros((count, 1))], axis=0)
        labels += 0.05 * keras.random.uniform(ops.shape(labels), seed=self.seed_generator)
        with keras.GradientTape() as tape:
            d_loss = self.loss_fn(labels, self.discriminator(combined))
        grads = tape.gradient(d_loss, self.discriminator.trainable_weights)
        self.d_optimizer.apply(grads, self.discriminator.trainable_weights)

        misleading = ops.zeros((count, 1))
        with keras.GradientTape() as tape:
            predictions = self.discriminator(self.generator(self.noise(real)))
            g_loss = self.loss_fn(misleading, predictions)
        grads = tape.gradient(g_loss, self.generator.trainable_weights)
        self.g_optimizer.apply(grads, self.generator.trainable_weights)
        self.d_loss_tracker.update_state(d_loss)
        self.g_loss_tracker.update_state(g_loss)
        return {"d_loss": self.d_loss_tracker.result(), "g_loss": self.g_loss_tracker.result()}


def points_on_a_circle():
    """A GAN learns where the points of a ring are."""
    angles = np.random.default_rng(0).random(2048) * 2 * np.pi
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype("float32")
    discriminator = keras.Sequential(
        [keras.Input((2,)), layers.Dense(32), layers.LeakyReLU(), layers.Dense(32),
         layers.LeakyReLU(), layers.Dense(1)]
    )  # fmt: skip
    generator = keras.Sequential(
        [keras.Input((4,)), layers.Dense(32), layers.LeakyReLU(), layers.Dense(32),
         layers.LeakyReLU(), layers.Dense(2)]
    )  # fmt: skip
    gan = GAN(discriminator, generator, latent_dim=4)
    gan.compile(
        d_optimizer=keras.optimizers.Adam(learning_rate=0.002, beta_1=0.5),
        g_optimizer=keras.optimizers.Adam(learning_rate=0.002, beta_1=0.5),
        loss_fn=keras.losses.BinaryCrossentropy(from_logits=True),
    )
    noise = keras.random.normal((500, 4), seed=3)
    before = np.linalg.norm(ops.convert_to_numpy(generator(noise)), axis=1).mean()
    gan.fit(points, epochs=25, batch_size=64, verbose=0)
    radii = np.linalg.norm(ops.convert_to_numpy(generator(noise)), axis=1)
    print(f"GAN: mean radius {before:.2f} before, {radii.mean():.2f} after (the ring has 1)")
    assert abs(radii.mean() - 1) < 0.25 and abs(before - 1) > 0.3


def main():
    """All of it."""
    keras.utils.set_random_seed(0)
    regressions()
    points_on_a_circle()


if __name__ == "__main__":
    main()
