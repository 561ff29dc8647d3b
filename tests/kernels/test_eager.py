"""Eager calls: costly operations run natively, with the plain results, errors and derivatives."""

import numpy as np
import pytest

import kerasish
from kerasish import ops
from kerasish.core.operation import operations
from tests.kernels.support import needs_library

pytestmark = needs_library


def arrays(*shapes):
    rng = np.random.default_rng(1)
    return [rng.normal(size=s).astype(np.float32) for s in shapes]


def without_kernels(function, *args):
    kerasish.config.disable_kernels()
    try:
        return function(*args)
    finally:
        kerasish.config.enable_kernels()


CASES = {
    "conv": (lambda x, k: ops.conv(x, k, padding="same"), (2, 16, 16, 8), (3, 3, 8, 5)),
    "strided conv": (lambda x, k: ops.conv(x, k, strides=2), (2, 17, 15, 8), (3, 2, 8, 5)),
    "max_pool": (lambda x: ops.max_pool(x, 2), (2, 16, 16, 9)),
    "average_pool": (lambda x: ops.average_pool(x, 3, 2, padding="same"), (2, 16, 16, 9)),
}


@pytest.mark.parametrize("function,shapes", [(c[0], c[1:]) for c in CASES.values()], ids=CASES)
def test_large_calls_give_the_plain_results_and_gradients(function, shapes):
    def run(*inputs):
        tensors = [ops.convert_to_tensor(a) for a in inputs]
        with kerasish.GradientTape() as tape:
            tape.watch(tensors)
            y = ops.sum(ops.square(function(*tensors)))
        return [y, *tape.gradient(y, tensors)]

    inputs = arrays(*shapes)
    for a, b in zip(run(*inputs), without_kernels(run, *inputs), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-4)


def test_large_calls_are_native_and_small_ones_are_not(monkeypatch):
    asked = []
    operation = operations["convolve"]
    plain = operation.forward
    monkeypatch.setattr(operation, "forward", lambda *a, **k: asked.append(1) or plain(*a, **k))
    x, kernel = arrays((2, 16, 16, 16), (3, 3, 16, 4))
    ops.conv(x, kernel)
    assert not asked
    ops.conv(x[:1, :4, :4], kernel)
    assert asked
    ops.conv(x.astype(np.float64), kernel.astype(np.float64))
    assert len(asked) == 2


def test_non_contiguous_values_are_taken():
    (x,) = arrays((16, 16, 2, 16))
    view = x.transpose(2, 0, 1, 3)
    (kernel,) = arrays((3, 3, 16, 4))
    found = ops.conv(view, kernel)
    np.testing.assert_allclose(found, ops.conv(view.copy(), kernel), rtol=1e-6)
