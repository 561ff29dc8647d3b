"""Chains against the plain operations: elements, operands, memory, and random programs of all."""

import numpy
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kerasish import ops
from kerasish.ops.activations import between_gate, positive_gate
from kerasish.ops.losses import pick
from tests.kernels.chain_support import Traced, check, floats, results, run, same
from tests.kernels.support import needs_library

pytestmark = needs_library

_SIZES = [1, 3, 15, 16, 17, 31, 64, 511, 512, 513, 1000, 1025, 3000]


# ---- elements ----------------------------------------------------------------------------------

_UNARY = (
    "negative absolute square sqrt rsqrt reciprocal sign floor ceil trunc relu relu6 round isnan"
    " isfinite isinf isposinf isneginf signbit logical_not nan_to_num fabs deg2rad rad2deg"
).split()
_BINARY = (
    "add subtract multiply divide maximum minimum fmax fmin equal not_equal less less_equal"
    " greater greater_equal logical_and logical_or logical_xor logaddexp"
).split()


@pytest.mark.parametrize("name", _UNARY)
def test_unary(name):
    for size in _SIZES:
        check(getattr(ops, name), floats(size, size, special=True), rtol=3e-7, atol=0)


@pytest.mark.parametrize("name", _BINARY)
def test_binary(name):
    for size in _SIZES:
        a, b = floats(size, 1, special=True), floats(size, 2, special=True)
        check(getattr(ops, name), a, b, rtol=1e-6, atol=2e-7)


@pytest.mark.parametrize("name", ["add", "subtract", "divide", "less", "minimum", "power"])
def test_numbers_on_either_side(name):
    function = getattr(ops, name)
    x = numpy.abs(floats(100)) + 0.1
    check(lambda x: (function(x, 1.7), function(0.3, x)), x)


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_integers(dtype):
    rng = numpy.random.default_rng(0)
    for size in (1, 7, 16, 600):
        a, b = rng.integers(-5, 5, size).astype(dtype), rng.integers(-5, 5, size).astype(dtype)
        a[0] = numpy.iinfo(dtype).max  # sums wrap around
        check(
            lambda a, b: (
                a + b, a - b, a * b, ops.maximum(a, b), ops.minimum(a, b), -a, a == b, a != b,
                a < b, a <= b, a > b, a >= b, ops.where(a < b, a, b), a + 3, ops.clip(a, -2, 2),
            ),
            a,
            b,
        )  # fmt: skip


def test_unsigned_and_bits():
    a = numpy.array([0, 1, 2**32 - 1, 7], "uint32")
    b = numpy.array([5, 2**31, 1, 7], "uint32")
    check(lambda a, b: (a + b, a - b, a * b, ops.bitwise_xor(a, b), a == b), a, b)


_DTYPES = ["float32", "int32", "int64", "bool"]


@pytest.mark.parametrize("source", [*_DTYPES, "uint8", "uint32"])
@pytest.mark.parametrize("target", _DTYPES)
def test_casts(source, target):
    if source == target or (source == "uint32" and target != "float32"):
        pytest.skip("no cast, or one that stays with the plain operation")
    rng = numpy.random.default_rng(0)
    for size in (1, 15, 16, 700):
        x = rng.integers(0, 100, size)
        if source == "float32":
            x = x / 7 - 5
        check(lambda x: ops.cast(x, target), (x * (x > 30)).astype(source))


def test_truth():
    rng = numpy.random.default_rng(0)
    a, b = rng.random(77) < 0.5, rng.random(77) < 0.5
    check(
        lambda a, b: (ops.logical_and(a, b), ops.logical_or(a, True), a == b, ops.where(a, b, a),
                      ops.cast(ops.logical_xor(a, b), "float32")),
        a,
        b,
    )  # fmt: skip


def test_clip_and_gates():
    for size in (1, 16, 777):
        x, y = floats(size, 1, special=True), floats(size, 2, special=True)
        low, high = numpy.full_like(x, -1), numpy.full_like(x, 1)
        check(lambda x: ops.clip(x, -1.0, 0.5), x)
        check(ops.clip, x, low, high)
        check(lambda x: ops.clip(x, float("nan"), 1.0), x)
        check(positive_gate, x, y)
        check(lambda x, y: between_gate(x, y, low=-0.5, high=1.0), x, y)


_ACTIVATIONS = (
    "relu relu6 sigmoid silu softplus softsign elu selu celu gelu leaky_relu hard_sigmoid hard_silu"
    " hard_tanh hard_shrink soft_shrink sparse_plus sparse_sigmoid squareplus tanh_shrink mish"
    " log_sigmoid"
).split()


@pytest.mark.parametrize("name", _ACTIVATIONS)
def test_activations(name):
    check(getattr(ops, name), floats((33, 35)))


def test_products_join_sums():
    def function(a, b, c):
        return a * b + c, c - a * c, b * c - a, ops.square(a) + c

    arrays = [floats(40, i) for i in range(3)]
    names = [s.name for s in Traced(function, arrays).build()._steps]
    assert names == ["multiply_add", "subtract_product", "multiply_subtract", "multiply_add"]
    check(function, *arrays)


# ---- operands ----------------------------------------------------------------------------------

_SHAPES = [
    ((33, 7), (7,)), ((33, 7), (33, 1)), ((33, 7), ()), ((33, 1), (1, 7)), ((200, 130), (130,)),
    ((200, 130), (200, 1)), ((5, 3000), (3000,)), ((5, 3000), (5, 1)), ((1, 9), (9,)),
    ((4, 6, 5, 16), (4, 1, 1, 16)), ((4, 6, 5, 16), (4, 6, 5, 1)), ((4, 3, 8, 8), (1, 1, 8, 8)),
    ((4, 3, 8, 8), (4, 1, 1, 8)), ((4, 3, 8, 8), (4, 1, 8, 1)), ((600, 1), (600, 1)),
    ((12, 1, 3), (1, 5, 3)), ((64, 65), (65,)), ((64, 64), (64,)), ((64, 64), (64, 1)),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second"), _SHAPES)
def test_broadcasting(first, second):
    a, b = floats(first, 1), floats(second, 2)
    check(lambda a, b: ops.relu(a * b + 1.0) - b, a, b)


def test_views_are_read_where_they_lie():
    x, y = floats((6, 5, 4, 64), 1), floats((6, 4, 5, 64), 2)
    check(lambda x, y: ops.transpose(x, (0, 2, 1, 3)) * y, x, y)
    check(lambda x, y: ops.reshape(x, (30, 256)) + ops.reshape(y, (30, 256)), x, y)
    g = floats((6, 64), 3)
    check(lambda x, g: ops.broadcast_to(ops.reshape(g, (6, 1, 1, 64)), x.shape) * x, x, g)


def test_two_periods():
    """A row of 25 channels groups and one of 64 channels over the same memory."""
    x, a, b = floats((8, 5, 64), 1), floats((64,), 2), floats((320,), 3)

    def function(x, a, b):
        return ops.reshape(x + a, (8, 320)) * b

    check(function, x, a, b)


def test_square_frames_tell_rows_from_columns():
    x, bias = floats((10, 10), 1), floats((10,), 2)
    labels = numpy.arange(10)[::-1].copy()

    def function(x, bias, labels):
        logits = ops.log_softmax(x + bias)
        return -pick(logits, ops.cast(labels, "int32")), logits

    check(function, x, bias, labels)


# ---- memory ------------------------------------------------------------------------------------


def test_in_place():
    """Adam: each variable is written where it was read, and old values are still needed."""
    g, m, v, w = floats(777, 1), floats(777, 2), numpy.abs(floats(777, 3)), floats(777, 4)
    rate = numpy.array(0.01, "float32")

    def function(g, m, v, w, rate):
        new_m = m + (g - m) * 0.1
        new_v = v + (ops.square(g) - v) * 0.001
        return new_m, new_v, w - new_m * rate / (ops.sqrt(new_v) + 1e-7) + m * 0.5

    arrays = [a.copy() for a in (g, m, v, w, rate)]
    traced = Traced(function, arrays)
    built = traced.build()
    shared = {traced.results[i].key: traced.inputs[i + 1].key for i in range(3)}
    status, table = run(
        built, dict(zip((t.key for t in traced.inputs), arrays, strict=True)), shared
    )
    assert status == -1
    plain = Traced(function, [g, m, v, w, rate]).expected()
    for i in range(3):
        same(table.arrays[traced.inputs[i + 1].key], plain[i])


def test_scalars_in_place():
    step, total = numpy.array(5), numpy.array(2.0, "float32")
    traced = Traced(
        lambda step, total: (step + 1, total * ops.cast(step, "float32"), step - 1), [step, total]
    )
    shared = {traced.results[0].key: traced.inputs[0].key}
    known = {t.key: a for t, a in zip(traced.inputs, (step, total), strict=True)}
    _, table = run(traced.build(), known, shared)
    assert step == 6 and table.arrays[traced.results[1].key] == 10
    assert table.arrays[traced.results[2].key] == 4


def test_several_chains():
    x = floats(200000)
    traced = Traced(lambda x: ops.relu(x) + 1, [x])
    status, table = run(traced.build(), {traced.inputs[0].key: x}, several=3)
    assert status == -1
    key = traced.results[0].key
    for found in (key, (key, 1), (key, 2)):
        numpy.testing.assert_array_equal(table.arrays[found], numpy.maximum(x, 0) + 1)


def test_results_that_are_operands_or_each_other():
    x = floats((5, 6))
    check(lambda x: (ops.cast(x, "float32") * 1.0, ops.relu(x), ops.relu(x)), x)
    check(lambda x: (ops.relu(x), ops.reshape(ops.relu(x), (6, 5)) * 2), x)


def test_text():
    traced = Traced(lambda x, b: ops.relu(x + b) * 2.0, [floats((4, 3)), floats(3)])
    names = dict(zip((t.key for t in traced.inputs), ("x", "bias"), strict=True))
    text = traced.build().describe(name_of=lambda t: names.get(t.key, "y"))
    assert text == "y = relu(x + bias) * 2.0"


# ---- random programs ---------------------------------------------------------------------------


@st.composite
def _programs(draw):
    rows = draw(st.sampled_from([1, 2, 5, 33, 130, 700]))
    columns = draw(st.sampled_from([1, 2, 3, 10, 16, 33, 64, 130]))
    kinds = draw(st.lists(st.sampled_from(["full", "row", "column", "scalar"]), min_size=1,
                          max_size=4))  # fmt: skip
    steps = draw(
        st.lists(st.tuples(st.integers(0, 15), st.integers(0, 30), st.integers(0, 30)),
                 min_size=1, max_size=14)
    )  # fmt: skip
    ends = draw(st.lists(st.integers(0, len(_ENDS) - 1), min_size=1, max_size=3))
    return rows, columns, ["full", *kinds], steps, ends, draw(st.integers(0, 1000))


def _program(steps, ends):
    """Function of the operands: pairs of values put together, then some reductions."""

    def function(*operands):
        values = list(operands)
        full = operands[0]
        for code, i, j in steps:
            a, b = values[i % len(values)], values[j % len(values)]
            values.append(_STEPS[code % len(_STEPS)](a, b, full))
        found = [v for v in values[len(operands) :]]
        last = found[-1] + full * 0.0
        ended = [_ENDS[e](last) for e in ends]
        return [*found[-3:], *ended]

    return function


_STEPS = [
    lambda a, b, x: a + b,
    lambda a, b, x: a - b,
    lambda a, b, x: a * b,
    lambda a, b, x: a / (ops.absolute(b) + 1.0),
    lambda a, b, x: ops.maximum(a, b),
    lambda a, b, x: ops.where(a > b, a, b * 0.5),
    lambda a, b, x: ops.tanh(a),
    lambda a, b, x: ops.relu(a) + b,
    lambda a, b, x: ops.sigmoid(a) * b,
    lambda a, b, x: ops.cast(ops.logical_and(a > 0.0, b < 0.5), "float32"),
    lambda a, b, x: ops.sum(a * x, axis=-1, keepdims=True) * 0.01,
    lambda a, b, x: ops.max(b + x, axis=-1, keepdims=True),
    lambda a, b, x: ops.softmax(a + x),
    lambda a, b, x: a * a - b,
    lambda a, b, x: ops.exp(-ops.absolute(a)),
    lambda a, b, x: ops.mean(a - x, axis=-1, keepdims=True),
]
_ENDS = [
    lambda x: ops.mean(x),
    lambda x: ops.sum(x, axis=0) * 0.01,
    lambda x: ops.sum(x, axis=-1),
]


@settings(max_examples=150, deadline=None)
@given(_programs())
def test_random_programs(program):
    rows, columns, kinds, steps, ends, seed = program
    shapes = {"full": (rows, columns), "row": (columns,), "column": (rows, 1), "scalar": ()}
    arrays = [floats(shapes[k], seed + i) for i, k in enumerate(kinds)]
    try:
        found, plain = results(_program(steps, ends), arrays)
    except AssertionError as error:
        assume(str(error).partition("\n")[0] != "no chain")  # some are more than one chain
        raise
    for f, p in zip(found, plain, strict=True):
        with numpy.errstate(all="ignore"):
            scale = numpy.abs(p[numpy.isfinite(p)]).max(initial=1.0)
        same(f, p, rtol=2e-5, atol=2e-5 * float(scale))
