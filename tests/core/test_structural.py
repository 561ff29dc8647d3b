"""Doing and undoing broadcasting, reshaping like another tensor: for known and unknown sizes."""

import numpy as np
import pytest

import kerasish
from kerasish import ops
from kerasish.core import structural
from kerasish.errors import ShapeError

X = np.arange(6, dtype=np.float32).reshape(2, 3)


def unknown_sizes(function, *arrays):
    """Result of a function traced with every size unknown."""
    specs = [kerasish.TensorSpec([None] * a.ndim, str(a.dtype)) for a in arrays]
    return kerasish.function(function, input_signature=specs)(*arrays)


WAYS = pytest.mark.parametrize(
    "way",
    [lambda f, *a: f(*map(ops.convert_to_tensor, a)), lambda f, *a: kerasish.function(f)(*a),
     unknown_sizes],
    ids=["eager", "compiled", "unknown sizes"],
)  # fmt: skip


@WAYS
@pytest.mark.parametrize("shape", [(), (1,), (3,), (1, 1), (2, 1), (1, 3), (2, 3)], ids=str)
def test_sum_to_like_undoes_broadcast_like(way, shape):
    small = np.ones(shape, np.float32)
    large = way(structural.broadcast_like, small, X)
    assert large.shape == (2, 3) and np.all(large.numpy() == 1)
    total = way(structural.sum_to_like, X, small)
    assert total.shape == shape and total.numpy().sum() == 15.0
    axes = tuple(i for i, n in enumerate((1,) * (2 - len(shape)) + shape) if n == 1)
    assert np.array_equal(total.numpy(), X.sum(axes, keepdims=True).reshape(shape))


@WAYS
def test_slopes_of_doing_and_undoing_broadcasting(way):
    small = np.ones((1, 3), np.float32)

    def slopes(x, s):
        with kerasish.GradientTape(persistent=True) as tape:
            tape.watch([x, s])
            up = structural.broadcast_like(s, x) * x
            down = structural.sum_to_like(x, s) * s
            flat = structural.reshape_like(x * 2.0, ops.reshape(x, (-1,))) * 1.0
        return (tape.gradient(up, s), tape.gradient(down, x), tape.gradient(flat, x),
                tape.gradient(up, x))  # fmt: skip

    found = [t.tolist() for t in way(slopes, X, small)]
    assert found == [[[3.0, 5.0, 7.0]], [[1.0] * 3] * 2, [[2.0] * 3] * 2, [[1.0] * 3] * 2]


@WAYS
def test_counts_and_fillings(way):
    count, rows, filled = way(
        lambda x: [
            ops.cast(structural.count(x), "int32"),
            ops.cast(structural.count(x, axes=(0,)), "int32"),
            structural.full_like(x, 7, "int32"),
        ],
        X,
    )
    assert (count.item(), rows.item()) == (6, 2)
    assert filled.tolist() == [[7] * 3] * 2 and filled.dtype == "int32"


def test_known_sizes_are_numbers_and_nothing_is_done_for_equal_shapes():
    x = ops.convert_to_tensor(X)
    assert structural.count(x) == 6 and structural.count(x, axes=(1,)) == 3
    for like in (structural.sum_to_like, structural.broadcast_like, structural.reshape_like):
        assert like(x, x) is x
    assert ops.cast(x, "float32") is x and ops.convert_to_tensor(x) is x


MISTAKES = {
    "broadcast to fewer": lambda x: ops.broadcast_to(x, (3,)),
    "broadcast to other sizes": lambda x: ops.broadcast_to(x, (4, 3)),
    "broadcast 3 to 1": lambda x: ops.broadcast_to(x, (2, 1)),
    "reshape to other sizes": lambda x: ops.reshape(x, (4, 2)),
    "reshape with a remainder": lambda x: ops.reshape(x, (-1, 4)),
    "two sizes left out": lambda x: ops.reshape(x, (-1, -1)),
    "add": lambda x: x + np.ones((2, 2), np.float32),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_shapes_that_do_not_fit_fail_alike_and_before_a_trace_runs(mistake):
    with pytest.raises(ShapeError):
        mistake(ops.convert_to_tensor(X))
    with pytest.raises(ShapeError):
        kerasish.function(mistake).concrete(kerasish.TensorSpec((2, 3)))
    with pytest.raises(ShapeError):
        mistake(kerasish.Input(batch_shape=(2, 3)))


@pytest.mark.parametrize("shape,new,found", [
    ((None, 3), (-1,), (None,)), ((2, 3), (-1,), (6,)), ((None, 0), (-1, 3), (0, 3)),
    ((None, 3), (3, -1), (3, None)), ((0, 3), (0, 7), (0, 7)), ((None,), (2, 3), (2, 3)),
], ids=str)  # fmt: skip
def test_shapes_of_reshapes(shape, new, found):
    concrete = kerasish.function(lambda x: ops.reshape(x, new)).concrete(kerasish.TensorSpec(shape))
    assert concrete.graph.outputs[0].shape == found
