"""Native gathering against the plain operations: take, its gradient, one-hot codes, batches."""

import math

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kerasish.core.graph import Graph
from kerasish.core.spec import TensorSpec
from kerasish.kernels.cpu import gathering
from kerasish.ops.creation import _one_hot
from kerasish.ops.gathering import _add_rows, _take
from tests.kernels.support import (
    at_thread_counts,
    bind,
    needs_library,
    run_call,
    run_native,
    run_plain,
)

pytestmark = needs_library

index_dtypes = st.sampled_from(["int32", "int64"])


def table(shape, dtype="float32"):
    values = numpy.random.default_rng(0).normal(size=(math.prod(shape) + 1)) * 9
    return values.astype(dtype)[1:].reshape(shape)


def draw_indices(data, n, dtype):
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=6))
    if n == 0:
        shape = (*shape, 0)
    elements = st.integers(-n, max(n, 1) - 1)
    return data.draw(hnp.arrays(dtype, shape, elements=elements))


# ---- take ------------------------------------------------------------------------------------


@given(
    st.data(),
    hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=6),
    st.sampled_from(["float32", "float64", "int32", "bool"]),
    index_dtypes,
)
def test_take(data, shape, dtype, index_dtype):
    axis = data.draw(st.integers(0, len(shape) - 1))
    indices = draw_indices(data, shape[axis], index_dtype)
    arrays = [table(shape, dtype), indices]
    found = run_native(_take, arrays, {"axis": axis})
    wanted = run_plain(_take, arrays, {"axis": axis})
    numpy.testing.assert_array_equal(found, wanted)


def test_take_of_many_rows():
    indices = numpy.random.default_rng(1).integers(-500, 500, (16, 128))
    arrays = [table((500, 67)), indices]
    numpy.testing.assert_array_equal(run_native(_take, arrays), arrays[0][indices])


@pytest.mark.parametrize("dtype", ["int32", "int64"])
@pytest.mark.parametrize("bad", [5, -6, 2**31 - 1, -(2**31)])
def test_an_index_out_of_range_fails_and_nothing_is_written(bad, dtype):
    indices = numpy.array([0, 1, bad, 2], dtype)
    check_refused(_take, [table((5, 3)), indices])
    check_refused(_add_rows, [table((4, 3)), indices, None], {"axis": 0, "shape": (5, 3)})


def check_refused(function, arrays, params=None):
    from tests.kernels.support import _complete, _keys

    call, node = bind(function, arrays, _complete(function, params or {}))
    assert call.can_fail
    status, outputs = run_call(call, dict(zip(_keys(node), arrays, strict=True)))
    assert status == 0
    (written,) = outputs.values()
    assert (written == numpy.float32(1.2345e30)).all()


# ---- the gradient of take --------------------------------------------------------------------


@given(st.data(), hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=6), index_dtypes)
def test_add_rows(data, shape, index_dtype):
    axis = data.draw(st.integers(0, len(shape) - 1))
    indices = draw_indices(data, shape[axis], index_dtype)
    g = table((*shape[:axis], *indices.shape, *shape[axis + 1 :]))
    params = {"axis": axis, "shape": shape}
    found = run_native(_add_rows, [g, indices, None], params)
    wanted = run_plain(_add_rows, [g, indices, None], params)
    numpy.testing.assert_allclose(found, wanted, rtol=1e-6, atol=3e-4)


@pytest.mark.parametrize("rows, columns", [(5000, 64), (30000, 33), (7, 20000), (300000, 1)])
def test_add_rows_to_a_large_table(rows, columns):
    rng = numpy.random.default_rng(2)
    indices = rng.integers(-rows, rows, 700)
    indices[::3] = indices[0]  # many to one place
    g = rng.normal(size=(700, columns)).astype("float32")
    found = run_native(_add_rows, [g, indices, None], {"axis": 0, "shape": (rows, columns)})
    wanted = numpy.zeros((rows, columns), "float32")
    numpy.add.at(wanted, indices, g)
    numpy.testing.assert_array_equal(found, wanted)  # the same order of additions


def test_add_rows_hands_on_nan_and_infinity():
    g = numpy.array([[numpy.nan, numpy.inf], [1, -numpy.inf], [2, 3]], "float32")
    found = run_native(_add_rows, [g, numpy.array([1, 1, 0]), None], {"axis": 0, "shape": (3, 2)})
    numpy.testing.assert_array_equal(found, [[2, 3], [numpy.nan, numpy.nan], [0, 0]])


def test_add_rows_of_other_dtypes_is_left_to_the_plain_operation():
    params = {"axis": 0, "shape": (5, 3)}
    assert bind(_add_rows, [table((4, 3), "float64"), numpy.arange(4), None], params)[0] is None


# ---- one-hot codes ---------------------------------------------------------------------------


@given(st.data(), index_dtypes, st.integers(0, 40))
def test_one_hot(data, dtype, classes):
    x = data.draw(
        hnp.arrays(
            dtype,
            hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5),
            elements=st.integers(-2, classes + 2),
        )
    )
    params = {"num_classes": classes, "axis": data.draw(st.integers(0, x.ndim))}
    found = run_native(_one_hot, [x], params)
    numpy.testing.assert_array_equal(found, run_plain(_one_hot, [x], params))


# ---- batches ---------------------------------------------------------------------------------


def gather(array, indices, dtype):
    graph = Graph("batch")
    source = graph.add_input(TensorSpec(array.shape, str(array.dtype)))
    places = graph.add_input(TensorSpec(indices.shape, "int64"))
    result = graph.add_input(TensorSpec((len(indices), *array.shape[1:]), dtype))
    call = gathering.gather_rows(source, places, result, len(array), array.strides[0])
    if call is None:
        return None
    status, outputs = run_call(call, {source.key: array, places.key: indices})
    return status, outputs[result.key]


@pytest.mark.parametrize(
    "source, result",
    [
        ("float32", "float32"),
        ("float64", "float32"),
        ("uint8", "float32"),
        ("int64", "int32"),
        ("uint8", "uint8"),
        ("bool", "bool"),
        ("int64", "int64"),
    ],
)
@pytest.mark.parametrize("shape", [(9,), (9, 5), (9, 4, 7), (9, 0), (9, 40, 40, 3)])
@pytest.mark.parametrize("count", [0, 1, 6])
def test_batches(source, result, shape, count):
    rng = numpy.random.default_rng(3)
    array = rng.integers(0, 250, (18, *shape[1:])).astype(source)
    indices = rng.integers(-9, 9, count)
    for x in (array[:9], array[::2]):
        status, batch = gather(x, indices, result)
        assert status == -1
        numpy.testing.assert_array_equal(batch, x[indices].astype(result))


def test_a_batch_index_out_of_range_fails():
    status, batch = gather(table((4, 3)), numpy.array([0, 4]), "float32")
    assert status == 0
    assert (batch == numpy.float32(1.2345e30)).all()


def test_conversions_that_do_not_exist():
    assert gather(table((4, 3), "int32"), numpy.array([0]), "float32") is None


def test_the_same_bits_at_any_number_of_threads():
    g, indices = table((3000, 70)), numpy.random.default_rng(4).integers(0, 900, 3000)
    params = {"axis": 0, "shape": (900, 70)}
    first, *others = at_thread_counts(lambda: run_native(_add_rows, [g, indices, None], params))
    assert all(o == first for o in others)
