"""Every shipped config reaches the accuracy that is stated for it, from its own seed."""

import json

import pytest

from kerasish.cli.main import main
from tests.support import REPOSITORY, shared_path

# config, figure, least value, file it needs; the lossy part of CIFAR-10 has no stated figure
TARGETS = [
    ("digits_cnn", "accuracy", 0.98, None),
    ("iris", "accuracy", 0.93, None),
    ("mnist_mlp", "accuracy", 0.978, "mnist.npz"),
    ("mnist_cnn", "accuracy", 0.99, "mnist.npz"),
    ("fashion_mnist_cnn", "accuracy", 0.90, "train-images-idx3-ubyte.gz"),
    ("imdb_lstm", "accuracy", 0.83, "imdb.npz"),
]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(7200),
    pytest.mark.filterwarnings("default:.* is (a part of|the same)"),
]


def figures_of(name, needs, folder, monkeypatch):
    """Train a config and return its test figures."""
    if needs is not None:
        monkeypatch.setenv("KERASISH_DATA_DIR", str(shared_path(f"data/{needs}").parent))
    config = REPOSITORY / "configs" / f"{name}.toml"
    assert main(["train", str(config), "--out", str(folder)]) == 0
    return json.loads((folder / "run.json").read_text())["figures"]


@pytest.mark.parametrize(
    ("name", "figure", "least", "needs"), TARGETS, ids=[row[0] for row in TARGETS]
)
def test_config_reaches_its_figure(name, figure, least, needs, tmp_path, monkeypatch):
    assert figures_of(name, needs, tmp_path / "run", monkeypatch)[figure] >= least


def test_california_housing_beats_linear_regression(tmp_path, monkeypatch):
    figures = figures_of(
        "california_housing", "california_housing.npz", tmp_path / "run", monkeypatch
    )
    baseline = figures["linear_regression_mean_absolute_error"]
    assert figures["mean_absolute_error"] < 0.8 * baseline
