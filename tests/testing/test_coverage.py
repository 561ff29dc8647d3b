"""Every public component has a row by which its contract is checked; kinds without tests here."""

import numpy as np
import pytest

from kerasish.testing import check_activation, check_callback, check_metric, check_schedule
from tests.testing.rows import (
    ACTIVATIONS,
    CALLBACKS,
    KINDS,
    ROWS,
    SCHEDULES,
    VALUE_METRICS,
    WITHOUT_ROW,
    aliases_left_out,
    public_classes,
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_public_component_has_a_row(kind):
    module, base = KINDS[kind]
    public = aliases_left_out(module, public_classes(module, base))
    excused = set(WITHOUT_ROW[kind])
    assert public - ROWS[kind] - excused == set(), "add a row to tests/<kind>/cases.py"
    assert ROWS[kind] & excused - {"MeanMetricWrapper", "RNN"} == set()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_keeps_the_contract(name):
    activation, options = ACTIVATIONS[name]
    assert len(check_activation(activation, **options)) >= 3


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedule_keeps_the_contract(name):
    assert len(check_schedule(SCHEDULES[name])) == 4


@pytest.mark.parametrize("name", CALLBACKS)
def test_callback_keeps_the_contract(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert len(check_callback(CALLBACKS[name])) == 5


@pytest.mark.parametrize("name", ["Mean", "Sum"])
def test_metric_of_values_keeps_the_contract(name):
    metric, options = VALUE_METRICS[name]
    values = np.random.default_rng(2).normal(size=9).astype("float32")
    assert len(check_metric(metric, values, **options)) >= 10
