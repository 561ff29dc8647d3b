"""Weights, masks and reductions of any loss, and losses of one's own."""

import numpy as np
import pytest

from kerasish import losses, ops
from kerasish.core.masks import get_mask, set_mask
from kerasish.errors import ShapeError


class Difference(losses.Loss):
    """Elementwise |y_true - y_pred|."""

    def call(self, y_true, y_pred):
        return ops.abs(y_true - y_pred)


def masked(values, mask):
    tensor = ops.convert_to_tensor(np.float32(values))
    set_mask(tensor, ops.convert_to_tensor(np.array(mask)))
    return tensor


VALUES = np.float32([[1, 2, 3], [4, 5, 6]])
ZEROS = np.zeros((2, 3), "float32")


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        ([1, 0], 6 / 6),
        ([[1], [0]], 6 / 6),
        ([[1, 0, 0], [0, 1, 0]], 6 / 6),
        ([[1, 0, 1]], 14 / 6),
        (2.0, 42 / 6),
        ([[[1], [0], [0]], [[0], [1], [0]]], 6 / 6),
    ],
    ids=["samples", "samples-1", "entries", "steps", "scalar", "entries-1"],
)
def test_weights_of_every_rank(weight, expected):
    assert Difference()(ZEROS, VALUES, sample_weight=weight).item() == pytest.approx(expected)


def test_weights_of_samples_are_not_mixed_up_with_steps_of_the_same_number():
    square = np.float32([[1, 1], [5, 5]])
    result = Difference(reduction="none")(np.zeros((2, 2)), square, sample_weight=[1.0, 0.0])
    assert result.tolist() == [[1.0, 1.0], [0.0, 0.0]]


@pytest.mark.parametrize("weight", [[1.0, 2.0, 3.0], np.ones((2, 4)), np.ones((2, 3, 2))])
def test_weights_that_fit_nothing_are_refused(weight):
    with pytest.raises(ShapeError, match="weights .* do not fit"):
        Difference()(ZEROS, VALUES, sample_weight=weight)


def test_zero_weights_divide_to_zero():
    loss = Difference(reduction="mean_with_sample_weight")
    assert loss(ZEROS, VALUES, sample_weight=[0.0, 0.0]).item() == 0.0


def test_masked_entries_do_not_count_in_the_mean():
    mask = [[True, True, False], [True, False, False]]
    y_pred = masked(VALUES, mask)
    assert Difference()(ZEROS, y_pred).item() == pytest.approx(7 / 3)
    assert Difference(reduction="sum")(ZEROS, y_pred).item() == pytest.approx(7)
    by_weight = Difference(reduction="mean_with_sample_weight")
    assert by_weight(ZEROS, y_pred).item() == pytest.approx(7 / 3)
    kept = Difference(reduction="none")(ZEROS, y_pred)
    assert kept.tolist() == [[1, 2, 0], [4, 0, 0]]


def test_mask_and_weights_of_samples_work_together():
    y_pred = masked(VALUES, [[True, True, False], [True, False, False]])
    assert Difference()(ZEROS, y_pred, sample_weight=[1.0, 0.0]).item() == pytest.approx(1.0)


def test_a_mask_without_a_single_entry_gives_zero():
    assert Difference()(ZEROS, masked(VALUES, np.zeros((2, 3), bool))).item() == 0.0


def test_a_mask_that_does_not_fit_the_values_is_refused():
    y_pred = masked(VALUES, np.ones((2, 3), bool))
    with pytest.raises(ShapeError, match="mask"):
        losses.MeanSquaredError()(ZEROS, y_pred)


def test_ignored_classes_do_not_count_in_the_mean():
    y_pred = np.float32([[0.5, 0.5], [0.9, 0.1], [0.25, 0.75]])
    loss = losses.SparseCategoricalCrossentropy(ignore_class=-1)
    expected = -(np.log(0.5) + np.log(0.75)) / 2
    assert loss([0, -1, 1], y_pred).item() == pytest.approx(expected, rel=1e-6)
    values = losses.sparse_categorical_crossentropy([0, 255, 1], y_pred, ignore_class=255)
    assert values.numpy()[1] == 0.0
    assert get_mask(values).tolist() == [True, False, True]


def test_ignored_classes_and_the_mask_of_predictions_work_together():
    y_pred = masked([[0.5, 0.5], [0.9, 0.1], [0.25, 0.75]], [True, True, False])
    loss = losses.SparseCategoricalCrossentropy(ignore_class=-1)
    assert loss([0, -1, 1], y_pred).item() == pytest.approx(-np.log(0.5), rel=1e-6)


def test_a_loss_that_returns_a_scalar_is_not_reduced():
    class Whole(losses.Loss):
        def call(self, y_true, y_pred):
            return ops.sum(y_pred)

    assert Whole(reduction="none")(ZEROS, VALUES).item() == 21.0
    assert Whole()(ZEROS, VALUES).item() == 21.0


def test_any_function_makes_a_loss():
    def gap(y_true, y_pred, scale=1.0):
        return scale * ops.abs(y_true - y_pred)

    loss = losses.LossFunctionWrapper(gap, reduction="sum", name="gap", scale=3.0)
    assert loss([1.0], [3.0]).item() == 6.0
    assert loss.name == "gap"


def test_a_wrapper_of_a_known_function_survives_its_config():
    loss = losses.LossFunctionWrapper(losses.huber, delta=0.5, name="mine")
    twin = losses.deserialize(losses.serialize(loss))
    assert twin.fn is losses.huber and twin.name == "mine"
    assert twin(ZEROS, VALUES).item() == loss(ZEROS, VALUES).item()


def test_nested_labels_reach_a_function_as_they_are():
    def both(y_true, y_pred):
        return ops.abs(y_true["a"] - y_pred["a"]) + ops.abs(y_true["b"] - y_pred["b"])

    y_true = {"a": np.float32([1, 2]), "b": np.float32([0, 0])}
    y_pred = {"a": np.float32([2, 2]), "b": np.float32([1, 3])}
    assert losses.LossFunctionWrapper(both)(y_true, y_pred).item() == 2.5


def test_the_computation_runs_in_the_given_dtype():
    loss = losses.MeanSquaredError(dtype="float64")
    assert loss([[0.0]], [[1e-9]]).dtype == "float64"
    assert losses.MeanSquaredError(dtype="mixed_float16").dtype == "float16"


def test_names_default_to_snake_case_and_are_unique():
    first, second = Difference(), Difference()
    assert first.name.startswith("difference") and first.name != second.name
    assert losses.Huber().name == "huber_loss"


def test_a_loss_without_call_says_what_is_missing():
    with pytest.raises(NotImplementedError, match=r"needs call\(y_true, y_pred\)"):
        losses.Loss()(ZEROS, VALUES)
