"""The contract of every metric, and its dtype."""

import numpy as np
import pytest

from kerasish import metrics
from kerasish.testing import check_metric
from tests.metrics.cases import CASES

SAMPLES = 12


def make(case, **more):
    return getattr(metrics, case.name)(**{**case.options, **more})


def data_of(case, seed=0):
    return case.data(np.random.default_rng(seed), SAMPLES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_metric_keeps_the_contract(case):
    metric = make(case, name="mine")
    for seed in range(2):
        assert len(check_metric(metric, *data_of(case, seed))) >= 10
    assert set(case.options) <= set(metric.get_config())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_variables_are_float32_or_counts(case):
    metric = make(case)
    metric(*data_of(case))
    for variable in metric.variables:
        assert variable.dtype == ("int64" if metric.dtype == "int64" else "float32")
