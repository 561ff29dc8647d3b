"""Layers and models by subclassing: state, late building, losses, saving, a whole VAE."""

import numpy as np

import kerasish as keras
from kerasish import layers, ops


class Linear(keras.layers.Layer):
    """y = x w + b, with weights made when the first input is seen."""

    def __init__(self, units=32, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(
            shape=(input_shape[-1], self.units), initializer="random_normal", trainable=True
        )
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", trainable=True)

    def call(self, inputs):
        return ops.matmul(inputs, self.w) + self.b

    def get_config(self):
        config = super().get_config()
        config.update({"units": self.units})
        return config


class RunningSum(keras.layers.Layer):
    """State that no optimizer touches: the sum of all inputs so far."""

    def __init__(self, size):
        super().__init__()
        self.total = self.add_weight(shape=(size,), initializer="zeros", trainable=False)

    def call(self, inputs):
        self.total.assign_add(ops.sum(inputs, axis=0))
        return self.total


class Block(keras.layers.Layer):
    """Layers inside a layer: their weights become the block's."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.third = Linear(32), Linear(32), Linear(1)

    def call(self, inputs):
        x = keras.activations.relu(self.first(inputs))
        x = keras.activations.relu(self.second(x))
        return self.third(x)


class ActivityLoss(keras.layers.Layer):
    """Adds a part of what passes through to the loss."""

    def __init__(self, rate=1e-2):
        super().__init__()
        self.rate = rate

    def call(self, inputs):
        self.add_loss(self.rate * ops.mean(inputs))
        return inputs


class OuterLayer(keras.layers.Layer):
    """Losses of inner layers are seen outside, those of regularizers too."""

    def __init__(self):
        super().__init__()
        self.activity = ActivityLoss(0.1)
        self.dense = layers.Dense(4, kernel_regularizer=keras.regularizers.L2(1e-3))

    def call(self, inputs):
        return self.dense(self.activity(inputs))


class NoisyWhenTraining(keras.layers.Layer):
    """Behaves otherwise in training than in use: dropout by hand."""

    def __init__(self, rate, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.rate = rate
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs, training=None):
        if training:
            return keras.random.dropout(inputs, rate=self.rate, seed=self.seed_generator)
        return inputs


class Sampling(layers.Layer):
    """A draw from the normal distribution with this mean and log variance."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(1337)

    def call(self, inputs):
        mean, log_var = inputs
        epsilon = keras.random.normal(ops.shape(mean), seed=self.seed_generator)
        return mean + ops.exp(0.5 * log_var) * epsilon


class Encoder(layers.Layer):
    """Images to mean, log variance and a draw."""

    def __init__(self, latent_dim=4, intermediate_dim=32, name="encoder", **kwargs):
        super().__init__(name=name, **kwargs)
        self.proj = layers.Dense(intermediate_dim, activation="relu")
        self.mean, self.log_var = layers.Dense(latent_dim), layers.Dense(latent_dim)
        self.sampling = Sampling()

    def call(self, inputs):
        x = self.proj(inputs)
        mean, log_var = self.mean(x), self.log_var(x)
        return mean, log_var, self.sampling((mean, log_var))


class VariationalAutoEncoder(keras.Model):
    """Encoder and decoder, with the divergence as an added loss."""

    def __init__(self, original_dim, name="autoencoder", **kwargs):
        super().__init__(name=name, **kwargs)
        self.encoder = Encoder()
        self.decoder = keras.Sequential(
            [layers.Dense(32, activation="relu"), layers.Dense(original_dim, activation="sigmoid")]
        )

    def call(self, inputs):
        mean, log_var, z = self.encoder(inputs)
        divergence = -0.5 * ops.mean(log_var - ops.square(mean) - ops.exp(log_var) + 1)
        self.add_loss(1e-3 * divergence)
        return self.decoder(z)


def small_layers():
    """What the small layers promise."""
    linear = Linear(4)
    y = linear(np.ones((2, 3), "float32"))
    assert linear.built and y.shape == (2, 4) and linear.weights == [linear.w, linear.b]
    assert Linear.from_config(linear.get_config()).units == 4

    running = RunningSum(2)
    x = np.ones((2, 2), "float32")
    running(x)
    assert ops.convert_to_numpy(running(x)).tolist() == [4.0, 4.0]
    assert len(running.non_trainable_weights) == 1 and not running.trainable_weights

    block = Block()
    assert len(block.weights) == 0
    block(np.ones((3, 64), "float32"))
    assert len(block.trainable_weights) == 6

    outer = OuterLayer()
    outer(np.ones((1, 4), "float32"))
    assert len(outer.losses) == 2
    outer(np.ones((1, 4), "float32"))
    assert len(outer.losses) == 2, "losses are those of the last call"

    noisy = NoisyWhenTraining(0.5, seed=1)
    ones = np.ones((100, 10), "float32")
    zeros = int(np.sum(ops.convert_to_numpy(noisy(ones, training=True)) == 0))
    assert np.array_equal(ops.convert_to_numpy(noisy(ones)), ones)
    print("weights of the block:", len(block.weights), "| zeros from dropout:", zeros)
    assert 400 < zeros < 600


def train_vae():
    """The same model in `fit`."""
    (x, _), _ = keras.datasets.digits.load_data()
    x = x.reshape(-1, 64).astype("float32") / 16
    vae = VariationalAutoEncoder(64)
    vae.compile(keras.optimizers.Adam(learning_rate=5e-3), loss=keras.losses.MeanSquaredError())
    history = vae.fit(x, x, epochs=12, batch_size=64, verbose=0).history["loss"]
    print(f"VAE loss {history[0]:.4f} -> {history[-1]:.4f}")
    assert history[-1] < 0.6 * history[0]


def main():
    """All of it."""
    keras.utils.set_random_seed(0)
    small_layers()
    train_vae()


if __name__ == "__main__":
    main()
