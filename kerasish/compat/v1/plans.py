"""Plan: the compiled parts of a run, and the Python calls between them."""

import numpy

from kerasish.arrays import device as devices
from kerasish.compat.v1.execution import Frame, dependencies, needed
from kerasish.compat.v1.tensors import Operation
from kerasish.core.function import ConcreteFunction
from kerasish.core.spec import TensorSpec
from kerasish.core.tensor import Tensor as Value
from kerasish.errors import SymbolicValueError

_KEPT = 64  # programs of one stage: one for each kind of shapes that is fed
_BAKED = 64  # elements of a whole-number feed that may become part of a program


class Plan:
    """How to run some fetches: stages, each one compiled program followed by Python calls.

    Nearly every plan has one stage. Python functions (`py_func`, summaries) read what a stage
    computed and give the next one its inputs.

    Args:
        elements: tuple of Tensor and Operation to fetch.
        fed: tuple of Tensor.
    """

    def __init__(self, elements, fed):
        self.elements, self.fed = elements, fed
        known = set(fed)
        order = needed(elements, known)
        levels = {}
        for op in order:
            before = [(levels[d], d.is_host) for d in dependencies(op, known) if d in levels]
            waits = 0 if op.is_host else 1
            levels[op] = max([n + (waits if host else 0) for n, host in before], default=0)
        self._depends_on_initialization = any(op.depends_on_initialization for op in order)
        self._hosts = [op for op in order if op.is_host]
        count = max(levels.values(), default=0) + 1
        self._stages = [self._stage(i, order, levels, known) for i in range(count)]
        self._levels = levels

    def _stage(self, level, order, levels, known):
        outside = [t for op in self._hosts for t in op.inputs] + [
            x for x in self.elements if not isinstance(x, Operation)
        ]
        outside += [
            t
            for op in order
            if levels[op] > level and not op.is_host
            for t in op.inputs
            if t.op.is_effect or t.op.is_random
        ]

        def is_here(t):
            return t not in known and levels.get(t.op) == level and not t.op.is_host

        outputs = list(dict.fromkeys(t for t in outside if is_here(t)))
        own = [op for op in order if levels[op] == level and not op.is_host]
        wanted = [*outputs, *(op for op in own if op.is_effect or op.is_random)]
        given = {
            t
            for op in order
            if levels[op] < level or (levels[op] == level and op.is_host)
            for t in op.outputs
            if op.is_host or op.is_effect or op.is_random
        }
        hosts = [op for op in self._hosts if levels[op] == level]
        steps = [op for op in needed(wanted, known | given) if levels[op] <= level]
        steps = [op for op in steps if not op.is_host]
        steps = [op for op in steps if levels[op] == level or not (op.is_effect or op.is_random)]
        used = {t for op in steps for t in op.inputs} | {
            alias for op in steps for t in op.inputs if t.op.is_alias
            for alias in t.op.variable.aliases
        }  # fmt: skip
        inputs = [t for t in (*self.fed, *given) if t in used and t.dtype != "string"]
        return _Stage(steps, inputs, outputs, hosts)

    def run(self, state, arrays):
        """Values of the elements.

        Args:
            state: SessionState.
            arrays: list of NumPy arrays, one for each tensor of `fed`.
        """
        values = dict(zip(self.fed, arrays, strict=True))
        extra = (state.replaced, len(state.ready) if self._depends_on_initialization else 0)
        for stage in self._stages:
            stage.run(state, values, extra)
        return [None if isinstance(x, Operation) else _shown(values[x], x in self.fed)
                for x in self.elements]  # fmt: skip


def _shown(array, is_fed):
    return array if is_fed else array[()] if array.ndim == 0 else array


class _Stage:
    """One compiled program and the Python calls after it."""

    def __init__(self, steps, inputs, outputs, hosts):
        self.steps, self.inputs, self.outputs, self.hosts = steps, inputs, outputs, hosts
        self._watched = {t for op in steps for t in getattr(op, "watched", ())}
        self._programs = {}
        self._has_work = any(not op.is_alias for op in steps) or outputs

    def run(self, state, values, extra):
        """Compute this stage's values from those before it."""
        if self._has_work:
            arrays = [values[t] for t in self.inputs]
            results = self._program(state, arrays, extra)
            for tensor, value in zip(self.outputs, results, strict=True):
                values[tensor] = value
        for op in self.hosts:
            results = op.call([values[t] for t in op.inputs])
            for tensor, value in zip(op.outputs, results, strict=True):
                values.setdefault(tensor, value)

    def _program(self, state, arrays, extra):
        key = (*[(a.shape, a.dtype) for a in arrays], extra)
        found = self._programs.get(key)
        if found is None:
            found = self._built(state, arrays, key)
        program, baked = found
        if baked:
            constants = tuple((arrays[i].tobytes(), arrays[i].shape) for i in baked)
            key = (*key, constants)
            found = self._programs.get(key)
            if found is None:
                program = self._traced(state, arrays, baked)
                self._keep(key, (program, ()))
            else:
                program = found[0]
            arrays = [a for i, a in enumerate(arrays) if i not in baked]
        function, written = program
        results = function(arrays)
        state.ready |= written
        return [_array(r) for r in results]

    def _built(self, state, arrays, key):
        """A program; where it needs values of whole numbers, one for each value."""
        try:
            found = self._traced(state, arrays, ()), ()
        except SymbolicValueError:
            baked = tuple(
                i for i, a in enumerate(arrays) if a.dtype.kind in "iub" and a.size <= _BAKED
            )
            if not baked:
                raise
            found = None, baked
        self._keep(key, found)
        return found

    def _keep(self, key, found):
        while len(self._programs) >= _KEPT:
            del self._programs[next(iter(self._programs))]
        self._programs[key] = found

    def _traced(self, state, arrays, baked):
        specs = [TensorSpec(a.shape, a.dtype) for i, a in enumerate(arrays) if i not in baked]

        def trace(*symbols):
            frame, symbols = Frame(state, self._watched), iter(symbols)
            if self._watched:
                with frame.open_tape():
                    return self._evaluate(frame, arrays, baked, symbols)
            return self._evaluate(frame, arrays, baked, symbols)

        state.written = set()
        function = ConcreteFunction(trace, tuple(specs), {}, "session_run")
        return function, frozenset(state.written)

    def _evaluate(self, frame, arrays, baked, symbols):
        for i, tensor in enumerate(self.inputs):
            value = Value(arrays[i].copy()) if i in baked else next(symbols)
            frame.set(tensor, value)
        frame.compute(self.steps)
        return [frame.value(t) for t in self.outputs]


def _array(value):
    array = devices.to_host(value._array)
    return array if array.flags.writeable else numpy.array(array)
