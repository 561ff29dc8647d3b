"""Merging layers: masks, functional forms, inputs that do not come as a list."""

import numpy as np
import pytest

from kerasish import layers, ops
from kerasish.core import masks

A = np.array([[[1.0], [5.0], [3.0]]], "float32")
B = np.array([[[4.0], [2.0], [9.0]]], "float32")


def masked(values, mask):
    tensor = ops.convert_to_tensor(values)
    if mask is not None:
        masks.set_mask(tensor, ops.convert_to_tensor(np.array([mask])))
    return tensor


@pytest.mark.parametrize(
    ("cls", "form", "reference"),
    [
        (layers.Add, layers.add, np.add),
        (layers.Subtract, layers.subtract, np.subtract),
        (layers.Multiply, layers.multiply, np.multiply),
        (layers.Average, layers.average, lambda a, b: (a + b) / 2),
        (layers.Maximum, layers.maximum, np.maximum),
        (layers.Minimum, layers.minimum, np.minimum),
        (layers.Concatenate, layers.concatenate, lambda a, b: np.concatenate([a, b], -1)),
    ],
)
def test_layer_and_functional_form_agree(cls, form, reference):
    np.testing.assert_array_equal(cls()([A, B]).numpy(), reference(A, B))
    np.testing.assert_array_equal(form([A, B]).numpy(), reference(A, B))
    with pytest.raises(ValueError, match="inputs must come as a list"):
        cls()(ops.convert_to_tensor(A))


def test_functional_forms_take_layer_arguments():
    x = layers.Input((3,))
    assert layers.concatenate([x, x], axis=1, name="both").node.operation.name == "both"
    assert layers.dot([x, x], axes=1, normalize=True).shape == (None, 1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Add", [True, True, False]),
        ("Maximum", [True, True, False]),
        ("Concatenate", [True, True, False]),
    ],
)
def test_mask_is_where_any_input_is_real(name, expected):
    layer = getattr(layers, name)()
    output = layer([masked(A, [True, False, False]), masked(B, [True, True, False])])
    assert masks.get_mask(output).tolist() == [expected]


def test_mask_ends_where_an_input_has_none():
    inputs = [masked(A, [True, False, False]), masked(B, None)]
    assert masks.get_mask(layers.Add()(inputs)) is None
    assert masks.get_mask(layers.Dot(2)(inputs)) is None
    joined = layers.Concatenate(axis=1)(inputs)
    assert masks.get_mask(joined).tolist() == [[True, False, False, True, True, True]]


def test_maximum_leaves_masked_steps_out():
    inputs = [masked(A, [True, True, False]), masked(B, [True, False, True])]
    assert layers.Maximum()(inputs).numpy().ravel().tolist() == [4.0, 5.0, 9.0]
    assert layers.Minimum()(inputs).numpy().ravel().tolist() == [1.0, 5.0, 9.0]
    one = [masked(A, [True, False, True]), masked(B, None)]
    assert layers.Maximum()(one).numpy().ravel().tolist() == [4.0, 2.0, 9.0]


def test_dot_matches_numpy_for_high_ranks():
    a = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    b = np.random.default_rng(1).standard_normal((2, 6, 4))
    expected = np.einsum("bijk,blj->bikl", a, b)
    np.testing.assert_allclose(layers.Dot((2, 2), dtype="float64")([a, b]).numpy(), expected)


@pytest.mark.parametrize(
    ("axes", "error", "problem"),
    [
        ("1", TypeError, "int or a pair"),
        ((1, 2, 3), ValueError, "int or a pair"),
        (0, ValueError, "batch axis"),
        (7, ValueError, "axis out of range"),
    ],
)
def test_dot_refuses_axes(axes, error, problem):
    with pytest.raises(error, match=problem):
        layers.Dot(axes)([A, B])
