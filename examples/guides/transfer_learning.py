"""Transfer learning and fine-tuning: freeze a trained base, train a new head, then thaw slowly."""

import numpy as np

import kerasish as keras
from kerasish import layers


def freezing():
    """`trainable` decides what optimizers see; it reaches the layers inside."""
    layer = layers.Dense(3)
    layer.build((None, 4))
    assert len(layer.trainable_weights) == 2
    layer.trainable = False
    assert not layer.trainable_weights and len(layer.non_trainable_weights) == 2
    normalization = layers.BatchNormalization()
    normalization.build((None, 4))
    assert len(normalization.trainable_weights) == 2
    assert len(normalization.non_trainable_weights) == 2

    inner = keras.Sequential([keras.Input((3,)), layers.Dense(3), layers.Dense(3)])
    outer = keras.Sequential([keras.Input((3,)), inner, layers.Dense(1, activation="sigmoid")])
    outer.trainable = False
    assert inner.trainable is False and inner.layers[0].trainable is False
    before = outer.layers[0].get_weights()
    outer.layers[-1].trainable = True
    outer.trainable = False
    outer.compile("sgd", "mse")
    assert not outer.trainable_weights and len(before) == 4


def images():
    """Digits as images of 16 x 16 x 3: the first five classes, and the others."""
    (x, y), _ = keras.datasets.digits.load_data()
    x = np.repeat(x.repeat(2, axis=1).repeat(2, axis=2)[..., None], 3, axis=3) * 16.0
    x = x.astype("float32")
    return (x[y < 5], y[y < 5]), (x[y >= 5], y[y >= 5] - 5)


def make_base():
    """A small convolutional network without a head."""
    return keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            layers.Conv2D(16, 3, strides=2, activation="relu"),
            layers.BatchNormalization(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.BatchNormalization(),
        ],
        name="base",
    )


def train_source(base, x, y):
    """Give the base something to know: digits 0 to 4."""
    inputs = keras.Input((16, 16, 3))
    scaled = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    outputs = layers.Dense(5)(layers.GlobalMaxPooling2D()(base(scaled)))
    model = keras.Model(inputs, outputs)
    model.compile(
        keras.optimizers.Adam(3e-3),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    history = model.fit(x, y, epochs=6, verbose=0).history
    print(f"source task: accuracy {history['accuracy'][-1]:.3f}")


def transfer(base, x, y):
    """Digits 5 to 9 from 100 examples: the head alone, then everything at a tenth of the rate."""
    base.trainable = False
    inputs = keras.Input((16, 16, 3))
    x_in = layers.RandomTranslation(0.05, 0.05, seed=1)(inputs)
    x_in = layers.Rescaling(1 / 127.5, offset=-1)(x_in)
    features = base(x_in, training=False)
    features = layers.Dropout(0.1)(layers.GlobalMaxPooling2D()(features))
    model = keras.Model(inputs, layers.Dense(5, name="head")(features))
    model.summary(show_trainable=True)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    few, validation = (x[:100], y[:100]), (x[100:], y[100:])

    before = [w.copy() for w in base.get_weights()]
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
    model.fit(*few, epochs=25, verbose=0)
    assert all(np.array_equal(a, b) for a, b in zip(before, base.get_weights(), strict=True))
    _, with_head = model.evaluate(*validation, verbose=0)

    base.trainable = True
    for layer in base.layers:  # a frozen normalization keeps its moving means
        if isinstance(layer, layers.BatchNormalization):
            layer.trainable = False
    model.compile(keras.optimizers.Adam(1e-3), loss, metrics=["accuracy"])
    model.fit(*few, epochs=10, verbose=0)
    _, tuned = model.evaluate(*validation, verbose=0)
    changed = [not np.array_equal(a, b) for a, b in zip(before, base.get_weights(), strict=True)]
    assert sum(changed) == 4, "kernels and biases of the convolutions"
    print(f"validation accuracy: head alone {with_head:.3f}, fine-tuned {tuned:.3f} (chance 0.2)")
    assert with_head > 0.6 and tuned > with_head


def with_an_application():
    """A published architecture as the base (its weights would be downloaded; here: random)."""
    base = keras.applications.MobileNet(
        weights=None, include_top=False, input_shape=(32, 32, 3), alpha=0.25, pooling="avg"
    )
    base.trainable = False
    inputs = keras.Input((32, 32, 3))
    scaled = keras.applications.mobilenet.preprocess_input(inputs)
    outputs = layers.Dense(1)(base(scaled, training=False))
    model = keras.Model(inputs, outputs)
    model.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
    generator = np.random.default_rng(0)
    x = generator.integers(0, 256, size=(8, 32, 32, 3)).astype("float32")
    model.fit(x, np.arange(8) % 2, verbose=0)
    print(f"MobileNet: {len(base.layers)} layers, {len(model.trainable_weights)} trainable weights")
    assert len(model.trainable_weights) == 2


def main():
    """All of it."""
    keras.utils.set_random_seed(0)
    freezing()
    source, target = images()
    base = make_base()
    train_source(base, *source)
    transfer(base, *target)
    with_an_application()


if __name__ == "__main__":
    main()
