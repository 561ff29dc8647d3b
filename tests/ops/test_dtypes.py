"""Dtypes that come out, as Keras 3.15 gives them on its JAX backend; 64 bits stay 64 bits here."""

import numpy as np
import pytest

import kerasish
from kerasish import ops
from kerasish.arrays import dtypes

INTEGERS = ("uint8", "uint16", "uint32", "int8", "int16", "int32", "int64")
FLOATS = ("bfloat16", "float16", "float32", "float64")
ALL = ("bool", *INTEGERS, *FLOATS)
WIDER = {"bool": "int32", "int8": "int32", "int16": "int32", "uint8": "uint32", "uint16": "uint32"}


def same(dtype):
    return dtype


def floating(dtype):
    return dtype if dtype in FLOATS else "float32"


def always(result):
    return lambda dtype: result


UNARY = {
    floating: """reciprocal exp exp2 expm1 log log1p log2 log10 sqrt rsqrt cbrt sin cos tan arcsin
        arccos arctan sinh cosh tanh arcsinh arccosh arctanh floor ceil mean var std median
        logsumexp average norm erf erfinv fabs deg2rad rad2deg sinc det inv quantile""",
    same: """absolute abs round trunc max min amax amin sort nan_to_num diff transpose ravel
        ones_like zeros_like flip tril expand_dims""",
    always("bool"): "isfinite isnan isinf logical_not any all signbit isreal",
    always("int32"): "argmax argmin argsort count_nonzero",
    lambda d: WIDER.get(d, d): "sum prod trace",
    lambda d: "int32" if d == "bool" else d: "square cumsum cumprod",
}
NOT_FOR_BOOL = "sign negative ptp"
PARAMS = {"expand_dims": (0,), "quantile": (0.5,)}

CASES = [
    (name, dtype, rule(dtype))
    for rule, names in UNARY.items()
    for name in names.split()
    for dtype in ALL
] + [(name, dtype, dtype) for name in NOT_FOR_BOOL.split() for dtype in ALL[1:]]


def by_name(cases):
    names = sorted({c[0] for c in cases})
    return [pytest.param([c for c in cases if c[0] == n], id=n) for n in names]


@pytest.mark.parametrize("cases", by_name(CASES))
def test_unary_dtypes(cases):
    for name, dtype, expected in cases:
        x = ops.cast(np.eye(2), dtype)
        function, extra = getattr(ops, name), PARAMS.get(name, ())
        assert function(x, *extra).dtype == expected, f"{name} of {dtype}"


# Two operands, and what they promote to.
PAIRS = {
    ("bool", "bool"): "bool",
    ("uint8", "uint8"): "uint8",
    ("int8", "int8"): "int8",
    ("int32", "int32"): "int32",
    ("int64", "int64"): "int64",
    ("float16", "float16"): "float16",
    ("bfloat16", "bfloat16"): "bfloat16",
    ("bool", "int32"): "int32",
    ("bool", "float16"): "float16",
    ("uint8", "int8"): "int16",
    ("uint8", "int32"): "int32",
    ("int32", "int64"): "int64",
    ("int32", "float16"): "float16",
    ("int64", "float32"): "float32",
    ("int32", "bfloat16"): "bfloat16",
    ("float16", "bfloat16"): "float32",
    ("float16", "float32"): "float32",
    ("float32", "float64"): "float64",
    ("uint32", "int32"): "int64",
}
NUMBERS = {
    ("bool", 2): "int32",
    ("uint8", 2): "uint8",
    ("int32", 2): "int32",
    ("int64", 2): "int64",
    ("bfloat16", 2): "bfloat16",
    ("float16", 2): "float16",
    ("float64", 2): "float64",
    ("bool", 2.5): "float32",
    ("uint8", 2.5): "float32",
    ("int64", 2.5): "float32",
    ("bfloat16", 2.5): "bfloat16",
    ("float16", 2.5): "float16",
    ("float32", 2.5): "float32",
    ("float64", 2.5): "float64",
    ("int32", True): "int32",
    ("float16", True): "float16",
}

BINARY = {
    same: "add multiply maximum minimum fmax fmin where",
    floating: "divide true_divide arctan2 hypot logaddexp logaddexp2 divide_no_nan",
    always("bool"): "equal not_equal less less_equal greater greater_equal logical_and logical_or",
    lambda d: "int32" if d == "bool" else d: "floor_divide mod fmod power",
}


def call(name, a, b):
    if name == "where":
        return ops.where(np.array([True, False]), a, b)
    return getattr(ops, name)(a, b)


@pytest.mark.parametrize(
    ("rule", "name"), [pytest.param(r, n, id=n) for r, ns in BINARY.items() for n in ns.split()]
)
def test_binary_dtypes(rule, name):
    for (first, second), joined in PAIRS.items():
        a, b = ops.cast(np.eye(2), first), ops.cast(np.ones((2, 2)), second)
        assert call(name, a, b).dtype == rule(joined), f"{name}({first}, {second})"
        assert call(name, b, a).dtype == rule(joined), f"{name}({second}, {first})"
    for (dtype, number), joined in NUMBERS.items():
        x = ops.cast(np.ones((2, 2)), dtype)
        assert call(name, x, number).dtype == rule(joined), f"{name}({dtype}, {number!r})"


PRODUCTS = "matmul dot tensordot inner outer vdot kron"


@pytest.mark.parametrize("name", PRODUCTS.split())
def test_product_dtypes(name):
    for (first, second), joined in PAIRS.items():
        a, b = ops.cast(np.eye(2), first), ops.cast(np.ones((2, 2)), second)
        # Two int8 are summed in int32, as Keras does for matmul and einsum.
        is_summed = joined == "int8" and name not in ("outer", "kron")
        expected = "int32" if is_summed else joined
        assert getattr(ops, name)(a, b).dtype == expected, f"{name}({first}, {second})"


def test_joined_and_stacked_dtypes():
    for (first, second), joined in PAIRS.items():
        a, b = ops.cast(np.eye(2), first), ops.cast(np.ones((2, 2)), second)
        assert ops.concatenate([a, b]).dtype == ops.stack([a, b]).dtype == joined


@pytest.mark.parametrize("name", ["exp", "sum", "mean", "argmax", "square", "matmul", "divide"])
def test_traced_dtypes_equal_eager(name):
    for dtype in ALL:
        x = ops.cast(np.eye(2), dtype)
        arguments = (x, x) if name in ("matmul", "divide") else (x,)
        compiled = kerasish.function(getattr(ops, name))
        assert compiled(*arguments).dtype == getattr(ops, name)(*arguments).dtype, f"{name} {dtype}"


def test_creation_dtypes():
    for made, expected in [
        (ops.zeros((2,)), "float32"),
        (ops.full((2,), 3), "float32"),
        (ops.arange(3), "int32"),
        (ops.arange(3.0), "float32"),
        (ops.arange(3, dtype="float16"), "float16"),
        (ops.eye(2), "float32"),
        (ops.linspace(0, 1, 3), "float32"),
        (ops.one_hot([1], 2), "float32"),
        (ops.tri(2), "float32"),
        (ops.full_like(np.ones(2, "int32"), 3.5), "int32"),
        (ops.convert_to_tensor(1.5), "float32"),
    ]:
        assert made.dtype == expected


@pytest.mark.parametrize("name", ["sum", "mean", "var", "cumsum", "logsumexp", "prod", "std"])
def test_half_precision_is_accumulated_in_float32(name):
    x = np.full(4096, 1.0 if name != "prod" else 1.001, np.float32)
    for dtype in ("float16", "bfloat16"):
        half = ops.cast(x, dtype)
        found = np.asarray(getattr(ops, name)(half)).astype("float64")
        expected = np.asarray(getattr(ops, name)(ops.cast(half, "float64"))).astype("float64")
        step = 2.0**-10 if dtype == "float16" else 2.0**-7
        np.testing.assert_allclose(found, expected, rtol=step, atol=1e-6)


def test_floatx_decides_what_integers_become():
    kerasish.config.set_floatx("float64")
    try:
        assert ops.exp(np.ones(2, "int32")).dtype == "float64"
        assert ops.mean(np.ones(2, "int32")).dtype == "float64"
        assert ops.divide(1, 2).dtype == "float64"
    finally:
        kerasish.config.set_floatx("float32")
    assert dtypes.result_type(int, float) == "float32"
