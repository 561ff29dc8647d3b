"""The runner with kerasish alone: processes, their protocol, workloads and operations."""

import importlib.util
import sys

import numpy
import pytest
import race
from runner import run_workload
from workloads import WORKLOADS, Workload, arrays, keras_models
from workloads.operation_cases import OPERATIONS
from workloads.operations_kerasish import SingleOperation

import kerasish


@pytest.fixture(scope="module")
def competitor():
    process = race.Process("kerasish", threads=1)
    yield process
    process.close()


def test_a_race_of_one(competitor):
    assert competitor.answer()["versions"]["kerasish"] == kerasish.__version__
    result = run_workload([competitor], WORKLOADS["tiny"], rounds=2, seconds=0.05, variants={})
    times = result["times"]["kerasish"]
    first, second = times["losses"]
    assert second < first
    assert 0 < times["minimum"] <= times["median"] and len(times["rounds"]) == 2
    assert result["failed"] == {} and "against" not in result
    memory = competitor.ask(do="train", epochs=2)["memory"]
    assert len(memory) == 2 and memory[0] > 0


def test_errors_of_a_competitor_name_it_and_leave_it_alive(competitor):
    with pytest.raises(RuntimeError, match="kerasish: ValueError: no action 'dance'"):
        competitor.ask(do="dance")
    unknown = Workload("x", "x", model="none")
    result = run_workload([competitor], unknown, rounds=1, seconds=0.01, variants={})
    assert "KeyError" in result["failed"]["kerasish"] and result["times"] == {}
    assert competitor.ask(do="memory")["peak"] > 0


def test_first_step(competitor):
    seconds = competitor.ask(do="first_step", workload=WORKLOADS["tiny"].as_message())
    assert set(seconds) == {"build", "first", "second"} and min(seconds.values()) > 0


def test_rivals_are_those_that_the_interpreter_has():
    found, missing = race.find_rivals([sys.executable])
    assert set(found) | set(missing) == set(race.MODULES)
    for kind, modules in race.MODULES.items():
        assert (kind in found) == all(importlib.util.find_spec(name) for name in modules)
    with pytest.raises(SystemExit, match="does not run"):
        race.find_rivals(["false"])


def test_environment_favours_nobody(monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    environment = race.clean_environment("keras-jax")
    assert not any(name.startswith(("OPENBLAS_", "OMP_")) for name in environment)
    assert environment["KERAS_BACKEND"] == "jax"
    assert "KERAS_BACKEND" not in race.clean_environment("kerasish")


@pytest.mark.parametrize("name", WORKLOADS)
def test_every_workload_has_a_model_and_data_that_fit(name):
    workload = WORKLOADS[name]
    assert Workload.from_message(workload.as_message()) == workload
    model = keras_models.build(kerasish, workload)
    x, y = arrays.data_set(workload, 2)
    assert model(x).shape == (2, arrays.classes(workload)) and y.shape == (2,)
    again = keras_models.build(kerasish, workload)
    for one, other in zip(model.get_weights(), again.get_weights(), strict=True):
        numpy.testing.assert_array_equal(one, other)


def smallest_operations():
    """Of each function the operation on the smallest arrays."""
    chosen = {}
    for operation in OPERATIONS.values():
        size = sum(numpy.prod(shape) for shape in operation.shapes)
        if operation.function not in chosen or size < chosen[operation.function][0]:
            chosen[operation.function] = size, operation
    return [operation for _, operation in chosen.values()]


@pytest.mark.parametrize("operation", smallest_operations(), ids=lambda o: o.function)
def test_every_operation_runs(operation):
    assert OPERATIONS[operation.name] is operation
    for gradient in (False, True)[: 1 + operation.gradient]:
        workload = operation.as_workload(gradient)
        result = SingleOperation(workload, {}).call()
        if gradient:
            y, gradients = result
            floats = operation.arrays()[1 if operation.high else 0 :]
            assert [g.shape for g in gradients] == [a.shape for a in floats]
        figure, unit = operation.rate(2.0, gradient)
        assert figure > 0 and unit in ("GFLOP/s", "GB/s")
