"""Operators and methods of tensors and variables, and how they live with NumPy."""

import operator

import numpy as np
import pytest

import kerasish
from kerasish import Variable, ops
from kerasish.core.tensor import SymbolicTensor, Tensor

ARITHMETIC = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.floordiv,
    operator.mod,
    operator.pow,
]
COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]
X = np.array([[1.5, 2.0], [3.0, 0.5]], np.float32)
Y = np.array([2.0, 3.0], np.float32)


def kinds(x):
    return [ops.convert_to_tensor(x), Variable(x)]


@pytest.mark.parametrize("function", ARITHMETIC + COMPARISONS)
def test_operators_accept_tensors_arrays_numbers_and_lists_on_either_side(function):
    expected = function(X, Y)
    for x in kinds(X):
        for y in (*kinds(Y), Y, [2.0, 3.0]):
            for result in (function(x, y),):
                assert isinstance(result, Tensor)
                np.testing.assert_allclose(result.numpy(), expected, rtol=1e-6)
    for y in kinds(Y):
        result = function(X, y)
        assert isinstance(result, Tensor), "an array on the left must not swallow the tensor"
        np.testing.assert_allclose(result.numpy(), expected, rtol=1e-6)
    for x in kinds(X):
        np.testing.assert_allclose(function(x, 2.0).numpy(), function(X, 2.0), rtol=1e-6)
        np.testing.assert_allclose(function(2.0, x).numpy(), function(2.0, X), rtol=1e-6)
        result = function(np.float64(2.0), x)
        assert isinstance(result, Tensor)
        np.testing.assert_allclose(result.numpy(), function(2.0, X), rtol=1e-6)


def test_matmul_operator():
    for x in kinds(X):
        for result in (x @ Y, X @ x, Y @ x):
            assert isinstance(result, Tensor)
        np.testing.assert_allclose((x @ Y).numpy(), X @ Y)
        np.testing.assert_allclose((Y @ x).numpy(), Y @ X)


def test_unary_operators():
    for x in kinds(X - 2):
        np.testing.assert_array_equal((-x).numpy(), 2 - X)
        np.testing.assert_array_equal(abs(x).numpy(), np.abs(X - 2))
        np.testing.assert_array_equal(np.asarray(+x), X - 2)
        np.testing.assert_array_equal(round(x).numpy(), np.round(X - 2))


def test_logic_of_bool_and_bits_of_integers():
    a, b = np.array([True, False]), np.array([True, True])
    ta, tb = ops.convert_to_tensor(a), ops.convert_to_tensor(b)
    for found, expected in [(ta & tb, a & b), (ta | tb, a | b), (ta ^ tb, a ^ b), (~ta, ~a)]:
        assert found.dtype == "bool"
        np.testing.assert_array_equal(found.numpy(), expected)
    m, n = np.array([6, 3], "int32"), np.array([3, 5], "int32")
    tm, tn = ops.convert_to_tensor(m), ops.convert_to_tensor(n)
    for found, expected in [
        (tm & tn, m & n),
        (tm | tn, m | n),
        (tm ^ tn, m ^ n),
        (~tm, ~m),
        (tm << 1, m << 1),
        (tm >> 1, m >> 1),
    ]:
        assert found.dtype == "int32"
        np.testing.assert_array_equal(found.numpy(), expected)


def test_numpy_functions_give_arrays():
    for x in kinds(X):
        for result in (np.sin(x), np.asarray(x), np.concatenate([x, x]), np.multiply(X, x)):
            assert type(result) is np.ndarray
    array = X.copy()
    array += ops.convert_to_tensor(Y)  # NumPy asks the tensor first here, too
    np.testing.assert_array_equal(np.asarray(array), X + Y)


def test_comparison_with_none_and_text_is_plain_python():
    for x in kinds(X):
        assert (x == None) is False  # noqa: E711 - the operator is what is tested
        assert (x != None) is True  # noqa: E711
        assert x not in [None, "text"]
        with pytest.raises(TypeError):
            x < None  # noqa: B015
        with pytest.raises(TypeError):
            x + None
        with pytest.raises(TypeError):
            "text" + x


def test_a_tensor_has_no_hash_and_a_variable_has():
    with pytest.raises(TypeError):
        hash(ops.zeros((1,)))
    v = Variable(X)
    assert {v: 1}[v] == 1


def test_python_scalars_stay_weak():
    for dtype in ("float16", "bfloat16", "float32", "float64"):
        x = ops.cast(X, dtype)
        for result in (x * 2, x + 0.5, 1 - x, 2.0 / x, x**2, x**0.5, x // 2):
            assert result.dtype == dtype
    n = ops.cast([1, 2], "int64")
    assert (n * 2).dtype == "int64" and (n / 2).dtype == "float32" and (n * 2.5).dtype == "float32"


def test_indexing_and_iteration():
    x, array = ops.convert_to_tensor(np.arange(12.0).reshape(3, 4)), np.arange(12.0).reshape(3, 4)
    for key in (
        0,
        -1,
        slice(1, None),
        (slice(None), 2),
        (..., None),
        [0, 2],
        np.array([1, 1]),
        array[:, 0] > 3,
        (np.array([0, 1]), np.array([2, 3])),
        np.int64(1),
    ):
        np.testing.assert_array_equal(x[key].numpy(), array[key])
    np.testing.assert_array_equal(x[ops.convert_to_tensor(1)].numpy(), array[1])
    np.testing.assert_array_equal(x[x > 5].numpy(), array[array > 5])
    assert [row.tolist() for row in x] == array.tolist()
    with pytest.raises((ValueError, IndexError), match="out of bounds"):
        x[3]
    with pytest.raises(TypeError, match="immutable"):
        x[0] = 1.0
    with pytest.raises((TypeError, ValueError), match="not usable as an index"):
        x["first"]
    with pytest.raises((TypeError, ValueError), match="not usable as an index"):
        x[1.5]


def test_variable_slices_assign():
    v = Variable(np.arange(6.0, dtype=np.float32).reshape(2, 3))
    v[0].assign([9.0, 9.0, 9.0])
    v[:, 1].assign_add([1.0, 1.0])
    assert v.numpy().tolist() == [[9, 10, 9], [3, 5, 5]]
    assert (v[1] * 2).tolist() == [6, 10, 10]


METHODS = [
    ("sum", (), {}),
    ("sum", (0,), {}),
    ("mean", (), {"axis": 1, "keepdims": True}),
    ("max", (), {"axis": 0}),
    ("min", (1,), {}),
    ("prod", (), {}),
    ("argmax", (), {"axis": 1}),
    ("argmin", (0,), {}),
    ("cumsum", (1,), {}),
    ("any", (), {}),
    ("all", (), {"axis": 0}),
    ("squeeze", (), {}),
    ("ravel", (), {}),
    ("flatten", (), {}),
    ("reshape", (4,), {}),
    ("reshape", (1, 4), {}),
    ("reshape", ((2, 2, 1),), {}),
    ("transpose", (), {}),
    ("transpose", (1, 0), {}),
    ("transpose", ((1, 0),), {}),
    ("swapaxes", (0, 1), {}),
    ("clip", (1.0, 2.0), {}),
    ("repeat", (2, 1), {}),
    ("take", ([0, 1], 1), {}),
    ("std", (), {}),
    ("var", (), {"axis": 0}),
    ("round", (), {}),
    ("dot", (Y,), {}),
    ("trace", (), {}),
    ("diagonal", (), {}),
]


@pytest.mark.parametrize(("name", "args", "kwargs"), METHODS)
def test_methods_are_numpys(name, args, kwargs):
    expected = getattr(X, name)(*args, **kwargs)
    for x in kinds(X):
        result = getattr(x, name)(*args, **kwargs)
        assert isinstance(result, Tensor)
        np.testing.assert_allclose(result.numpy(), expected, rtol=1e-6)


def test_transposed_and_cast():
    for x in kinds(X):
        np.testing.assert_array_equal(x.T.numpy(), X.T)
        assert x.astype("int32").dtype == "int32"


def test_operators_inside_a_trace_are_recorded():
    @kerasish.function
    def both(x, y):
        assert isinstance(x, SymbolicTensor)
        return X + x, x @ y, -x, x[0], x.sum(), 2.0 - x, (x > 1) & (x < 3), x.T

    found = both(X, X)
    expected = (X + X, X @ X, -X, X[0], X.sum(), 2 - X, (X > 1) & (X < 3), X.T)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a.numpy(), b, rtol=1e-6)


def test_operators_on_inputs_of_functional_models_are_recorded():
    x = SymbolicTensor((None, 3))
    for result in (x + 1.0, 1.0 - x, X[0, :1] * x, x @ np.ones((3, 2), "float32"), -x, x > 0, x**2):
        assert isinstance(result, SymbolicTensor) and result.shape[0] is None
        assert result.graph is None and result.node is not None
    assert x[:, 0].shape == (None,) and x.T.shape == (3, None) and x.sum(axis=1).shape == (None,)
