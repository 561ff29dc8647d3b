"""From data to a saved model: a small convolutional network on handwritten digits."""

import pathlib
import tempfile

import kerasish as keras
from kerasish import layers


def main():
    """Train, save, load and predict."""
    keras.utils.set_random_seed(0)
    (x, y), (x_test, y_test) = keras.datasets.digits.load_data()
    x, x_test = x[..., None], x_test[..., None]
    model = keras.Sequential(
        [
            layers.Input((8, 8, 1)),
            layers.Rescaling(1 / 16),
            layers.Conv2D(24, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(48, 3, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=4, restore_best_weights=True)
    model.fit(x, y, epochs=20, validation_split=0.1, callbacks=[stop], verbose=2)
    accuracy = model.evaluate(x_test, y_test, verbose=0, return_dict=True)["accuracy"]
    print(f"test accuracy: {accuracy:.3f}")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "digits.keras")
        model.save(path)
        again = keras.models.load_model(path)
    guesses = again.predict(x_test[:10], verbose=0).argmax(axis=1)
    print("predicted", guesses.tolist())
    print("actual   ", y_test[:10].tolist())
    return accuracy


if __name__ == "__main__":
    main()
