"""Training in half precision: accuracy, dtypes on the way, and the dynamic scale of the loss."""

import numpy as np
import pytest

import kerasish
from kerasish import datasets, dtype_policies, layers, ops, optimizers
from kerasish.optimizers import SGD, LossScaleOptimizer


@pytest.fixture(autouse=True)
def global_policy_as_before():
    yield
    dtype_policies.set_dtype_policy(None)


def make_model(policy, **options):
    dtype_policies.set_dtype_policy(policy)
    kerasish.utils.set_random_seed(3)
    model = kerasish.Sequential(
        [
            layers.Input((8, 8, 1)),
            layers.Rescaling(1 / 16),
            layers.Conv2D(8, 3, activation="relu"),
            layers.BatchNormalization(momentum=0.8),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.1),
            layers.Dense(10),
            layers.Activation("softmax", dtype="float32"),
        ]
    )
    model.compile(
        optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"], **options
    )
    return model


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_digits_are_learnt_under_each_policy(policy):
    (x, y), (x_test, y_test) = datasets.digits.load_data()
    model = make_model(policy)
    history = model.fit(x[..., None], y, epochs=6, batch_size=64, verbose=0).history
    assert model.evaluate(x_test[..., None], y_test, verbose=0)[1] > 0.93
    assert history["loss"][-1] < 0.5 * history["loss"][0]
    assert all(w.dtype == "float32" for w in model.weights)
    assert isinstance(model.optimizer, LossScaleOptimizer) == (policy == "mixed_float16")
    assert model.predict(x_test[:3, ..., None], verbose=0).dtype == np.float32


def test_layers_compute_in_half_precision_with_float32_weights():
    model = make_model("mixed_float16")
    x = np.ones((2, 8, 8, 1), "float32")
    dtypes = {}
    for layer in model.layers:
        x = layer(x)
        dtypes[layer.name.rstrip("_0123456789")] = x.dtype
    assert dtypes.pop("activation") == "float32"
    assert set(dtypes.values()) == {"float16"}


def test_whole_half_precision_trains_too():
    (x, y), _ = datasets.digits.load_data()
    model = make_model("bfloat16")
    # Not Adam, of which 1 - beta_2 is zero in bfloat16, here and in Keras.
    model.compile(SGD(0.1), "sparse_categorical_crossentropy")
    history = model.fit(x[:512, ..., None], y[:512], epochs=3, batch_size=64, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert model.layers[1].kernel.dtype == "bfloat16"


def one_weight(optimizer, policy="mixed_float16"):
    dtype_policies.set_dtype_policy(policy)
    model = kerasish.Sequential(
        [layers.Input((1,)), layers.Dense(1, use_bias=False, kernel_initializer="ones")]
    )
    model.compile(optimizer, "mse")
    return model


X, Y = np.ones((4, 1), "float32"), np.full((4, 1), 3.0, "float32")


@pytest.mark.parametrize("run_eagerly", [False, True], ids=["compiled", "eager"])
def test_steps_that_overflow_are_skipped_and_halve_the_scale(run_eagerly):
    optimizer = LossScaleOptimizer(SGD(0.1), initial_scale=2.0**18)
    model = one_weight(optimizer)
    model.run_eagerly = run_eagerly
    weights, scales = [], []
    for _ in range(6):
        model.train_on_batch(X, Y)
        weights.append(model.weights[0].numpy().item())
        scales.append(float(optimizer.dynamic_scale))
    skipped = [w == 1.0 for w in weights]
    assert skipped[0] and not skipped[-1]
    count = sum(skipped)
    assert skipped == [True] * count + [False] * (6 - count)
    assert scales[:count] == [2.0 ** (17 - i) for i in range(count)]
    assert scales[-1] == scales[count - 1]
    assert int(optimizer.iterations) == 6 - count
    assert weights[count] == pytest.approx(1.4, abs=1e-3)  # 1 + 0.1 * 2 * (3 - 1)


def test_scale_grows_after_enough_finite_steps_in_fit():
    optimizer = LossScaleOptimizer(SGD(0.01), initial_scale=4.0, dynamic_growth_steps=3)
    model = one_weight(optimizer)
    model.fit(X, Y, epochs=7, batch_size=4, verbose=0)
    assert float(optimizer.dynamic_scale) == 16.0
    assert int(optimizer.step_counter) == 1


def test_small_gradients_survive_with_the_scale_and_vanish_without():
    def loss(y_true, y_pred):
        return ops.mean(y_pred, axis=-1) * 1e-4

    tiny = np.full((4, 1), 1e-4, "float32")  # the gradient, 1e-8, is below float16's smallest
    found = {}
    for scaled in (True, False):
        dtype_policies.set_dtype_policy("mixed_float16")
        model = kerasish.Sequential(
            [layers.Input((1,)), layers.Dense(1, use_bias=False, kernel_initializer="ones")]
        )
        model.compile(SGD(1e6), loss, auto_scale_loss=scaled)
        model.fit(tiny, Y, epochs=1, batch_size=4, verbose=0)
        found[scaled] = model.weights[0].numpy().item()
    assert found[False] == 1.0
    assert found[True] == pytest.approx(1.0 - 1e6 * 1e-8, abs=2e-3)


def test_model_with_a_loss_scale_survives_a_file(tmp_path):
    model = one_weight(optimizers.Adam(0.01))
    model.fit(X, Y, epochs=2, verbose=0)
    model.save(tmp_path / "half.keras")
    twin = kerasish.saving.load_model(tmp_path / "half.keras")
    assert isinstance(twin.optimizer, LossScaleOptimizer)
    for a, b in zip(twin.optimizer.variables, model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    for m in (model, twin):
        m.fit(X, Y, epochs=1, verbose=0)
    np.testing.assert_array_equal(twin.weights[0].numpy(), model.weights[0].numpy())
