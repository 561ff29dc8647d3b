"""Emission: a plan written out as Python source, one line a call."""

import keyword

from kerasish.core.source_text import identifier, is_plain, letters, on_one_line, shown
from kerasish.core.tensor import SymbolicTensor, Tensor


class Emission:
    """The source of a program and the objects that it names.

    Args:
        plan: Plan.
        device: Device.
        name: str. Name of the function, made usable where it is not.
        native: what the planner prepared for the plan's native nodes, or None.

    Attributes:
        name: str.
        source: str.
        constants: dict of what the source names besides buffers.
    """

    def __init__(self, plan, device, name, native=None):
        self._plan, self._device, self._native = plan, device, native
        self.name = _usable(name)
        self.constants, self.names = {}, {}
        self.module = "cp" if device.xp.is_gpu else "np"
        self._unsized = {}  # key of a new value of unknown sizes -> the variables that get it
        for variable, value in plan.updates.items():
            if isinstance(value, SymbolicTensor) and not value.spec.is_static:
                self._unsized.setdefault(value.key, []).append(variable)
        self._name_values()
        body = [line for t in (*self._arguments(),) for line in self._check_lines(t.key)]
        body += self._body()
        body += self._result_lines()
        self.source = "\n".join(self._head() + [f"    {line}" for line in body]) + "\n"

    def _arguments(self):
        return [*self._plan.graph.inputs, *[t for _, t in self._plan.captures]]

    def _name_values(self):
        plan, taken = self._plan, set()
        for i, t in enumerate(plan.graph.inputs):
            self.names[t.key] = f"x{i}"
        for i, (source, t) in enumerate(plan.captures):
            self.names[t.key] = identifier(f"s{i}_{source.name}", taken)
        for i, t in enumerate(o for node in plan.nodes for o in node.outputs):
            self.names[t.key] = f"v{i}"
        for key, variable in plan.in_place.items():
            if key not in self.names or self._is_native_result(key):
                self.names[key] = self.names[plan.capture_key(variable)]

    def _is_native_result(self, key):
        return self._native is not None and key in self._native.results

    def _head(self):
        graph = self._plan.graph
        arguments = [self.names[t.key] for t in self._arguments()]
        head = [f"def {self.name}({', '.join(arguments)}):"]
        head += [f"    # {self.names[t.key]}: {shown(t.spec)}  input" for t in graph.inputs]
        head += [
            f"    # {self.names[t.key]}: {shown(t.spec)}  {on_one_line(s.path)}"
            for s, t in self._plan.captures
        ]
        return head

    # ---- nodes ----

    def _body(self):
        lines, run = [], []
        for i, node in enumerate(self._plan.nodes):
            if getattr(node.operation, "is_native", False):
                run.append(node)
                continue
            if run:
                lines += self._segment_lines(run)
                run = []
            lines += self._node_lines(i, node)
        return [*lines, *(self._segment_lines(run) if run else ())]

    def _segment_lines(self, nodes):
        name = self._native.segment(nodes)
        yield f"{name}()  # {len(nodes)} native call{'s' if len(nodes) > 1 else ''}:"
        for node in nodes:
            specs = ", ".join(shown(o.spec) for o in node.outputs)
            scope = f"  {on_one_line(node.scope)}" if node.scope else ""
            text = on_one_line(node.operation.describe(self._inner_text))
            yield f"#   {text}  # {specs}{scope}"

    def _node_lines(self, i, node):
        plan, operation = self._plan, node.operation
        arguments = [self._text(x) for x in node.inputs]
        output = node.outputs[0]
        target = None
        if output.key in plan.in_place:
            target = self.names[plan.capture_key(plan.in_place[output.key])]
        elif output.key in plan.buffers.places:
            target = f"b{i}"
        if operation.ufunc:
            call = f"{self.module}.{operation.ufunc}"
        else:
            call = self._callable(node)
            arguments.insert(0, self.module)
            arguments += [f"{k}={self._literal(v)}" for k, v in node.params.items()]
        if target is not None:
            arguments.append(f"out={target}")
        names = ", ".join(self.names[o.key] for o in node.outputs)
        names += "," if node.is_multiple and len(node.outputs) == 1 else ""
        specs = ", ".join(shown(o.spec) for o in node.outputs)
        place = f"  {on_one_line(node.scope)}" if node.scope else ""
        text = f"{call}({', '.join(arguments)})"
        scalars = [o for o in node.outputs if target is None and not o.spec.shape]
        if scalars and not node.is_multiple:  # NumPy returns its scalars here, which are no arrays
            text, scalars = f"{self.module}.asarray({text})", []
        yield f"{names} = {text}  # {specs}{place}"
        for o in scalars:
            yield f"{self.names[o.key]} = {self.module}.asarray({self.names[o.key]})"
        for o in node.outputs:
            yield from self._check_lines(o.key)
            yield from self._hand_over_lines(o.key, target is not None)
        done = [self.names[k] for k, last in plan.last.items() if last == i and plan.is_loose(k)]
        if done:
            yield f"del {', '.join(done)}"

    def _hand_over_lines(self, key, is_static):
        """Tell native nodes where this call put a value that they read."""
        if self._native is not None and not is_static and key in self._native.moving:
            name = self._native.hand_over(key)
            yield f"{self.names[key]} = {name}({self.names[key]})"

    def _check_lines(self, key):
        """Before anything is written: a new value of unknown sizes must have the variable's."""
        for variable in self._unsized.get(key, ()):
            name = f"check_{variable.key}"
            self.constants[name] = variable.require_shape_of
            yield f"{name}({self.names[key]})"

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
            return self.names[self._plan.resolve(x).key]
        if isinstance(x, Tensor):
            name = f"c{x.key}"
            self.constants[name] = self._device.send(x._array)
            return name
        return self._literal(x)

    def _inner_text(self, x):
        """As `_text`, with a name also for what exists inside one native call only."""
        if isinstance(x, SymbolicTensor):
            key = self._plan.resolve(x).key
            return self.names.setdefault(key, f"t{len(self.names)}")
        return self._text(x)

    def _literal(self, value):
        if is_plain(value):
            return repr(value)
        name = f"p{len(self.constants)}"
        self.constants[name] = value
        return name

    # ---- results ----

    def _result_lines(self):
        """Copy what must not share memory, store the updates, return the outputs."""
        plan, lines = self._plan, []
        outside, own = plan.outside_keys(), set(plan.buffers.places)
        results = []
        seen = set()
        for i, t in enumerate(plan.graph.outputs):
            text = self._text(t)
            roots = plan.root_keys(t)
            is_shared = roots & outside or roots & set(plan.in_place) or roots & seen
            if is_shared or roots & own:
                lines.append(f"r{i} = {text}.copy()")
                text = f"r{i}"
            seen |= roots
            results.append(text)
        stores = []
        for i, (variable, value) in enumerate(plan.updates.items()):
            key = value.key if isinstance(value, SymbolicTensor) else None
            if key in plan.in_place and plan.in_place[key] is variable:
                continue
            text = self._text(value)
            # A swap must not lose a value.
            if plan.root_keys(value) & (outside | set(plan.in_place)):
                lines.append(f"u{i} = {text}.copy()")
                text = f"u{i}"
            stores.append(self._store_line(variable, text))
        return [*lines, *stores, f"return [{', '.join(results)}]"]

    def _store_line(self, variable, text):
        if variable.key in self._plan.graph.captures:
            target = self.names[self._plan.capture_key(variable)]
            return f"{self.module}.copyto({target}, {text})"
        name = f"write_{variable.key}"
        self.constants[name] = variable
        return f"{name}.adopt({self.module}.array({text}))"


def _usable(name):
    name = letters(name)
    is_usable = name.isidentifier() and not keyword.iskeyword(name)  # not so for a lambda's
    is_usable = is_usable and name not in ("np", "cp", "inf", "nan")
    return name if is_usable else f"program_{name}"


def _run_of(operation):
    def run(xp, *arrays, **params):
        return operation.run(xp, arrays, params)

    return run
