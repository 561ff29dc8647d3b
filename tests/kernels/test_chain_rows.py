"""Chains against the plain operations: what takes rows together, and sums over rows."""

import numpy
import pytest

from kerasish import ops
from kerasish.kernels.cpu import library
from kerasish.ops.losses import pick, place
from tests.kernels.chain_support import Traced, check, floats, results, run
from tests.kernels.support import needs_library

pytestmark = needs_library


# ---- rows --------------------------------------------------------------------------------------

_ROWS = [(1, 1), (7, 1), (5, 2), (40, 3), (100, 10), (3, 15), (3, 16), (9, 17), (70, 33), (4, 64),
         (6, 100), (2, 257), (3, 1024), (2, 5000)]  # fmt: skip


@pytest.mark.parametrize("shape", _ROWS)
@pytest.mark.parametrize("special", [False, True])
def test_row_reductions(shape, special):
    x = floats(shape, shape[0], special)
    if special:
        x[numpy.abs(x) > 1e38] = 2.0  # sums of such depend on the order
        x[0] = floats(shape[1:], 5)  # one row without
    check(
        lambda x: (
            ops.sum(x, -1), ops.max(x, axis=-1, keepdims=True), ops.min(x, axis=1),
            ops.mean(x, axis=1), ops.softmax(x), ops.log_softmax(x), x - ops.max(x, -1, True),
        ),
        x,
        atol=1e-4,
    )  # fmt: skip


@pytest.mark.parametrize("shape", [s for s in _ROWS if s[1] > 1])
def test_places_and_truth_of_rows(shape):
    x = numpy.round(floats(shape, 3, special=True))  # ties
    y = numpy.round(floats(shape, 4))
    check(
        lambda x, y: (
            ops.argmax(x, -1), ops.argmin(x, -1), ops.argmax(y, -1), ops.argmin(y, -1),
            ops.any(x > y, axis=-1), ops.all(x > y, axis=-1), ops.sum(x > y, axis=-1),
        ),
        x,
        y,
    )  # fmt: skip


@pytest.mark.parametrize("shape", [(4, 7), (40, 64), (3, 300), (2, 4, 8), (5, 1100), (1, 30)])
def test_layer_normalization(shape):
    x, gamma, beta = floats(shape, 1), floats(shape[-1:], 2), floats(shape[-1:], 3)
    check(ops.layer_normalization, x, gamma, beta)
    check(ops.layer_normalization, x + 1000, gamma, beta, atol=1e-3)


def test_labels():
    x, labels = floats((50, 10)), numpy.arange(50) % 10

    def function(x, labels):
        labels = ops.cast(ops.cast(labels, "float32"), "int32")
        return pick(x, labels, axis=1), place(pick(x, labels), labels, None, axis=-1, size=10)

    check(function, x, labels)
    for wrong in (-1, 10):
        bad = labels.copy()
        bad[33] = wrong
        traced = Traced(lambda x, k: pick(x, ops.cast(k, "int32")), [x, bad])
        built = traced.build()
        assert built.can_fail
        status, _ = run(built, dict(zip((t.key for t in traced.inputs), (x, bad), strict=True)))
        assert status == 0


def test_place_takes_negative_labels_as_numpy():
    x, labels = floats(6), numpy.array([0, -1, 2, -3, 1, 0], "int32")
    check(lambda x, labels: place(x, labels, None, axis=-1, size=3), x, labels)


# ---- sums --------------------------------------------------------------------------------------

_SUMS = [(1, 1), (5, 3), (2000, 10), (100, 16), (77, 17), (5000, 32), (300, 65), (40, 1300),
         (1, 50), (9000, 1), (3, 4, 5, 6), (2, 3, 2100)]  # fmt: skip


@pytest.mark.parametrize("shape", _SUMS)
def test_sums(shape):
    x = floats(shape, 1)
    leading = tuple(range(len(shape) - 1))
    check(
        lambda x: (ops.sum(x * 2), ops.mean(x), ops.sum(ops.square(x), axis=leading)),
        x,
        rtol=2e-6,
        atol=3e-5 * x.size**0.5,
    )


def test_sums_are_accurate():
    x = (floats((100000, 10), 1) + 1000).astype("float32")
    (total, columns), _ = results(lambda x: (ops.mean(x), ops.mean(x, axis=0)), [x])
    exact = x.astype("float64")
    numpy.testing.assert_allclose(total, exact.mean(), rtol=1.2e-7)
    numpy.testing.assert_allclose(columns, exact.mean(0), rtol=1.2e-7)


@pytest.mark.parametrize(
    "shape", [(4, 6, 5), (3, 5, 5, 16), (2, 300, 64), (20, 2, 2, 300), (5, 9, 1)]
)
def test_sums_of_groups(shape):
    middle = tuple(range(1, len(shape) - 1))
    check(lambda x: ops.mean(x * 2 + 1, axis=middle), floats(shape), atol=1e-5)


@pytest.mark.parametrize(
    "shape", [(6, 3), (1000, 10), (5000, 16), (70000, 3), (300, 65), (9, 1500)]
)
@pytest.mark.parametrize("offset", [0, 1000, -1e6])
def test_batch_statistics(shape, offset):
    x = (floats(shape, 1) + offset).astype("float32")
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
    x, total, count = floats((50, 10)), numpy.array(3.0, "float32"), numpy.array(2.0, "float32")

    def function(x, total, count):
        loss = ops.mean(ops.exp(x)) * 0.5
        total, count = total + loss, count + 1.0
        columns = ops.sum(x, axis=0)
        return total, count, total / count, columns, ops.sum(ops.square(columns))

    check(function, x, total, count)


def test_elements_do_not_follow_sums():
    traced = Traced(lambda x: x / ops.sum(x), [floats((5, 6))])
    assert traced.build() is None


def test_result_is_the_same_at_any_number_of_threads():
    x, bias = floats((3000, 100), 1), floats((100,), 2)
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


def _gradients_of_normalized(x, gradient, row, other):
    scaled, normal = gradient * row, x * other
    return ops.sum(scaled, axis=0), ops.sum(gradient, axis=0), ops.sum(scaled * normal, axis=0)


@pytest.mark.parametrize("shape", [(5, 3), (2000, 10), (77, 17), (300, 65), (40, 1300)])
def test_rows_are_taken_out_of_sums(shape):
    """A factor that is the same in all rows is multiplied with the sum, once."""
    arrays = [floats(shape, 1), floats(shape, 2), floats(shape[1:], 3), floats(shape[1:], 4)]
    check(_gradients_of_normalized, *arrays, rtol=1e-5, atol=1e-3)
    built = Traced(_gradients_of_normalized, arrays).build()
    assert built.blob(_Places()).size < Traced(_separately, arrays).build().blob(_Places()).size


def _separately(x, gradient, row, other):
    """As many sums, none of which is a multiple of another."""
    scaled, normal = gradient + row, x + other
    return ops.sum(scaled, axis=0), ops.sum(gradient, axis=0), ops.sum(scaled * normal, axis=0)


class _Places(dict):
    def __call__(self, tensor):
        return self.setdefault(tensor.key, len(self))


@pytest.mark.parametrize("row", [0.0, -0.0, 1e38, numpy.nan])
def test_rows_that_are_no_usual_factors(row):
    x = floats((50, 20), 1)
    rows = numpy.full(20, row, "float32")
    check(lambda x, r, s: (x * r * s, ops.sum(x * r, axis=0)), x / 64, rows, floats((20,), 2))


def test_roots_join_other_rows():
    arrays = [floats((50, 20), 1), floats((20,), 2) ** 2 + 0.1, floats((20,), 3)]
    check(lambda x, r, s: x * ops.rsqrt(r) * s, *arrays)
    built = Traced(lambda x, r, s: x * ops.rsqrt(r) * s, arrays).build()
    assert built.blob(_Places()).size == (
        Traced(lambda x, r, s: x * (ops.rsqrt(r) * s), arrays).build().blob(_Places()).size
    )


def test_sums_of_infinite_rows_are_not_finite():
    """Plus and minus infinity are NaN together; taken out of the sum they stay infinite."""
    found, plain = results(
        lambda x, r: ops.sum(x * r, axis=0), [floats((50, 20), 1), numpy.full(20, numpy.inf, "f4")]
    )
    assert not numpy.isfinite(plain[0]).any() and not numpy.isfinite(found[0]).any()
