"""The smallest end-to-end check: one operation, one gradient, one fit, one file."""

import numpy as np

import kerasish as keras
from kerasish import layers, ops


def test_operation_and_gradient():
    x = ops.convert_to_tensor([1.0, 2.0])
    with keras.GradientTape() as tape:
        tape.watch(x)
        y = ops.sum(x**2.0)
    assert y.item() == 5.0
    assert tape.gradient(y, x).tolist() == [2.0, 4.0]


def test_fit_save_load(tmp_path):
    keras.utils.set_random_seed(0)
    (x, y), (x_test, y_test) = keras.datasets.iris.load_data()
    model = keras.Sequential(
        [
            layers.Input((4,)),
            layers.Dense(16, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(x, y, epochs=40, verbose=0)
    assert model.evaluate(x_test, y_test, verbose=0)[1] >= 0.9
    model.save(tmp_path / "iris.keras")
    again = keras.models.load_model(tmp_path / "iris.keras")
    assert np.array_equal(again.predict(x_test, verbose=0), model.predict(x_test, verbose=0))
