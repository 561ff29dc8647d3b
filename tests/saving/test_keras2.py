"""Files of Keras 2 (tf_keras): configs translated, weights and optimizer state read."""

import json

import numpy as np
import pytest

from kerasish.errors import CheckpointError
from kerasish.models import model_from_json
from kerasish.saving import load_model
from kerasish.saving.keras2_config import translate
from tests.saving.reference import KERAS2, arrays, assert_close, manifest

CASES = manifest(KERAS2)
pytestmark = pytest.mark.skipif(not CASES, reason="the reference model files are absent")
WHOLE = ["model.h5", "model.keras"]


def io_of(name):
    return arrays(KERAS2 / name / "io.npz")


def inputs(io, prefix=""):
    found = [io[k] for k in sorted(io) if k.startswith(f"{prefix}x")]
    return found if len(found) > 1 else found[0]


def check(model, io, prefix):
    wanted = [io[k] for k in sorted(io) if k.startswith(prefix)]
    found = model.predict(inputs(io), verbose=0)
    assert_close(found, wanted if len(wanted) > 1 else wanted[0], 1e-5, "prediction")


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("file", WHOLE)
def test_whole_model_predicts_the_same(name, file):
    check(load_model(KERAS2 / name / file, compile=False), io_of(name), "trained_y")


@pytest.mark.parametrize("name", [c for c in CASES if c != "tfk_legacy_optimizer"])
def test_both_whole_forms_hold_the_same(name):
    a, b = (load_model(KERAS2 / name / file) for file in WHOLE)
    assert a.get_compile_config() == b.get_compile_config()
    for v, w in zip(a.optimizer.variables, b.optimizer.variables, strict=True):
        assert v.numpy().tobytes() == w.numpy().tobytes(), v.path


def test_file_without_optimizer_state_is_told():
    """`.keras` files of Keras 2 do not hold the state of optimizers from before TensorFlow 2.11."""
    with pytest.warns(UserWarning, match="holds no optimizer state"):
        model = load_model(KERAS2 / "tfk_legacy_optimizer" / "model.keras")
    assert model.compiled and int(model.optimizer.iterations) == 0


@pytest.mark.parametrize("name", CASES)
def test_uncompiled_model_predicts_the_same(name):
    model = load_model(KERAS2 / name / "model_uncompiled.h5")
    assert not model.compiled
    check(model, io_of(name), "y")


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("by_name", [None, True])
def test_weights_file_predicts_the_same(name, by_name):
    model = load_model(KERAS2 / name / "model.h5", compile=False)
    model.load_weights(KERAS2 / name / "weights.h5", by_name=by_name)
    check(model, io_of(name), "y")


@pytest.mark.parametrize("name", CASES)
def test_json_text_is_understood(name):
    text = (KERAS2 / name / "model.json").read_text()
    model = model_from_json(json.dumps(translate(json.loads(text))))
    model.load_weights(KERAS2 / name / "weights.h5")
    check(model, io_of(name), "y")


@pytest.mark.parametrize("name", CASES)
def test_optimizer_state_is_restored(name):
    """The slots after three steps give the same fourth step as slots made by three steps here."""
    io = io_of(name)
    model = load_model(KERAS2 / name / "model.h5")
    assert int(model.optimizer.iterations) == 3
    if name != "tfk_sequential_cnn":  # dropout: its three steps cannot be repeated
        own = load_model(KERAS2 / name / "model_uncompiled.h5")
        own.compile_from_config(model.get_compile_config())
        for step in range(3):
            own.reset_metrics()
            own.train_on_batch(*batch(io, step))
        for a, b in zip(model.weights, own.weights, strict=True):
            assert_close(a.numpy(), b.numpy(), 1e-4, a.path)
        for a, b in zip(model.optimizer.variables, own.optimizer.variables, strict=True):
            if np.abs(a.numpy() - b.numpy()).max(initial=0) > 1e-6:
                assert_close(a.numpy(), b.numpy(), 1e-3, a.path)
    assert np.isfinite(model.train_on_batch(*batch(io, 0), return_dict=True)["loss"])


def batch(io, step):
    targets = [io[k] for k in sorted(io) if k.startswith(f"step{step}/t")]
    return inputs(io, f"step{step}/"), targets if len(targets) > 1 else targets[0]


@pytest.mark.parametrize("name", CASES)
def test_written_again_it_is_a_keras_3_file(name, tmp_path):
    model = load_model(KERAS2 / name / "model.h5")
    for ending in ("keras", "h5"):
        model.save(tmp_path / f"again.{ending}")
        again = load_model(tmp_path / f"again.{ending}")
        check(again, io_of(name), "trained_y")
        for a, b in zip(model.optimizer.variables, again.optimizer.variables, strict=True):
            assert a.numpy().tobytes() == b.numpy().tobytes()


def node(name, call=0, **arguments):
    return [name, call, 0, arguments]


def layer(class_name, name, calls, **config):
    return {
        "class_name": class_name,
        "name": name,
        "config": {"name": name, **config},
        "inbound_nodes": calls,
    }


def graph(name, layers, outputs):
    start = layer("InputLayer", f"{name}_in", [], batch_input_shape=[None, 3], dtype="float32")
    config = {
        "layers": [start, *layers],
        "input_layers": [[f"{name}_in", 0, 0]],
        "output_layers": outputs,
    }
    return layer("Functional", name, [], **config)


@pytest.mark.parametrize("last", [1, 2])
def test_calls_of_inner_models_are_counted_as_keras_2_does(last):
    """Call 0 of a model with an Input is its own making, so its calls here are 1 and 2."""
    dense = layer("Dense", "dense", [[node("inner_in")]], units=3, activation="linear")
    inner = graph("inner", [dense], [["dense", 0, 0]])
    inner["inbound_nodes"] = [[node("outer_in")], [node("inner", 1)]]
    both = layer("Add", "both", [[node("inner", 1), node("inner", 2)]])
    outer = graph("outer", [inner, both], [["inner", last, 0], ["both", 0, 0]])
    model = model_from_json(json.dumps(translate(outer)))
    x = np.ones((2, 3), "float32")
    once = x @ model.get_layer("inner").get_layer("dense").kernel.numpy()
    twice = once @ model.get_layer("inner").get_layer("dense").kernel.numpy()
    found = model.predict(x, verbose=0)
    assert_close(found[0], twice if last == 2 else once, 1e-6, "inner")
    assert_close(found[1], once + twice, 1e-6, "both")


def test_code_of_a_lambda_layer_is_refused():
    code = {"class_name": "Lambda", "config": {"name": "f", "function": ["4wEAAAA=", None, None]}}
    with pytest.raises(CheckpointError, match="Lambda layer, whose code is never run"):
        translate({"class_name": "Sequential", "config": {"layers": [code]}})


def test_unknown_tensorflow_function_is_named():
    call = {
        "class_name": "TFOpLambda",
        "config": {"name": "f", "function": "raw_ops.Quantile"},
        "inbound_nodes": [["a", 0, 0, {}]],
    }
    with pytest.raises(CheckpointError, match=r"raw_ops\.Quantile"):
        translate(call)


OLD_WORDS = [
    ("Dense", {"units": 2, "activity_regularizer": None}, {"units": 2}),
    ("LeakyReLU", {"alpha": 0.25}, {"negative_slope": 0.25}),
    ("BatchNormalization", {"axis": [3]}, {"axis": 3}),
    ("LSTM", {"units": 3, "time_major": False, "implementation": 2}, {"units": 3}),
    ("Embedding", {"input_dim": 3, "output_dim": 2, "input_length": 4}, {"input_dim": 3}),
    ("InputLayer", {"batch_input_shape": [None, 3]}, {"batch_shape": [None, 3]}),
    ("DepthwiseConv2D", {"kernel_size": [3, 3], "groups": 1}, {"kernel_size": [3, 3]}),
]


@pytest.mark.parametrize(("name", "old", "wanted"), OLD_WORDS, ids=[w[0] for w in OLD_WORDS])
def test_old_arguments_are_translated(name, old, wanted):
    new = translate({"class_name": name, "config": old})["config"]
    assert wanted.items() <= new.items()
    assert not {"alpha", "time_major", "implementation", "input_length", "batch_input_shape"} & set(
        new
    )
