"""Activation functions, softmax and its relatives."""

import math

import numpy as np

from tests.ops.sample import Case, Sample, draw, strided, unary

FINITE = (0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 40.0, -40.0, 6.0, 0.5, -0.5, math.nan)


def sigmoid(x):
    return np.where(
        x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x)))
    )


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def gelu(x, approximate=True):
    if approximate:
        return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1 + np.vectorize(math.erf, otypes=[float])(x / math.sqrt(2)))


def elu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def sparse_plus(x):
    return np.where(x <= -1, 0, np.where(x >= 1, x, (x + 1) ** 2 / 4))


def with_params(*variants, low=-3.0, high=3.0):
    """Cases of a function of one tensor, in turn with each set of parameters."""

    def cases(rng):
        plain = unary(low, high, specials=FINITE)(rng)
        return [Case(c.inputs, p, c.is_smooth) for p in variants for c in plain]

    return cases


def along_axes(low=-3.0, high=3.0, only_int=False, specials=True):
    """Cases of functions along an axis: each axis of several shapes, and large values."""

    def cases(rng):
        found = []
        for shape in ((5,), (2, 3), (3, 4), (1, 4), (2, 3, 4), (4, 1, 2)):
            for axis in (*range(len(shape)), -1):
                found.append(Case((draw(rng, shape, low, high),), {"axis": axis}))
        found.append(Case((strided(rng, (3, 4), low, high),), {"axis": -1}))
        found.append(Case((strided(rng, (3, 4), low, high, 1),), {"axis": 0}))
        found.append(Case((np.zeros((0, 3)),), {"axis": -1}))
        if not only_int:
            found.append(Case((draw(rng, (2, 3, 4), low, high),), {"axis": (1, 2)}))
        if specials:
            extreme = np.array([[1000.0, 0.0, -1000.0], [-1e300, 0.0, 1.0], [np.nan, 1.0, 2.0]])
            found.append(Case((extreme,), {"axis": -1}, is_smooth=False))
        return found

    return cases


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def log_softmax(x, axis=-1):
    z = x - x.max(axis=axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


def sparsemax(x, axis=-1):
    """The threshold by bisection: independent of the sorting in the tested form."""
    low, high = x.max(axis=axis, keepdims=True) - 1, x.max(axis=axis, keepdims=True)
    for _ in range(200):
        middle = (low + high) / 2
        above = np.maximum(x - middle, 0).sum(axis=axis, keepdims=True) > 1
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.maximum(x - low, 0)


def halves(rng):
    """Cases of glu: even sizes along the axis."""
    found = []
    for shape in ((4,), (2, 6), (3, 2), (2, 4, 6), (4, 3, 2)):
        for axis in (*range(len(shape)), -1):
            if shape[axis] % 2 == 0:
                found.append(Case((draw(rng, shape),), {"axis": axis}))
    return found * 2


def glu(x, axis=-1):
    a, b = np.split(x, 2, axis=axis)
    return a * sigmoid(b)


SAMPLES = [
    Sample("relu", unary(), lambda x: np.maximum(x, 0)),
    Sample("relu6", unary(-3, 9), lambda x: np.clip(x, 0, 6)),
    Sample(
        "leaky_relu",
        with_params({}, {"negative_slope": 0.5}),
        lambda x, negative_slope=0.2: np.where(x > 0, x, negative_slope * x),
    ),
    Sample("elu", with_params({}, {"alpha": 0.5}), elu),
    Sample(
        "celu",
        with_params({}, {"alpha": 0.5}),
        lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0) / alpha)),
    ),
    Sample("selu", unary(), lambda x: 1.0507009873554805 * elu(x, 1.6732632423543772)),
    Sample("hard_sigmoid", unary(-5, 5), lambda x: np.clip(x + 3, 0, 6) / 6),
    Sample("hard_silu", unary(-5, 5, specials=FINITE), lambda x: x * np.clip(x + 3, 0, 6) / 6),
    Sample("hard_swish", unary(-5, 5, specials=FINITE), lambda x: x * np.clip(x + 3, 0, 6) / 6),
    Sample("hard_tanh", unary(), lambda x: np.clip(x, -1, 1)),
    Sample(
        "soft_shrink",
        with_params({}, {"threshold": 1.0}),
        lambda x, threshold=0.5: np.where(
            np.isnan(x), 0, np.sign(x) * np.maximum(np.abs(x) - threshold, 0)
        ),
        note="NaN is not above the threshold, so it becomes 0 as in Keras",
    ),
    Sample(
        "hard_shrink",
        with_params({}, {"threshold": 1.0}),
        lambda x, threshold=0.5: np.where(np.abs(x) > threshold, x, 0),
    ),
    Sample(
        "threshold",
        with_params({"threshold": 0.3, "default_value": 0.1}),
        lambda x, threshold, default_value: np.where(x > threshold, x, default_value),
        operations=("threshold_unit",),
    ),
    Sample("sparse_plus", unary(), sparse_plus),
    Sample("sparse_sigmoid", unary(specials=FINITE[:-1]), lambda x: np.clip((x + 1) / 2, 0, 1)),
    Sample("sigmoid", unary(), sigmoid),
    Sample("softplus", unary(), softplus),
    Sample("log_sigmoid", unary(), lambda x: -softplus(-x)),
    Sample("softsign", unary(specials=FINITE), lambda x: x / (1 + np.abs(x))),
    Sample("silu", unary(specials=FINITE), lambda x: x * sigmoid(x)),
    Sample("swish", unary(specials=FINITE), lambda x: x * sigmoid(x)),
    Sample("gelu", with_params({}, {"approximate": False}), gelu),
    Sample("mish", unary(specials=FINITE), lambda x: x * np.tanh(softplus(x))),
    Sample("tanh_shrink", unary(), lambda x: x - np.tanh(x)),
    Sample("squareplus", with_params({}, {"b": 1}), lambda x, b=4: (x + np.sqrt(x * x + b)) / 2),
    Sample("glu", halves, glu, unknown_sizes="none", note="an unknown size cannot be halved"),
    Sample("softmax", along_axes(), softmax),
    Sample("log_softmax", along_axes(), log_softmax),
    Sample("sparsemax", along_axes(only_int=True, specials=False), sparsemax),
]
