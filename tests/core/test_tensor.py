"""Tensor: values that never change, NumPy and DLPack both ways, Python's protocols."""

import copy
import pickle

import numpy as np
import pytest

import kerasish
from kerasish import ops
from kerasish.core.tensor import Tensor, as_tensor
from kerasish.errors import DTypeError, SymbolicValueError


def ints():
    return ops.convert_to_tensor([[1, 2, 3], [4, 5, 6]])


# ---- never changes ---------------------------------------------------------------------------


class Foreign:
    """An array of another library, by NumPy's protocol alone."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array


class DLPackOnly:
    """An array of another library, by DLPack alone."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **kwargs):
        return self.array.__dlpack__(**kwargs)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


CONVERSIONS = {
    "convert_to_tensor": ops.convert_to_tensor,
    "with its own dtype": lambda a: ops.convert_to_tensor(a, dtype="float32"),
    "as_tensor": as_tensor,
    "foreign": lambda a: ops.convert_to_tensor(Foreign(a)),
    "dlpack": lambda a: ops.convert_to_tensor(DLPackOnly(a)),
    "list": lambda a: ops.convert_to_tensor([a, a])[0],
    "view": lambda a: ops.convert_to_tensor(a[::-1]),
    "cast": lambda a: ops.cast(a, "float32"),
    "reshape": lambda a: ops.reshape(a, (1, -1)),
    "stop_gradient": ops.stop_gradient,
    "broadcast": lambda a: ops.broadcast_to(a, (2, 3)),
    "variable": lambda a: kerasish.Variable(a).value,
    "assign": lambda a: kerasish.Variable([0.0, 0.0, 0.0]).assign(a),
}


@pytest.mark.parametrize("convert", CONVERSIONS.values(), ids=CONVERSIONS.keys())
def test_an_array_changed_later_does_not_change_the_tensor(convert):
    array = np.array([1.0, 2.0, 3.0], np.float32)
    tensor = convert(array)
    before = tensor.numpy().copy()
    array[:] = 99.0
    assert np.array_equal(tensor.numpy(), before)


def test_an_array_changed_later_does_not_change_what_a_tape_or_trace_kept():
    array = np.ones(3, np.float32)
    v = kerasish.Variable([1.0, 1.0, 1.0])
    added = kerasish.function(lambda x: x + array)
    added(np.zeros(3, np.float32))
    with kerasish.GradientTape() as tape:
        y = v * array
    array[:] = 99.0
    assert tape.gradient(y, v).tolist() == [1.0, 1.0, 1.0]
    assert added(np.zeros(3, np.float32)).tolist() == [1.0, 1.0, 1.0]


def test_numpy_is_read_only_and_no_copy():
    t = ops.convert_to_tensor([1.0, 2.0])
    array = t.numpy()
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 5.0
    assert np.shares_memory(array, t.numpy())
    own = np.array(t)
    own[0] = 5.0
    assert t.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("result", [lambda f: f, kerasish.function], ids=["eager", "compiled"])
def test_results_are_not_writable_aliases(result):
    x = ops.convert_to_tensor([[1.0, 2.0]])
    v = kerasish.Variable([[3.0, 4.0]])
    run = result(lambda x: [x, ops.transpose(x), v.value, ops.reshape(v, (2,)), x + v])
    for t in run(x):
        assert not t.numpy().flags.writeable
        assert not np.asarray(t).flags.writeable
        copied = np.array(t)
        copied[...] = -1.0
    assert x.tolist() == [[1.0, 2.0]] and v.numpy().tolist() == [[3.0, 4.0]]


def test_item_assignment_says_what_to_do_instead():
    with pytest.raises(TypeError, match="immutable.*slice_update"):
        ints()[0] = 1
    with pytest.raises(AttributeError):
        ints().shape = (6,)


def test_in_place_operators_make_a_new_tensor():
    t = u = ops.convert_to_tensor([1.0])
    t += 1.0
    assert t.tolist() == [2.0] and u.tolist() == [1.0]


# ---- NumPy and DLPack ------------------------------------------------------------------------


def test_numpy_functions_take_tensors():
    t = ops.convert_to_tensor([1.0, 4.0])
    assert np.sqrt(t).tolist() == [1.0, 2.0]
    assert np.concatenate([t, t]).shape == (4,)
    assert np.asarray(t, dtype="int64").dtype == np.int64
    assert np.asarray(t).dtype == np.float32
    assert np.array(t, copy=True).flags.writeable
    with pytest.raises(ValueError, match="needs a copy"):
        np.asarray(t, dtype="int64", copy=False)


OPERATORS = ["+", "-", "*", "/", "//", "%", "**", "<", "<=", ">", ">=", "==", "!="]
OPERANDS = {
    "array": np.array([2.0, 2.0, 4.0], np.float32),
    "list": [2.0, 2.0, 4.0],
    "scalar": 2.0,
    "numpy scalar": np.float32(2.0),
}
PAIRS = [(s, o) for s in OPERATORS for o in OPERANDS] + [("@", "array"), ("@", "list")]


@pytest.mark.parametrize("symbol,operand", PAIRS)
def test_operators_with_the_tensor_on_either_side(symbol, operand):
    values, other = np.array([1.0, 2.0, 5.0], np.float32), OPERANDS[operand]
    plain = np.asarray(other, np.float32)
    tensor = ops.convert_to_tensor(values)
    for text, a, b in ((f"x {symbol} y", tensor, other), (f"x {symbol} y", other, tensor)):
        result = eval(text, {"x": a, "y": b})
        arrays = {"x": values if a is tensor else plain, "y": values if b is tensor else plain}
        assert type(result) is Tensor
        np.testing.assert_allclose(result.numpy(), eval(text, arrays), rtol=1e-6)


def test_operators_with_strangers_leave_it_to_python():
    t = ints()
    with pytest.raises(TypeError):
        t + "a"
    with pytest.raises(TypeError):
        None * t
    assert (t == None) is False  # noqa: E711
    assert (t != "a") is True


def test_dlpack_both_ways_and_without_aliasing():
    t = ops.convert_to_tensor(np.arange(6.0).reshape(2, 3))
    array = np.from_dlpack(t)
    assert np.array_equal(array, t.numpy())
    assert not np.shares_memory(array, t.numpy())
    assert t.__dlpack_device__() == (1, 0)
    v = kerasish.Variable([1.0, 2.0])
    assert np.from_dlpack(v).tolist() == [1.0, 2.0]
    assert ops.convert_to_tensor(DLPackOnly(np.ones(2, np.int16))).dtype == "int16"


# ---- what tensors are made of ----------------------------------------------------------------

MADE_OF = [
    (True, "bool", ()),
    (3, "int32", ()),
    (2**40, "int64", ()),
    (-(2**31), "int32", ()),
    (-(2**31) - 1, "int64", ()),
    (1.5, "float32", ()),
    (np.float64(1.5), "float64", ()),
    (np.int64(3), "int64", ()),
    ([1, 2], "int32", (2,)),
    ([True, False], "bool", (2,)),
    ([1, 2.5], "float32", (2,)),
    ([], "float32", (0,)),
    ([[], []], "float32", (2, 0)),
    (np.zeros((0, 3), np.int8), "int8", (0, 3)),
    ((1.0, 2.0), "float32", (2,)),
    (range(3), "int32", (3,)),
    ([np.float64(1.0), 2.0], "float64", (2,)),
    ([np.float32(1.0), 2.0], "float32", (2,)),
    (np.array([1.0, 2.0]), "float64", (2,)),
    (np.array([1.0], ">f4"), "float32", (1,)),
    (np.array([1.0, 2.0]).view(np.recarray), "float64", (2,)),
    (np.ma.masked_array([1.0, 2.0], [True, False]), "float64", (2,)),
]


@pytest.mark.parametrize("value,dtype,shape", MADE_OF, ids=lambda v: str(v)[:30])
def test_dtypes_and_shapes_of_what_is_converted(value, dtype, shape):
    t = ops.convert_to_tensor(value)
    assert (t.dtype, t.shape) == (dtype, shape)
    assert type(t._array) is np.ndarray and t._array.dtype.isnative
    np.testing.assert_array_equal(t.numpy(), np.asarray(value))


@pytest.mark.parametrize("value", ["text", ["a"], None, [None, 1], {"a": 1}, object(),
                                   [[1], [1, 2]],
                                   np.array(["2020"], "M8[D]"), np.zeros(2, [("a", "f4")]),
                                   {1, 2}])  # fmt: skip
def test_what_is_no_numbers_is_refused(value):
    with pytest.raises(DTypeError):
        ops.convert_to_tensor(value)


def test_floats_follow_floatx():
    kerasish.config.set_floatx("float64")
    try:
        assert ops.convert_to_tensor(1.5).dtype == "float64"
        assert ops.convert_to_tensor([1.5]).dtype == "float64"
    finally:
        kerasish.config.set_floatx("float32")


def test_lists_of_tensors_become_one_tensor_that_tapes_follow():
    a, b = ops.convert_to_tensor(2.0), kerasish.Variable(3.0)
    with kerasish.GradientTape(persistent=True) as tape:
        tape.watch(a)
        nested = ops.convert_to_tensor([[a, b], [1, a]])
        total = ops.sum([a * b, b, 1.0])
        double = ops.cast([a, b], "float64")
    assert (nested.shape, nested.dtype) == ((2, 2), "float32")
    assert [t.item() for t in tape.gradient(nested, [a, b])] == [2.0, 1.0]
    assert [t.item() for t in tape.gradient(total, [a, b])] == [3.0, 3.0]
    assert double.dtype == "float64"
    assert ops.convert_to_tensor([a, 1.1], "float64").tolist() == [2.0, 1.1]


def test_lists_of_traced_tensors():
    f = kerasish.function(lambda a, b: (ops.sum([a, b, 1.0]), ops.convert_to_tensor([[a], [b]])))
    total, nested = f(np.float32(2.0), np.float32(3.0))
    assert total.item() == 6.0 and nested.tolist() == [[2.0], [3.0]]


# ---- Python's protocols ----------------------------------------------------------------------


def test_scalars_convert_to_python_numbers():
    t = ops.convert_to_tensor(3.5)
    assert (float(t), int(t), complex(t), bool(t), t.item()) == (3.5, 3, 3.5 + 0j, True, 3.5)
    assert [10, 20, 30][ops.convert_to_tensor(1)] == 20
    assert not ops.convert_to_tensor(0.0)
    with pytest.raises(TypeError):
        [1, 2][ops.convert_to_tensor(1.0)]
    with pytest.raises(ValueError, match="ambiguous"):
        bool(ops.convert_to_tensor([True, False]))
    assert round(ops.convert_to_tensor(2.6)).item() == 3.0
    assert abs(ops.convert_to_tensor(-2)).item() == 2
    assert (-ops.convert_to_tensor(2)).item() == -2


def test_length_and_iteration():
    t = ints()
    assert len(t) == 2 and [row.tolist() for row in t] == [[1, 2, 3], [4, 5, 6]]
    a, b = t
    assert a.shape == b.shape == (3,)
    scalar = ops.convert_to_tensor(1.0)
    with pytest.raises(TypeError, match="length"):
        len(scalar)
    with pytest.raises(TypeError, match="iterated"):
        iter(scalar)
    assert list(ops.zeros((0, 2))) == []


def test_metadata():
    t = ints()
    assert (t.shape, t.ndim, t.rank, t.size, t.dtype, t.device) == ((2, 3), 2, 2, 6, "int32", "cpu")
    assert t.spec == kerasish.TensorSpec((2, 3), "int32")
    assert t.key == t.key != ints().key


def test_formatting():
    assert f"{ops.convert_to_tensor(1.23456):.2f}" == "1.23"
    assert f"{ops.convert_to_tensor([1, 2])}" == "[1 2]"
    assert str(ops.convert_to_tensor([1, 2])) == "[1 2]"
    assert repr(ints()[0]) == "Tensor(shape=(3,), dtype=int32, value=[1, 2, 3])"


def test_tensors_are_not_hashable_and_keys_are():
    with pytest.raises(TypeError, match="unhashable"):
        {ints(): 1}


def test_pickle_and_deepcopy_keep_values_and_dtype():
    for dtype in ("float32", "bfloat16", "bool", "int64", "complex64"):
        t = ops.convert_to_tensor([[1, 0]], dtype)
        for twin in (pickle.loads(pickle.dumps(t)), copy.deepcopy(t)):
            assert twin.dtype == dtype and np.array_equal(twin.numpy(), t.numpy())
            assert twin.key != t.key and not np.shares_memory(twin.numpy(), t.numpy())


# ---- symbolic tensors ------------------------------------------------------------------------

DEMANDS = {
    "numpy": lambda x: x.numpy(),
    "item": lambda x: x.item(),
    "tolist": lambda x: x.tolist(),
    "array": np.asarray,
    "if": bool,
    "int": int,
    "float": float,
    "complex": complex,
    "index": lambda x: [1, 2][x],
    "pickle": pickle.dumps,
    "len": len,
    "iter": iter,
    "shape": lambda x: kerasish.TensorSpec((x,)),
}


@pytest.mark.parametrize("demand", DEMANDS.values(), ids=DEMANDS.keys())
def test_a_symbolic_tensor_has_no_value(demand):
    with pytest.raises(SymbolicValueError, match="Fix|unknown"):
        demand(kerasish.Input((2,)))


@pytest.mark.parametrize("use", [
    lambda x: kerasish.Variable([[1.0, 1.0]]).assign(x),
    lambda x: kerasish.Variable(x),
    lambda x: kerasish.convert_to_tensor(x, "float64"),
    lambda x: kerasish.stop_gradient(x),
    lambda x: kerasish.function(lambda y: y + 1.0)(x),
])  # fmt: skip
def test_an_input_where_a_value_is_needed_is_explained(use):
    with pytest.raises(SymbolicValueError, match="an Input of a functional model does not have"):
        use(kerasish.Input((2,)))


@pytest.mark.parametrize("use", [lambda t: t + 1.0, ops.exp, lambda t: ops.sum(t * 2.0)])
def test_a_value_that_escaped_from_a_trace_is_explained(use):
    kept = []
    kerasish.function(lambda x: kept.append(x * 2.0) or x)(np.float32(1.0))
    with pytest.raises(SymbolicValueError, match="outside of it.*Fix: return it"):
        use(kept[0])


def test_symbolic_tensors_print_and_copy():
    x = kerasish.Input((2,), name="pixels")
    assert repr(x) == str(x) == "<KerasTensor shape=(None, 2), dtype=float32, name=pixels>"
    assert f"{x}" == repr(x) and copy.deepcopy(x) is x
    assert x.shape == (None, 2) and x.size is None and x.device is None and x.ndim == 2
