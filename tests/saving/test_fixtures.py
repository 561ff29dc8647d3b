"""Model files that real Keras 3 wrote: loaded, run, written again, trained on from."""

import json

import numpy as np
import pytest

from kerasish.core import names
from kerasish.models import model_from_json
from kerasish.saving import load_model
from tests.saving.reference import (
    KERAS,
    arrays,
    assert_close,
    config_of,
    layout,
    manifest,
    nested,
    open_weights,
    tolerance,
)

CASES = manifest(KERAS)
pytestmark = [
    pytest.mark.skipif(not CASES, reason="the reference model files are absent"),
    pytest.mark.usefixtures("custom_classes"),
]
ALL = list(CASES)
WITH_H5 = [c for c in CASES if "model.h5" in CASES[c]["files"]]
TRAINED = [c for c in CASES if "train.npz" in CASES[c]["files"]]
# TensorFlow squares the gradient of an embedding row by row of the batch before it adds up rows of
# the same token, so its Adam takes other steps; Keras on JAX trains as we do, with these losses.
JAX_LOSSES = {
    "bidirectional_masked": [0.6559044122695923, 0.6832001209259033, 0.7771028876304626],
    "transformer_block": [1.1618317365646362, 1.1576672792434692, 1.1028846502304077],
    "transformer_causal_preln": [5.27738094329834, 4.702414035797119, 5.063330173492432],
}
RESUMED = [c for c in CASES if "trained.keras" in CASES[c]["files"]]


def check_predictions(model, name, arrays_of=None, prefix="y"):
    case, io = CASES[name], arrays(KERAS / name / "io.npz")
    outputs = case["outputs"]
    outputs = outputs if isinstance(outputs, list) else list(outputs.values())
    wanted = {o: (arrays_of or io)[o.replace("y", prefix, 1)] for o in outputs}
    found = model.predict(nested(case["inputs"], io), verbose=0)
    assert_close(found, nested(case["outputs"], wanted), tolerance(name, 1e-5), "prediction")


def built_from_config(name):
    model = model_from_json((KERAS / name / "model.json").read_text())
    if not model.built:
        model(nested(CASES[name]["inputs"], arrays(KERAS / name / "io.npz")))
    return model


@pytest.mark.parametrize("name", ALL)
def test_keras_file_predicts_the_same(name):
    model = load_model(KERAS / name / "model.keras")
    assert type(model).__name__ == CASES[name]["class_name"]
    assert [(w.path, list(w.shape), w.dtype, w.trainable) for w in model.weights] == [
        (w["path"], w["shape"], w["dtype"], w["trainable"]) for w in CASES[name]["weights"]
    ]
    check_predictions(model, name)


@pytest.mark.parametrize("name", ALL)
def test_weights_file_predicts_the_same(name):
    model = built_from_config(name)
    model.load_weights(KERAS / name / "model.weights.h5")
    check_predictions(model, name)


@pytest.mark.parametrize("name", WITH_H5)
def test_legacy_file_predicts_the_same(name):
    check_predictions(load_model(KERAS / name / "model.h5"), name)


@pytest.mark.parametrize("name", WITH_H5)
def test_weights_of_legacy_file_predict_the_same(name):
    model = built_from_config(name)
    model.load_weights(KERAS / name / "model.h5")
    check_predictions(model, name)


def assert_same_state(a, b):
    assert [w.path for w in a.weights] == [w.path for w in b.weights]
    for v, w in zip(a.weights, b.weights, strict=True):
        assert v.dtype == w.dtype and v.numpy().tobytes() == w.numpy().tobytes()
    assert (a.optimizer is None) == (b.optimizer is None)
    if a.optimizer is not None:
        assert a.optimizer.get_config() == b.optimizer.get_config()
        for v, w in zip(a.optimizer.variables, b.optimizer.variables, strict=True):
            assert v.numpy().tobytes() == w.numpy().tobytes(), v.path


@pytest.mark.parametrize("name", ALL)
def test_keras_file_round_trip_is_exact(name, tmp_path):
    file = "trained.keras" if name in RESUMED else "model.keras"
    model = load_model(KERAS / name / file)
    model.save(tmp_path / "again.keras")
    names.reset()
    again = load_model(tmp_path / "again.keras")
    assert_same_state(model, again)
    assert model.get_config() == again.get_config()


@pytest.mark.parametrize("name", ALL)
def test_weights_file_round_trip_is_exact(name, tmp_path):
    model = load_model(KERAS / name / "model.keras")
    model.save_weights(tmp_path / "again.weights.h5")
    names.reset()
    again = load_model(KERAS / name / "model.keras")
    for w in again.weights:
        w.assign(np.zeros(w.shape))
    again.load_weights(tmp_path / "again.weights.h5")
    assert_same_state(model, again)


@pytest.mark.parametrize("name", WITH_H5)
def test_legacy_file_round_trip_is_exact(name, tmp_path):
    file = "trained.h5" if name in RESUMED else "model.h5"
    model = load_model(KERAS / name / file)
    model.save(tmp_path / "again.h5")
    assert_same_state(model, load_model(tmp_path / "again.h5"))


@pytest.mark.parametrize("name", ALL)
def test_config_is_keras_own(name, tmp_path):
    model = load_model(KERAS / name / "model.keras")
    model.save(tmp_path / "again.keras")
    wanted, found = (
        plain(config_of(p)) for p in (KERAS / name / "model.keras", tmp_path / "again.keras")
    )
    assert found == wanted


def plain(config):
    """A config without ids of shared objects and without the modules of custom classes."""
    if isinstance(config, dict):
        config = {k: plain(v) for k, v in config.items() if k != "shared_object_id"}
        if str(config.get("registered_name")).startswith("fixtures>"):
            config["module"] = None
        return config
    return [plain(v) for v in config] if isinstance(config, list) else config


FILES = [
    *[(n, "model.keras") for n in ALL],
    *[(n, "model.weights.h5") for n in ALL],
    *[(n, "trained.keras") for n in RESUMED],
    *[(n, "model.h5") for n in WITH_H5],
    *[(n, "trained.h5") for n in RESUMED],
]


@pytest.mark.parametrize(("name", "file"), FILES, ids=[f"{n}-{f}" for n, f in FILES])
def test_layout_is_keras_own(name, file, tmp_path):
    """Groups, data sets, shapes, dtypes and attributes; texts of attributes are compared below."""
    is_trained = file.startswith("trained")
    model = load_model(KERAS / name / ("trained.keras" if is_trained else "model.keras"))
    if model.optimizer is not None and not is_trained:
        model.compile_from_config({**model.get_compile_config()})
        model.optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
    path = tmp_path / f"again{file[file.index('.') :]}"
    (model.save_weights if file.endswith(".weights.h5") else model.save)(path)
    with open_weights(KERAS / name / file) as wanted, open_weights(path) as found:
        wanted, found = layout(wanted), layout(found)
    for facts in (wanted, found):
        for attributes in facts.values():
            for key in ("backend", "keras_version"):
                if key in attributes:
                    attributes[key] = attributes[key][:3]
        for key in ("model_config", "training_config"):
            if key in facts[""]:
                *kind, text = facts[""].pop(key)
                facts[key] = (kind, plain(json.loads(text)))
    assert found == wanted


@pytest.mark.parametrize("name", TRAINED)
def test_three_training_steps_are_reproduced(name):
    model, data = load_model(KERAS / name / "model.keras"), arrays(KERAS / name / "train.npz")
    for step in range(3):
        logs = train(model, name, data, step)
        wanted = CASES[name]["train_logs"][step]
        assert sorted(logs) == sorted(wanted)
        if name in JAX_LOSSES:
            wanted = {"loss": JAX_LOSSES[name][step]}
        for key, value in wanted.items():
            assert logs[key] == pytest.approx(value, rel=1e-5, abs=1e-6), key
        if step == 0 and name not in JAX_LOSSES:
            compare_weights(model.weights, data, "after1", noise_in(name, data))
    assert [v.path for v in model.optimizer.variables] == CASES[name]["optimizer_variables"]
    if name not in JAX_LOSSES:
        compare_weights(model.weights, data, "after3", noise_in(name, data))
        compare_optimizer(model.optimizer, data)


@pytest.mark.parametrize("name", RESUMED)
@pytest.mark.parametrize("file", ["trained.keras", "trained.h5"])
def test_training_resumes_from_saved_optimizer(name, file):
    model, data = load_model(KERAS / name / file), arrays(KERAS / name / "train.npz")
    for i, weight in enumerate(model.weights):
        assert weight.numpy().tobytes() == data[f"after3/{i:03d}"].tobytes(), weight.path
    if file == "trained.keras":
        check_predictions(model, name, data, "trained_y")
    for step in range(3, 6):
        loss = train(model, name, data, step)["loss"]
        assert loss == pytest.approx(data["resume_loss"][step - 3], rel=1e-5)
    compare_weights(model.weights, data, "after6")


@pytest.mark.parametrize("name", [c for c in TRAINED if "fit_args" in CASES[c]])
def test_fit_is_reproduced(name):
    model, data = load_model(KERAS / name / "model.keras"), arrays(KERAS / name / "train.npz")
    x, t = (nested_step(data, "fit", kind, name) for kind in ("inputs", "targets"))
    history = model.fit(x, t, verbose=0, **CASES[name]["fit_args"]).history
    wanted = CASES[name]["fit_history"]
    assert sorted(history) == sorted(wanted)
    for key in wanted:
        assert history[key] == pytest.approx(wanted[key], rel=1e-4), key
    compare_weights(model.weights, data, "fit_after")


def nested_step(data, step, kind, name):
    """The arrays step3/x0, step3/x1, ... in the model's structure."""
    letter = "x" if kind == "inputs" else "t"
    found = {k.rpartition("/")[2]: v for k, v in data.items() if k.startswith(f"{step}/{letter}")}
    structure = CASES[name]["inputs" if kind == "inputs" else "outputs"]
    values = {n.replace("y", "t"): v for n, v in found.items()}
    if isinstance(structure, dict):
        return {k: values[v.replace("y", "t")] for k, v in structure.items()}
    return nested([n.replace("y", "t") for n in structure], values)


def train(model, name, data, step):
    """Logs of one recorded step, metrics reset before it."""
    model.reset_metrics()
    x, t = (nested_step(data, f"step{step}", kind, name) for kind in ("inputs", "targets"))
    weight = data.get(f"step{step}/sample_weight")
    return model.train_on_batch(x, t, sample_weight=weight, return_dict=True)


def noise_in(name, data):
    """Paths of weights whose gradient is zero but for rounding: a bias in front of a normalization.

    What Adam makes of such gradients is rounding, too.
    """
    found = set()
    for i, path in enumerate(CASES[name]["optimizer_variables"]):
        if path.endswith("_momentum") and np.abs(data[f"opt3/{i:03d}"]).max(initial=0) < 1e-6:
            found.add(path.partition("/")[2].removesuffix("_momentum"))
    return found


def compare_weights(variables, data, prefix, noise=()):
    for i, variable in enumerate(variables):
        is_noise = variable.path.replace("/", "_") in noise
        assert_close(
            variable.numpy(), data[f"{prefix}/{i:03d}"], 1e-2 if is_noise else 1e-4, variable.path
        )


def compare_optimizer(optimizer, data):
    for i, variable in enumerate(optimizer.variables):
        wanted = data[f"opt3/{i:03d}"]
        floor = 1e-6 if variable.path.endswith("momentum") else 1e-12
        if np.abs(variable.numpy() - wanted).max() > floor:
            assert_close(variable.numpy(), wanted, 1e-4, variable.path)
