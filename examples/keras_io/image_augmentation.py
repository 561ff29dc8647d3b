"""Image layers as augmentation: inside a model, and in front of it in the data pipeline."""

import numpy as np

import kerasish as keras
from kerasish import layers


def main():
    """Train on 150 images, with and without; augmentation is off when the model is used."""
    (x, y), (x_test, y_test) = keras.datasets.digits.load_data()
    x, x_test = x[..., None].astype("float32") * 15, x_test[..., None].astype("float32") * 15
    shifted = np.roll(x_test, 1, axis=2)
    augmentation = keras.Sequential(
        [
            layers.RandomTranslation(0.15, 0.15, fill_mode="constant", seed=1),
            layers.RandomRotation(0.03, fill_mode="constant", seed=2),
            layers.RandomZoom(0.1, fill_mode="constant", seed=3),
            layers.RandomContrast(0.2, seed=4),
        ]
    )
    accuracies = {}
    for name in ("without", "in the model", "in the data"):
        keras.utils.set_random_seed(0)
        inputs = keras.Input((8, 8, 1))
        hidden = augmentation(inputs) if name == "in the model" else inputs
        hidden = layers.Rescaling(1.0 / 255)(hidden)
        hidden = layers.Conv2D(16, 3, activation="relu")(hidden)
        hidden = layers.MaxPooling2D()(hidden)
        hidden = layers.Flatten()(hidden)
        outputs = layers.Dense(10, activation="softmax")(
            layers.Dense(32, activation="relu")(hidden)
        )
        model = keras.Model(inputs, outputs)
        model.compile(
            keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy", metrics=["accuracy"]
        )
        data = keras.data.Dataset.from_tensor_slices((x[:150], y[:150])).batch(30)
        if name == "in the data":
            data = data.map(lambda image, label: (augmentation(image, training=True), label))
        model.fit(data, epochs=40, verbose=0)
        accuracies[name] = float(model.evaluate(shifted, y_test, verbose=0)[1])
        np.testing.assert_allclose(
            model.predict(x_test[:5], verbose=0), model.predict(x_test[:5], verbose=0)
        )
    print("accuracy on shifted images:", {k: round(v, 3) for k, v in accuracies.items()})
    assert min(accuracies["in the model"], accuracies["in the data"]) > accuracies["without"]


if __name__ == "__main__":
    main()
