"""Native copies against the plain operations: views, joining, splitting, padding."""

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kerasish.core.graph import Graph
from kerasish.core.spec import TensorSpec
from kerasish.core.structural import broadcast_to, reshape_static
from kerasish.kernels.cpu import copying
from kerasish.ops.axes import _flip, _transpose
from kerasish.ops.items import _LATE, _get_item, _Slice
from kerasish.ops.joining import _concatenate, _stack
from kerasish.ops.splitting import _split
from kerasish.ops.tiling import _pad, _repeat, _tile
from tests.kernels.support import bind, needs_library, run_call, run_native, run_plain

pytestmark = needs_library

DTYPES = ("float32", "float64", "int32", "int64", "bool", "uint8", "int16")
shapes = hnp.array_shapes(min_dims=1, max_dims=5, min_side=0, max_side=7)


def numbered(shape, dtype="float32"):
    """An array in which neighbours differ, at an address that is no multiple of a vector's."""
    n = int(numpy.prod(shape))
    memory = numpy.arange(n + 1).astype(dtype)
    return memory[1:].reshape(shape)


def check(function, arrays, params, strided=()):
    found = run_native(function, arrays, params, strided)
    wanted = run_plain(function, arrays, params)
    if not isinstance(found, tuple):
        found, wanted = (found,), (wanted,)
    for a, b in zip(found, wanted, strict=True):
        numpy.testing.assert_array_equal(a, b)


# ---- views -----------------------------------------------------------------------------------


@given(st.data(), shapes, st.sampled_from(DTYPES))
def test_transpose(data, shape, dtype):
    axes = tuple(data.draw(st.permutations(range(len(shape)))))
    check(_transpose, [numbered(shape, dtype)], {"axes": axes})


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "shape, axes",
    [
        ((300, 70), (1, 0)),
        ((70, 300), (1, 0)),
        ((3, 33, 65), (0, 2, 1)),
        ((2, 128, 4, 64), (0, 2, 1, 3)),
        ((5, 17, 3, 19), (3, 2, 1, 0)),
        ((1, 40000), (1, 0)),
        ((40000,), (0,)),
    ],
)
def test_transpose_in_blocks(shape, axes, dtype):
    check(_transpose, [numbered(shape, dtype)], {"axes": axes})


def test_transpose_reverses_without_axes():
    check(_transpose, [numbered((2, 3, 4))], {})


@given(st.data(), shapes)
def test_transpose_of_a_view(data, shape):
    order = data.draw(st.permutations(range(len(shape))))
    axes = tuple(data.draw(st.permutations(range(len(shape)))))
    view = numbered([shape[a] for a in order]).transpose(numpy.argsort(order))
    assert view.shape == shape
    check(_transpose, [view], {"axes": axes}, strided=[0])


@given(st.data(), shapes)
def test_reshape_of_a_view(data, shape):
    order = data.draw(st.permutations(range(len(shape))))
    view = numbered([shape[a] for a in order]).transpose(numpy.argsort(order))
    check(reshape_static, [view], {"shape": (view.size,)}, strided=[0])


@given(st.data(), shapes, st.sampled_from(DTYPES))
def test_flip(data, shape, dtype):
    axis = data.draw(st.none() | st.sets(st.integers(-len(shape), len(shape) - 1)).map(tuple))
    if axis is not None and len({a % len(shape) for a in axis}) < len(axis):
        axis = tuple({a % len(shape) for a in axis})
    check(_flip, [numbered(shape, dtype)], {"axis": axis})


@given(hnp.mutually_broadcastable_shapes(num_shapes=1, min_dims=1, max_dims=4, max_side=5))
def test_broadcast_to(drawn):
    check(broadcast_to, [numbered(drawn.input_shapes[0])], {"shape": drawn.result_shape})


@given(st.data(), shapes)
def test_get_item(data, shape):
    index = data.draw(hnp.basic_indices(shape, allow_newaxis=True))
    index = index if isinstance(index, tuple) else (index,)
    pattern = tuple(_Slice(p.start, p.stop, p.step) if isinstance(p, slice) else p for p in index)
    check(_get_item, [numbered(shape)], {"pattern": pattern})


def test_get_item_with_tensors_is_left_to_the_plain_operation():
    x, places = numbered((4, 3)), numpy.array([1, 2])
    assert bind(_get_item, [x, places], {"pattern": (_LATE,)})[0] is None


@given(st.data(), shapes, st.integers(0, 3), st.sampled_from(DTYPES))
def test_repeat(data, shape, repeats, dtype):
    axis = data.draw(st.integers(0, len(shape) - 1))
    check(_repeat, [numbered(shape, dtype)], {"repeats": repeats, "axis": axis})


@given(st.data(), hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5))
def test_tile(data, shape):
    repeats = tuple(data.draw(st.integers(0, 3)) for _ in shape)
    check(_tile, [numbered(shape)], {"repeats": repeats})


def test_a_copy_with_offset_and_negative_strides():
    x = numbered((6, 5))
    graph = Graph("copy")
    base = graph.add_input(TensorSpec(x.shape, "float32"))
    part = graph.add_input(TensorSpec((3, 2), "float32"))
    call = copying.strided_copy(base, part, (-10, 2), offset=21)
    _, outputs = run_call(call, {base.key: x})
    numpy.testing.assert_array_equal(outputs[part.key], x[4::-2, 1::2][:3, :2])


def test_more_axes_than_a_box_has_are_left_to_the_plain_operation():
    x = numbered((2,) * 9)
    assert bind(_transpose, [x], {"axes": tuple(range(9))[::-1]})[0] is None
    assert bind(_transpose, [x], {"axes": (8, *range(8))})[0] is not None  # two axes once merged


# ---- padding ---------------------------------------------------------------------------------


@given(st.data(), shapes, st.sampled_from(DTYPES))
def test_pad(data, shape, dtype):
    widths = tuple((data.draw(st.integers(0, 3)), data.draw(st.integers(0, 3))) for _ in shape)
    value = data.draw(st.sampled_from([0, 1, -2.5 if dtype.startswith("float") else 3]))
    check(_pad, [numbered(shape, dtype)], {"pad_width": widths, "value": value})


def test_pad_of_a_view():
    view = numbered((70, 50)).T
    params = {"pad_width": ((1, 2), (3, 0)), "value": float("nan")}
    check(_pad, [view], params, strided=[0])


# ---- joining and splitting -------------------------------------------------------------------


@given(st.data(), shapes, st.integers(1, 5), st.sampled_from(DTYPES))
def test_concatenate(data, shape, count, dtype):
    axis = data.draw(st.integers(0, len(shape) - 1))
    xs = []
    for i in range(count):
        size = data.draw(st.integers(0, 6))
        xs.append(numbered((*shape[:axis], size, *shape[axis + 1 :]), dtype) + (i % 2 == 1))
    check(_concatenate, [x.astype(dtype) for x in xs], {"axis": axis})


def test_concatenate_of_long_rows():
    xs = [numbered((700, 300)), numbered((700, 5)) + 1, numbered((700, 41)) + 2]
    check(_concatenate, xs, {"axis": 1})
    check(_concatenate, [x.T.copy() for x in xs], {"axis": 0})


def test_too_many_pieces_are_left_to_the_plain_operation():
    assert bind(_concatenate, [numbered((1,))] * 23, {"axis": 0})[0] is not None
    assert bind(_concatenate, [numbered((1,))] * 24, {"axis": 0})[0] is None


@given(st.data(), shapes, st.integers(1, 5))
def test_stack(data, shape, count):
    axis = data.draw(st.integers(-len(shape) - 1, len(shape)))
    check(_stack, [numbered(shape) + i for i in range(count)], {"axis": axis})


@given(st.data(), shapes)
def test_split(data, shape):
    axis = data.draw(st.integers(0, len(shape) - 1))
    n = shape[axis]
    if data.draw(st.booleans()):
        cuts = data.draw(st.lists(st.integers(0, n), min_size=1, max_size=4))
        check(_split, [numbered(shape)], {"sections": tuple(sorted(cuts)), "axis": axis})
    else:
        parts = data.draw(st.sampled_from([p for p in range(1, 8) if n % p == 0]))
        check(_split, [numbered(shape)], {"sections": parts, "axis": axis})
