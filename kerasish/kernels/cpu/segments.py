"""Segments: runs of native nodes as arrays of records, each executed by one native call."""

import array
import ctypes
import functools
import sys

import numpy

from kerasish.arrays import dtypes
from kerasish.core.tensor import SymbolicTensor
from kerasish.errors import KerasishError, NativeRefusal, explain
from kerasish.kernels.cpu import library
from kerasish.kernels.cpu.binding import Call
from kerasish.kernels.cpu.records import RECORD, fill

# `__array_interface__`, the quickest way to an address, makes a dict of these names each time. Kept
# alive here they are not entered into CPython's table of strings, and taken out, again and again.
_NAMES = [sys.intern(n) for n in ("data", "strides", "descr", "typestr", "shape", "version")]

_BLAS = {"matmul", "einsum", "dot", "tensordot", "inner", "vdot"}


class NativePart:
    """The native nodes of a plan: their records, and which values lie where in the table.

    Args:
        plan: Plan.

    Attributes:
        results: set of keys that native nodes make.
        moving: set of keys of values that they read and whose address differs from run to run.
    """

    def __init__(self, plan):
        self._plan, self._places, self._constants = plan, {}, {}
        self._segments, self._records, self._handed = {}, [], {}
        nodes = [n for n in plan.nodes if getattr(n.operation, "is_native", False)]
        self.results = {o.key for n in nodes for o in n.outputs}
        self.specs = {
            x.key: x.spec for n in nodes for x in n.inputs if isinstance(x, SymbolicTensor)
        }
        self.calls_blas = any(n.operation.name in _BLAS for n in plan.nodes)
        static = set(plan.buffers.places)
        self.moving = set()
        for node in nodes:
            for x in node.inputs:
                if isinstance(x, SymbolicTensor) and plan.resolve(x).key not in static:
                    key = plan.resolve(x).key
                    if key not in self.results:
                        self.moving.add(key)
        for key, variable in plan.in_place.items():
            if key in self.results:
                self.moving.add(plan.capture_key(variable))
        self.inputs = [(i, t) for i, t in enumerate(plan.graph.inputs) if t.key in self.moving]
        self.captures = [(i, t) for i, (_, t) in enumerate(plan.captures) if t.key in self.moving]

    @property
    def is_whole(self):
        """Whether the program is one segment that updates variables, and nothing else."""
        plan = self._plan
        return (
            len(self._segments) == 1
            and all(getattr(n.operation, "is_native", False) for n in plan.nodes)
            and not plan.graph.outputs
            and all(getattr(x, "key", None) in plan.in_place for x in plan.updates.values())
        )

    def place_of(self, tensor):
        """Index of a tensor's address in the table."""
        tensor = self._plan.resolve(tensor)
        key = tensor.key
        if key in self._plan.in_place:
            key = self._plan.capture_key(self._plan.in_place[key])
        elif not isinstance(tensor, SymbolicTensor):
            self._constants[key] = numpy.asarray(tensor.numpy(), order="C")
        return self._places.setdefault(key, len(self._places))

    def segment(self, nodes):
        """Name, in the program's source, of the function that runs these nodes."""
        name = f"segment{len(self._segments)}"
        records = numpy.zeros(len(nodes), RECORD)
        for record, node in zip(records, nodes, strict=True):
            self._fill(record, node.operation)
        self._segments[name] = records, [node.operation for node in nodes]
        return name

    def _fill(self, record, operation):
        call = operation.call or Call(
            operation.chains[0].kernel if len(operation.chains) == 1 else "run_chains", ()
        )
        blobs = [chain.blob(self.place_of) for chain in operation.chains]
        blob = numpy.concatenate(blobs) if blobs else None
        address = 0
        if blob is not None:
            blob = _aligned_copy(blob)
            self._records.append(blob)  # kept alive: records point at it
            address = blob.ctypes.data
        fill(
            record,
            call,
            library.address_of(call.kernel),
            self.place_of,
            chain=address,
            count=len(blobs),
        )

    def hand_over(self, key):
        """Name of the function that tells the table where a plain call put a value."""
        name = f"hand{self._places.setdefault(key, len(self._places))}"
        self._handed[name] = key
        return name

    def instantiate(self, placed):
        """The native part of one running call.

        Args:
            placed: dict from key to the array that holds this value in the call.
        """
        return NativeRun(self, placed)


class NativeRun:
    """The table of addresses of one running call, and the functions that use it.

    Attributes:
        names: dict of what the program's source calls.
    """

    def __init__(self, part, placed):
        self._table = array.array("Q", bytes(8 * max(len(part._places), 1)))
        for source in (part._constants, placed):
            for key, value in source.items():
                if key in part._places:
                    self._table[part._places[key]] = value.ctypes.data
        self._inputs = [(i, part._places[t.key], numpy.dtype(t.dtype)) for i, t in part.inputs]
        self._input_places = numpy.array([place for _, place, _ in self._inputs], "i4")
        self._first_place = ctypes.c_void_p(self._table.buffer_info()[0])
        self._captures = [(i, part._places[t.key]) for i, t in part.captures]
        self._part = part
        self.names = {n: self._segment(records) for n, (records, _) in part._segments.items()}
        for name, key in part._handed.items():
            self.names[name] = self._hand_over(part._places[key], part.specs[key])

    def _segment(self, records):
        run = library.library().run_records
        run.restype = ctypes.c_long
        first = ctypes.c_void_p(records.ctypes.data)
        count = ctypes.c_long(len(records))
        table = ctypes.c_void_p(self._table.buffer_info()[0])

        def segment():
            if run(first, count, table) >= 0:
                raise NativeRefusal("a native call refused a value")

        return segment

    @property
    def is_whole(self):
        """Whether the program is one segment and nothing else."""
        return self._part.is_whole

    def run_steps(self, batches):
        """Run the only segment once for each list of inputs.

        Returns:
            index of the batch whose values a call refused, or None.
        """
        ((records, _),) = self._part._segments.values()
        known = getattr(batches, "addresses", None)
        if known is None:
            batches = [self.take_inputs(arrays) for arrays in batches]
            known = numpy.array([self._addresses(arrays) for arrays in batches], "u8")
        elif len(self._inputs) != known.shape[1]:
            known = known[:, [i for i, *_ in self._inputs]].copy()
        run = library.library().run_steps
        run.restype = ctypes.c_long
        failed = run(
            ctypes.c_void_p(records.ctypes.data),
            ctypes.c_long(len(records)),
            self._first_place,
            ctypes.c_void_p(self._input_places.ctypes.data),
            ctypes.c_long(len(self._inputs)),
            ctypes.c_void_p(known.ctypes.data),
            ctypes.c_long(len(batches)),
        )
        return None if failed < 0 else failed

    def _addresses(self, arrays):
        return [arrays[i].__array_interface__["data"][0] for i, *_ in self._inputs]

    def timed_segments(self):
        """For each segment (function, array of the least seconds of each record, operations)."""
        found = {}
        profile = library.library().profile_records
        for name, (records, operations) in self._part._segments.items():
            seconds = numpy.full(len(records), numpy.inf)
            arguments = (
                ctypes.c_void_p(records.ctypes.data),
                ctypes.c_long(len(records)),
                ctypes.c_void_p(self._table.buffer_info()[0]),
                ctypes.c_void_p(seconds.ctypes.data),
            )
            found[name] = functools.partial(profile, *arguments), seconds, operations
        return found

    def _hand_over(self, place, spec):
        table, shape, dtype = self._table, spec.shape, dtypes.to_numpy(spec.dtype)

        def hand_over(value):
            if value.shape != shape or value.dtype != dtype:  # kernels would read beside it
                raise KerasishError(
                    explain(
                        "a compiled program",
                        "an operation's result differs from its declared spec",
                        received=value,
                        expected=str(spec),
                    )
                )
            value = numpy.asarray(value, order="C")
            table[place] = value.__array_interface__["data"][0]
            return value

        return hand_over

    def call(self, function, *arguments):
        """Call a function; where the program calls BLAS too, that gets one thread meanwhile.

        Its threads go on spinning after their work, and would take the processors from ours.
        """
        if not self._part.calls_blas:
            return function(*arguments)
        before = library.limit_blas(1)
        try:
            return function(*arguments)
        finally:
            if before is not None:
                library.limit_blas(before)

    def take_inputs(self, arrays):
        """Note where the inputs lie; returns them, contiguous where native calls read them."""
        table = self._table
        addresses = getattr(arrays, "addresses", None)
        if addresses is not None:
            for i, place, _ in self._inputs:
                table[place] = addresses[i]
            return arrays
        for i, place, dtype in self._inputs:
            x = arrays[i]
            if not x.flags.c_contiguous or x.dtype is not dtype:
                x = numpy.asarray(x, dtype, order="C")
                arrays = [*arrays]
                arrays[i] = x
            table[place] = x.__array_interface__["data"][0]
        return arrays

    def take_captures(self, state):
        """Note the addresses of the variables' arrays."""
        for i, place in self._captures:
            self._table[place] = state[i].__array_interface__["data"][0]


def _aligned_copy(blob):
    memory = numpy.empty(blob.nbytes + 64, numpy.uint8)
    start = -memory.ctypes.data % 64
    memory[start : start + blob.nbytes] = blob
    return memory[start : start + blob.nbytes]
