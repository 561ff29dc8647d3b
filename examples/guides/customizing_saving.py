"""What a layer or model writes into a file: state, assets, build and compile configs."""

import json
import os
import pathlib
import tempfile

import numpy as np

import kerasish as keras
from kerasish import layers


@keras.saving.register_keras_serializable(package="my_custom_package")
class LayerWithState(keras.layers.Layer):
    """Keeps arrays that are no variables, and writes them itself."""

    def __init__(self, units=32, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.my_vector = None

    def build(self, input_shape):
        self.w = self.add_weight(
            shape=(input_shape[-1], self.units), initializer="random_normal", name="w"
        )
        self.my_vector = np.arange(self.units, dtype="float32")

    def call(self, inputs):
        return keras.ops.matmul(inputs, self.w) + self.my_vector

    def save_own_variables(self, store):
        super().save_own_variables(store)
        store["my_vector"] = self.my_vector

    def load_own_variables(self, store):
        self.my_vector = np.array(store["my_vector"])
        store = {key: store[key] for key in store.keys() if key != "my_vector"}
        super().load_own_variables(store)

    def get_config(self):
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable(package="my_custom_package")
class LayerWithAssets(keras.layers.Layer):
    """Keeps a list of words in a text file inside the model's file."""

    def __init__(self, vocab=None, **kwargs):
        super().__init__(**kwargs)
        self.vocab = vocab

    def call(self, inputs):
        return inputs

    def save_assets(self, inner_path):
        pathlib.Path(inner_path, "vocabulary.txt").write_text("\n".join(self.vocab))

    def load_assets(self, inner_path):
        self.vocab = pathlib.Path(inner_path, "vocabulary.txt").read_text().split("\n")

    def get_config(self):
        return super().get_config()  # without the words: they are an asset


@keras.saving.register_keras_serializable(package="my_custom_package")
class LayerWithBuildConfig(keras.layers.Layer):
    """Weights that depend on more than the input's shape, made again from a build config."""

    def build(self, input_shape, layer_init="random_normal"):
        self.layer_init = layer_init
        self.w = self.add_weight(shape=(input_shape[-1], 4), initializer=layer_init, name="w")
        self.shape_at_build = input_shape

    def call(self, inputs):
        return keras.ops.matmul(inputs, self.w)

    def get_build_config(self):
        return {"input_shape": self.shape_at_build, "layer_init": self.layer_init}

    def build_from_config(self, config):
        self.build(config["input_shape"], config["layer_init"])


@keras.saving.register_keras_serializable(package="my_custom_package")
class TwoOptimizers(keras.Model):
    """A model with a compile method of its own."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(8)

    def build(self, input_shape):
        self.dense.build(input_shape)

    def call(self, inputs):
        return self.dense(inputs)

    def compile(self, first_optimizer, second_optimizer, loss_fn):
        super().compile()
        self.first_optimizer, self.second_optimizer = first_optimizer, second_optimizer
        self.loss_fn = loss_fn

    def get_compile_config(self):
        parts = (self.first_optimizer, self.second_optimizer, self.loss_fn)
        names = ("first_optimizer", "second_optimizer", "loss_fn")
        return {
            name: keras.saving.serialize_keras_object(part)
            for name, part in zip(names, parts, strict=True)
        }

    def compile_from_config(self, config):
        self.compile(
            **{name: keras.saving.deserialize_keras_object(part) for name, part in config.items()}
        )


def main():
    """Save each, load it, compare."""
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(4, 8)).astype("float32")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")

        model = keras.Sequential([keras.Input((8,)), LayerWithState(5)])
        model.layers[0].my_vector *= 3
        model.save(path)
        again = keras.models.load_model(path)
        assert again.layers[0].my_vector.tolist() == [0, 3, 6, 9, 12]
        np.testing.assert_allclose(
            model.predict(x, verbose=0), again.predict(x, verbose=0), atol=1e-5
        )
        print("own variables:", again.layers[0].my_vector)

        words = ["one", "two", "drei"]
        model = keras.Sequential([keras.Input((8,)), LayerWithAssets(words)])
        model.save(path)
        again = keras.models.load_model(path)
        assert again.layers[0].vocab == words
        print("assets:", again.layers[0].vocab)

        layer = LayerWithBuildConfig()
        layer.build((None, 8), layer_init="ones")
        model = keras.Sequential([keras.Input((8,)), layer])
        model.save(path)
        again = keras.models.load_model(path)
        assert again.layers[0].layer_init == "ones"
        np.testing.assert_allclose(again.predict(x, verbose=0)[:, 0], x.sum(axis=1), rtol=1e-4)
        print("build config:", json.dumps(layer.get_build_config()))

        model = TwoOptimizers()
        model.compile(
            keras.optimizers.SGD(0.5), keras.optimizers.AdamW(0.001), keras.losses.Huber(delta=0.7)
        )
        model(x)
        model.save(path)
        again = keras.models.load_model(path)
        assert type(again.second_optimizer).__name__ == "AdamW"
        assert type(again.loss_fn).__name__ == "Huber"
        np.testing.assert_allclose(float(again.first_optimizer.learning_rate), 0.5)
        print("compile config:", sorted(model.get_compile_config()))


if __name__ == "__main__":
    main()
