"""Chains on the tiles that a kernel hands over: whole rows and blocks, with any stride."""

import ctypes

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasish import ops
from kerasish.kernels.cpu.binding import Call
from kerasish.kernels.cpu.records import RECORD, fill
from tests.kernels.chain_support import Table, Traced, aligned
from tests.kernels.compiled import compile_with_pool, needs_compiler
from tests.kernels.support import needs_library

pytestmark = [needs_library, needs_compiler]

_SOURCES = ["chain.c", "chain_sums.c", "chain_loops.c", "row_loops.c", "row_labels.c"]


@pytest.fixture(scope="module", params=["plain", "address"])
def tiles(request, tmp_path_factory):
    """The library with the kernel that hands over tiles."""
    flags = ["-shared", "-fPIC", "-fno-math-errno", "-fno-trapping-math", "-Wno-psabi"]
    if request.param == "address":
        flags += ["-fsanitize=undefined", "-fno-sanitize-recover=all"]
    target = tmp_path_factory.mktemp("tiles") / "tiles.so"
    return ctypes.CDLL(str(compile_with_pool("tiles.c", target, *flags, more=_SOURCES)))


def _bias(y, x, b, c):
    return ops.relu(y + b) * 2.0, y + x


def _columns(y, x, b, c):
    return y * c - b, ops.sum(y * b, axis=0), ops.sum(ops.square(y))


def _rows(y, x, b, c):
    z = ops.softmax(y + b)
    return z, ops.sum(z * x, axis=-1, keepdims=True) + c


def _all(y, x, b, c):
    z = ops.layer_normalization(y + x)
    return z, ops.argmax(z, axis=-1), ops.sum(z, axis=0), ops.mean(z * c), ops.greater(y, 0.0)


_FUNCTIONS = [_bias, _columns, _rows, _all]


def _hand_over(tiles, function, rows, columns, tile_rows, tile_columns, extra, parts):
    rng = numpy.random.default_rng(rows + columns)
    shapes = [(rows, columns), (rows, columns), (columns,), (rows, 1)]
    arrays = [rng.normal(size=s).astype("float32") for s in shapes]
    traced = Traced(function, arrays)
    made = traced.inputs[0]
    chain = traced.build(incoming=made.key, columns=columns)
    assert chain is not None
    table = Table({t.key: a for t, a in zip(traced.inputs, arrays, strict=True)})
    blob = aligned(chain.blob(table.place_of))
    record = numpy.zeros(1, RECORD)
    integers = (rows, columns, tile_rows, tile_columns, tile_columns + extra, parts)
    call = Call("hand_over_tiles", (made,), integers)
    address = ctypes.cast(tiles.hand_over_tiles, ctypes.c_void_p).value
    fill(record[0], call, address, table.place_of, blob.ctypes.data)
    if tile_columns < columns and not tiles.splits_columns(ctypes.c_void_p(record.ctypes.data)):
        return
    places = table.addresses()
    assert tiles.run_records(
        ctypes.c_void_p(record.ctypes.data), 1, ctypes.c_void_p(places.ctypes.data)
    ) == -1  # fmt: skip
    for t, plain in zip(traced.results, traced.expected(), strict=True):
        found = table.arrays[traced.resolve(t).key]
        plain = plain.reshape(found.shape)
        numpy.testing.assert_allclose(found, plain, rtol=1e-5, atol=1e-5 * rows**0.5 + 1e-6)


@settings(max_examples=80, deadline=None)
@given(
    which=st.integers(0, len(_FUNCTIONS) - 1),
    rows=st.sampled_from([1, 2, 7, 30, 100]),
    columns=st.sampled_from([2, 3, 16, 40, 128, 300, 1100]),
    tile_rows=st.sampled_from([1, 4, 14, 100]),
    split=st.sampled_from([1, 8, 32, 100, 10000]),
    extra=st.sampled_from([0, 3]),
    parts=st.integers(1, 4),
)
def test_tiles(tiles, which, rows, columns, tile_rows, split, extra, parts):
    tile_columns = min(split, columns)
    _hand_over(tiles, _FUNCTIONS[which], rows, columns, tile_rows, tile_columns, extra, parts)


@pytest.mark.parametrize(("function", "expected"), [(_bias, 1), (_columns, 1), (_rows, 0)])
def test_what_may_be_split_in_columns(tiles, function, expected):
    shapes = [(6, 8), (6, 8), (8,), (6, 1)]
    traced = Traced(function, [numpy.zeros(s, "float32") for s in shapes])
    chain = traced.build(incoming=traced.inputs[0].key, columns=8)
    blob = aligned(chain.blob(Table({}).place_of))
    record = numpy.zeros(1, RECORD)
    record[0]["chain"] = blob.ctypes.data
    assert tiles.splits_columns(ctypes.c_void_p(record.ctypes.data)) == expected


def test_other_columns_than_the_kernel_has():
    x = numpy.zeros((4, 4, 6), "float32")
    traced = Traced(lambda x: ops.softmax(x), [x])
    assert traced.build(incoming=traced.inputs[0].key, columns=24) is None
    assert traced.build(incoming=traced.inputs[0].key, columns=6) is not None


def test_a_smaller_value_than_the_others():
    shapes = [(4, 1), (4, 6)]
    traced = Traced(lambda x, y: x + y, [numpy.zeros(s, "float32") for s in shapes])
    assert traced.build(incoming=traced.inputs[0].key, columns=1) is None
