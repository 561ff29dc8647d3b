"""Recomputing: what a program stores, and what it makes again from that where it is read."""

import numpy
import pytest

import kerasish
from kerasish import ops
from kerasish.ops.activations import positive_gate
from tests.kernels.chain_support import floats, same
from tests.kernels.support import needs_library

pytestmark = needs_library

_ROWS, _COLUMNS = 600, 32


def _residual(x, w, skip, gate):
    """What two calls read of a sum of two branches: itself, and scaled."""
    g = positive_gate(ops.matmul(x, w) + skip, gate)
    scaled = g * ops.sum(w, axis=0)
    first = scaled - ops.sum(scaled, axis=0)
    return ops.matmul(first, w), ops.matmul(ops.relu(first), w) + g


def _gelu(x, w, gradient, _):
    """Three arrays that all follow from one."""
    h = ops.matmul(x, w)
    e, s, t = ops.erf(h), ops.exp(-ops.square(h)), ops.tanh(h)
    level = ops.sum(e, axis=0) + ops.sum(s, axis=0) + ops.sum(t, axis=0)
    return ops.matmul(level * e + level * s * gradient + level * t / gradient, w)


# Function, the large arrays that its first product stores, and the bytes of the program in units of
# one large array.
_CASES = [(_residual, 1, 12), (_gelu, 1, 7)]


@pytest.mark.parametrize(("function", "stored", "moved"), _CASES)
def test_few_arrays_are_stored_and_read(function, stored, moved):
    arrays = [floats((_ROWS, _COLUMNS), 1), floats((_COLUMNS, _COLUMNS), 2) / 8]
    arrays += [floats((_ROWS, _COLUMNS), 3), floats((_ROWS, _COLUMNS), 4)]
    traced = kerasish.function(function)
    found = traced(*arrays)
    operations = [n.operation for n in traced.traces[0].program.nodes]
    natives = [o for o in operations if getattr(o, "is_native", False)]
    product = next(o for o in natives if o.call is not None)
    large = _ROWS * _COLUMNS
    assert sum(t.spec.size == large for t in product.outputs) == stored
    assert round(sum(o.nbytes for o in natives) / (4 * large)) == moved
    kerasish.config.disable_kernels()
    try:
        plain = kerasish.function(function)(*arrays)
    finally:
        kerasish.config.enable_kernels()
    for a, b in zip(_listed(found), _listed(plain), strict=True):
        same(a.numpy(), b.numpy(), rtol=1e-4, atol=1e-4 * float(numpy.abs(b.numpy()).max()))


def _listed(result):
    return result if isinstance(result, tuple) else (result,)
