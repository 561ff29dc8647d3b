"""Program: a traced graph as a straight line of array calls in generated Python, compiled once.

The source is what runs and what a reader reads (`Program.source`). Results go to buffers that are
allocated once and reused; variables are updated in place, after everything that can fail.
"""

import math

import numpy

from kerasish.arrays import dtypes
from kerasish.core import delegation, modes, profiling
from kerasish.core.emission import Emission
from kerasish.core.planning import Plan
from kerasish.core.variable import changes
from kerasish.errors import DataError, KerasishError, NativeRefusal, ShapeError, explain

_ALIGNMENT = 64  # bytes: one cache line, and the widest vector load


class Program:
    """A compiled graph.

    Args:
        graph: Graph, finished.
        device: Device it runs on.
        name: str. Name of the generated function.
        reuses_buffers: bool. False lets every operation make its own result.
        is_plain: bool. True for calls of the array library alone, no native nodes.

    Attributes:
        captures: list of (Variable, symbolic tensor) that the function takes after its inputs.
        nodes: list of Node, in order.
        constants: dict of what the source names besides: functions, arrays.

    Call it with the arrays of the graph's inputs; it returns a list of arrays, one per output, that
    nobody else holds, and leaves the new values in the variables.
    """

    def __init__(self, graph, device, name="program", reuses_buffers=True, is_plain=False):
        self.graph, self.device = graph, device
        kind = "gpu" if device.xp.is_gpu else "cpu"
        planner = None if is_plain else delegation.planner_for(kind)
        # cupy's own pool reuses memory already
        self._plan = Plan(graph, kind, planner, reuses_buffers and kind == "cpu")
        self._native = planner and planner.prepare(self._plan)
        emission = Emission(self._plan, device, name, self._native)
        self.name, self.constants, self._names = emission.name, emission.constants, emission.names
        self._module, self._source = emission.module, emission.source
        self._code = compile(self._source, f"<program {self.name}>", "exec")
        self.nodes, self.captures = self._plan.nodes, self._plan.captures
        # Buffers belong to one running call: a second thread at the same time gets its own set.
        self._idle = []

    @property
    def buffer_bytes(self):
        """Bytes of the buffers that one running call needs."""
        return sum(self._plan.buffers.sizes)

    def source(self):
        """The generated program as text."""
        return self._source

    # ---- running ----

    def __call__(self, arrays):
        try:
            run = self._idle.pop()
        except IndexError:
            run = self._instantiate()
        if self.device.xp.is_gpu:
            arrays = [self.device.send(a) for a in arrays]
        try:
            if run.changes != changes.count:
                self._bind(run)
            if run.native is None:
                return modes.quietly(run.function, *arrays, *run.state)
            arrays = run.native.take_inputs(arrays)
            return run.native.call(modes.quietly, run.function, *arrays, *run.state)
        except NativeRefusal:
            return self._fail_plainly(arrays)
        except Exception as error:
            explained = self._explained(error)
            if explained is error:
                raise
            raise explained from error
        finally:
            self._idle.append(run)

    def run_each(self, batches):
        """Run once for each list of arrays, without results.

        A program of native calls alone runs all of them in one native call.
        """
        run = self._idle.pop() if self._idle else self._instantiate()
        if run.changes != changes.count:
            self._bind(run)
        if run.native is None or not run.native.is_whole:
            self._idle.append(run)
            for arrays in batches:
                self(arrays)
            return
        try:
            failed = run.native.run_steps(batches)
        finally:
            self._idle.append(run)
        if failed is not None:
            self._fail_plainly(batches[failed])

    def spare_run(self):
        """A running call of its own, bound to the variables, that no other call will use."""
        run = self._instantiate()
        self._bind(run)
        return run

    def profile(self, arrays, repeats=20):
        """Time of every call of the program on these inputs; the variables keep their values."""
        return profiling.profile(self, arrays, repeats)

    def _instantiate(self):
        """A running call's own things: buffers, and the function over them."""
        plan, space = self._plan, dict(self.constants)
        space.update({self._module: self.device.xp, "inf": math.inf, "nan": math.nan})
        arrays = [_aligned(size) for size in plan.buffers.sizes]
        placed = {}
        for i, node in enumerate(plan.nodes):
            for o in node.outputs:
                if o.key in plan.buffers.places:
                    placed[o.key] = _shaped(arrays[plan.buffers.places[o.key]], o.spec)
                    space[f"b{i}"] = placed[o.key]
        native = None
        if self._native is not None:
            native = self._native.instantiate(placed)
            space.update(native.names)
            space.update(
                {self._names[key]: placed[key] for key in self._native.results & set(placed)}
            )
        exec(self._code, space)
        # The function holds `space`: as one of its names it is a cycle.
        return _Run(space.pop(self.name), native)

    def _bind(self, run):
        """Look up the variables' arrays, since one of all variables got another one."""
        seen, updates = changes.count, self.graph.updates
        run.state = [
            source.exclusive_array() if source in updates else source.array_to_read()
            for source, _ in self.captures
        ]
        if run.native is not None:
            run.native.take_captures(run.state)
        run.changes = seen

    def _fail_plainly(self, arrays):
        """A native call refused a value: the plain operation tells which, and why."""
        plain = Program(self.graph, self.device, self.name, is_plain=True)
        plain(arrays)
        raise KerasishError(
            explain(
                f"compiled {self.name!r}",
                "a native kernel refused values that the plain operation takes",
                fix="kerasish.config.disable_kernels(), and please report this",
            )
        )

    def _explained(self, error):
        """The error of the type it has eagerly, with the line, and so the layer, it came from."""
        trace, explained = error.__traceback__, error
        if isinstance(error, (ValueError, IndexError)):
            if not isinstance(error, (KerasishError, ShapeError, DataError)):
                explained = ShapeError(explain(f"compiled {self.name!r}", str(error).rstrip(". ")))
        while trace is not None and trace.tb_frame.f_code.co_filename != f"<program {self.name}>":
            trace = trace.tb_next
        if trace is not None:
            line = self._source.splitlines()[trace.tb_lineno - 1].strip()
            explained.add_note(f"in compiled {self.name!r}, line {trace.tb_lineno}: {line}")
        return explained


class _Run:
    """One running call's function and buffers; between calls it waits in `Program._idle`."""

    __slots__ = ("function", "native", "state", "changes")

    def __init__(self, function, native):
        self.function, self.native = function, native
        self.state, self.changes = None, None


def _aligned(nbytes):
    raw = numpy.empty(nbytes + _ALIGNMENT, numpy.uint8)
    start = -raw.ctypes.data % _ALIGNMENT
    return raw[start : start + nbytes]


def _shaped(memory, spec):
    """Array of a spec at the start of a piece of memory."""
    dtype = dtypes.to_numpy(spec.dtype)
    flat = memory[: max(spec.size, 1) * dtype.itemsize].view(dtype)
    return flat[: spec.size].reshape(spec.shape)
