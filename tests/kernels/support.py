"""Running one native call on arrays, beside the plain operation as its oracle."""

import ctypes

import numpy
import pytest

from kerasish import config
from kerasish.core import modes
from kerasish.core.graph import Graph
from kerasish.core.spec import TensorSpec
from kerasish.core.tensor import SymbolicTensor, Tensor
from kerasish.kernels.cpu import library
from kerasish.kernels.cpu.binding import Layout, NodeView, bindings
from kerasish.kernels.cpu.records import RECORD, fill

needs_library = pytest.mark.skipif(
    library.library() is None, reason="the native library is not built"
)


def bind(function, arrays, params, strided=()):
    """The Call that an operation on these arrays becomes, and its node; (None, node) if none.

    Args:
        function: public operation.
        arrays: list of array, scalar or None: its inputs.
        params: dict.
        strided: indices of inputs that are given to the binder as views with the array's strides.
    """
    graph = Graph("one")
    inputs = [
        graph.add_input(TensorSpec(a.shape, str(a.dtype))) if isinstance(a, numpy.ndarray) else a
        for a in arrays
    ]
    with modes.tracing(graph):
        modes.apply(function.operation, tuple(inputs), params)
    node = graph.nodes[-1]
    layouts = {}
    for i in strided:
        a = arrays[i]
        steps = tuple(s // a.itemsize for s in a.strides)
        layouts[inputs[i].key] = Layout(inputs[i], a.shape, steps)
    view = NodeView(node, lambda t: t, layouts)
    binder = bindings.get(node.operation.name)
    return (binder and binder(view)), node


def run_native(function, arrays, params=None, strided=()):
    """Arrays that the native kernel gives for an operation; fails if there is no binding.

    Outputs are filled with a sentinel first, so that elements never written are seen.
    """
    params = _complete(function, params or {})
    call, node = bind(function, arrays, params, strided)
    assert call is not None, f"no binding for {node}"
    status, outputs = run_call(call, dict(zip(_keys(node), arrays, strict=True)))
    assert status == -1, f"record failed: {status}"
    found = [outputs[o.key] for o in node.outputs]
    return tuple(found) if node.is_multiple else found[0]


def _keys(node):
    return [
        x.key if isinstance(x, SymbolicTensor) else ("literal", i)
        for i, x in enumerate(node.inputs)
    ]


def run_plain(function, arrays, params=None):
    """Arrays of the plain forward on the same inputs."""
    operation = function.operation
    return operation.forward(numpy_namespace(), *arrays, **_complete(function, params or {}))


def numpy_namespace():
    """The array namespace that forwards get on the CPU."""
    from kerasish.arrays import device

    return device.get("cpu").xp


def _complete(function, params):
    operation = function.operation
    return {
        **{n: operation.defaults[n] for n in operation.param_names if n in operation.defaults},
        **params,
    }


def run_call(call, arrays, chain=0, keep=()):
    """Run one Call: returns (index of the failing record or -1, dict from key to output array)."""
    tensors, table = [], []
    outputs = {}

    def place_of(tensor):
        for i, t in enumerate(tensors):
            if t.key == tensor.key:
                return i
        if tensor.key in arrays:
            array = arrays[tensor.key]
        elif isinstance(tensor, SymbolicTensor):
            array = _sentinel(tuple(tensor.shape), tensor.dtype)
            outputs[tensor.key] = array
        else:
            array = Tensor.numpy(tensor)
        tensors.append(tensor)
        table.append(array)
        return len(tensors) - 1

    record = numpy.zeros(1, RECORD)
    address = library.address_of(call.kernel)
    assert address, f"the library lacks {call.kernel}"
    fill(record[0], call, address, place_of, chain)
    places = numpy.array([a.ctypes.data for a in table] or [0], "u8")
    run = library.library().run_records
    run.argtypes = [ctypes.c_void_p, ctypes.c_long, ctypes.c_void_p]
    run.restype = ctypes.c_long
    return run(record.ctypes.data, 1, places.ctypes.data), outputs


def _sentinel(shape, dtype):
    array = numpy.empty(shape, dtype)
    if array.dtype.kind == "f":
        array[...] = 1.2345e30
    else:
        array[...] = 99 if array.dtype.kind != "b" else True
    return array


def at_thread_counts(function, counts=(1, 2, 5)):
    """What a function returns at each number of threads, as a list of lists of bytes."""
    before, found = config.threads(), []
    try:
        for count in counts:
            config.set_threads(count)
            result = function()
            arrays = result if isinstance(result, tuple) else (result,)
            found.append([a.tobytes() for a in arrays])
    finally:
        config.set_threads(before)
    return found
