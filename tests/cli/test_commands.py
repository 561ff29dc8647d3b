"""The commands end to end on the embedded data, and how failures are shown."""

import csv
import json
import re
import subprocess
import sys

import numpy as np
import pytest

import kerasish
from kerasish.cli.main import main
from kerasish.saving import load_model
from tests.support import REPOSITORY, shared_path

CONFIGS = REPOSITORY / "configs"


@pytest.fixture(scope="module")
def iris_run(tmp_path_factory):
    """The folder of a short run on iris."""
    folder = tmp_path_factory.mktemp("runs") / "iris"
    code = main(["train", str(CONFIGS / "iris.toml"), "--out", str(folder), "--device", "cpu"])
    assert code == 0
    return folder


@pytest.fixture(scope="module")
def digits_run(tmp_path_factory):
    """The folder of a short run on digits."""
    folder = tmp_path_factory.mktemp("runs") / "digits"
    arguments = ["train", str(CONFIGS / "digits_cnn.toml"), "--out", str(folder)]
    assert main([*arguments, "--device", "cpu", "--set", "fit.epochs=3"]) == 0
    return folder


def refused(capsys, *arguments):
    """The one line on stderr of a command that fails with exit code 2."""
    assert main([str(argument) for argument in arguments]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("kerasish: ")
    return lines[0]


def test_train_writes_everything_and_reaches_its_accuracy(iris_run):
    names = {"model.keras", "model.weights.h5", "history.csv", "curves.png", "run.json"}
    assert {path.name for path in iris_run.iterdir()} == names
    record = json.loads((iris_run / "run.json").read_text())
    assert record["figures"]["accuracy"] >= 0.9
    assert record["config"]["output"]["directory"] == str(iris_run)
    assert record["rows"] == {"train": 120, "test": 30}
    assert record["parameters"] == 4 * 16 + 16 + 16 * 3 + 3
    assert record["device"] == "cpu"
    assert record["versions"]["numpy"] == np.__version__
    rows = list(csv.DictReader((iris_run / "history.csv").read_text().splitlines()))
    assert [int(row["epoch"]) for row in rows] == list(range(1, 61))
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])


def test_train_says_what_was_written_and_what_to_do_next(tmp_path, capsys):
    folder = tmp_path / "run"
    arguments = ["train", CONFIGS / "iris.toml", "--out", folder, "--set", "fit.epochs=1"]
    assert main(list(map(str, arguments))) == 0
    text = capsys.readouterr().out
    assert "120 training and 30 test rows" in text
    assert "accuracy 0." in text
    for name in ("model.keras", "model.weights.h5", "history.csv", "curves.png", "run.json"):
        assert str(folder / name) in text
    assert f"kerasish evaluate {folder}" in text
    assert f"kerasish predict {folder} --index 0" in text


def test_train_with_the_same_seed_gives_the_same_weights(iris_run, tmp_path):
    weights = {}
    for seed, folder in ((4, "a"), (4, "b"), (5, "c")):
        arguments = ["train", CONFIGS / "iris.toml", "--out", tmp_path / folder, "--seed", seed]
        assert main([*map(str, arguments), "--set", "fit.epochs=2", "--device", "cpu"]) == 0
        weights[folder] = load_model(tmp_path / folder / "model.keras").get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(weights["a"], weights["b"], strict=True))
    assert not np.array_equal(weights["a"][0], weights["c"][0])


def test_train_again_replaces_the_earlier_run(tmp_path, capsys):
    arguments = ["train", str(CONFIGS / "iris.toml"), "--out", str(tmp_path)]
    for epochs in (1, 2):
        assert main([*arguments, "--set", f"fit.epochs={epochs}"]) == 0
    assert "holds an earlier run" in capsys.readouterr().out
    assert len((tmp_path / "history.csv").read_text().splitlines()) == 3


def test_evaluate_gives_the_recorded_figures(iris_run, capsys):
    assert main(["evaluate", str(iris_run), "--device", "cpu"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "data   iris: 30 test rows"
    measured, recorded = (line.split(maxsplit=1)[1] for line in lines[1:3])
    assert recorded == f"{measured} (recorded after training)"


def test_evaluate_on_an_unknown_device_is_refused(iris_run, capsys):
    assert "unknown device" in refused(capsys, "evaluate", iris_run, "--device", "tpu")


def test_predict_takes_numbers(iris_run, capsys):
    assert main(["predict", str(iris_run), "5.1,3.5,1.4,0.2"]) == 0
    first, second, third = capsys.readouterr().out.splitlines()
    assert first.split()[:2] == ["class", "setosa"]
    shares = [float(line.split()[-1].rstrip("%")) for line in (first, second, third)]
    assert sum(shares) == pytest.approx(100, abs=0.1)
    assert shares == sorted(shares, reverse=True)


def test_predict_takes_a_sample_as_number_and_as_picture(digits_run, tmp_path, capsys):
    picture = tmp_path / "sample.png"
    arguments = ["predict", str(digits_run)]
    assert main([*arguments, "--index", "3", "--save-sample", str(picture)]) == 0
    from_index = capsys.readouterr().out.splitlines()
    assert from_index[0] == f"wrote  {picture}"
    assert from_index[-1].startswith("truth  ")
    assert main([*arguments, str(picture)]) == 0
    assert capsys.readouterr().out.splitlines() == from_index[1:-1]


def test_predict_inverts_a_dark_digit_on_paper(digits_run, tmp_path, capsys):
    image = pytest.importorskip("PIL.Image", reason="needs the extra 'pictures'")
    pixels = np.full((60, 60), 250, dtype=np.uint8)
    pixels[10:50, 26:33] = 20
    image.fromarray(pixels).save(tmp_path / "one.png")
    assert main(["predict", str(digits_run), str(tmp_path / "one.png")]) == 0
    assert "the picture was inverted" in capsys.readouterr().out


def test_summary_shows_layers_of_run_and_config(iris_run, capsys):
    for target in (iris_run, CONFIGS / "iris.toml"):
        assert main(["summary", str(target)]) == 0
        text = capsys.readouterr().out
        assert "Dense" in text
        assert "131" in text


@pytest.mark.parametrize("form", ["h5", "keras"])
def test_export_writes_a_model_that_predicts_alike(iris_run, tmp_path, form, capsys):
    path = tmp_path / f"model.{form}"
    assert main(["export", str(iris_run), "--format", form, "--out", str(path)]) == 0
    assert str(path) in capsys.readouterr().out
    x = np.ones((2, 4), dtype=np.float32)
    expected = load_model(iris_run / "model.keras").predict(x, verbose=0)
    np.testing.assert_array_equal(load_model(path).predict(x, verbose=0), expected)


def test_export_numpy_writes_a_script_that_predicts_alike(iris_run, tmp_path):
    path = tmp_path / "model.py"
    assert main(["export", str(iris_run), "--format", "numpy", "--out", str(path)]) == 0
    x = np.linspace(-1, 2, 12, dtype=np.float32).reshape(3, 4)
    np.savez(tmp_path / "inputs.npz", x=x)
    run = [sys.executable, str(path), "inputs.npz", "outputs.npz"]
    subprocess.run(run, cwd=tmp_path, check=True, timeout=60)
    with np.load(tmp_path / "outputs.npz") as outputs:
        (found,) = outputs.values()
    expected = load_model(iris_run / "model.keras").predict(x, verbose=0)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)


def test_export_refuses_a_wrong_suffix(iris_run, tmp_path, capsys):
    arguments = ["export", iris_run, "--format", "h5", "--out", tmp_path / "model.keras"]
    assert "--out must end in .h5" in refused(capsys, *arguments)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("default:.*california_housing")
def test_regression_shows_the_error_in_dollars_beside_linear_regression(
    tmp_path, capsys, monkeypatch
):
    folder = shared_path("data/california_housing.npz").parent
    monkeypatch.setenv("KERASISH_DATA_DIR", str(folder))
    config = CONFIGS / "california_housing.toml"
    limits = ["--set", "data.train_limit=2000", "--set", "fit.epochs=3"]
    assert main(["train", str(config), "--out", str(tmp_path / "run"), *limits]) == 0
    text, notes = capsys.readouterr()
    assert "note: " in notes
    assert "perhaps in another order than Keras's file" in notes
    assert "mean absolute error" in text
    assert "linear regression's" in text
    figures = json.loads((tmp_path / "run" / "run.json").read_text())["figures"]
    assert 30_000 < figures["mean_absolute_error"] < 90_000
    assert 40_000 < figures["linear_regression_mean_absolute_error"] < 70_000


def test_datasets_lists_every_set_and_where_it_lies(capsys, monkeypatch, tmp_path):
    local, cache = tmp_path / "local", tmp_path / "home" / "datasets"
    for folder in (local, cache):
        folder.mkdir(parents=True)
    monkeypatch.setenv("KERASISH_HOME", str(cache.parent))
    monkeypatch.setenv("KERASISH_DATA_DIR", str(local))
    (local / "mnist.npz").write_bytes(b"")
    (cache / "boston_housing.npz").write_bytes(b"")
    assert main(["datasets"]) == 0
    rows = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line}
    assert rows["digits"].endswith("inside the package")
    assert rows["mnist"].endswith("in KERASISH_DATA_DIR")
    assert rows["boston_housing"].endswith("cached")
    assert rows["cifar10"].endswith("is downloaded when first used")
    assert "170.5 MB" in rows["cifar10"]


def test_datasets_fetch_of_an_embedded_set(capsys):
    assert main(["datasets", "--fetch", "iris"]) == 0
    assert "ships inside the package" in capsys.readouterr().out


def test_devices_and_info(capsys):
    assert main(["devices"]) == 0
    text = capsys.readouterr().out
    assert "cpu" in text
    assert ("no gpu: " in text) != ("gpu:0" in text)
    assert main(["info"]) == 0
    assert np.__version__ in capsys.readouterr().out


def test_help_shows_commands_and_examples(capsys):
    for arguments, words in (
        (["--help"], ["train", "evaluate", "predict", "export", "configs/digits_cnn.toml"]),
        (["train", "--help"], ["examples:", "validation_split", "target_scale", "--set"]),
        (["predict", "--help"], ["digit.png", "--invert", "5.1,3.5,1.4,0.2"]),
    ):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 0
        text = capsys.readouterr().out
        assert all(word in text for word in words)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["trian", "x.toml"], "did you mean 'train'"),
        (["train", "x.toml", "--sed", "3"], "did you mean '--seed'"),
        (["train"], "required: config"),
        (["export", "runs/x", "--format", "nunpy"], "did you mean 'numpy'"),
        ([], "required: COMMAND"),
    ],
)
def test_wrong_command_line_is_one_line_with_the_nearest_word(capsys, arguments, match):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert match in line


FAILURES = [
    (["train", "nowhere.toml"], "there is no such config"),
    (["train", "iris.toml", "--set", "fit.epoch=3"], "did you mean 'epochs'"),
    (["train", "iris.toml", "--set", "data.name=irsi"], "did you mean 'iris'"),
    (["train", "iris.toml", "--device", "tpu"], "unknown device"),
    (["train", "iris.toml", "--device", "gpu:99"], "there is no device gpu:99"),
    (["train", "iris.toml", "--set", "compile.optimizer=adum"], "no optimizer of this name"),
    (["train", "iris.toml", "--set", "fit.validation_split=1.0"], "validation_split"),
    (["evaluate", "nowhere"], "there is no finished run in this folder"),
    (["predict", "nowhere", "x.png"], "there is no finished run in this folder"),
    (["evaluate", "nowhere", "--device", "tpu"], "there is no finished run"),
    (["predict", "nowhere"], "give either an input or --index N"),
    (["predict", "nowhere", "x.png", "--save-sample", "y.png"], "--save-sample needs --index"),
    (["summary", "nowhere.toml"], "there is no such config"),
    (["datasets", "--fetch", "mnst"], "did you mean 'mnist'"),
]


@pytest.mark.parametrize(
    ("arguments", "match"), FAILURES, ids=[" ".join(row[0][:4]) for row in FAILURES]
)
def test_failure_is_one_line_and_writes_nothing(capsys, tmp_path, monkeypatch, arguments, match):
    monkeypatch.chdir(tmp_path)
    arguments = [CONFIGS / a if a == "iris.toml" else a for a in arguments]
    assert match in refused(capsys, *arguments)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "match"),
    [
        (["1,2,3"], "4 numbers with commas between"),
        (["a,b,c,d"], "not the features of one row"),
        (["--index", "30"], "no such test sample.*0 to 29"),
        (["--index", "-1"], "no such test sample"),
        (["--index", "1", "--save-sample", "x.png"], "--save-sample is for images"),
    ],
)
def test_predict_refuses_wrong_input(iris_run, capsys, monkeypatch, tmp_path, given, match):
    monkeypatch.chdir(tmp_path)
    line = refused(capsys, "predict", iris_run, *given)
    assert re.search(match, line)


def test_predict_refuses_a_file_that_is_absent_or_no_picture(digits_run, capsys, tmp_path):
    assert "there is no such file" in refused(capsys, "predict", digits_run, tmp_path / "no.png")
    (tmp_path / "bad.png").write_text("text")
    assert "no readable picture" in refused(capsys, "predict", digits_run, tmp_path / "bad.png")


def test_damaged_record_is_refused(iris_run, capsys, tmp_path):
    (tmp_path / "run.json").write_text((iris_run / "run.json").read_text()[:200])
    assert "the record is damaged" in refused(capsys, "evaluate", tmp_path)


def test_debug_shows_the_traceback(tmp_path):
    with pytest.raises(ValueError, match="there is no such config"):
        main(["train", str(tmp_path / "no.toml"), "--debug"])


def test_unforeseen_failure_is_one_line_that_names_its_type(monkeypatch, capsys):
    def fail(arguments):
        raise KeyError("weights")

    monkeypatch.setattr("kerasish.cli.commands.info.run", fail)
    assert "KeyError: 'weights' (--debug shows where)" in refused(capsys, "info")


def test_interruption_ends_with_130_and_one_line(monkeypatch, capsys):
    def interrupt(arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("kerasish.cli.commands.info.run", interrupt)
    assert main(["info"]) == 130
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("kerasish: interrupted")


def test_version_is_the_packages(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"kerasish {kerasish.__version__}\n"


def test_module_runs_as_a_command():
    done = subprocess.run(
        [sys.executable, "-m", "kerasish.cli", "evaluate", "nowhere"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("kerasish: nowhere: there is no finished run")
    assert done.stdout == ""
