"""Running chains on arrays, beside the plain operations as their oracle."""

import ctypes
import functools

import numpy

from kerasish.arrays import device
from kerasish.core import modes
from kerasish.core.graph import Graph
from kerasish.core.spec import TensorSpec
from kerasish.core.tensor import SymbolicTensor, Tensor
from kerasish.kernels.cpu import chains, library
from kerasish.kernels.cpu.binding import Call
from kerasish.kernels.cpu.layouts import view_layout
from kerasish.kernels.cpu.records import RECORD, fill

_SPECIAL = numpy.array([0.0, -0.0, numpy.inf, -numpy.inf, numpy.nan, 1e-42, 3e38, -3e38, 1.0])


class Traced:
    """A function of tensors, recorded; its nodes, ready for chains, and its results.

    Args:
        function: callable of tensors.
        arrays: list of array.
    """

    def __init__(self, function, arrays):
        self.graph = Graph("traced")
        self.arrays = arrays
        self.inputs = [self.graph.add_input(TensorSpec(a.shape, str(a.dtype))) for a in arrays]
        with modes.tracing(self.graph):
            results = function(*self.inputs)
        self.results = list(results) if isinstance(results, (tuple, list)) else [results]
        self.layouts, self.nodes, self.aliases = {}, [], {}
        for node in self.graph.nodes:
            if "same" in node.operation.tags:
                self.aliases[node.outputs[0].key] = self.resolve(node.inputs[0])
                continue
            layout = None
            if len(node.inputs) == 1 and isinstance(node.inputs[0], SymbolicTensor):
                layout = view_layout(node, self.resolve(node.inputs[0]), self.layouts)
            if layout is not None:
                self.layouts[node.outputs[0].key] = layout
            else:
                self.nodes += chains.expand(node)

    def resolve(self, tensor):
        """What stands for a tensor."""
        return self.aliases.get(tensor.key, tensor)

    def build(self, wanted=None, incoming=None, columns=None, nodes=None):
        """Chain that stores the results (or other tensors)."""
        keys = {self.resolve(t).key for t in (self.results if wanted is None else wanted)}
        return chains.Chaining(self.resolve, self.layouts).build(
            self.nodes if nodes is None else nodes, keys, incoming=incoming, columns=columns
        )

    def expected(self):
        """Arrays of the plain operations, one after the other."""
        with numpy.errstate(all="ignore"):
            return self._run()

    def _run(self):
        xp = device.get("cpu").xp
        values = {t.key: a for t, a in zip(self.inputs, self.arrays, strict=True)}

        def value(x):
            if isinstance(x, SymbolicTensor):
                return values[x.key]
            return x.numpy() if isinstance(x, Tensor) else x

        for node in self.graph.nodes:
            made = node.operation.run(xp, [value(x) for x in node.inputs], node.params)
            made = made if node.is_multiple else (made,)
            values.update(
                {o.key: numpy.asarray(m) for o, m in zip(node.outputs, made, strict=True)}
            )
        return [values[t.key] for t in self.results]


def unaligned(shape, dtype):
    """Array whose memory starts one element after an aligned address."""
    dtype = numpy.dtype(dtype)
    count = int(numpy.prod(shape, dtype=int))
    return numpy.empty(count + 1, dtype)[1:].reshape(shape)


class Table:
    """Addresses of arrays by tensor."""

    def __init__(self, known, shared=None):
        self._known = known
        self.arrays, self.places = dict(known), {}
        self._shared = shared or {}

    def place_of(self, tensor, copy=0):
        """Place of a tensor; results get an array filled with a value that is seen if it stays.

        Each copy of a chain has results of its own, under the keys (key, copy) but for the first.
        """
        key = self._shared.get(tensor.key, tensor.key)
        if copy and isinstance(tensor, SymbolicTensor) and key not in self._known:
            key = key, copy
        if key not in self.arrays:
            if isinstance(tensor, SymbolicTensor):
                array = unaligned(tuple(tensor.shape), tensor.dtype)
                array[...] = True if tensor.dtype == "bool" else 99
                self.arrays[key] = array
            else:
                self.arrays[key] = tensor.numpy()
        return self.places.setdefault(key, len(self.places))

    def addresses(self):
        """The table in memory."""
        return numpy.array([self.arrays[k].ctypes.data for k in self.places] or [0], "u8")


def aligned(blob):
    """A copy of an array of bytes at an address that is a multiple of 64."""
    raw = numpy.zeros(blob.size + 64, "u1")
    start = -raw.ctypes.data % 64
    raw[start : start + blob.size] = blob
    return raw[start : start + blob.size]


def run(built, known, shared=None, several=1):
    """Run a chain, or `several` copies of it; (index of the failing record or -1, Table)."""
    table = Table(known, shared)
    copies = [built.blob(functools.partial(table.place_of, copy=i)) for i in range(several)]
    blob = aligned(numpy.concatenate(copies))
    record = numpy.zeros(1, RECORD)
    kernel = chains.RUN if several == 1 else chains.RUN_MANY
    call = Call(kernel, ())
    fill(
        record[0],
        call,
        library.address_of(kernel),
        table.place_of,
        chain=blob.ctypes.data,
        count=several,
    )
    places = table.addresses()
    runner = library.library().run_records
    runner.argtypes = [ctypes.c_void_p, ctypes.c_long, ctypes.c_void_p]
    runner.restype = ctypes.c_long
    return runner(record.ctypes.data, 1, places.ctypes.data), table


def results(function, arrays, wanted=None):
    """(arrays of one chain, arrays of the plain operations); fails if there is no chain."""
    traced = Traced(function, arrays)
    built = traced.build()
    assert built is not None, "no chain"
    status, table = run(built, {t.key: a for t, a in zip(traced.inputs, arrays, strict=True)})
    assert status == -1, f"record failed: {status}"
    found = [table.arrays[traced.resolve(t).key] for t in traced.results]
    return found, traced.expected()


def floats(shape, seed=0, special=False):
    """Random float32 numbers; with `special`, infinities and the like among them."""
    rng = numpy.random.default_rng(seed)
    x = rng.normal(scale=2, size=shape).astype("float32")
    if special:
        x = numpy.where(rng.random(shape) < 0.3, rng.choice(_SPECIAL, shape), x).astype("float32")
    return x


def same(found, plain, rtol=2e-6, atol=2e-6):
    """Fails unless two arrays agree: exactly, but for floats."""
    assert found.dtype == plain.dtype
    plain = plain.reshape(found.shape)
    if found.dtype.kind != "f":
        numpy.testing.assert_array_equal(found, plain)
    else:
        with numpy.errstate(all="ignore"):
            numpy.testing.assert_allclose(found, plain, rtol=rtol, atol=atol)


def check(function, *arrays, **tolerance):
    """Fails unless a function of tensors gives as one chain what its plain operations give."""
    found, plain = results(function, list(arrays))
    for f, p in zip(found, plain, strict=True):
        same(f, p, **tolerance)
