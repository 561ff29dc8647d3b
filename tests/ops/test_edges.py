"""Errors, sizes known only at run time, and cases that no table holds."""

import numpy as np
import pytest

import kerasish
from kerasish import GradientTape, Variable, ops
from kerasish.core.spec import TensorSpec
from kerasish.errors import GradientError, ShapeError

MISTAKES = [
    (lambda: ops.reshape(np.ones(6), (4,)), ValueError, "reshape"),
    (lambda: ops.reshape(np.ones(6), (None, 2)), ShapeError, "a size is None"),
    (
        lambda: ops.transpose(np.ones((2, 3)), (0,)),
        ShapeError,
        "axes don't match|name every axis once",
    ),
    (lambda: ops.squeeze(np.ones((2, 1)), 0), ShapeError, "only axes of size 1"),
    (lambda: ops.expand_dims(np.ones(3), (0, 0)), ShapeError, "named twice"),
    (lambda: ops.expand_dims(np.ones(3), 5), ShapeError, "axis out of range"),
    (lambda: ops.concatenate([]), ShapeError, "at least one tensor"),
    (lambda: ops.concatenate([1.0, 2.0]), ShapeError, "use ops.stack"),
    (lambda: ops.concatenate([np.ones((2, 3)), np.ones((2, 2))]), ShapeError, "concatenat"),
    (lambda: ops.stack([np.ones(2), np.ones(3)]), ShapeError, "same shape"),
    (lambda: ops.split(np.ones(5), 2), ShapeError, "cannot be split"),
    (lambda: ops.split(np.ones(5), 0), ShapeError, "must be positive"),
    (lambda: ops.matmul(np.ones((2, 3)), np.ones((2, 3))), ShapeError, "matmul"),
    (lambda: ops.add(np.ones(2), np.ones(3)), ShapeError, "ops.add"),
    (lambda: ops.max(np.ones((0,))), ShapeError, "ops.max"),
    (lambda: ops.sum(np.ones(3), axis=1), ShapeError, "ops.sum"),
    (lambda: ops.take(np.ones(3), [3]), ShapeError, "out of bounds"),
    (lambda: ops.one_hot([0.5], 3), ShapeError, "only integers"),
    (lambda: ops.one_hot([1], 3, sparse=True), ShapeError, "no sparse tensors"),
    (lambda: ops.where([True], 1.0), ValueError, "given together"),
    (lambda: ops.select([], []), ValueError, "at least 1"),
    (lambda: ops.pad(np.ones(3), 1, mode="odd"), ValueError, "unknown mode"),
    (lambda: ops.pad(np.ones(3), ((1, 1), (1, 1))), ValueError, "pad_width does not fit"),
    (lambda: ops.pad(np.ones(3), 1, "edge", constant_values=2), ValueError, "constant_values"),
    (lambda: ops.repeat(np.ones(3), [1, 2]), ShapeError, "one number for each place"),
    (lambda: ops.einsum("ij,jk", np.ones((2, 3))), ShapeError, "2 terms for 1 operands"),
    (lambda: ops.einsum("ij->k", np.ones((2, 3))), ShapeError, "unknown one"),
    (lambda: ops.einsum("ijk->i", np.ones((2, 3))), ShapeError, "operand of 2 axes"),
    (lambda: ops.einsum("i,i->", np.ones(2), np.ones(3)), ShapeError, "einsum"),
    (lambda: ops.tensordot(np.ones((2, 3)), np.ones((2, 3)), 1), ShapeError, "sizes differ"),
    (lambda: ops.cross(np.ones(4), np.ones(4)), ShapeError, "2 or 3 numbers"),
    (lambda: ops.inv(np.ones((2, 3))), ShapeError, "square matrices"),
    (lambda: ops.inv(np.zeros((2, 2))), ShapeError, "ingular"),
    (lambda: ops.cholesky(-np.eye(2)), ShapeError, "positive definite"),
    (lambda: ops.solve(np.eye(3), np.ones(2)), ShapeError, "number of rows"),
    (lambda: ops.qr(np.eye(2), mode="odd"), ValueError, "unknown mode"),
    (lambda: ops.norm(np.eye(2), ord="odd"), ValueError, "no such norm of matrices"),
    (lambda: ops.norm(np.ones(2), ord="fro"), ValueError, "no such norm of vectors"),
    (lambda: ops.norm(np.ones((2, 2, 2)), ord=1), ValueError, "one axis or two"),
    (lambda: ops.top_k(np.ones(3), 4), ShapeError, "more than the 3 elements"),
    (lambda: ops.searchsorted(np.ones((2, 2)), 1.0), ShapeError, "must be a vector"),
    (lambda: ops.searchsorted(np.ones(2), 1.0, side="up"), ValueError, "unknown side"),
    (lambda: ops.unique([1], axis=0), NotImplementedError, "along an axis"),
    (lambda: ops.bincount([-1]), ShapeError, "not negative"),
    (lambda: ops.histogram([1.0], bins=0), ValueError, "positive int"),
    (lambda: ops.histogram([1.0], range=(2, 1)), ValueError, "ascending"),
    (lambda: ops.quantile([1.0], 0.5, method="odd"), ValueError, "unknown method"),
    (lambda: ops.average(np.ones((2, 3)), weights=np.ones(2)), ShapeError, "weights need"),
    (lambda: ops.moments(np.ones(2), 0, synchronized=True), NotImplementedError, "replicas"),
    (lambda: ops.segment_sum(np.ones(2), [[0, 1]]), ShapeError, "must be a vector"),
    (lambda: ops.scatter_update(np.ones(2), [[0]], [1.0], "odd"), ValueError, "unknown reduction"),
    (lambda: ops.slice(np.ones((2, 3)), (1, 2), (2, 2)), ShapeError, "reaches beyond"),
    (lambda: ops.slice_update(np.ones(3), (2,), np.ones(2)), ShapeError, "reaches beyond"),
    (lambda: ops.diff(np.ones(3), n=-1), ValueError, "negative"),
    (lambda: ops.diag(np.ones((1, 1, 1))), ShapeError, "vector or a matrix"),
    (lambda: ops.diagonal(np.ones((2, 2)), axis1=0, axis2=-2), ShapeError, "must differ"),
    (lambda: ops.rot90(np.ones((2, 2)), axes=(0, 0)), ShapeError, "must differ"),
    (lambda: ops.moveaxis(np.ones((2, 2)), (0, 1), 0), ShapeError, "differ in length"),
    (lambda: ops.meshgrid([1], indexing="odd"), ValueError, "unknown indexing"),
    (lambda: ops.linspace(0, 1, -1), ValueError, "negative"),
    (lambda: ops.multi_hot([1]), ValueError, "num_classes"),
    (lambda: ops.correlate([1.0], [1.0], "odd"), ValueError, "two vectors and a mode"),
    (lambda: ops.fft(np.ones(3)), ShapeError, "a pair"),
    (lambda: ops.fft((np.ones(3), np.ones(2))), ShapeError, "differ in shape"),
    (lambda: ops.stft(np.ones(9), 4, 2, 4, window="odd"), ValueError, "unknown window"),
    (lambda: ops.stft(np.ones(9), 8, 2, 4), ShapeError, "fft_length"),
    (lambda: ops.view(np.ones(3, "float32"), "float64"), ShapeError, "does not fill"),
    (lambda: ops.view_as_complex(np.ones(3)), TypeError, "size 2"),
    (lambda: ops.ldexp(1.0, 2.0), TypeError, "must be of integers"),
    (lambda: ops.rearrange(np.ones((2, 3)), "a -> a"), ShapeError, "does not name 2 axes"),
    (lambda: ops.rearrange(np.ones((2, 3)), "a b -> a c"), ShapeError, "same names"),
    (lambda: ops.rearrange(np.ones((2, 3)), "(a b) c -> a b c"), ShapeError, "all but one"),
    (
        lambda: ops.rearrange(np.ones((2, 3)), "(a b) c -> a b c", a=3),
        ShapeError,
        "does not divide",
    ),
    (lambda: ops.vectorize(lambda a: a, signature="m->m")([1.0]), ShapeError, "malformed"),
    (lambda: ops.jvp(ops.sin, ([1.0],), (1.0,)), ShapeError, "tangent of its shape"),
    (lambda: ops.power([2], -1), ValueError, "negative integer powers"),
]


@pytest.mark.parametrize(("call", "kind", "text"), MISTAKES)
def test_mistakes_are_explained(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


NO_DERIVATIVE = [
    (lambda x: ops.lu_factor(x)[0], "lu_factor"),
    (lambda x: ops.real(ops.eig(x)[0]), "no derivative|no gradient"),
    (lambda x: ops.svd(x[:1])[0], "not square"),
    (lambda x: ops.qr(x[:1])[1], "wide matrices"),
    (lambda x: ops.scatter_update(x, [[0]], x[1:], "mul"), "no derivative"),
    (lambda x: ops.real(ops.polar(x, x)), "have no gradient"),
]


@pytest.mark.parametrize(("function", "text"), NO_DERIVATIVE)
def test_a_missing_derivative_is_an_error_not_none(function, text):
    x = ops.convert_to_tensor([[2.0, 1.0], [1.0, 3.0]])
    with GradientTape() as tape:
        tape.watch(x)
        y = ops.sum(function(x))
    with pytest.raises(GradientError, match=text):
        tape.gradient(y, x)


def gradient(function, x):
    x = ops.convert_to_tensor(np.asarray(x, "float64"))
    with GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return tape.gradient(y, x, unconnected_gradients="zero").tolist()


# Conventions at kinks and ties: where, and what the derivative is there.
TIES = [
    (ops.abs, [0.0, -0.0], [0.0, 0.0]),
    (lambda x: ops.maximum(x, 1.0), [1.0, 0.0, 2.0], [1.0, 0.0, 1.0]),
    (lambda x: ops.maximum(1.0, x), [1.0, 0.0, 2.0], [0.0, 0.0, 1.0]),
    (lambda x: ops.minimum(x, 1.0), [1.0, 0.0, 2.0], [1.0, 1.0, 0.0]),
    (lambda x: ops.clip(x, -1.0, 1.0), [-1.0, 1.0, 2.0, 0.0], [1.0, 1.0, 0.0, 1.0]),
    (ops.max, [3.0, 1.0, 3.0], [0.5, 0.0, 0.5]),
    (ops.min, [1.0, 1.0, 3.0], [0.5, 0.5, 0.0]),
    (lambda x: ops.max(x, initial=5.0), [3.0, 1.0], [0.0, 0.0]),
    (ops.sort, [2.0, 2.0, 1.0], [1.0, 1.0, 1.0]),
    (lambda x: ops.top_k(x, 1)[0], [2.0, 2.0, 1.0], [1.0, 0.0, 0.0]),
    (lambda x: ops.power(x, 0), [0.0, 2.0], [0.0, 0.0]),
    (lambda x: ops.power(x, ops.convert_to_tensor([0.0, 1.0])), [0.0, 0.0], [0.0, 1.0]),
    (lambda x: ops.power(ops.convert_to_tensor([0.0, -1.0]), x), [2.0, 2.0], [0.0, 0.0]),
    (lambda x: ops.hypot(x, 0.0), [0.0], [0.0]),
    (lambda x: ops.divide_no_nan(1.0, x), [0.0, 1.0], [0.0, -1.0]),
    (lambda x: ops.cdist(x[None], x[None]), [0.0, 1.0], [0.0, 0.0]),
    (ops.prod, [0.0, 2.0, 3.0], [6.0, 0.0, 0.0]),
    (ops.prod, [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]),
    (ops.floor, [1.5], [0.0]),
    (ops.sign, [1.5], [0.0]),
    (lambda x: ops.where([True, False], x, 0.0), [1.0, np.nan], [1.0, 0.0]),
    (lambda x: ops.logsumexp(x), [-np.inf, 0.0], [0.0, 1.0]),
    (lambda x: ops.logaddexp(x, -np.inf), [-np.inf, 1.0], [0.5, 1.0]),
    (lambda x: ops.nan_to_num(x), [np.nan, np.inf, 2.0], [0.0, 0.0, 1.0]),
    (lambda x: ops.take(x, [0, 0, 1]), [1.0, 2.0], [2.0, 1.0]),
    (lambda x: x[[0, 0, 1]], [1.0, 2.0], [2.0, 1.0]),
]


@pytest.mark.parametrize(("function", "x", "expected"), TIES)
def test_derivative_conventions(function, x, expected):
    assert gradient(function, x) == expected


LATE_SIZES = [
    ("reshape", lambda x: ops.reshape(x, (ops.shape(x)[0], 2, 2)), lambda x: x.reshape(-1, 2, 2)),
    (
        "reshape two",
        lambda x: ops.reshape(x, (ops.shape(x)[0], ops.shape(x)[0] * 4 // ops.shape(x)[0])),
        lambda x: x,
    ),
    (
        "broadcast",
        lambda x: ops.broadcast_to(x[:, :1], (ops.shape(x)[0], 3)),
        lambda x: np.broadcast_to(x[:, :1], (len(x), 3)),
    ),
    (
        "zeros",
        lambda x: ops.zeros((ops.shape(x)[0], 3)) + x[:, :1],
        lambda x: np.zeros((len(x), 3)) + x[:, :1],
    ),
    (
        "arange",
        lambda x: ops.cast(ops.arange(ops.shape(x)[0]), "float64") + x[:, 0],
        lambda x: np.arange(len(x)) + x[:, 0],
    ),
    ("slice", lambda x: x[1 : ops.shape(x)[0] - 1], lambda x: x[1:-1]),
    ("index", lambda x: x[ops.shape(x)[0] - 1], lambda x: x[-1]),
    ("mean", lambda x: ops.sum(x, axis=0) / ops.shape(x)[0], lambda x: x.mean(0)),
    (
        "concatenate",
        lambda x: ops.concatenate([x, x[:2]], axis=0),
        lambda x: np.concatenate([x, x[:2]]),
    ),
    ("tile", lambda x: ops.tile(x, (2, 1)), lambda x: np.tile(x, (2, 1))),
    (
        "pad",
        lambda x: ops.pad(x, ((1, 1), (0, 0)), "reflect"),
        lambda x: np.pad(x, ((1, 1), (0, 0)), "reflect"),
    ),
    ("flatten", lambda x: ops.reshape(x, (-1,)), lambda x: x.reshape(-1)),
    ("mask", lambda x: x[x[:, 0] > 0], lambda x: x[x[:, 0] > 0]),
    ("quantile", lambda x: ops.median(x, axis=0), lambda x: np.median(x, axis=0)),
    (
        "one_hot",
        lambda x: ops.one_hot(ops.argmax(x, 1), 4, dtype="float64") * x,
        lambda x: np.eye(4)[x.argmax(1)] * x,
    ),
    ("matmul", lambda x: ops.matmul(ops.transpose(x), x), lambda x: x.T @ x),
    ("einsum", lambda x: ops.einsum("bi,bj->ij", x, x), lambda x: x.T @ x),
    ("size", lambda x: x * ops.cast(ops.size(x), "float64"), lambda x: x * x.size),
    (
        "full",
        lambda x: ops.full((ops.shape(x)[0],), 2.0, "float64") * x[:, 0],
        lambda x: 2 * x[:, 0],
    ),
]


@pytest.mark.parametrize(
    ("name", "function", "expected"), LATE_SIZES, ids=[r[0] for r in LATE_SIZES]
)
def test_sizes_known_at_run_time_only(name, function, expected):
    compiled = kerasish.function(function, input_signature=[TensorSpec((None, 4), "float64")])

    @kerasish.function(input_signature=[TensorSpec((None, 4), "float64")])
    def slope(x):
        with GradientTape() as tape:
            tape.watch(x)
            y = ops.sum(ops.square(function(x)))
        return tape.gradient(y, x)

    for n in (3, 5):
        x = np.random.default_rng(n).uniform(-1, 1, (n, 4))
        np.testing.assert_allclose(compiled(x).numpy(), expected(x), rtol=1e-9)
        np.testing.assert_allclose(
            slope(x).numpy(), slope.python_function(ops.convert_to_tensor(x)).numpy(), rtol=1e-9
        )
    assert len(compiled.traces) == 1


def test_shape_gives_ints_where_sizes_are_known():
    assert ops.shape(np.ones((2, 3))) == (2, 3)
    assert ops.size(np.ones((2, 3))) == 6 and ops.ndim(np.ones((2, 3))) == 2

    @kerasish.function(input_signature=[TensorSpec((None, 3), "float32")])
    def sizes(x):
        batch, features = ops.shape(x)
        assert features == 3 and batch.dtype == "int32"
        return batch

    assert sizes(np.ones((5, 3), "float32")).item() == 5


def test_outputs_do_not_follow_a_later_change_of_the_source():
    source = np.ones(3)
    tensor = ops.convert_to_tensor(source)
    parts = [tensor[:2], ops.reshape(tensor, (3, 1)), ops.transpose(tensor)]
    source[:] = 7
    assert all((p.numpy() == 1).all() for p in parts)


def test_a_variable_read_before_an_assignment_keeps_its_value():
    v = Variable([1.0, 2.0])
    view = ops.reshape(v, (2, 1))
    v.assign([5.0, 6.0])
    assert view.tolist() == [[1.0], [2.0]]


def test_embedding_gradient_sums_repeated_rows():
    table = Variable(np.zeros((4, 2), np.float32))
    with GradientTape() as tape:
        rows = ops.take(table, [[1, 1], [3, 1]], axis=0)
        total = ops.sum(rows * np.array([1.0, 2.0], np.float32))
    assert tape.gradient(total, table).tolist() == [[0, 0], [3, 6], [0, 0], [1, 2]]


def test_saturating_casts_of_every_pair():
    for source in ("float32", "float64", "float16", "bfloat16", "int64", "int8", "uint8"):
        for target in (
            "int8",
            "uint8",
            "int32",
            "int64",
            "uint32",
            "float16",
            "bfloat16",
            "float32",
        ):
            low = -(2.0**63) if source in ("float32", "float64", "bfloat16") else -100
            numbers = ops.cast(
                np.array(
                    [low if source != "uint8" else 0, 0, 100, -low - 1 if low < -100 else 100]
                ),
                source,
            )
            found = ops.saturate_cast(numbers, target)
            assert found.dtype == target
            values = np.asarray(found).astype("float64")
            assert np.isfinite(values).all() and (np.diff(values) >= 0).all(), (source, target)


def test_arange_and_linspace_equal_numpy():
    for args in [(5,), (1, 5), (0, 1, 0.25), (5, 0, -2), (3, 3), (2.5,)]:
        np.testing.assert_allclose(ops.arange(*args).numpy(), np.arange(*args))
    for args in [(0, 1, 5), (3, -3, 4), (0.1, 0.7, 9), (2, 2, 3)]:
        found = ops.linspace(*args, dtype="float64").numpy()
        np.testing.assert_allclose(found, np.linspace(*args), rtol=1e-6)
        assert found[0] == np.float32(args[0]) and found[-1] == np.float32(args[1])
    points, step = ops.linspace(0.0, 1.0, 5, retstep=True)
    assert step.item() == 0.25 and points.shape == (5,)
