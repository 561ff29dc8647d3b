"""Whole models in files, weights alone, configs, custom objects, and export."""

import json
import pathlib
import tempfile

import numpy as np

import kerasish as keras
from kerasish import layers, ops


def train(model, x, y, epochs=1):
    """A short training, so that there is an optimizer state to save."""
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mean_squared_error")
    model.fit(x, y, epochs=epochs, verbose=0)
    return model


@keras.saving.register_keras_serializable(package="MyLayers")
class CustomLayer(keras.layers.Layer):
    """A registered layer is found without help."""

    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        return x * self.factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


@keras.saving.register_keras_serializable(package="my_package", name="custom_fn")
def custom_fn(x):
    """A registered function."""
    return x**2


class Head(keras.layers.Layer):
    """A layer that holds a layer as an argument: both directions written out."""

    def __init__(self, sublayer, **kwargs):
        super().__init__(**kwargs)
        self.sublayer = sublayer

    def call(self, x):
        return self.sublayer(x)

    def get_config(self):
        config = super().get_config()
        config["sublayer"] = keras.saving.serialize_keras_object(self.sublayer)
        return config

    @classmethod
    def from_config(cls, config):
        config["sublayer"] = keras.saving.deserialize_keras_object(config["sublayer"])
        return cls(**config)


def whole_models(folder, x, y):
    """Save and load: same predictions, and training goes on where it was."""
    inputs = keras.Input(shape=(32,))
    model = train(keras.Model(inputs, layers.Dense(1)(inputs)), x, y)
    path = pathlib.Path(folder, "my_model.keras")
    model.save(path)
    again = keras.models.load_model(path)
    np.testing.assert_allclose(model.predict(x, verbose=0), again.predict(x, verbose=0), atol=1e-6)
    first = model.fit(x, y, shuffle=False, verbose=0).history["loss"]
    second = again.fit(x, y, shuffle=False, verbose=0).history["loss"]
    print(f"loss of the model and of its copy, trained on: {first[0]:.6f} {second[0]:.6f}")
    np.testing.assert_allclose(first, second, rtol=1e-5)


def custom_objects(folder, x, y):
    """By registration, by argument, by scope."""
    inputs = keras.Input(shape=(32,))
    hidden = CustomLayer(0.5, name="half")(layers.Dense(4, activation=custom_fn)(inputs))
    model = train(keras.Model(inputs, Head(layers.Dense(1), name="head")(hidden)), x, y)
    path = pathlib.Path(folder, "custom.keras")
    model.save(path)
    one = keras.models.load_model(path, custom_objects={"Head": Head})
    with keras.saving.custom_object_scope({"Head": Head}):
        two = keras.models.load_model(path)
    for again in (one, two):
        assert again.get_layer("half").factor == 0.5
        np.testing.assert_allclose(
            model.predict(x, verbose=0), again.predict(x, verbose=0), atol=1e-5
        )
    try:
        keras.models.load_model(path)
    except (TypeError, ValueError) as error:
        print("without the class:", type(error).__name__)
    else:
        raise AssertionError("an unknown class must be refused")


def configs():
    """Objects and models to dicts and JSON, and back without weights."""
    layer = layers.Dense(3, activation="relu", name="three")
    assert layers.Dense.from_config(layer.get_config()).get_config() == layer.get_config()
    model = keras.Sequential([keras.Input((32,)), layers.Dense(1)])
    assert keras.Sequential.from_config(model.get_config()).output_shape == (None, 1)
    text = model.to_json()
    assert json.loads(text)["class_name"] == "Sequential"
    assert keras.models.model_from_json(text).count_params() == 33
    data = keras.saving.serialize_keras_object(keras.optimizers.SGD(0.25, momentum=0.5))
    assert float(keras.saving.deserialize_keras_object(data).learning_rate) == 0.25
    print("serialized optimizer:", data["module"], data["class_name"])
    with keras.saving.custom_object_scope({"CustomLayer": CustomLayer}):
        model = keras.Sequential([keras.Input((32,)), CustomLayer(2.0), layers.Dense(1)])
        clone = keras.models.clone_model(model)
    assert clone.get_config() == model.get_config() and clone.layers[0] is not model.layers[0]


def weights_alone(folder, x):
    """In memory, in files, and between models that share a part."""
    first, second = layers.Dense(8, activation="relu"), layers.Dense(8, activation="relu")
    first.build((None, 32)), second.build((None, 32))
    second.set_weights(first.get_weights())
    assert np.array_equal(first.get_weights()[0], second.get_weights()[0])

    def classifier(classes, **options):
        inputs = keras.Input((32,), name="digits")
        hidden = layers.Dense(8, activation="relu", name="dense_1")(inputs)
        return keras.Model(inputs, layers.Dense(classes, name="predictions", **options)(hidden))

    source, same = classifier(10), classifier(10)
    path = pathlib.Path(folder, "source.weights.h5")
    source.save_weights(path)
    same.load_weights(path)
    np.testing.assert_allclose(source.predict(x, verbose=0), same.predict(x, verbose=0))
    other = classifier(5)
    other.get_layer("dense_1").set_weights(source.get_layer("dense_1").get_weights())
    trunk = keras.Model(source.inputs, source.get_layer("dense_1").output)
    other_trunk = keras.Model(other.inputs, other.get_layer("dense_1").output)
    np.testing.assert_allclose(ops.convert_to_numpy(trunk(x)), ops.convert_to_numpy(other_trunk(x)))
    print("weights moved:", [tuple(w.shape) for w in other.get_layer("dense_1").weights])


def main():
    """All of it."""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    x = generator.random((128, 32)).astype("float32")
    y = generator.random((128, 1)).astype("float32")
    with tempfile.TemporaryDirectory() as folder:
        whole_models(folder, x, y)
        custom_objects(folder, x, y)
        weights_alone(folder, x)
    configs()


if __name__ == "__main__":
    main()
