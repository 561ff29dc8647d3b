"""Program: a traced graph as a straight line of array calls in generated Python, compiled once.

The source is what runs and what a reader reads (`Program.source`). Results go to buffers that are
allocated once and reused; variables are updated in place, after everything that can fail.
"""

import copy
import keyword
import math

import numpy

from kerasish.arrays import dtypes
from kerasish.core import modes, passes
from kerasish.core.operation import Bound
from kerasish.core.source_text import identifier, is_plain, letters, on_one_line, shown
from kerasish.core.tensor import SymbolicTensor, Tensor
from kerasish.errors import KerasishError, ShapeError, explain

_ALIGNMENT = 64  # bytes: one cache line, and the widest vector load


class Program:
    """A compiled graph.

    Args:
        graph: Graph, finished.
        device: Device it runs on.
        name: str. Name of the generated function.
        reuses_buffers: bool. False lets every operation make its own result.

    Attributes:
        captures: list of (Variable, symbolic tensor) that the function takes after its inputs.
        constants: dict of what the source names besides: functions, arrays.

    Call it with the arrays of the graph's inputs; it returns a list of arrays, one per output, that
    nobody else holds, and leaves the new values in the variables.
    """

    def __init__(self, graph, device, name="program", reuses_buffers=True):
        self.graph, self.device = graph, device
        # cupy's own pool reuses memory already
        self._reuses_buffers = reuses_buffers and not device.xp.is_gpu
        name = letters(name)
        is_usable = name.isidentifier() and not keyword.iskeyword(name)  # not so for a lambda's
        is_usable = is_usable and name not in ("np", "cp", "inf", "nan")
        self.name = name if is_usable else f"program_{name}"
        self._plan()
        self._emit()
        # Buffers belong to one running call: a second thread at the same time gets its own set.
        self._idle = []

    # ---- planning ----

    def _plan(self):
        graph = self.graph
        nodes, self._aliases = passes.merge_duplicates(passes.live_nodes(graph))
        nodes = [self._bound(node) for node in nodes]
        self.captures = list(graph.captures.values())
        candidates = self._in_place_candidates(nodes)
        safe = passes.safe_finals(nodes, candidates, self._resolve)
        candidates = {key: found for key, found in candidates.items() if key in safe}
        self.nodes = passes.updates_last(
            nodes, set(candidates), self._resolve, (*graph.outputs, *graph.updates.values())
        )
        self._roots = passes.storage_roots(self.nodes, self._resolve)
        self._in_place = self._confirm_in_place(candidates)
        results = (*graph.outputs, *graph.updates.values())
        self._last = passes.last_uses(self.nodes, self._roots, self._resolve, results)
        self._assign_buffers()

    def _bound(self, node):
        """The node, with the implementation that this device has for it."""
        kind = "gpu" if self.device.xp.is_gpu else "cpu"
        specs = [x.spec if isinstance(x, Tensor) else x for x in node.inputs]
        function = node.operation.implementation(kind, specs, node.params)
        if function is None:
            return node
        bound = copy.copy(node)
        bound.operation = Bound(node.operation, function, kind)
        return bound

    def _resolve(self, tensor):
        while tensor.key in self._aliases:
            tensor = self._aliases[tensor.key]
        return tensor

    def _root_keys(self, tensor):
        if not isinstance(tensor, SymbolicTensor):
            return set()
        key = self._resolve(tensor).key
        return self._roots.get(key, {key})

    def _in_place_candidates(self, nodes):
        """Update values made by an elementwise call that can write into the variable itself."""
        producers = {o.key: node for node in nodes for o in node.outputs}
        by_variable = {s.key: inner for s, inner in self.captures}
        found = {}
        for variable, value in self.graph.updates.items():
            if not isinstance(value, SymbolicTensor) or variable.key not in by_variable:
                continue
            value = self._resolve(value)
            node = producers.get(value.key)
            same = value.spec == variable.spec and value.key not in found
            if node is not None and node.operation.ufunc and same:
                found[value.key] = (variable, by_variable[variable.key].key, node)
        return found

    def _confirm_in_place(self, candidates):
        """Of the candidates, those whose variable's old value nobody reads afterwards."""
        position = {id(node): i for i, node in enumerate(self.nodes)}
        returned = set()
        for t in (*self.graph.outputs, *self.graph.updates.values()):
            returned |= self._root_keys(t)
        confirmed = {}
        for key, (variable, old, node) in candidates.items():
            here = position[id(node)]
            is_safe = old not in returned
            for i, other in enumerate(self.nodes):
                for x in other.inputs:
                    if isinstance(x, SymbolicTensor) and old in self._root_keys(x):
                        exact = self._resolve(x).key == old
                        is_safe &= i < here or (i == here and exact)
            if is_safe:
                confirmed[key] = variable
        return confirmed

    def _assign_buffers(self):
        plan = passes.BufferPlan()
        returned = set()
        for t in self.graph.outputs:
            returned |= self._root_keys(t)
        expiring = {}
        for key, index in self._last.items():
            expiring.setdefault(index, []).append(key)
        for i, node in enumerate(self.nodes):
            ending = expiring.get(i, ())
            if node.operation.ufunc:  # in place over an input that ends here is safe for ufuncs
                for key in ending:
                    if self._may_overwrite(node, key):
                        plan.release(key)
            o = node.outputs[0]
            if (
                node.operation.takes_out
                and o.spec.is_static
                and o.key not in returned
                and o.key not in self._in_place
                and not node.is_multiple
                and self._reuses_buffers
            ):
                plan.allocate(o.key, max(o.spec.size, 1) * dtypes.to_numpy(o.dtype).itemsize)
            for key in ending:
                plan.release(key)
        self._buffers = plan

    def _may_overwrite(self, node, key):
        """Whether every input in this memory is exactly the value, in the output's own form."""
        output = node.outputs[0]
        for x in node.inputs:
            if isinstance(x, SymbolicTensor) and key in self._root_keys(x):
                if self._resolve(x).key != key or x.spec != output.spec:
                    return False
        return True

    # ---- source ----

    def _emit(self):
        graph, self.constants = self.graph, {}
        self._names, taken = {}, set()
        self._module = "cp" if self.device.xp.is_gpu else "np"
        for i, t in enumerate(graph.inputs):
            self._names[t.key] = f"x{i}"
        for i, (source, t) in enumerate(self.captures):
            self._names[t.key] = identifier(f"s{i}_{source.name}", taken)
        body = [line for key in self._names for line in self._check_lines(key)]
        for i, t in enumerate(o for node in self.nodes for o in node.outputs):
            self._names[t.key] = f"v{i}"
        for i, node in enumerate(self.nodes):
            body += self._node_lines(i, node)
        body += self._result_lines()
        arguments = [self._names[t.key] for t in graph.inputs]
        arguments += [self._names[t.key] for _, t in self.captures]
        head = [f"def {self.name}({', '.join(arguments)}):"]
        head += [f"    # {self._names[t.key]}: {shown(t.spec)}  input" for t in graph.inputs]
        head += [
            f"    # {self._names[t.key]}: {shown(t.spec)}  {on_one_line(s.path)}"
            for s, t in self.captures
        ]
        self._source = "\n".join(head + [f"    {line}" for line in body]) + "\n"
        self._code = compile(self._source, f"<program {self.name}>", "exec")

    def _node_lines(self, i, node):
        operation = node.operation
        arguments = [self._text(x) for x in node.inputs]
        output = node.outputs[0]
        target = None
        if output.key in self._in_place:
            target = self._names[self._capture_key(self._in_place[output.key])]
        elif output.key in self._buffers.places:
            target = f"b{i}"
        if operation.ufunc:
            call = f"{self._module}.{operation.ufunc}"
        else:
            call = self._callable(node)
            arguments.insert(0, self._module)
            arguments += [f"{k}={self._literal(v)}" for k, v in node.params.items()]
        if target is not None:
            arguments.append(f"out={target}")
        names = ", ".join(self._names[o.key] for o in node.outputs)
        names += "," if node.is_multiple and len(node.outputs) == 1 else ""
        specs = ", ".join(shown(o.spec) for o in node.outputs)
        place = f"  {on_one_line(node.scope)}" if node.scope else ""
        text = f"{call}({', '.join(arguments)})"
        scalars = [o for o in node.outputs if target is None and not o.spec.shape]
        if scalars and not node.is_multiple:  # NumPy returns its scalars here, which are no arrays
            text, scalars = f"{self._module}.asarray({text})", []
        yield f"{names} = {text}  # {specs}{place}"
        for o in scalars:
            yield f"{self._names[o.key]} = {self._module}.asarray({self._names[o.key]})"
        for o in node.outputs:
            yield from self._check_lines(o.key)
        done = [self._names[k] for k, last in self._last.items() if last == i and self._is_loose(k)]
        if done:
            yield f"del {', '.join(done)}"

    def _check_lines(self, key):
        """Before anything is written: a new value of unknown sizes must have the variable's."""
        for variable, value in self.graph.updates.items():
            if isinstance(value, SymbolicTensor) and not value.spec.is_static:
                if self._resolve(value).key == key:
                    name = f"check_{variable.key}"
                    self.constants[name] = variable.require_shape_of
                    yield f"{name}({self._names[key]})"

    def _is_loose(self, key):
        """Whether a value lives in memory of its own that is worth giving back early."""
        return (
            key in self._roots
            and key not in self._buffers.places
            and key not in self._in_place
            and self._roots[key] == {key}
            and key not in self._view_roots()
        )

    def _view_roots(self):
        if not hasattr(self, "_viewed"):
            self._viewed = {r for key, roots in self._roots.items() for r in roots if r != key}
        return self._viewed

    def _capture_key(self, variable):
        return self.graph.captures[variable.key][1].key

    def _callable(self, node):
        operation = node.operation
        name = letters(operation.name)
        function = _run_of(operation) if operation.has_body else operation.forward
        while name == self.name or self.constants.get(name, function) is not function:
            name += "_"
        self.constants[name] = function
        return name

    def _text(self, x):
        if isinstance(x, SymbolicTensor):
            return self._names[self._resolve(x).key]
        if isinstance(x, Tensor):
            name = f"c{x.key}"
            self.constants[name] = self.device.send(x._array)
            return name
        return self._literal(x)

    def _literal(self, value):
        if is_plain(value):
            return repr(value)
        name = f"p{len(self.constants)}"
        self.constants[name] = value
        return name

    def _result_lines(self):
        """Copy what must not share memory, store the updates, return the outputs."""
        graph, lines, outside = self.graph, [], set(self._names_of_outside())
        results = []
        seen = set()
        for i, t in enumerate(graph.outputs):
            text = self._text(t)
            roots = self._root_keys(t)
            is_shared = roots & outside or roots & set(self._in_place) or roots & seen
            if is_shared or roots & set(self._buffers.places):
                lines.append(f"r{i} = {text}.copy()")
                text = f"r{i}"
            seen |= roots
            results.append(text)
        stores = []
        for i, (variable, value) in enumerate(graph.updates.items()):
            key = self._resolve(value).key if isinstance(value, SymbolicTensor) else None
            if key in self._in_place and self._in_place[key] is variable:
                continue
            text = self._text(value)
            # A swap must not lose a value.
            if self._root_keys(value) & (outside | set(self._in_place)):
                lines.append(f"u{i} = {text}.copy()")
                text = f"u{i}"
            stores.append(self._store_line(variable, text))
        lines += stores
        lines.append(f"return [{', '.join(results)}]")
        return lines

    def _names_of_outside(self):
        return [t.key for t in self.graph.inputs] + [t.key for _, t in self.captures]

    def _store_line(self, variable, text):
        if variable.key in self.graph.captures:
            return f"{self._module}.copyto({self._names[self._capture_key(variable)]}, {text})"
        name = f"write_{variable.key}"
        self.constants[name] = variable
        return f"{name}.adopt({self._module}.array({text}))"

    # ---- running ----

    def _instantiate(self):
        """The function with buffers of its own."""
        space = dict(self.constants)
        space.update({self._module: self.device.xp, "inf": math.inf, "nan": math.nan})
        arrays = [_aligned(size) for size in self._buffers.sizes]
        for i, node in enumerate(self.nodes):
            output = node.outputs[0]
            if output.key in self._buffers.places and node.operation.takes_out:
                count = max(output.spec.size, 1) * dtypes.to_numpy(output.dtype).itemsize
                flat = arrays[self._buffers.places[output.key]][:count]
                view = flat.view(dtypes.to_numpy(output.dtype))[: output.spec.size]
                space[f"b{i}"] = view.reshape(output.spec.shape)
        exec(self._code, space)
        return space.pop(self.name)  # the function holds `space`: as one of its names it is a cycle

    def __call__(self, arrays):
        try:
            function = self._idle.pop()
        except IndexError:
            function = self._instantiate()
        if self.device.xp.is_gpu:
            arrays = [self.device.send(a) for a in arrays]
        try:
            return modes.quietly(function, *arrays, *self._state())
        except Exception as error:
            explained = self._explained(error)
            if explained is error:
                raise
            raise explained from error
        finally:
            self._idle.append(function)

    def _explained(self, error):
        """The error of the type it has eagerly, with the line, and so the layer, it came from."""
        trace, explained = error.__traceback__, error
        if isinstance(error, (ValueError, IndexError)):
            if not isinstance(error, (KerasishError, ShapeError)):
                explained = ShapeError(explain(f"compiled {self.name!r}", str(error).rstrip(". ")))
        while trace is not None and trace.tb_frame.f_code.co_filename != f"<program {self.name}>":
            trace = trace.tb_next
        if trace is not None:
            line = self._source.splitlines()[trace.tb_lineno - 1].strip()
            explained.add_note(f"in compiled {self.name!r}, line {trace.tb_lineno}: {line}")
        return explained

    def _state(self):
        updates = self.graph.updates
        return [
            source.exclusive_array() if source in updates else source._buffer
            for source, _ in self.captures
        ]

    @property
    def buffer_bytes(self):
        """Bytes of the buffers that one running call needs."""
        return sum(self._buffers.sizes)

    def source(self):
        """The generated program as text."""
        return self._source


def _run_of(operation):
    def run(xp, *arrays, **params):
        return operation.run(xp, arrays, params)

    return run


def _aligned(nbytes):
    raw = numpy.empty(nbytes + _ALIGNMENT, numpy.uint8)
    start = -raw.ctypes.data % _ALIGNMENT
    return raw[start : start + nbytes]
