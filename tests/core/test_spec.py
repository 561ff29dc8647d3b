"""TensorSpec, shapes, broadcasting with unknown sizes, and axes."""

import itertools

import numpy as np
import pytest

import kerasish
from kerasish import ops
from kerasish.core.graph import specs_of
from kerasish.core.spec import broadcast_shapes, normalize_axes, normalize_axis, standardize_shape
from kerasish.errors import ShapeError, SymbolicValueError

SHAPES = [
    (3, (3,)),
    (np.int64(3), (3,)),
    ([2, None], (2, None)),
    ((), ()),
    (np.array([2, 3]), (2, 3)),
    (range(2), (0, 1)),
    ((ops.convert_to_tensor(4), 2), (4, 2)),
]


@pytest.mark.parametrize("given,shape", SHAPES, ids=str)
def test_shapes_from_what_is_like_one(given, shape):
    found = standardize_shape(given)
    assert found == shape and all(n is None or type(n) is int for n in found)


@pytest.mark.parametrize("given", [(2.5,), "28", (-1,), 2.0, None, ("a",), ([2],)], ids=str)
def test_what_is_no_shape_is_refused(given):
    with pytest.raises(ShapeError, match="shape: "):
        standardize_shape(given)


def test_sizes_that_are_not_known_yet_say_so():
    with pytest.raises(SymbolicValueError):
        standardize_shape((kerasish.Input((2,)),))


def test_specs_compare_and_hash_by_shape_and_dtype():
    a, b = kerasish.TensorSpec((None, 3)), kerasish.TensorSpec([None, 3], "float32", name="x")
    assert a == b and hash(a) == hash(b) and {a: 1}[b] == 1
    assert a != kerasish.TensorSpec((3,)) and a != a.with_dtype("int32") and a != (None, 3)
    assert (a.ndim, a.size, a.is_static) == (2, None, False)
    assert a.with_shape((2, 2)).size == 4
    assert repr(a) == "TensorSpec(shape=(None, 3), dtype=float32)"


def test_accepts():
    wanted = kerasish.TensorSpec((None, 3))
    assert wanted.accepts(kerasish.TensorSpec((5, 3)))
    assert wanted.accepts(wanted)
    assert not wanted.accepts(kerasish.TensorSpec((5, 4)))
    assert not wanted.accepts(kerasish.TensorSpec((5, 3, 1)))
    assert not wanted.accepts(kerasish.TensorSpec((5, 3), "float64"))
    assert not kerasish.TensorSpec((5, 3)).accepts(wanted)


def test_broadcasting_equals_numpys_for_all_small_shapes():
    small = [s for n in range(3) for s in itertools.product((0, 1, 2, 3), repeat=n)]
    for a, b in itertools.product(small, small):
        try:
            wanted = np.broadcast_shapes(a, b)
        except ValueError:
            with pytest.raises(ShapeError, match="do not broadcast"):
                broadcast_shapes(a, b)
        else:
            assert broadcast_shapes(a, b) == wanted


UNKNOWN = [
    (((None,), (1,)), (None,)),
    (((None,), (3,)), (3,)),
    (((None,), (None,)), (None,)),
    (((1, None), (2, 1)), (2, None)),
    (((None, 3), (3,), ()), (None, 3)),
    (((), ()), ()),
    ((), ()),
]


@pytest.mark.parametrize("shapes,wanted", UNKNOWN, ids=str)
def test_broadcasting_unknown_sizes(shapes, wanted):
    assert broadcast_shapes(*shapes) == wanted


def test_axes():
    assert normalize_axis(-1, 3) == 2 and normalize_axis(0, 1) == 0
    assert normalize_axes(None, 2) == (0, 1) and normalize_axes((-1, 0), 3) == (0, 2)
    assert normalize_axes(np.int64(1), 2) == (1,) and normalize_axes([1], 2) == (1,)
    for wrong in (2, -3):
        with pytest.raises(ShapeError, match="out of range"):
            normalize_axis(wrong, 2)
    with pytest.raises(ShapeError, match="out of range"):
        normalize_axis(0, 0)
    with pytest.raises(ShapeError, match="named twice"):
        normalize_axes((0, -2), 2)


def test_specs_of_a_function_are_found_without_running_it():
    def f(x, scale, nothing):
        assert nothing is None
        return {"y": ops.matmul(x, x) * scale, "n": 3}

    found = specs_of(f, [kerasish.TensorSpec((None, 4, 4), "float16"), 2.0, None])
    assert found == {"y": kerasish.TensorSpec((None, 4, 4), "float16"), "n": 3}
