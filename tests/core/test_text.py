"""Text in tensors: what is text, what becomes of it, and host calls in programs."""

import numpy as np
import pytest

import kerasish
from kerasish import ops
from kerasish.arrays import device as devices
from kerasish.arrays.text import encoded, is_text, to_text
from kerasish.core.function import function
from kerasish.core.graph import specs_of
from kerasish.core.spec import TensorSpec
from kerasish.errors import DTypeError
from kerasish.ops.host import host_call


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["a", "é"], ["a", "é"]),
        ([b"a", "é".encode()], ["a", "é"]),
        (np.array(["a", "bc"]), ["a", "bc"]),
        (np.array([b"a", b"bc"]), ["a", "bc"]),
        (np.array(["a", b"b"], dtype=object), ["a", "b"]),
        (np.array(["a", "b"], dtype=np.dtypes.StringDType()), ["a", "b"]),
        ([["a"], ["b"]], [["a"], ["b"]]),
        ("a", "a"),
        (np.array([], dtype=object), []),
    ],
)
def test_text_becomes_str(value, expected):
    tensor = kerasish.convert_to_tensor(value, "string")
    assert tensor.dtype == "string"
    assert tensor.tolist() == expected
    assert {type(x) for x in tensor.numpy().flat} <= {str}


@pytest.mark.parametrize("value", [[1], ["a", 1], [["a"], ["b", "c"]], [None], np.array([1.0])])
def test_anything_else_is_refused(value):
    with pytest.raises(DTypeError, match="something else"):
        kerasish.convert_to_tensor(value, "string")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.array(["a"]), True),
        (np.array([b"a"]), True),
        (np.array(["a", 1], dtype=object), True),
        (np.array([1, "a"], dtype=object), False),
        (np.array([1]), False),
        (["a"], False),
        ("a", False),
    ],
)
def test_what_is_an_array_of_text(value, expected):
    assert is_text(value) is expected


def test_any_bytes_come_back():
    for content in (b"\xff\xfe", "日本".encode(), b""):
        assert encoded(to_text([content])) == [content]


def test_tensors_keep_a_copy_and_numbers_do_not_mix_in():
    array = np.array(["a", "b"], dtype=object)
    tensor = kerasish.convert_to_tensor(array, "string")
    array[0] = "changed"
    assert tensor.tolist() == ["a", "b"]
    assert "string" in repr(tensor)
    with pytest.raises(DTypeError, match="text and numbers do not mix"):
        ops.add(tensor, 1.0)
    with pytest.raises(DTypeError, match="cannot make a tensor of numbers"):
        ops.add(np.array(["a"]), 1.0)
    assert devices.current().send(tensor._array) is tensor._array


# ---- host calls ----


def lengths(texts):
    return np.array([len(t) for t in texts.flat], "int64").reshape(texts.shape)


def int_spec(spec):
    return spec.with_dtype("int64")


def upper(texts):
    return np.array([t.upper() for t in texts.flat], dtype=object).reshape(texts.shape)


def test_a_host_call_in_the_midst_of_a_program():
    @function
    def program(texts, x):
        loud = host_call(texts, function=upper, output_spec=lambda s: s)
        sizes = host_call(loud, function=lengths, output_spec=int_spec)
        return loud, ops.matmul(x, ops.cast(sizes, "float32")[:, None]) + 1.0

    texts = kerasish.convert_to_tensor(["a", "bcd"], "string")
    for scale in (1.0, 2.0):
        loud, result = program(texts, ops.multiply([[1.0, 2.0]], scale))
        assert loud.tolist() == ["A", "BCD"]
        assert result.tolist() == [[7.0 * scale + 1]]
    assert "host_call" in program.source()


def test_what_the_function_reads_is_read_anew():
    known = {"a": 1}

    def look_up(texts):
        return np.array([known.get(t, 0) for t in texts], "int64")

    program = function(lambda t: host_call(t, function=look_up, output_spec=int_spec))
    texts = kerasish.convert_to_tensor(["a", "b"], "string")
    assert program(texts).tolist() == [1, 0]
    known["b"] = 5
    assert program(texts).tolist() == [1, 5]


def test_specs_come_from_the_declaration():
    found = specs_of(
        lambda t: host_call(t, function=lengths, output_spec=int_spec),
        [TensorSpec((None, 3), "string")],
    )
    assert found == TensorSpec((None, 3), "int64")
