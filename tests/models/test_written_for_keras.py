"""Habits of code written for Keras: what layers, steps and files of one's own may rely on."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers, ops
from kerasish.errors import UnknownObjectError


class OwnStep(keras.Model):
    """Updates whatever metrics the model has, as Keras's guide does."""

    def train_step(self, data):
        x, y = data
        with keras.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=y_pred)
        grads = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(grads, self.trainable_variables)
        for metric in self.metrics:
            metric.update_state(loss) if metric.name == "loss" else metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


def test_own_step_updates_the_metrics_of_compile():
    x, y = np.ones((8, 3), "float32"), np.zeros((8, 1), "float32")
    results = []
    for cls in (keras.Model, OwnStep):
        inputs = keras.Input((3,))
        model = cls(inputs, layers.Dense(1, kernel_initializer="ones")(inputs))
        model.compile("sgd", "mse", metrics=["mae"], weighted_metrics=["mse"])
        assert [m.name for m in model.metrics] == ["loss", "compile_metrics"]
        results.append(model.fit(x, y, epochs=2, verbose=0).history)
    assert set(results[0]) == {"loss", "mae", "mse"}
    for name in results[0]:
        np.testing.assert_allclose(results[0][name], results[1][name], rtol=1e-6)


def test_models_inside_keep_their_metrics_to_themselves():
    x, y = np.ones((8, 3), "float32"), np.zeros((8, 1), "float32")
    inner = keras.Sequential([keras.Input((3,)), layers.Dense(1, kernel_initializer="ones")])
    inner.compile("sgd", "mse", metrics=["mae"])
    inner.fit(x, y, verbose=0)
    outer = keras.Sequential([keras.Input((3,)), inner, layers.Rescaling(2.0)])
    outer.compile(keras.optimizers.SGD(0.0), "mse")
    expected = float(np.mean(outer.predict(x, verbose=0) ** 2))
    assert outer.fit(x, y, verbose=0).history == {"loss": [pytest.approx(expected, rel=1e-5)]}
    assert [m.name for m in outer.metrics] == ["loss"]


class NeedsMask(layers.Layer):
    """Cannot do without a mask, not even while a model is made."""

    def call(self, inputs, mask=None):
        return inputs * ops.expand_dims(ops.cast(mask, "float32"), -1)


def test_symbolic_tensors_carry_masks():
    inputs = keras.Input((None,), dtype="int32")
    embedded = layers.Embedding(5, 2, mask_zero=True, embeddings_initializer="ones")(inputs)
    assert embedded._keras_mask.shape == (None, None)
    outputs = NeedsMask()(layers.Dropout(0.5)(embedded))
    by_hand = layers.Masking()(outputs)  # steps of zeros are masked
    x = np.array([[3, 1, 0], [2, 0, 0]])
    model = keras.Model(inputs, [outputs, by_hand._keras_mask])
    values, mask = model(x)
    np.testing.assert_array_equal(values[..., 0], x > 0)
    np.testing.assert_array_equal(mask, x > 0)
    assert getattr(layers.Dense(2)(keras.Input((3,))), "_keras_mask", None) is None


@pytest.mark.parametrize("draw", ["normal", "uniform", "truncated_normal", "randint"])
def test_random_numbers_in_the_shape_of_an_input(draw):
    bounds = {"minval": 3, "maxval": 5} if draw == "randint" else {}

    class Noise(layers.Layer):
        def call(self, inputs):
            seed = keras.random.SeedGenerator(1)
            shape = (ops.shape(inputs)[0], 2, ops.shape(inputs)[1])
            return ops.cast(getattr(keras.random, draw)(shape, seed=seed, **bounds), "float32")

    inputs = keras.Input((None,))
    model = keras.Model(inputs, Noise()(inputs))
    assert model.output_shape == (None, 2, None)
    values = np.asarray(model(np.ones((4, 3), "float32")))
    assert values.shape == (4, 2, 3) and values.std() > 0
    fixed = keras.Model(i := keras.Input((None,)), Noise()(i))(np.ones((4, 3), "float32"))
    np.testing.assert_array_equal(values, fixed)


@keras.saving.register_keras_serializable(package="tests")
class BuildWithMore(layers.Layer):
    """Is built from more than shapes."""

    def build(self, input_shape, start="zeros"):
        self.start, self.shape = start, input_shape
        self.kernel = self.add_weight(shape=(input_shape[-1],), initializer=start, name="kernel")

    def call(self, inputs):
        return inputs * self.kernel

    def get_build_config(self):
        return {"input_shape": self.shape, "start": self.start}

    def build_from_config(self, config):
        self.build(config["input_shape"], config["start"])


def test_own_build_config_comes_before_the_model_builds(tmp_path):
    layer = BuildWithMore()
    layer.build((None, 3), start="ones")
    keras.Sequential([keras.Input((3,)), layer]).save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.layers[0].start == "ones"


@pytest.mark.parametrize("kind", [TypeError, ValueError])
def test_unknown_class_is_told_in_keras_kind(kind):
    config = {"module": None, "class_name": "Absent", "config": {}, "registered_name": "Absent"}
    with pytest.raises(kind, match="unknown class 'Absent'") as caught:
        keras.saving.deserialize_keras_object(config)
    assert type(caught.value) is UnknownObjectError


def test_text_becomes_a_tensor():
    tensor = keras.ops.convert_to_tensor(np.array([["a", "bc"]]))
    assert tensor.dtype == "string" and tensor.shape == (1, 2)


@pytest.mark.parametrize("shape", [(1,), (4, 4, 1)])
def test_batch_normalization_of_one_channel_trains(shape, rng):
    x = rng.normal(5, 2, (64, *shape)).astype("float32")
    results = []
    for is_native in (True, False):
        keras.utils.set_random_seed(0)
        (keras.config.enable_kernels if is_native else keras.config.disable_kernels)()
        try:
            inputs = keras.Input(shape)
            hidden = layers.Flatten()(layers.BatchNormalization()(inputs))
            model = keras.Model(inputs, layers.Dense(1)(hidden))
            model.compile("sgd", "mse")
            model.fit(x, x.reshape(64, -1)[:, :1], epochs=2, shuffle=False, verbose=0)
        finally:
            keras.config.enable_kernels()
        results.append(model.get_weights())
    for native, plain in zip(*results, strict=True):
        np.testing.assert_allclose(native, plain, rtol=1e-4, atol=1e-5)
