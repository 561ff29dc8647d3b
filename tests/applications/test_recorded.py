"""Every architecture has the parameters, weights and layers that real Keras's has."""

import csv
import importlib
import inspect
from pathlib import Path

import pytest

from kerasish import applications
from tests.applications import reference

RECORDED = (Path(__file__).parent / "recorded.tsv").read_text(encoding="utf-8")
ROWS = list(csv.DictReader(RECORDED.splitlines(), delimiter="\t"))
TITLES = sorted({row["architecture"] for row in ROWS})
COMMON = {"include_top", "weights", "input_tensor", "input_shape", "pooling", "classes", "name"}


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r['architecture']}-{r['include_top']}")
def test_facts_are_those_of_real_keras(row, light_weights):
    build = getattr(applications, row["architecture"])
    model = build(weights=None, include_top=row["include_top"] == "1")
    parameters, weights, layers = reference.facts(model)
    assert parameters == int(row["parameters"])
    assert layers == row["layers"], [layer.name for layer in model.layers]
    assert weights == row["weights"], [(w.path, w.shape) for w in model.weights]


def test_the_table_is_complete():
    public = [name for name in applications.__all__ if name[0].isupper()]
    assert TITLES == public and len(public) == 40
    assert len(ROWS) == 2 * len(TITLES) - len(reference.SKIPPED)


@pytest.mark.parametrize("title", TITLES)
def test_functions_take_what_keras_takes(title):
    build = getattr(applications, title)
    home = importlib.import_module(build.__module__)
    assert getattr(home, title) is build and title in home.__all__
    parameters = inspect.signature(build).parameters
    assert COMMON | {"classifier_activation"} <= set(parameters)
    assert parameters["weights"].default == "imagenet"


def test_a_misspelled_name_is_no_attribute():
    with pytest.raises(AttributeError, match="ResNet51"):
        applications.ResNet51  # noqa: B018
