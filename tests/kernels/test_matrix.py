"""Native matrix products against the plain operations, in float64."""

import ctypes
import dataclasses
import importlib
import math

import numpy
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kerasish import config, ops
from kerasish.kernels.cpu import library, matrix
from kerasish.kernels.cpu.binding import NodeView
from kerasish.kernels.cpu.records import RECORD, fill
from tests.kernels.chain_support import Table, Traced
from tests.kernels.support import bind, needs_library, run_native, run_plain

pytestmark = needs_library

products = importlib.import_module("kerasish.ops.matrix_products")
contractions = importlib.import_module("kerasish.ops.contractions")

# Relative to the sum of the absolute values of the products: rounding in float32.
TOLERANCE = 1e-6

# Around the heights and widths of blocks of sums, and the lanes of vectors.
sizes = st.sampled_from((0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 14, 15, 16, 17, 29, 31, 32, 33, 50, 65))
seeds = st.integers(0, 2**31)


def random_view(random, shape, order, gap=0):
    """A float32 array of a shape whose axes lie in memory in an order, at an odd address.

    Args:
        order: permutation of the axes: the first lies outermost in memory.
        gap: elements that follow each innermost line.
    """
    memory = [shape[axis] for axis in order]
    memory[-1:] = [n + gap for n in memory[-1:]]
    whole = numpy.empty(math.prod(memory) + 1, "float32")
    whole[1:] = random.standard_normal(whole.size - 1)
    array = whole[1:].reshape(memory)
    array = array[..., : array.shape[-1] - gap] if gap else array
    return array.transpose(numpy.argsort(order)) if shape else array


def check(function, arrays, params=None):
    """The native result equals the plain one of the same numbers in float64."""
    result = run_native(function, arrays, params, strided=(0, 1))
    wide = [a.astype("float64") for a in arrays]
    expected = run_plain(function, wide, params)
    assert result.shape == expected.shape and result.dtype == numpy.float32
    bound = run_plain(function, [abs(a) for a in wide], params)
    difference = abs(result - expected)
    assert numpy.all(difference <= TOLERANCE * bound), (difference.max(), bound.max())


def orders(ndim):
    return st.permutations(range(ndim)).map(tuple)


# ---- matmul ------------------------------------------------------------------------------------


@given(sizes, sizes, sizes, st.booleans(), st.booleans(), st.sampled_from((0, 3)), seeds)
@example(33, 0, 17, False, False, 0, 0)
@example(14, 1100, 33, False, False, 0, 0)  # more depth than is packed at once
@example(40, 1100, 70, True, False, 0, 0)
@example(1, 1100, 70, False, True, 0, 0)
@example(3, 1029, 9, True, True, 3, 0)
@example(20, 1024, 70, False, False, 0, 0)  # rows a multiple of 4096 bytes apart
@example(20, 1024, 20, False, False, 0, 0)
@example(1024, 24, 130, True, False, 0, 0)
@example(300, 64, 130, False, False, 0, 0)  # shared panels, several tasks
@example(200, 128, 130, True, True, 0, 0)  # a task for some columns
@example(1, 1024, 600, False, False, 0, 0)
@example(900, 600, 1, False, False, 0, 0)  # one column
def test_two_axes(rows, depth, columns, turns_a, turns_b, gap, seed):
    random = numpy.random.default_rng(seed)
    a = random_view(random, (rows, depth), (1, 0) if turns_a else (0, 1), gap)
    b = random_view(random, (depth, columns), (1, 0) if turns_b else (0, 1), gap)
    check(products.matmul, [a, b])


@st.composite
def batches(draw):
    """Two shapes whose leading axes broadcast, with orders in memory."""
    rows, depth, columns = draw(sizes), draw(sizes), draw(sizes)
    full = draw(st.lists(st.sampled_from((1, 2, 3, 5)), max_size=4))
    shapes = []
    for matrix_axes in ((rows, depth), (depth, columns)):
        kept = full[draw(st.integers(0, len(full))) :]
        shapes.append((*[draw(st.sampled_from((n, 1))) for n in kept], *matrix_axes))
    return shapes, [draw(orders(len(s))) for s in shapes], draw(st.sampled_from((0, 1)))


@given(batches(), seeds)
def test_batches(case, seed):
    shapes, memory, gap = case
    random = numpy.random.default_rng(seed)
    a, b = (random_view(random, s, o, gap) for s, o in zip(shapes, memory, strict=True))
    check(products.matmul, [a, b])


VECTORS = [
    ((5,), (5,)), ((5,), (5, 7)), ((7, 5), (5,)), ((40,), (3, 40, 9)), ((3, 9, 40), (40,)),
    ((1100,), (1100, 70)), ((1,), (1,)), ((0,), (0,)), ((2, 3, 0), (0,)),
]  # fmt: skip


@pytest.mark.parametrize("shapes", VECTORS)
def test_vectors(shapes):
    random = numpy.random.default_rng(1)
    check(products.matmul, [random_view(random, s, tuple(range(len(s)))) for s in shapes])


def test_leading_axes_become_rows():
    """A weight shared by the batch makes one product, in whose rows a chain may run."""
    a, b = numpy.zeros((4, 5, 6), "float32"), numpy.zeros((6, 7), "float32")
    call, _ = bind(products.matmul, [a, b], {})
    assert (call.rows, call.columns, call.integers[:3]) == (20, 7, (20, 7, 6))


# ---- einsum ------------------------------------------------------------------------------------

LETTERS = {"a": 3, "b": 17, "c": 20, "d": 4, "e": 16, "x": 5, "y": 33, "u": 1}

# Projections of attention and their gradients, scores and what follows from them, plain ones.
TERMS = [
    "abc,cde->abde", "abde,cde->abc", "abde,abc->cde", "abc,abde->cde", "abde,dec->abc",
    "abcd,cde->abe", "abe,cde->abcd", "abe,abcd->cde", "abcd,abe->cde", "aecd,abcd->acbe",
    "acbe,aecd->abcd", "adbe,adye->adby", "adby,adye->adbe", "adby,adbe->adye", "xy,y->x",
    "y,xy->x", "xy,yb->bx", "xy,xb->yb", "axy,ayb->axb", "axy,ab->axyb", "xy,xy->x", "xy,xy->",
    "x,y->xy", "uxy,yb->uxb", "xu,ub->xb", "xy,yu->xu", "xy,yu->ux", "abxy,abyc->abxc",
]  # fmt: skip


def split(text):
    terms, output = text.split("->")
    return {"terms": tuple(terms.split(",")), "output": output}


@given(st.data(), seeds)
@pytest.mark.parametrize("text", TERMS)
def test_einsum(text, data, seed):
    params = split(text)
    random = numpy.random.default_rng(seed)
    shapes = [tuple(LETTERS[c] for c in term) for term in params["terms"]]
    is_contiguous = data.draw(st.booleans())
    memory = [tuple(range(len(s))) if is_contiguous else data.draw(orders(len(s))) for s in shapes]
    arrays = [random_view(random, s, o) for s, o in zip(shapes, memory, strict=True)]
    if not is_contiguous and bind(contractions._einsum, arrays, params, strided=(0, 1))[0] is None:
        return  # an order in memory that takes more than two strides
    check(contractions._einsum, arrays, params)


@pytest.mark.parametrize("text", ["abde,cde->abc", "abe,abde->cde", "abde,abc->cde"])
def test_transposed_attention_tensor(text):
    """Heads lie outside of the sequence in memory: two strides for rows and for columns."""
    params = split(text.replace("abe,", "abc,"))
    random = numpy.random.default_rng(1)
    shapes = [tuple(LETTERS[c] for c in term) for term in params["terms"]]
    arrays = [random_view(random, s, (0, 2, 1, 3) if len(s) == 4 else tuple(range(len(s))))
              for s in shapes]  # fmt: skip
    check(contractions._einsum, arrays, params)


@pytest.mark.parametrize("shapes", [((1, 5), (4, 5)), ((3, 5), (3, 1))])
def test_einsum_repeats_axes_of_size_one(shapes):
    params = split("xy,xy->x")
    random = numpy.random.default_rng(1)
    check(contractions._einsum, [random_view(random, s, (0, 1)) for s in shapes], params)


@pytest.mark.parametrize("text", ["xy,xb->ybx", "xy,ab->xb", "xy,xy->xy", "axb,ayc->xyabc"])
def test_what_is_no_product_has_no_binding(text):
    params = split(text)
    arrays = [numpy.zeros([LETTERS[c] for c in term], "float32") for term in params["terms"]]
    assert bind(contractions._einsum, arrays, params)[0] is None


@pytest.mark.parametrize("dtype", ["float64", "float16", "int32"])
def test_other_dtypes_have_no_binding(dtype):
    arrays = [numpy.zeros((3, 4), dtype), numpy.zeros((4, 5), dtype)]
    assert bind(products.matmul, arrays, {})[0] is None


# ---- chains ------------------------------------------------------------------------------------


def run_with_chain(function, arrays, keeps_product):
    """(arrays of a product and the chain on its result, arrays of the plain operations)."""
    traced = Traced(function, arrays)
    product, *others = traced.nodes
    call = matrix.matmul(NodeView(product, traced.resolve, traced.layouts))
    made = product.outputs[0]
    chain = traced.build(nodes=others, incoming=made.key, columns=call.columns)
    assert chain is not None, "no chain"
    if not keeps_product:
        call = dataclasses.replace(call, values=(*call.values[:2], None))
    table = Table({t.key: a for t, a in zip(traced.inputs, arrays, strict=True)})
    blob = chain.blob(table.place_of)
    raw = numpy.zeros(blob.size + 64, "u1")
    start = -raw.ctypes.data % 64
    raw[start : start + blob.size] = blob
    record = numpy.zeros(1, RECORD)
    fill(record[0], call, library.address_of(call.kernel), table.place_of, raw.ctypes.data + start)
    places = table.addresses()
    assert library.library().run_records(
        ctypes.c_void_p(record.ctypes.data), 1, ctypes.c_void_p(places.ctypes.data)
    ) == -1  # fmt: skip
    found = [table.arrays[traced.resolve(t).key] for t in traced.results]
    if keeps_product:
        numpy.testing.assert_allclose(
            table.arrays[made.key], run_plain(products.matmul, arrays[:2]), rtol=1e-4, atol=1e-4
        )
    return found, traced.expected()


def with_bias(x, w, b):
    """Splits in columns as it likes."""
    return ops.relu(ops.add(ops.matmul(x, w), b))


def with_softmax(x, w, b):
    """Needs whole rows."""
    return ops.softmax(ops.add(ops.matmul(x, w), b))


def with_sums(x, w, b):
    """Needs the sums of all parts."""
    y = ops.add(ops.matmul(x, w), b)
    return y, ops.sum(y, 0)


@pytest.mark.parametrize("keeps_product", [False, True])
@pytest.mark.parametrize("function", [with_bias, with_softmax, with_sums])
@pytest.mark.parametrize("shape", [(1, 5, 3), (5, 1, 1), (70, 40, 1), (3000, 300, 1), (50, 60, 70),
                                   (300, 80, 130), (1000, 200, 300), (150, 400, 300), (4, 900, 800),
                                   (8, 70000, 8), (70000, 3, 5)])  # fmt: skip
def test_chain_on_the_result(shape, function, keeps_product):
    rows, depth, columns = shape
    random = numpy.random.default_rng(1)
    arrays = [random_view(random, s, tuple(range(len(s)))) for s in
              ((rows, depth), (depth, columns), (columns,))]  # fmt: skip
    found, expected = run_with_chain(function, arrays, keeps_product)
    for a, b in zip(found, expected, strict=True):
        numpy.testing.assert_allclose(a, b, rtol=1e-3, atol=3e-5 * depth**0.5 * (1 + rows**0.5))


def test_chain_on_a_batch():
    random = numpy.random.default_rng(1)
    arrays = [random_view(random, s, (0, 1, 2)) for s in ((40, 20, 30), (40, 30, 50))]
    found, expected = run_with_chain(lambda x, y: ops.exp(ops.matmul(x, y)), arrays, False)
    numpy.testing.assert_allclose(found[0], expected[0], rtol=1e-4)


# ---- values and threads ------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(2, 3, 4), (40, 50, 60), (1, 40, 50), (300, 64, 70), (3, 80, 3)])
@pytest.mark.parametrize("value", [numpy.nan, numpy.inf])
def test_nan_and_infinity_stay_in_their_row(shape, value):
    rows, depth, columns = shape
    random = numpy.random.default_rng(1)
    a = abs(random_view(random, (rows, depth), (0, 1)))
    b = abs(random_view(random, (depth, columns), (0, 1)))
    a[rows // 2, depth // 3] = value
    result = run_native(products.matmul, [a, b])
    with numpy.errstate(invalid="ignore"):
        expected = run_plain(products.matmul, [a, b])
    numpy.testing.assert_allclose(result, expected, rtol=1e-5)
    assert not numpy.isfinite(result[rows // 2]).any()
    assert numpy.isfinite(numpy.delete(result, rows // 2, 0)).all()


def test_nan_beside_a_matrix_is_not_seen():
    """Elements between the rows of a view are read at the edges, but count for nothing."""
    whole = numpy.full((40, 40), numpy.nan, "float32")
    a, b = whole[:20, :21], whole[:21, :18].copy()[:, :17]
    a[...], b[...] = 1, 1
    assert (run_native(products.matmul, [a, b], strided=(0, 1)) == 21).all()


THREADED = [
    ((300, 200), (200, 150)), ((128, 784), (784, 256)), ((64, 30, 40), (64, 40, 50)),
    ((1, 2000), (2000, 900)), ((2000, 700), (700, 1)), ((16, 70000), (70000, 16)),
]  # fmt: skip


@pytest.mark.parametrize("shapes", THREADED)
def test_same_bits_at_any_number_of_threads(shapes):
    random = numpy.random.default_rng(1)
    arrays = [random.standard_normal(s).astype("float32") for s in shapes]
    before, found = config.threads(), set()
    try:
        for threads in (1, 2, 5):
            config.set_threads(threads)
            found.add(run_native(products.matmul, arrays).tobytes())
    finally:
        config.set_threads(before)
    assert len(found) == 1


def test_integers_fit_the_record():
    call, _ = bind(
        products.matmul, [numpy.zeros((2, 3), "float32"), numpy.zeros((3, 4), "float32")], {}
    )
    assert len(call.integers) == 3 + 4 * 3 + 4 * matrix._BATCH_AXES + 1
