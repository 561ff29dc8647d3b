"""Models built by the same lines in kerasish and real Keras, and the process that runs the latter.

Run as a script by an interpreter that has Keras:
    python twins.py FOLDER
writes FOLDER/keras/NAME.* for every model, loads FOLDER/ours/NAME.* and FOLDER/fixtures/*, and
leaves predictions and errors in FOLDER/keras.npz and FOLDER/report.json.
"""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np


def classes(keras):
    """Custom classes, registered as "twins>NAME"."""
    register = keras.saving.register_keras_serializable(package="twins")

    @register
    class Containers(keras.Model):
        """Layers in lists, dicts, tuples, under two names, and behind a property."""

        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.zebra = keras.layers.Dense(4, name="z")
            self.items = [keras.layers.Dense(4), [keras.layers.Dense(4), keras.layers.Dense(4)]]
            self.table = {"b": keras.layers.Dense(4), "a": (keras.layers.LayerNormalization(),)}
            self.alias = self.items[0]
            self._hidden = keras.layers.Dense(4)
            self._shown = keras.layers.Dense(4)
            self.scale = self.add_weight(shape=(4,), initializer="ones", name="scale")
            self.count = 3
            self.words = ["a", "b"]

        @property
        def shown(self):
            return self._shown

        def call(self, x):
            x = self.zebra(x)
            first, inner = self.items
            for layer in (
                first,
                *inner,
                self.table["b"],
                self.table["a"][0],
                self._hidden,
                self._shown,
            ):
                x = layer(x) + 0.1
            return x * self.scale

    @register
    class OwnStore(keras.layers.Layer):
        """A layer that stores its weights its own way."""

        def build(self, input_shape):
            self.offset = self.add_weight(
                shape=(input_shape[-1],), initializer="zeros", name="offset"
            )

        def call(self, x):
            return x + self.offset

        def save_own_variables(self, store):
            store["twice"] = 2 * np.asarray(self.offset)

        def load_own_variables(self, store):
            self.offset.assign(store["twice"] / 2)

    @register
    class Block(keras.layers.Layer):
        """A layer of layers, one of them a model."""

        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.body = keras.Sequential([keras.layers.Dense(units), keras.layers.Dense(units)])
            self.norm = keras.layers.BatchNormalization()

        def build(self, input_shape):
            self.body.build(input_shape)
            self.norm.build((*input_shape[:-1], self.units))
            super().build(input_shape)

        def call(self, x, training=False):
            return self.norm(self.body(x), training=training)

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    return {c.__name__: c for c in (Containers, OwnStore, Block)}


def models(keras):
    """Dict from name to (model, input)."""
    layers, own = keras.layers, classes(keras)
    vector, sequence = _data(6, 5), _data(6, 7, 3)
    image = _data(4, 8, 8, 3)
    found = {}

    model = own["Containers"]()
    model(vector[:, :4])
    found["containers"] = (model, vector[:, :4])

    x = keras.Input((5,), name="start")
    y = own["Block"](4, name="block one")(x)
    y = own["OwnStore"](name="own store")(y)
    found["custom_layers"] = (keras.Model(x, y), vector)

    inner_input = keras.Input((5,))
    inner = keras.Model(inner_input, layers.Dense(5)(layers.Dense(3)(inner_input)), name="inner")
    x = keras.Input((5,))
    outer = keras.Model(x, inner(inner(x)), name="outer")
    found["nested"] = (keras.Sequential([outer, layers.Dense(2)], name="top"), vector)

    odd = ["é ü", "a-b", "ядро", "*", "kernel", "vars", "layers", "0"]
    found["odd_names"] = (
        keras.Sequential([keras.Input((5,)), *[layers.Dense(5, name=n) for n in odd]]),
        vector,
    )

    cells = [layers.GRUCell(3), layers.LSTMCell(4), layers.SimpleRNNCell(2)]
    found["recurrent"] = (
        keras.Sequential(
            [
                keras.Input((7, 3)),
                layers.TimeDistributed(layers.Dense(4)),
                layers.Bidirectional(layers.GRU(3, return_sequences=True)),
                layers.RNN(cells),
            ]
        ),
        sequence,
    )
    found["attention"] = (_attention(keras), sequence)
    found["images"] = (
        keras.Sequential(
            [
                keras.Input((8, 8, 3)),
                layers.SeparableConv2D(4, 3),
                layers.PReLU(),
                layers.Conv2DTranspose(3, 2),
                layers.GroupNormalization(3),
                layers.DepthwiseConv2D(2),
                layers.BatchNormalization(trainable=False),
                layers.Flatten(),
                layers.Dense(2),
            ]
        ),
        image,
    )

    model = keras.Sequential(
        [keras.Input((5,)), layers.Dense(4, activation="relu"), layers.Dense(2)]
    )
    # Objects, since Keras cannot load its own .h5 files with "mse" or "mae" in them.
    error = keras.metrics.MeanAbsoluteError(name="error")
    model.compile(keras.optimizers.AdamW(0.01, clipnorm=1.0), keras.losses.Huber(), metrics=[error])
    model.train_on_batch(vector, vector[:, :2])
    found["trained"] = (model, vector)

    x = keras.Input((5,), dtype="float32")
    y = layers.Dense(4, activation="relu", dtype="mixed_float16")(x)
    model = keras.Model(x, layers.Dense(2, dtype="float32")(y))
    model.compile(
        keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1, momentum=0.9)),
        keras.losses.Huber(),
    )
    model.train_on_batch(vector, vector[:, :2])
    found["loss_scale"] = (model, vector)

    model = keras.Sequential([keras.Input((5,)), layers.Dense(3, dtype="bfloat16")])
    found["bfloat16"] = (model, vector)
    found["categories"] = (_categories(keras, vector), vector)
    return found


def _categories(keras, data):
    layers = keras.layers
    bins, lookup = layers.Discretization(num_bins=5), layers.IntegerLookup(mask_token=0)
    bins.adapt(data)
    lookup.adapt(np.array([1, 1, 1, 2, 2, 4]))
    table = layers.Embedding(5, 3, lora_rank=2)
    model = keras.Sequential(
        [keras.Input((5,)), bins, lookup, table, layers.Flatten(), layers.Dense(2)]
    )
    table.lora_embeddings_b.assign(np.ones((2, 3)))
    return model


def _attention(keras):
    layers = keras.layers
    x = keras.Input((7, 3))
    y = layers.MultiHeadAttention(2, 4, value_dim=3, name="mha")(x, x, use_causal_mask=True)
    y = layers.LayerNormalization()(y + x)
    z = layers.Dense(5, activation="gelu")(y * 0.5)
    return keras.Model(
        {"x": x}, {"top": keras.ops.max(z, axis=1), "mean": keras.ops.mean(z, axis=1)}
    )


def _data(*shape):
    return np.random.default_rng(3).normal(size=shape).astype("float32")


def outputs(model, x):
    """Predictions as a dict of float32 arrays."""
    found = model.predict(
        {"x": x} if model.name != "top" and "mha" in _names(model) else x, verbose=0
    )
    found = found if isinstance(found, dict) else {"": found}
    return {k: np.asarray(v).astype("float32") for k, v in found.items()}


def _names(model):
    return [layer.name for layer in model.layers]


def write(model, folder, name):
    """Save a model in every form that can hold it; returns the endings."""
    endings = ["keras", "weights.h5"]
    model.save(folder / f"{name}.keras")
    model.save_weights(folder / f"{name}.weights.h5")
    if type(model).__name__ in ("Sequential", "Functional"):
        model.save(folder / f"{name}.h5")
        endings.append("h5")
    return endings


def main(folder):
    """What the interpreter with Keras does."""
    import keras

    report, predictions = {}, {}

    def attempt(key, action):
        try:
            for k, v in action().items():
                predictions[f"{key}/{k}"] = v
            report[key] = None
        except Exception as error:  # noqa: BLE001 (the report is read by the tests)
            report[key] = f"{type(error).__name__}: {error}"[:2000]

    def load_weights(model, path, x):
        model.load_weights(path)
        return outputs(model, x)

    (folder / "keras").mkdir()
    for name, (model, x) in models(keras).items():
        predictions[f"keras/{name}/input"] = x
        attempt(f"keras/{name}", lambda m=model, x=x: outputs(m, x))
        attempt(
            f"write/{name}", lambda m=model, n=name: dict.fromkeys(write(m, folder / "keras", n), 0)
        )
        for ending in ("keras", "h5"):
            path = folder / "ours" / f"{name}.{ending}"
            if path.exists():
                attempt(
                    f"load/{path.name}", lambda p=path, x=x: outputs(keras.models.load_model(p), x)
                )
        path = folder / "ours" / f"{name}.weights.h5"
        attempt(f"load/{path.name}", lambda m=model, p=path, x=x: load_weights(m, p, x))
    custom = folder / "custom_layers.py"
    if custom.exists():
        spec = importlib.util.spec_from_file_location("custom_layers", custom)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.make(keras)
    for path in sorted(folder.glob("fixtures/*.keras")):
        with np.load(folder / "fixtures" / f"{path.stem}.npz") as io:
            x = {k: io[k] for k in io if not k.startswith("=")}
        structure = json.loads((folder / "fixtures" / f"{path.stem}.json").read_text())
        attempt(
            f"fixtures/{path.stem}",
            lambda p=path, x=x, s=structure: {
                str(i): np.asarray(v, "float32")
                for i, v in enumerate(
                    _flat(keras.models.load_model(p).predict(_nested(s, x), verbose=0))
                )
            },
        )
    np.savez(folder / "keras.npz", **predictions)
    (folder / "report.json").write_text(json.dumps(report, indent=1))


def _nested(structure, values):
    if isinstance(structure, dict):
        return {k: values[v] for k, v in structure.items()}
    return values[structure[0]] if len(structure) == 1 else [values[n] for n in structure]


def _flat(value):
    if isinstance(value, dict):
        return [value[k] for k in sorted(value)]
    return list(value) if isinstance(value, (list, tuple)) else [value]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
