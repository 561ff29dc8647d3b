"""Triangles of a vector: NumPy takes it as every row of a matrix, traced too."""

import numpy as np
import pytest

import kerasish
from kerasish import ops


@pytest.mark.parametrize("function", [ops.tril, ops.triu])
def test_the_triangle_of_a_vector_is_a_matrix(function):
    x = np.array([1.0, -1.0, -1.125], np.float32)
    wanted = getattr(np, function.__name__)(x)

    def total(x):
        y = function(x)
        return y, ops.sum(y) > 0

    for way in (total, kerasish.function(total)):
        y, is_positive = way(ops.convert_to_tensor(x))
        assert y.shape == (3, 3) and np.array_equal(y, wanted)
        assert bool(is_positive) == (wanted.sum() > 0)
    with kerasish.GradientTape() as tape:
        v = kerasish.Variable(x)
        y = ops.sum(function(v))
    assert (
        tape.gradient(y, v).tolist()
        == getattr(np, function.__name__)(np.ones((3, 3))).sum(0).tolist()
    )
