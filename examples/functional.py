"""A functional model: two inputs through one shared layer, two outputs with losses of their own."""

import numpy as np

import kerasish as keras
from kerasish import layers, ops


def make_model():
    """Compares two vectors: are they close (a class), and how far apart (a number)."""
    left, right = layers.Input((8,), name="left"), layers.Input((8,), name="right")
    tower = layers.Dense(16, activation="tanh", name="tower")
    difference = ops.absolute(tower(left) - tower(right))
    hidden = layers.Dense(16, activation="relu")(difference)
    return keras.Model(
        inputs={"left": left, "right": right},
        outputs={
            "close": layers.Dense(1, activation="sigmoid", name="close")(hidden),
            "distance": layers.Dense(1, name="distance")(hidden),
        },
    )


def main():
    """Train it on random vectors and print what it learned."""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    left = generator.normal(size=(2000, 8)).astype("float32")
    right = left + generator.normal(size=(2000, 8)).astype("float32") * generator.random((2000, 1))
    distance = np.linalg.norm(left - right, axis=1)
    model = make_model()
    model.summary()
    model.compile(
        "adam",
        loss={"close": "binary_crossentropy", "distance": "mse"},
        loss_weights={"close": 1.0, "distance": 0.5},
        metrics={"close": ["accuracy"], "distance": ["mae"]},
    )
    inputs = {"left": left, "right": right.astype("float32")}
    targets = {"close": (distance < 1.4).astype("float32"), "distance": distance.astype("float32")}
    history = model.fit(inputs, targets, epochs=15, verbose=0, validation_split=0.2)
    last = {name: round(values[-1], 3) for name, values in history.history.items()}
    print(last)
    return last


if __name__ == "__main__":
    main()
