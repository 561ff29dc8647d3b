"""Plan of a program: which nodes run, in which order, and where each result lies in memory."""

import copy

from kerasish.arrays import dtypes
from kerasish.core import passes
from kerasish.core.modes import Node
from kerasish.core.operation import Bound
from kerasish.core.structural import duplicate
from kerasish.core.tensor import SymbolicTensor, Tensor


class Plan:
    """What a graph becomes before it is written out as source.

    Args:
        graph: Graph, finished.
        kind: str. Kind of the device, "cpu" or "gpu".
        planner: object that replaces nodes by native ones (see `kerasish.core.delegation`), or
            None.
        reuses_buffers: bool. False lets every plain operation make its own result.

    Attributes:
        captures: list of (Variable, symbolic tensor).
        nodes: list of Node, of native nodes too, in the order of running.
        in_place: dict from the key of a result to the variable whose array it is written into.
        buffers: BufferPlan.
        roots: dict from a tensor's key to the keys of the tensors whose memory it may share.
        last: dict from a tensor's key to the index of the last node that needs its memory.
    """

    def __init__(self, graph, kind, planner=None, reuses_buffers=True):
        self.graph, self._kind, self._planner = graph, kind, planner
        self.captures = list(graph.captures.values())
        self._by_variable = {source.key: inner.key for source, inner in self.captures}
        nodes, self._aliases = passes.merge_duplicates(passes.live_nodes(graph))
        self.updates = {variable: self.resolve(value) for variable, value in graph.updates.items()}
        nodes = [self._bound(node) for node in nodes]
        if planner is not None:
            nodes = planner.rewrite(nodes, self.resolve, self._wanted())
        self._order(nodes)
        self.roots = passes.storage_roots(self.nodes, self.resolve)
        self.last = passes.last_uses(self.nodes, self.roots, self.resolve, self._results())
        self._assign_buffers(reuses_buffers)

    def resolve(self, tensor):
        """The tensor that stands for this one since equal nodes were merged."""
        while isinstance(tensor, SymbolicTensor) and tensor.key in self._aliases:
            tensor = self._aliases[tensor.key]
        return tensor

    def root_keys(self, tensor):
        """Keys of the tensors whose memory a tensor may share."""
        if not isinstance(tensor, SymbolicTensor):
            return set()
        key = self.resolve(tensor).key
        return self.roots.get(key, {key})

    def capture_key(self, variable):
        """Key of the symbolic tensor that stands for a variable's array."""
        return self._by_variable[variable.key]

    def outside_keys(self):
        """Keys of what comes from outside: inputs and captures."""
        return {t.key for t in self.graph.inputs} | {t.key for _, t in self.captures}

    def _results(self):
        return (*self.graph.outputs, *self.updates.values())

    def _wanted(self):
        return {self.resolve(t).key for t in self._results() if isinstance(t, SymbolicTensor)}

    # ---- order and updates in place ----

    def _order(self, nodes):
        candidates = self._in_place_candidates(nodes)
        if self._planner is not None:
            nodes = nodes + self._stores(nodes, candidates)
        cannot_fail = self._planner.cannot_fail if self._planner else passes.cannot_fail
        safe = passes.safe_finals(nodes, candidates, self.resolve, cannot_fail)
        candidates = {key: found for key, found in candidates.items() if key in safe}
        early, late = passes.updates_last(
            nodes, set(candidates), self.resolve, self._results(), cannot_fail
        )
        self.nodes = early + late
        self.roots = passes.storage_roots(self.nodes, self.resolve)
        self.in_place = self._confirm_in_place(candidates)
        if self._planner is not None:
            replaced = {key: self.capture_key(v) for key, v in self.in_place.items()}
            self.nodes = self._planner.group(early, late, self.resolve, self._wanted(), replaced)

    def _in_place_candidates(self, nodes):
        """Update values made by an elementwise call that can write into the variable itself."""
        producers = {o.key: node for node in nodes for o in node.outputs}
        found = {}
        for variable, value in self.updates.items():
            if not isinstance(value, SymbolicTensor) or variable.key not in self._by_variable:
                continue
            node = producers.get(value.key)
            same = value.spec == variable.spec and value.key not in found
            if node is not None and same and self._writes_in_place(node):
                found[value.key] = (variable, self.capture_key(variable), node)
        return found

    def _writes_in_place(self, node):
        if self._planner is not None:
            return self._planner.writes_in_place(node)
        return bool(node.operation.ufunc)

    def _stores(self, nodes, candidates):
        """Nodes that write into a variable what something else computes and others read too."""
        made = {o.key: o for node in nodes for o in node.outputs}
        direct = {id(variable) for variable, *_ in candidates.values()}
        stores = []
        for variable, value in self.updates.items():
            if id(variable) in direct or variable.key not in self._by_variable:
                continue
            if getattr(value, "key", None) not in made or value.spec != variable.spec:
                continue
            output = SymbolicTensor(spec=value.spec, graph=self.graph.mark)
            node = Node(duplicate.operation, (value,), (value.key,), {}, (output,), False)
            if self._planner.writes_in_place(node):
                stores.append(node)
                candidates[output.key] = (variable, self.capture_key(variable), node)
                self.updates[variable] = output
        return stores

    def _confirm_in_place(self, candidates):
        """Of the candidates, those whose variable's old value nobody reads afterwards."""
        old_keys = {old for _, old, _ in candidates.values()}
        position, readers = {}, {}
        for i, node in enumerate(self.nodes):
            position[id(node)] = i
            for x in node.inputs:
                for key in self.root_keys(x) & old_keys:
                    readers.setdefault(key, []).append((i, self.resolve(x).key == key))
        returned = set()
        for t in self._results():
            returned |= self.root_keys(t)
        confirmed = {}
        for key, (variable, old, node) in candidates.items():
            here = position[id(node)]
            if old not in returned and all(
                i < here or (i == here and is_exact) for i, is_exact in readers.get(old, ())
            ):
                confirmed[key] = variable
        return confirmed

    def _bound(self, node):
        """The node, with the implementation that this device has for it."""
        if self._planner is not None and self._planner.takes(node.operation.name):
            return node
        specs = [x.spec if isinstance(x, Tensor) else x for x in node.inputs]
        function = node.operation.implementation(self._kind, specs, node.params)
        if function is None:
            return node
        bound = copy.copy(node)
        bound.operation = Bound(node.operation, function, self._kind)
        return bound

    # ---- memory ----

    def _assign_buffers(self, reuses_buffers):
        plan = self.buffers = passes.BufferPlan()
        returned = set()
        for t in self.graph.outputs:
            returned |= self.root_keys(t)
        expiring = {}
        for key, index in self.last.items():
            expiring.setdefault(index, []).append(key)
        for i, node in enumerate(self.nodes):
            ending = expiring.get(i, ())
            if node.operation.ufunc:  # in place over an input that ends here is safe for ufuncs
                for key in ending:
                    if self._may_overwrite(node, key):
                        plan.release(key)
            is_native = getattr(node.operation, "is_native", False)
            self._hand_over(node, ending)
            for o in node.outputs:
                if o.key in plan.places:
                    continue
                plain = node.operation.takes_out and o.spec.is_static and not node.is_multiple
                plain = plain and o.key not in returned and reuses_buffers and o.dtype != "string"
                if o.key not in self.in_place and (is_native or plain):
                    plan.allocate(o.key, max(o.spec.size, 1) * dtypes.to_numpy(o.dtype).itemsize)
            for key in ending:
                plan.release(key)

    def _hand_over(self, node, ending):
        """Let a native node write over what it reads, where it can and nobody reads that later."""
        for old, new in getattr(node.operation, "overwrites", ()):
            keys = self.root_keys(old)
            fits = len(keys) == 1 and old.spec.size == new.spec.size and old.dtype == new.dtype
            if fits and new.key not in self.in_place:
                (key,) = keys
                if key in ending and self.buffers.holds(key):
                    self.buffers.hand_over(key, new.key)

    def _may_overwrite(self, node, key):
        """Whether every input in this memory is exactly the value, in the output's own form."""
        output = node.outputs[0]
        for x in node.inputs:
            if isinstance(x, SymbolicTensor) and key in self.root_keys(x):
                if self.resolve(x).key != key or x.spec != output.spec:
                    return False
        return True

    def is_loose(self, key):
        """Whether a value lives in memory of its own that is worth giving back early."""
        return (
            key in self.roots
            and key not in self.buffers.places
            and key not in self.in_place
            and self.roots[key] == {key}
            and key not in self._view_roots()
        )

    def _view_roots(self):
        if not hasattr(self, "_viewed"):
            self._viewed = {r for key, roots in self.roots.items() for r in roots if r != key}
        return self._viewed
