"""Metrics against values that real Keras wrote after each of three batches."""

import json

import numpy as np
import pytest

from kerasish import metrics
from tests.support import shared_path, shared_root

INDEX = shared_root() / "fixtures/traces/metrics.json"
CASES = json.loads(INDEX.read_text())["cases"] if INDEX.exists() else []


@pytest.fixture(scope="module")
def arrays():
    with np.load(shared_path("fixtures/traces/metrics.npz")) as file:
        return dict(file)


def test_there_are_cases():
    shared_path("fixtures/traces/metrics.json")
    assert len(CASES) == 132


@pytest.mark.filterwarnings("ignore:.*float weights are cut to integers")
@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['id']}-{c['metric']}")
def test_results_are_those_of_keras(case, arrays):
    metric = getattr(metrics, case["metric"])(**case["config"])
    key, *column = case["inputs"].split()
    for i in range(3):
        y_true, y_pred = (arrays[f"in/{i}/{key}/{name}"] for name in ("y_true", "y_pred"))
        batch = (y_true[:, 0],) if column else (y_true, y_pred)
        weight = arrays[f"in/{i}/sample_weight"] if case["sample_weight"] else None
        metric.update_state(*batch, sample_weight=weight)
        expected = arrays[f"out/{case['id']}"][i]
        np.testing.assert_allclose(metric.result(), expected, rtol=1e-5, atol=1e-6)
    assert [list(v.shape) for v in metric.variables] == case["variables"]
