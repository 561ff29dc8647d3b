"""Eager use of kernels: costly operations called with values run as one native call."""

import ctypes
import functools

import numpy

from kerasish.arrays import dtypes
from kerasish.core.graph import Graph
from kerasish.core.modes import Node
from kerasish.core.operation import operations
from kerasish.core.spec import TensorSpec
from kerasish.core.tensor import SymbolicTensor
from kerasish.kernels.cpu import library
from kerasish.kernels.cpu.binding import NodeView, bindings
from kerasish.kernels.cpu.records import RECORD, fill

_LEAST_WORK = 4096  # elements of inputs below which the plain operation is as fast


class _Prepared:
    """The record of an operation for inputs of certain shapes.

    Args:
        operation: Primitive.
        specs: tuple of TensorSpec or None, of the inputs.
        params: dict.
    """

    def __init__(self, operation, specs, params):
        graph = Graph("eager")
        inputs = [graph.add_input(s) if isinstance(s, TensorSpec) else s for s in specs]
        found = operation.infer(inputs_as_specs(inputs), params)
        self.is_multiple = isinstance(found, tuple)
        outputs = [
            SymbolicTensor(spec=s, graph=graph.mark)
            for s in (found if self.is_multiple else (found,))
        ]
        node = Node(operation, tuple(inputs), (), params, tuple(outputs), self.is_multiple)
        self.call = bindings[operation.name](NodeView(node, lambda t: t, {}))
        if self.call is None:
            return
        places = {t.key: i for i, t in enumerate(inputs) if isinstance(t, SymbolicTensor)}
        places.update({t.key: len(inputs) + i for i, t in enumerate(outputs)})
        self.shapes = [(t.shape, dtypes.to_numpy(t.dtype)) for t in outputs]
        self.record = numpy.zeros(1, RECORD)
        address = library.address_of(self.call.kernel)
        fill(self.record[0], self.call, address, lambda t: places[t.key])
        self._run = library.library().run_records
        self._run.restype = ctypes.c_long
        self._table = ctypes.c_uint64 * (len(inputs) + len(outputs))

    def __call__(self, arrays):
        """Result arrays, or None where the kernel refuses a value."""
        results = [numpy.empty(shape, dtype) for shape, dtype in self.shapes]
        kept = [None if a is None else numpy.asarray(a, order="C") for a in arrays]
        table = self._table(
            *[0 if a is None else a.__array_interface__["data"][0] for a in (*kept, *results)]
        )
        if self._run(ctypes.c_void_p(self.record.ctypes.data), ctypes.c_long(1), table) >= 0:
            return None
        return tuple(results) if self.is_multiple else results[0]


def inputs_as_specs(inputs):
    """Specs of symbolic inputs, other inputs as they are."""
    return [t.spec if isinstance(t, SymbolicTensor) else t for t in inputs]


@functools.lru_cache(maxsize=256)
def _prepared(name, specs, params):
    prepared = _Prepared(operations[name], specs, dict(params))
    return prepared if prepared.call is not None else None


def _lookup(name, inputs, params):
    specs = []
    for x in inputs:
        if x is not None and not hasattr(x, "shape"):
            return None
        specs.append(x if x is None else TensorSpec(x.shape, str(x.dtype)))
    if any(s is not None and None in s.shape for s in specs):
        return None
    if sum(s.size for s in specs if s is not None) < _LEAST_WORK:
        return None
    try:
        return _prepared(name, tuple(specs), tuple(params.items()))
    except TypeError:  # a parameter that is no key of a dict
        return None


def offer(name):
    """Let an operation run natively when it is called with large enough values."""
    operation = operations[name]

    def when(*inputs, **params):
        return library.library() is not None and _lookup(name, inputs, params) is not None

    def run(xp, *arrays, **params):
        result = _lookup(name, arrays, params)(arrays)
        return operation.forward(xp, *arrays, **params) if result is None else result

    operation.implementations.append(("cpu", when, run))
