"""Element types: names, and promotion, which is Keras 3.15's for every pair of types."""

import ml_dtypes
import numpy as np
import pytest

import kerasish
from kerasish import ops
from kerasish.arrays import dtypes
from kerasish.errors import DTypeError

CODES = dict(
    b1="bool", u1="uint8", u2="uint16", u4="uint32", u8="uint64", i1="int8", i2="int16", i4="int32",
    i8="int64", bf="bfloat16", f2="float16", f4="float32", f8="float64",
)  # fmt: skip
WEAK = {"b*": bool, "i*": int, "f*": float}  # Python's scalars

# keras.src.backend.common.dtypes.result_type of Keras 3.15.1 with the TensorFlow backend (the
# others compute in 32 bits). Row and column are the operands.
TABLE = """
   b1 u1 u2 u4 u8 i1 i2 i4 i8 bf f2 f4 f8 b* i* f*
b1 b1 u1 u2 u4 u4 i1 i2 i4 i8 bf f2 f4 f8 b1 i4 f4
u1 u1 u1 u2 u4 u4 i2 i2 i4 i8 bf f2 f4 f8 u1 u1 f4
u2 u2 u2 u2 u4 u4 i4 i4 i4 i8 bf f2 f4 f8 u2 u2 f4
u4 u4 u4 u4 u4 u4 i8 i8 i8 i8 bf f2 f4 f8 u4 u4 f4
u8 u4 u4 u4 u4 u4 f4 f4 f4 f4 bf f2 f4 f8 u4 u4 f4
i1 i1 i2 i4 i8 f4 i1 i2 i4 i8 bf f2 f4 f8 i1 i1 f4
i2 i2 i2 i4 i8 f4 i2 i2 i4 i8 bf f2 f4 f8 i2 i2 f4
i4 i4 i4 i4 i8 f4 i4 i4 i4 i8 bf f2 f4 f8 i4 i4 f4
i8 i8 i8 i8 i8 f4 i8 i8 i8 i8 bf f2 f4 f8 i8 i8 f4
bf bf bf bf bf bf bf bf bf bf bf f4 f4 f8 bf bf bf
f2 f2 f2 f2 f2 f2 f2 f2 f2 f2 f4 f2 f4 f8 f2 f2 f2
f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 f8 f4 f4 f4
f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8
b* b1 u1 u2 u4 u4 i1 i2 i4 i8 bf f2 f4 f8 b1 i4 f4
i* i4 u1 u2 u4 u4 i1 i2 i4 i8 bf f2 f4 f8 i4 i4 f4
f* f4 f4 f4 f4 f4 f4 f4 f4 f4 bf f2 f4 f8 f4 f4 f4
"""


def promotions():
    header, *rows = [line.split() for line in TABLE.strip().splitlines()]
    for row in rows:
        yield from ((row[0], b, result) for b, result in zip(header, row[1:], strict=True))


def expected(a, b, result):
    # Keras has no 64-bit unsigned results at all, even for uint64 alone: here none is lost.
    unsigned = {"u1", "u2", "u4", "u8", "b1", "b*", "i*"}
    return "uint64" if "u8" in (a, b) and {a, b} <= unsigned else CODES[result]


def test_every_pair_promotes_as_in_keras():
    pairs = list(promotions())
    assert len(pairs) == 16 * 16
    kinds = {**CODES, **WEAK}
    for a, b, result in pairs:
        assert dtypes.result_type(kinds[a], kinds[b]) == expected(a, b, result), (a, b)


SCALARS = {bool: True, int: 2, float: 2.0}


@pytest.mark.parametrize("compiled", [False, True])
def test_operations_promote_by_the_table(compiled):
    for a, b, result in promotions():
        if a in WEAK:
            continue
        x = ops.convert_to_tensor([1, 1], CODES[a])
        y = SCALARS[WEAK[b]] if b in WEAK else ops.convert_to_tensor([1, 1], CODES[b])
        function = kerasish.function(ops.maximum) if compiled else ops.maximum
        assert function(x, y).dtype == expected(a, b, result), (a, b)


def test_promotion_of_several_and_of_none():
    assert dtypes.result_type("int8", "uint8", "float16") == "float16"
    assert dtypes.result_type("float16", "bfloat16", "float64") == "float64"
    assert dtypes.result_type(int) == "int32" and dtypes.result_type(float) == "float32"
    assert dtypes.result_type("complex64", "float64") == "complex128"
    assert dtypes.result_type("float32", complex) == "complex64"
    assert dtypes.result_type("float64", complex) == "complex128"
    with pytest.raises(DTypeError, match="text and numbers"):
        dtypes.result_type("string", "int32")


def test_promotion_follows_floatx():
    kerasish.config.set_floatx("bfloat16")
    try:
        assert dtypes.result_type("int32", float) == "bfloat16"
        assert dtypes.result_type("int64", "uint64") == "bfloat16"
    finally:
        kerasish.config.set_floatx("float32")


STANDARD = [
    (None, "float32"), (float, "float32"), (int, "int32"), (bool, "bool"), (str, "string"),
    (complex, "complex64"), ("half", "float16"), ("double", "float64"), ("float", "float32"),
    (np.int16, "int16"), (np.dtype(">f4"), "float32"), (np.float64, "float64"),
    (ml_dtypes.bfloat16, "bfloat16"), (np.dtype(ml_dtypes.bfloat16), "bfloat16"), ("f4", "float32"),
]  # fmt: skip


@pytest.mark.parametrize("given,name", STANDARD, ids=str)
def test_names(given, name):
    assert dtypes.standardize(given) == name


@pytest.mark.parametrize("name", [n for n in dtypes.ALLOWED if n != "string"])
def test_every_allowed_name_makes_tensors(name):
    assert dtypes.name_of(dtypes.to_numpy(name)) == name
    t = ops.convert_to_tensor([1, 0], name)
    assert t.dtype == name and ops.cast(t, "int32").tolist() == [1, 0]


def test_complex_to_real_keeps_the_real_part_without_a_warning():
    assert ops.cast([1 + 2j, 3j], "float32").tolist() == [1.0, 0.0]
    assert ops.cast([1 + 2j, 3j, 0j], "bool").tolist() == [True, True, False]


@pytest.mark.parametrize(
    "given", ["float31", "M8[D]", "longdouble", [("a", "f4")], object(), "", 3]
)
def test_unknown_types_are_refused(given):
    with pytest.raises(DTypeError, match="unknown element type"):
        dtypes.standardize(given)


def test_a_mistyped_name_is_corrected():
    with pytest.raises(DTypeError, match="did you mean 'float32'"):
        ops.cast([1.0], "flot32")


def test_kinds():
    assert dtypes.is_float("bfloat16") and not dtypes.is_float("complex64")
    assert dtypes.is_differentiable("complex64") and not dtypes.is_differentiable("int32")
    assert dtypes.is_integer("uint8") and not dtypes.is_integer("bool")
