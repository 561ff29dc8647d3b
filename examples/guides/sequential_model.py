"""Sequential models: stacks of layers, built late or early, taken apart, and frozen in part."""

import numpy as np

import kerasish as keras
from kerasish import layers


def build_late_and_early():
    """Without an input shape, weights come with the first call; with one, at once."""
    model = keras.Sequential(
        [
            layers.Dense(2, activation="relu", name="layer1"),
            layers.Dense(3, activation="relu", name="layer2"),
            layers.Dense(4, name="layer3"),
        ]
    )
    assert not model.built and [layer.name for layer in model.layers][-1] == "layer3"
    model.summary()  # has no shapes yet
    y = model(np.ones((3, 3), "float32"))
    assert y.shape == (3, 4) and len(model.weights) == 6
    model.summary()
    model.pop()
    assert len(model.layers) == 2

    stack = keras.Sequential(name="my_stack")
    stack.add(keras.Input(shape=(4,)))
    stack.add(layers.Dense(2, activation="relu", name="first"))
    assert stack.built and stack.output_shape == (None, 2)
    stack.add(layers.Dense(1))
    assert stack.output_shape == (None, 1) and stack.name == "my_stack"


def debug_shapes():
    """Add layers and look at the shape between."""
    model = keras.Sequential([keras.Input((32, 32, 3))])
    shapes = []
    for filters in (4, 8):
        model.add(layers.Conv2D(filters, 5, strides=2, activation="relu"))
        shapes.append(model.output_shape)
        model.add(layers.MaxPooling2D(2))
        shapes.append(model.output_shape)
    model.add(layers.GlobalMaxPooling2D())
    model.add(layers.Dense(10))
    print("shapes on the way:", shapes)
    assert model.output_shape == (None, 10)


def extract_features():
    """Outputs of all layers, and of one by name, as models."""
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu", name="early"),
            layers.Conv2D(4, 3, activation="relu", name="late"),
        ]
    )
    everything = keras.Model(model.inputs, [layer.output for layer in model.layers])
    early = keras.Model(model.inputs, model.get_layer(name="early").output)
    x = np.ones((1, 8, 8, 1), "float32")
    print("features:", [f.shape for f in everything(x)], early(x).shape)
    assert early(x).shape == (1, 6, 6, 4)


def train_and_transfer():
    """Train a stack; put a new head on its frozen base."""
    (x, y), (x_test, y_test) = keras.datasets.digits.load_data()
    x, x_test = x.reshape(-1, 64) / 16, x_test.reshape(-1, 64) / 16
    model = keras.Sequential(
        [
            keras.Input((64,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(32, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    assert model.compiled
    model.fit(x, y, epochs=8, verbose=0)
    _, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print(f"ten classes: test accuracy {accuracy:.3f}")

    for layer in model.layers[:-1]:
        layer.trainable = False
    base = keras.Sequential(model.layers[:-1])
    parity = keras.Sequential([base, layers.Dense(1, activation="sigmoid")])
    parity.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    before = base.get_weights()
    parity.fit(x, y % 2, epochs=6, verbose=0)
    assert all(np.array_equal(a, b) for a, b in zip(before, base.get_weights(), strict=True))
    _, odd_accuracy = parity.evaluate(x_test, y_test % 2, verbose=0)
    print(f"odd or even with the frozen base: {odd_accuracy:.3f}")
    assert accuracy > 0.85 and odd_accuracy > 0.8
    assert len(parity.trainable_weights) == 2


def main():
    """All of it."""
    keras.utils.set_random_seed(0)
    build_late_and_early()
    debug_shapes()
    extract_features()
    train_and_transfer()


if __name__ == "__main__":
    main()
