"""What holds for every metric: batches, weights, resetting, merging, config, traced form."""

import numpy as np
import pytest

from kerasish import metrics, ops
from kerasish.core.function import function
from kerasish.core.spec import TensorSpec
from tests.metrics.cases import CASES

CLOSE = {"rtol": 1e-5, "atol": 4e-6}  # compiled sums add up in another order
SAMPLES = 12
PARTS = [slice(0, 5), slice(5, 6), slice(6, 12)]


def make(case, **more):
    return getattr(metrics, case.name)(**{**case.options, **more})


def data_of(case, seed=0):
    arrays = case.data(np.random.default_rng(seed), SAMPLES)
    return [a.astype("float32") if a.dtype == "float64" else a for a in arrays]


def weights_of(case, seed=0):
    rng = np.random.default_rng(seed + 100)
    if case.weight_dtype == "int32":
        return rng.integers(0, 4, SAMPLES).astype("int32")
    return rng.uniform(0, 2, SAMPLES).astype("float32")


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("is_weighted", [False, True], ids=["plain", "weighted"])
def test_the_split_into_batches_does_not_matter(case, is_weighted):
    for seed in range(2):
        y_true, y_pred = data_of(case, seed)
        weight = weights_of(case, seed) if is_weighted else None
        whole, parts = make(case), make(case)
        whole.update_state(y_true, y_pred, sample_weight=weight)
        for part in PARTS:
            parts.update_state(
                y_true[part], y_pred[part], sample_weight=None if weight is None else weight[part]
            )
        np.testing.assert_allclose(parts.result(), whole.result(), **CLOSE)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_merging_is_seeing_all_batches(case):
    y_true, y_pred = data_of(case)
    whole, merged, others = make(case), make(case), [make(case), make(case), make(case)]
    whole.update_state(y_true, y_pred)
    for metric, part in zip(others, PARTS, strict=True):
        metric.update_state(y_true[part], y_pred[part])
    merged.merge_state([*others, make(case)])
    np.testing.assert_allclose(merged.result(), whole.result(), **CLOSE)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_integer_weights_are_repetitions(case):
    y_true, y_pred = data_of(case)
    times = np.array([2, 0, 1, 3, 1, 0, 1, 2, 1, 1, 0, 4])
    weighted, repeated = make(case), make(case)
    weighted.update_state(y_true, y_pred, sample_weight=times.astype(case.weight_dtype))
    repeated.update_state(np.repeat(y_true, times, 0), np.repeat(y_pred, times, 0))
    np.testing.assert_allclose(weighted.result(), repeated.result(), **CLOSE)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_column_of_weights_is_a_list_of_weights(case):
    y_true, y_pred = data_of(case)
    weight = weights_of(case)
    flat, column = make(case), make(case)
    flat.update_state(y_true, y_pred, sample_weight=weight)
    column.update_state(y_true, y_pred, sample_weight=weight[:, None])
    np.testing.assert_allclose(column.result(), flat.result(), **CLOSE)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reset_forgets(case):
    y_true, y_pred = data_of(case)
    metric = make(case)
    first = metric(y_true, y_pred).numpy()
    metric.reset_state()
    assert all(not v.numpy().any() for v in metric.variables)
    np.testing.assert_array_equal(metric(y_true, y_pred), first)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_variables_are_float32_or_counts_and_not_trainable(case):
    metric = make(case, name="mine")
    metric(*data_of(case))
    assert metric.variables
    for variable in metric.variables:
        assert not variable.trainable and variable.path.startswith("mine/")
        assert variable.dtype == ("int64" if metric.dtype == "int64" else "float32")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_config_makes_the_same_metric(case):
    metric = make(case, name="mine")
    config = metrics.serialize(metric)
    assert config["module"] == "keras.metrics" and config["class_name"] == case.name
    for twin in (type(metric).from_config(metric.get_config()), metrics.deserialize(config)):
        assert type(twin) is type(metric) and twin.name == "mine"
        assert twin.get_config() == metric.get_config()
        assert set(case.options) <= set(twin.get_config())
        np.testing.assert_array_equal(twin(*data_of(case)), metric(*data_of(case)))
        metric.reset_state()


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("batch", ["static", "unknown-batch"])
def test_traced_is_eager(case, batch):
    y_true, y_pred = data_of(case)
    weight = weights_of(case)
    eager, compiled = make(case), make(case)
    signature = None
    if batch == "unknown-batch":
        signature = [
            TensorSpec((None, *x.shape[1:]), str(x.dtype)) for x in (y_true, y_pred, weight)
        ]

    @function(input_signature=signature)
    def step(y_true, y_pred, weight):
        compiled.update_state(y_true, y_pred, sample_weight=weight)
        return compiled.result()

    for part in (slice(0, 6), slice(6, 12)):
        batch_of = [ops.convert_to_tensor(x[part]) for x in (y_true, y_pred, weight)]
        eager.update_state(*batch_of[:2], sample_weight=batch_of[2])
        np.testing.assert_allclose(step(*batch_of), eager.result(), **CLOSE)
    for ours, theirs in zip(compiled.variables, eager.variables, strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), **CLOSE)
    assert len(step.traces) == 1


@pytest.mark.parametrize("case", CASES, ids=str)
def test_stateless_methods_leave_the_metric_alone(case):
    y_true, y_pred = data_of(case)
    metric = make(case)
    metric.update_state(y_true, y_pred)
    before = [v.numpy() for v in metric.variables]
    state = metric.stateless_update_state(metric.stateless_reset_state(), y_true, y_pred)
    np.testing.assert_allclose(metric.stateless_result(state), metric.result(), **CLOSE)
    for variable, value, old in zip(metric.variables, state, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), old)
        np.testing.assert_allclose(value.numpy(), old, **CLOSE)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_lists_are_taken_as_arrays(case):
    y_true, y_pred = data_of(case)
    result = make(case)(y_true.tolist(), y_pred.tolist())
    np.testing.assert_allclose(result, make(case)(y_true, y_pred), **CLOSE)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_half_precision_predictions_are_measured_in_float32(case):
    y_true, y_pred = data_of(case)
    if y_pred.dtype == "float32":
        half = y_pred.astype("float16")
        result = make(case)(y_true, half)
        np.testing.assert_allclose(
            result, make(case)(y_true, half.astype("float32")), rtol=1e-3, atol=1e-3
        )
        assert result.dtype == "float32"
