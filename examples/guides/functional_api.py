"""The functional API: graphs of layers with branches, shared parts, models inside models."""

import pathlib
import tempfile

import numpy as np

import kerasish as keras
from kerasish import layers, ops


class Scale(layers.Layer):
    """A layer of one's own, used in a functional model: x times a learned number."""

    def __init__(self, start=1.0, **kwargs):
        super().__init__(**kwargs)
        self.start = start

    def build(self, input_shape):
        self.factor = self.add_weight(
            shape=(), initializer=keras.initializers.Constant(self.start), name="factor"
        )

    def call(self, inputs):
        return inputs * self.factor

    def get_config(self):
        return {**super().get_config(), "start": self.start}


def load_digits():
    """Images in [0, 1] with a channel, and labels."""
    (x, y), (x_test, y_test) = keras.datasets.digits.load_data()
    return x[..., None].astype("float32") / 16, y, x_test[..., None].astype("float32") / 16, y_test


def residual_classifier():
    """Two blocks whose input is added to their output."""
    inputs = keras.Input(shape=(8, 8, 1), name="image")
    x = layers.Conv2D(16, 3, activation="relu", padding="same")(inputs)
    for i in range(2):
        before = x
        x = layers.Conv2D(16, 3, activation="relu", padding="same", name=f"block{i}_first")(x)
        x = layers.Conv2D(16, 3, padding="same", name=f"block{i}_second")(x)
        x = layers.ReLU()(layers.add([x, before]))
    x = layers.GlobalMaxPooling2D(name="features")(x)
    outputs = layers.Dense(10, name="scores")(Scale(2.0, name="scale")(x))
    return keras.Model(inputs, outputs, name="residual_digits")


def classify():
    """Train, look inside, save and load."""
    x, y, x_test, y_test = load_digits()
    model = residual_classifier()
    model.summary()
    model.compile(
        optimizer=keras.optimizers.Adam(0.005),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(x, y, epochs=8, validation_split=0.1, verbose=2)
    loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print(f"residual network: test accuracy {accuracy:.3f}")
    assert accuracy > 0.8

    features = keras.Model(model.input, model.get_layer("features").output)
    print("features of one image:", features(x_test[:1]).shape)
    every = keras.Model(model.inputs, [layer.output for layer in model.layers[1:]])
    assert len(every(x_test[:2])) == len(model.layers) - 1

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "digits.keras")
        model.save(path)
        again = keras.models.load_model(path, custom_objects={"Scale": Scale})
    np.testing.assert_allclose(
        model.predict(x_test, verbose=0), again.predict(x_test, verbose=0), atol=1e-5
    )
    copy = keras.Model.from_config(model.get_config(), custom_objects={"Scale": Scale})
    assert [layer.name for layer in copy.layers] == [layer.name for layer in model.layers]


def autoencode():
    """One graph of layers gives two models; models are called like layers."""
    x, _, x_test, _ = load_digits()
    image = keras.Input((8, 8, 1), name="image")
    code = layers.Dense(12, activation="relu", name="code")(layers.Flatten()(image))
    encoder = keras.Model(image, code, name="encoder")
    code_input = keras.Input((12,), name="code_input")
    pixels = layers.Dense(64, activation="sigmoid")(code_input)
    decoder = keras.Model(code_input, layers.Reshape((8, 8, 1))(pixels), name="decoder")
    autoencoder = keras.Model(image, decoder(encoder(image)), name="autoencoder")
    autoencoder.compile("adam", "mse")
    history = autoencoder.fit(x, x, epochs=10, verbose=0, validation_data=(x_test, x_test))
    first, last = history.history["val_loss"][0], history.history["val_loss"][-1]
    print(f"autoencoder: error {first:.3f} -> {last:.3f}")
    assert last < 0.6 * first


def ensemble():
    """Three models with one input, whose outputs are averaged."""

    def member():
        inputs = keras.Input((4,))
        return keras.Model(inputs, layers.Dense(1)(inputs))

    members = [member() for _ in range(3)]
    inputs = keras.Input((4,))
    together = keras.Model(inputs, layers.average([one(inputs) for one in members]))
    x = np.ones((2, 4), "float32")
    np.testing.assert_allclose(
        together(x), np.mean([ops.convert_to_numpy(one(x)) for one in members], axis=0), rtol=1e-5
    )
    print("ensemble of", len(members), "models:", len(together.trainable_weights), "weights")


def route_tickets():
    """Two texts (as word numbers) and a vector of tags in; a priority and a department out."""
    words, tags, departments = 50, 6, 4
    title = keras.Input(shape=(None,), name="title")
    body = keras.Input(shape=(None,), name="body")
    tag_input = keras.Input(shape=(tags,), name="tags")
    embedding = layers.Embedding(words, 16)  # shared by both texts
    title_features = layers.GlobalAveragePooling1D()(embedding(title))
    body_features = layers.LSTM(16)(embedding(body))
    x = layers.concatenate([title_features, body_features, tag_input])
    priority = layers.Dense(1, name="priority")(x)
    department = layers.Dense(departments, name="department")(x)
    model = keras.Model(
        inputs=[title, body, tag_input],
        outputs={"priority": priority, "department": department},
    )
    model.compile(
        optimizer=keras.optimizers.RMSprop(0.01),
        loss={
            "priority": keras.losses.BinaryCrossentropy(from_logits=True),
            "department": keras.losses.CategoricalCrossentropy(from_logits=True),
        },
        loss_weights={"priority": 1.0, "department": 0.2},
    )
    generator = np.random.default_rng(0)
    title_data = generator.integers(words, size=(512, 5))
    body_data = generator.integers(words, size=(512, 12))
    tag_data = generator.integers(2, size=(512, tags)).astype("float32")
    targets = {
        "priority": (title_data.min(axis=1, keepdims=True) < 8).astype("float32"),
        "department": np.eye(departments, dtype="float32")[
            (2 * tag_data[:, 0] + tag_data[:, 1]).astype(int)
        ],
    }
    history = model.fit(
        {"title": title_data, "body": body_data, "tags": tag_data},
        targets,
        epochs=6,
        batch_size=32,
        verbose=0,
    ).history
    print({name: [round(v[0], 3), round(v[-1], 3)] for name, v in history.items()})
    assert history["loss"][-1] < 0.8 * history["loss"][0]


def main():
    """All of it."""
    keras.utils.set_random_seed(0)
    classify()
    autoencode()
    ensemble()
    route_tickets()


if __name__ == "__main__":
    main()
