"""The contract of every loss, its formula, its weights, and labels of other shapes."""

import numpy as np
import pytest

from kerasish import losses
from kerasish.testing import check_loss
from tests.losses.cases import CASES, OTHERS

ALL = CASES + OTHERS
REDUCTIONS = ["sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none", None]


def make(case, **more):
    return getattr(losses, case.name)(**case.options, **more)


def data_of(case, seed=0):
    y_true, y_pred = case.data(np.random.default_rng(seed))
    y_true = y_true.astype("float32") if y_true.dtype == "float64" else y_true
    return y_true, y_pred.astype("float32")


def reduce(values, weight, reduction):
    """The float64 reference of weighting and reduction."""
    total = float(values.size)
    if weight is not None:
        values = values * weight.reshape(weight.shape + (1,) * (values.ndim - weight.ndim))
        if reduction == "mean_with_sample_weight":
            total = weight.sum()
    if reduction in ("none", None):
        return values
    return values.sum() if reduction == "sum" else values.sum() / total


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("is_weighted", [False, True], ids=["plain", "weighted"])
def test_value_is_that_of_the_formula(case, reduction, is_weighted):
    for seed in range(3):
        y_true, y_pred = data_of(case, seed)
        kind = "int64" if y_true.dtype.kind == "i" else "float64"
        values = case.formula(y_true.astype(kind), y_pred.astype("float64"))
        weight = None
        if is_weighted:
            weight = np.random.default_rng(seed).uniform(0, 2, values.shape[0])
        result = make(case, reduction=reduction)(y_true, y_pred, sample_weight=weight)
        expected = reduce(values, weight, reduction)
        assert result.dtype == "float32" and result.shape == np.shape(expected)
        np.testing.assert_allclose(result.numpy(), expected, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("case", ALL, ids=str)
def test_loss_keeps_the_contract(case):
    assert len(check_loss(make(case, name="mine"), *data_of(case))) == 7


@pytest.mark.parametrize("case", ALL, ids=str)
def test_a_given_dtype_is_in_the_config(case):
    assert make(case, dtype="float64").get_config()["dtype"] == "float64"
    assert "dtype" not in make(case).get_config()


@pytest.mark.parametrize("case", [c for c in CASES if c.is_elementwise], ids=str)
def test_labels_without_the_last_axis_give_the_same(case):
    y_true, y_pred = data_of(case)
    y_true, y_pred = y_true[:, :1], y_pred[:, :1]
    expected = make(case)(y_true, y_pred).item()
    assert make(case)(y_true[:, 0], y_pred).item() == expected
    assert make(case)(y_true, y_pred[:, 0]).item() == expected
    function_value = losses.get(make(case).fn)(y_true[:, 0], y_pred)
    assert function_value.shape == (6,)


@pytest.mark.parametrize("case", [c for c in CASES if c.is_elementwise], ids=str)
def test_flat_labels_and_predictions_are_weighted_one_by_one(case):
    y_true, y_pred = data_of(case)
    weight = np.float32([1, 0, 2, 0, 1, 3])
    expected = make(case)(y_true[:, :1], y_pred[:, :1], sample_weight=weight).item()
    result = make(case)(y_true[:, 0], y_pred[:, 0], sample_weight=weight).item()
    assert result == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("case", [c for c in CASES if c.options.get("axis") != 0], ids=str)
def test_integer_weights_are_repetitions(case):
    y_true, y_pred = data_of(case)
    times = [2, 0, 1, 3, 1, 0]
    weighted = make(case, reduction="mean_with_sample_weight")
    repeated = make(case)(np.repeat(y_true, times, 0), np.repeat(y_pred, times, 0)).item()
    values = weighted(y_true, y_pred, sample_weight=np.float32(times)).item()
    per_sample = make(case, reduction="none")(y_true, y_pred).numpy()
    assert values / (per_sample.size / 6) == pytest.approx(repeated, rel=1e-5)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_empty_batch_gives_zero(case):
    y_true, y_pred = data_of(case)
    if case.options.get("axis") != 0 and case.name not in ("Hinge", "SquaredHinge"):
        assert make(case)(y_true[:0], y_pred[:0]).item() == 0.0
