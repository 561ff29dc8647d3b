"""What holds for every loss: its formula, gradient, weights, config, traced form, precision."""

import numpy as np
import pytest

from kerasish import losses, ops
from kerasish.core.function import function
from kerasish.core.spec import TensorSpec
from kerasish.core.tape import GradientTape
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
def test_gradient_is_the_central_difference(case):
    y_true, y_pred = case.data(np.random.default_rng(3))
    loss = make(case, dtype="float64")
    direction = np.random.default_rng(4).normal(size=y_pred.shape)
    x = ops.convert_to_tensor(y_pred)
    with GradientTape() as tape:
        tape.watch(x)
        value = loss(y_true, x)
    slope = float((tape.gradient(value, x).numpy() * direction).sum())
    step = 1e-5
    up = loss(y_true, y_pred + step * direction).item()
    down = loss(y_true, y_pred - step * direction).item()
    assert slope == pytest.approx((up - down) / (2 * step), rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("case", ALL, ids=str)
def test_config_makes_the_same_loss(case):
    loss = make(case, reduction="sum", name="mine")
    y_true, y_pred = data_of(case)
    config = losses.serialize(loss)
    assert config["module"] == "keras.losses" and config["class_name"] == case.name
    for twin in (type(loss).from_config(loss.get_config()), losses.deserialize(config)):
        assert (type(twin), twin.name, twin.reduction) == (type(loss), "mine", "sum")
        assert twin.get_config() == loss.get_config()
        np.testing.assert_array_equal(twin(y_true, y_pred), loss(y_true, y_pred))


@pytest.mark.parametrize("case", ALL, ids=str)
def test_a_given_dtype_is_in_the_config(case):
    assert make(case, dtype="float64").get_config()["dtype"] == "float64"
    assert "dtype" not in make(case).get_config()


@pytest.mark.parametrize("case", ALL, ids=str)
@pytest.mark.parametrize("batch", [6, None], ids=["static", "unknown-batch"])
def test_traced_is_eager(case, batch):
    y_true, y_pred = data_of(case)
    weight = np.linspace(0.5, 2.0, 6).astype("float32")
    if case.options.get("axis") == 0:
        weight = np.float32([0.5, 1.0, 2.0])
    loss = make(case)

    def value_and_gradient(y_true, y_pred, weight):
        with GradientTape() as tape:
            tape.watch(y_pred)
            value = loss(y_true, y_pred, sample_weight=weight)
        return value, tape.gradient(value, y_pred)

    def spec(x):
        return TensorSpec((batch, *x.shape[1:]) if x is not weight else x.shape, str(x.dtype))

    arguments = [ops.convert_to_tensor(x) for x in (y_true, y_pred, weight)]
    traced = function(
        value_and_gradient, input_signature=[spec(x) for x in (y_true, y_pred, weight)]
    )
    for a, b in zip(traced(*arguments), value_and_gradient(*arguments), strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5, atol=1e-7)


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


@pytest.mark.parametrize("case", ALL, ids=str)
def test_half_precision_predictions_give_a_finite_float32_loss(case):
    y_true, y_pred = data_of(case)
    result = make(case)(y_true, y_pred.astype("float16"))
    assert result.dtype == "float32" and np.isfinite(result.item())
    assert result.item() == pytest.approx(make(case)(y_true, y_pred).item(), rel=0.02, abs=0.01)


@pytest.mark.parametrize("case", ALL, ids=str)
def test_lists_are_taken_as_arrays(case):
    y_true, y_pred = data_of(case)
    expected = make(case)(y_true, y_pred).item()
    assert make(case)(y_true.tolist(), y_pred.tolist()).item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_empty_batch_gives_zero(case):
    y_true, y_pred = data_of(case)
    if case.options.get("axis") != 0 and case.name not in ("Hinge", "SquaredHinge"):
        assert make(case)(y_true[:0], y_pred[:0]).item() == 0.0
