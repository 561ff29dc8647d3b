"""Chains against the plain operations: elements, rows, sums, and random programs of all of them."""

import numpy
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kerasish import ops
from kerasish.kernels.cpu import library
from kerasish.ops.activations import between_gate, positive_gate
from kerasish.ops.losses import pick, place
from tests.kernels.chain_support import Traced, results, run
from tests.kernels.support import needs_library

pytestmark = needs_library

_SIZES = [1, 3, 15, 16, 17, 31, 64, 511, 512, 513, 1000, 1025, 3000]
_SPECIAL = numpy.array([0.0, -0.0, numpy.inf, -numpy.inf, numpy.nan, 1e-42, 3e38, -3e38, 1.0])


def _floats(shape, seed=0, special=False):
    rng = numpy.random.default_rng(seed)
    x = rng.normal(scale=2, size=shape).astype("float32")
    if special:
        x = numpy.where(rng.random(shape) < 0.3, rng.choice(_SPECIAL, shape), x).astype("float32")
    return x


def _same(found, plain, rtol=2e-6, atol=2e-6):
    assert found.dtype == plain.dtype
    plain = plain.reshape(found.shape)
    if found.dtype.kind != "f":
        numpy.testing.assert_array_equal(found, plain)
    else:
        with numpy.errstate(all="ignore"):
            numpy.testing.assert_allclose(found, plain, rtol=rtol, atol=atol)


def _check(function, *arrays, **tolerance):
    found, plain = results(function, list(arrays))
    for f, p in zip(found, plain, strict=True):
        _same(f, p, **tolerance)


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
        _check(getattr(ops, name), _floats(size, size, special=True), rtol=3e-7, atol=0)


@pytest.mark.parametrize("name", _BINARY)
def test_binary(name):
    for size in _SIZES:
        a, b = _floats(size, 1, special=True), _floats(size, 2, special=True)
        _check(getattr(ops, name), a, b, rtol=1e-6, atol=2e-7)


@pytest.mark.parametrize("name", ["add", "subtract", "divide", "less", "minimum", "power"])
def test_numbers_on_either_side(name):
    function = getattr(ops, name)
    x = numpy.abs(_floats(100)) + 0.1
    _check(lambda x: (function(x, 1.7), function(0.3, x)), x)


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_integers(dtype):
    rng = numpy.random.default_rng(0)
    for size in (1, 7, 16, 600):
        a, b = rng.integers(-5, 5, size).astype(dtype), rng.integers(-5, 5, size).astype(dtype)
        a[0] = numpy.iinfo(dtype).max  # sums wrap around
        _check(
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
    _check(lambda a, b: (a + b, a - b, a * b, ops.bitwise_xor(a, b), a == b), a, b)


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
        _check(lambda x: ops.cast(x, target), (x * (x > 30)).astype(source))


def test_truth():
    rng = numpy.random.default_rng(0)
    a, b = rng.random(77) < 0.5, rng.random(77) < 0.5
    _check(
        lambda a, b: (ops.logical_and(a, b), ops.logical_or(a, True), a == b, ops.where(a, b, a),
                      ops.cast(ops.logical_xor(a, b), "float32")),
        a,
        b,
    )  # fmt: skip


def test_clip_and_gates():
    for size in (1, 16, 777):
        x, y = _floats(size, 1, special=True), _floats(size, 2, special=True)
        low, high = numpy.full_like(x, -1), numpy.full_like(x, 1)
        _check(lambda x: ops.clip(x, -1.0, 0.5), x)
        _check(ops.clip, x, low, high)
        _check(lambda x: ops.clip(x, float("nan"), 1.0), x)
        _check(positive_gate, x, y)
        _check(lambda x, y: between_gate(x, y, low=-0.5, high=1.0), x, y)


_ACTIVATIONS = (
    "relu relu6 sigmoid silu softplus softsign elu selu celu gelu leaky_relu hard_sigmoid hard_silu"
    " hard_tanh hard_shrink soft_shrink sparse_plus sparse_sigmoid squareplus tanh_shrink mish"
    " log_sigmoid"
).split()


@pytest.mark.parametrize("name", _ACTIVATIONS)
def test_activations(name):
    _check(getattr(ops, name), _floats((33, 35)))


def test_products_join_sums():
    def function(a, b, c):
        return a * b + c, c - a * c, b * c - a, ops.square(a) + c

    arrays = [_floats(40, i) for i in range(3)]
    names = [s.name for s in Traced(function, arrays).build()._steps]
    assert names == ["multiply_add", "subtract_product", "multiply_subtract", "multiply_add"]
    _check(function, *arrays)


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
    a, b = _floats(first, 1), _floats(second, 2)
    _check(lambda a, b: ops.relu(a * b + 1.0) - b, a, b)


def test_views_are_read_where_they_lie():
    x, y = _floats((6, 5, 4, 64), 1), _floats((6, 4, 5, 64), 2)
    _check(lambda x, y: ops.transpose(x, (0, 2, 1, 3)) * y, x, y)
    _check(lambda x, y: ops.reshape(x, (30, 256)) + ops.reshape(y, (30, 256)), x, y)
    g = _floats((6, 64), 3)
    _check(lambda x, g: ops.broadcast_to(ops.reshape(g, (6, 1, 1, 64)), x.shape) * x, x, g)


def test_two_periods():
    """A row of 25 channels groups and one of 64 channels over the same memory."""
    x, a, b = _floats((8, 5, 64), 1), _floats((64,), 2), _floats((320,), 3)

    def function(x, a, b):
        return ops.reshape(x + a, (8, 320)) * b

    _check(function, x, a, b)


def test_square_frames_tell_rows_from_columns():
    x, bias = _floats((10, 10), 1), _floats((10,), 2)
    labels = numpy.arange(10)[::-1].copy()

    def function(x, bias, labels):
        logits = ops.log_softmax(x + bias)
        return -pick(logits, ops.cast(labels, "int32")), logits

    _check(function, x, bias, labels)


# ---- rows --------------------------------------------------------------------------------------

_ROWS = [(1, 1), (7, 1), (5, 2), (40, 3), (100, 10), (3, 15), (3, 16), (9, 17), (70, 33), (4, 64),
         (6, 100), (2, 257), (3, 1024), (2, 5000)]  # fmt: skip


@pytest.mark.parametrize("shape", _ROWS)
@pytest.mark.parametrize("special", [False, True])
def test_row_reductions(shape, special):
    x = _floats(shape, shape[0], special)
    if special:
        x[numpy.abs(x) > 1e38] = 2.0  # sums of such depend on the order
        x[0] = _floats(shape[1:], 5)  # one row without
    _check(
        lambda x: (
            ops.sum(x, -1), ops.max(x, axis=-1, keepdims=True), ops.min(x, axis=1),
            ops.mean(x, axis=1), ops.softmax(x), ops.log_softmax(x), x - ops.max(x, -1, True),
        ),
        x,
        atol=1e-4,
    )  # fmt: skip


@pytest.mark.parametrize("shape", [s for s in _ROWS if s[1] > 1])
def test_places_and_truth_of_rows(shape):
    x = numpy.round(_floats(shape, 3, special=True))  # ties
    y = numpy.round(_floats(shape, 4))
    _check(
        lambda x, y: (
            ops.argmax(x, -1), ops.argmin(x, -1), ops.argmax(y, -1), ops.argmin(y, -1),
            ops.any(x > y, axis=-1), ops.all(x > y, axis=-1), ops.sum(x > y, axis=-1),
        ),
        x,
        y,
    )  # fmt: skip


@pytest.mark.parametrize("shape", [(4, 7), (40, 64), (3, 300), (2, 4, 8), (5, 1100), (1, 30)])
def test_layer_normalization(shape):
    x, gamma, beta = _floats(shape, 1), _floats(shape[-1:], 2), _floats(shape[-1:], 3)
    _check(ops.layer_normalization, x, gamma, beta)
    _check(ops.layer_normalization, x + 1000, gamma, beta, atol=1e-3)


def test_labels():
    x, labels = _floats((50, 10)), numpy.arange(50) % 10

    def function(x, labels):
        labels = ops.cast(ops.cast(labels, "float32"), "int32")
        return pick(x, labels, axis=1), place(pick(x, labels), labels, None, axis=-1, size=10)

    _check(function, x, labels)
    for wrong in (-1, 10):
        bad = labels.copy()
        bad[33] = wrong
        traced = Traced(lambda x, k: pick(x, ops.cast(k, "int32")), [x, bad])
        built = traced.build()
        assert built.can_fail
        status, _ = run(built, dict(zip((t.key for t in traced.inputs), (x, bad), strict=True)))
        assert status == 0


def test_place_takes_negative_labels_as_numpy():
    x, labels = _floats(6), numpy.array([0, -1, 2, -3, 1, 0], "int32")
    _check(lambda x, labels: place(x, labels, None, axis=-1, size=3), x, labels)


# ---- sums --------------------------------------------------------------------------------------

_SUMS = [(1, 1), (5, 3), (2000, 10), (100, 16), (77, 17), (5000, 32), (300, 65), (40, 1300), (1, 50),
         (9000, 1), (3, 4, 5, 6), (2, 3, 2100)]  # fmt: skip


@pytest.mark.parametrize("shape", _SUMS)
def test_sums(shape):
    x = _floats(shape, 1)
    leading = tuple(range(len(shape) - 1))
    _check(
        lambda x: (ops.sum(x * 2), ops.mean(x), ops.sum(ops.square(x), axis=leading)),
        x,
        rtol=2e-6,
        atol=3e-5 * x.size**0.5,
    )


def test_sums_are_accurate():
    x = (_floats((100000, 10), 1) + 1000).astype("float32")
    (total, columns), _ = results(lambda x: (ops.mean(x), ops.mean(x, axis=0)), [x])
    exact = x.astype("float64")
    numpy.testing.assert_allclose(total, exact.mean(), rtol=1.2e-7)
    numpy.testing.assert_allclose(columns, exact.mean(0), rtol=1.2e-7)


@pytest.mark.parametrize(
    "shape", [(4, 6, 5), (3, 5, 5, 16), (2, 300, 64), (20, 2, 2, 300), (5, 9, 1)]
)
def test_sums_of_groups(shape):
    middle = tuple(range(1, len(shape) - 1))
    _check(lambda x: ops.mean(x * 2 + 1, axis=middle), _floats(shape), atol=1e-5)


@pytest.mark.parametrize(
    "shape", [(6, 3), (1000, 10), (5000, 16), (70000, 3), (300, 65), (9, 1500)]
)
@pytest.mark.parametrize("offset", [0, 1000, -1e6])
def test_batch_statistics(shape, offset):
    x = (_floats(shape, 1) + offset).astype("float32")
    traced = Traced(lambda x: ops.batch_normalization_training(x), [x])
    statistics, *rest = traced.nodes
    assert statistics.operation.name == "batch_statistics"
    built = traced.build(statistics.outputs, nodes=[statistics])
    status, table = run(built, {traced.inputs[0].key: x})
    assert status == -1
    mean, variance = (table.arrays[o.key].ravel() for o in statistics.outputs)
    exact = x.astype("float64")
    numpy.testing.assert_allclose(mean, exact.mean(0), rtol=1e-6, atol=1e-6)
    numpy.testing.assert_allclose(variance, exact.var(0), rtol=2e-6)
    built = traced.build(traced.results[:1], nodes=rest[:1])
    known = {k: a for k, a in table.arrays.items() if k != rest[0].outputs[0].key}
    status, table = run(built, known)
    found = table.arrays[traced.resolve(traced.results[0]).key]
    normal = (x - exact.mean(0)) / numpy.sqrt(exact.var(0) + 1e-3)
    numpy.testing.assert_allclose(found, normal, atol=1e-5 + abs(offset) * 2e-7)


def test_what_follows_sums():
    x, total, count = _floats((50, 10)), numpy.array(3.0, "float32"), numpy.array(2.0, "float32")

    def function(x, total, count):
        loss = ops.mean(ops.exp(x)) * 0.5
        total, count = total + loss, count + 1.0
        columns = ops.sum(x, axis=0)
        return total, count, total / count, columns, ops.sum(ops.square(columns))

    _check(function, x, total, count)


def test_elements_do_not_follow_sums():
    traced = Traced(lambda x: x / ops.sum(x), [_floats((5, 6))])
    assert traced.build() is None


def test_result_is_the_same_at_any_number_of_threads():
    x, bias = _floats((3000, 100), 1), _floats((100,), 2)
    traced = Traced(lambda x, b: (ops.sum(ops.relu(x + b), axis=0), ops.sum(x * b)), [x, bias])
    built = traced.build()
    known = dict(zip((t.key for t in traced.inputs), (x, bias), strict=True))
    found = []
    before = library.library().thread_count()
    for threads in (1, 2, 3, 4):
        library.library().set_thread_count(threads)
        _, table = run(built, known)
        found.append([table.arrays[t.key].copy() for t in built.outputs])
    library.library().set_thread_count(before)
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            assert a.tobytes() == b.tobytes()


# ---- memory ------------------------------------------------------------------------------------


def test_in_place():
    """Adam: each variable is written where it was read, and old values are still needed."""
    g, m, v, w = _floats(777, 1), _floats(777, 2), numpy.abs(_floats(777, 3)), _floats(777, 4)
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
        _same(table.arrays[traced.inputs[i + 1].key], plain[i])


def test_scalars_in_place():
    step, total = numpy.array(5), numpy.array(2.0, "float32")
    traced = Traced(
        lambda step, total: (step + 1, total * ops.cast(step, "float32"), step - 1), [step, total]
    )
    shared = {traced.results[0].key: traced.inputs[0].key}
    _, table = run(traced.build(), {t.key: a for t, a in
                                    zip(traced.inputs, (step, total), strict=True)}, shared)  # fmt: skip
    assert step == 6 and table.arrays[traced.results[1].key] == 10
    assert table.arrays[traced.results[2].key] == 4


def test_several_chains():
    x = _floats(200000)
    traced = Traced(lambda x: ops.relu(x) + 1, [x])
    status, table = run(traced.build(), {traced.inputs[0].key: x}, several=3)
    assert status == -1
    numpy.testing.assert_array_equal(table.arrays[traced.results[0].key], numpy.maximum(x, 0) + 1)


def test_results_that_are_operands_or_each_other():
    x = _floats((5, 6))
    _check(lambda x: (ops.cast(x, "float32") * 1.0, ops.relu(x), ops.relu(x)), x)
    _check(lambda x: (ops.relu(x), ops.reshape(ops.relu(x), (6, 5)) * 2), x)


def test_text():
    traced = Traced(lambda x, b: ops.relu(x + b) * 2.0, [_floats((4, 3)), _floats(3)])
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
    arrays = [_floats(shapes[k], seed + i) for i, k in enumerate(kinds)]
    try:
        found, plain = results(_program(steps, ends), arrays)
    except AssertionError as error:
        assume(str(error).partition("\n")[0] != "no chain")  # some are more than one chain
        raise
    for f, p in zip(found, plain, strict=True):
        with numpy.errstate(all="ignore"):
            scale = numpy.abs(p[numpy.isfinite(p)]).max(initial=1.0)
        _same(f, p, rtol=2e-5, atol=2e-5 * float(scale))
