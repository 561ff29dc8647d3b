"""Rules for the spec that comes out of an operation, for those that declare none of their own."""

import functools

import numpy

from kerasish.arrays import device as devices
from kerasish.arrays import dtypes
from kerasish.core.spec import TensorSpec, broadcast_shapes


def elementwise_spec(operation, specs, params):
    """Shape by broadcasting; dtype by running the forward on single elements (remembered)."""
    shapes = [s.shape for s in specs if isinstance(s, TensorSpec)]
    kinds = tuple(s.dtype if isinstance(s, TensorSpec) else s for s in specs)
    params = tuple([(name, type(value), value) for name, value in params.items()])
    try:
        dtype = _probed_dtype(operation, kinds, params)
    except TypeError:  # a parameter that cannot be hashed
        dtype = _probed_dtype.__wrapped__(operation, kinds, params)
    return TensorSpec(broadcast_shapes(*shapes, where=f"ops.{operation.name}"), dtype)


@functools.lru_cache(maxsize=4096)
def _probed_dtype(operation, kinds, params):
    arrays = [
        numpy.ones((), dtypes.to_numpy(k)) if isinstance(k, str) and k in dtypes.ALLOWED else k
        for k in kinds
    ]
    with numpy.errstate(all="ignore"):
        named = {name: value for name, _, value in params}
        result = operation.forward(devices.cpu.xp, *arrays, **named)
    return dtypes.name_of(numpy.asarray(result).dtype)


def same_spec(operation, specs, params):
    """Shape and dtype of the first input."""
    return specs[0].with_shape(specs[0].shape)


def probe_spec(operation, specs, params):
    """Spec found by running the forward on zeros, twice where sizes are unknown.

    Unknown sizes are given one value, then another; sizes of the output that change are unknown.
    Costs a real run: declared rules are for everything that is traced often.
    """
    first = _probe(operation, specs, params, 83)
    if all(s.is_static for s in specs if isinstance(s, TensorSpec)):
        return first
    second = _probe(operation, specs, params, 89)
    if isinstance(first, tuple):
        return tuple(_merge(a, b) for a, b in zip(first, second, strict=True))
    return _merge(first, second)


def _probe(operation, specs, params, unknown):
    arrays = [
        numpy.zeros([unknown if n is None else n for n in s.shape], dtypes.to_numpy(s.dtype))
        if isinstance(s, TensorSpec)
        else s
        for s in specs
    ]
    with numpy.errstate(all="ignore"):
        result = operation.forward(devices.cpu.xp, *arrays, **params)
    if type(result) is tuple:
        return tuple(_spec_of(a) for a in result)
    return _spec_of(result)


def _spec_of(array):
    array = numpy.asarray(array)
    return TensorSpec(array.shape, dtypes.name_of(array.dtype))


def _merge(a, b):
    return TensorSpec(
        [m if m == n else None for m, n in zip(a.shape, b.shape, strict=True)], a.dtype
    )


GENERIC = {elementwise_spec, same_spec, probe_spec}
