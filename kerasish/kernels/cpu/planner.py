"""The CPU's planner: replaces the nodes of a program by native calls; see `core/delegation.py`."""

import dataclasses

from kerasish.core import passes
from kerasish.core.modes import Node
from kerasish.core.operation import operations
from kerasish.core.structural import duplicate
from kerasish.core.tensor import SymbolicTensor
from kerasish.kernels.cpu import (  # noqa: F401 (the binders register themselves)
    attention,
    chains,
    convolution,
    copying,
    eager,
    gathering,
    library,
    matrix,
    pooling,
    randomness,
    recurrent,
    rewrites_attention,
    rewrites_convolution,
)
from kerasish.kernels.cpu.binding import NodeView, bindings
from kerasish.kernels.cpu.copying import strided_copy
from kerasish.kernels.cpu.fusion import Grouping
from kerasish.kernels.cpu.native_nodes import NativeOperation, native_node
from kerasish.kernels.cpu.recomputing import recompute
from kerasish.kernels.cpu.segments import NativePart

for _name in bindings:
    if _name in operations and operations[_name].is_costly:
        eager.offer(_name)

_REWRITES = [rewrites_convolution.rewrite, rewrites_attention.rewrite]


def is_available():
    """Whether the native library is there."""
    return library.library() is not None


class Planner:
    """Plans the native part of one program; see `core/delegation.py`."""

    def __init__(self):
        self._seen = {}  # id of a node -> (the node, whether it could be in a chain)
        self._has_chains = library.has(chains.RUN)

    def takes(self, name):
        """Whether an operation of this name may become a native call."""
        return name in bindings

    def rewrite(self, nodes, resolve, wanted):
        """Nodes with patterns replaced by fused operations."""
        for apply in _REWRITES:
            nodes = apply(nodes, resolve, wanted)
        if not self._has_chains:
            return nodes
        return [part for node in nodes for part in chains.expand(node)]

    def writes_in_place(self, node):
        """Whether a node could write its result over one of its inputs."""
        if len(node.outputs) != 1 or not node.outputs[0].spec.is_static:
            return False
        return bool(node.operation.ufunc) or self._is_safe_in_chain(node)

    def cannot_fail(self, node):
        """Whether a node runs whatever the values are."""
        return passes.cannot_fail(node) or self._is_safe_in_chain(node)

    def _is_safe_in_chain(self, node):
        if "elementwise" not in node.operation.tags or not self._has_chains:
            return False
        if id(node) not in self._seen:
            self._seen[id(node)] = node, chains.supports(NodeView(node, lambda t: t, {}))
        return self._seen[id(node)][1]

    def group(self, early, late, resolve, wanted, replaced):
        """Native nodes, and what is left of plain ones, in an order in which they run.

        Args:
            early, late: lists of Node; the first write into a variable comes in `late`.
            resolve: function from a tensor to the one that stands for it.
            wanted: set of keys that the program returns or stores.
            replaced: dict from the key of a result to that of the variable's array that it is
                written into.
        """
        work = _Work(resolve, wanted, replaced)
        work.add(early, followers=late)
        work.add(late)
        return work.finish()

    def prepare(self, plan):
        """The native part of a program, or None where no node is native."""
        if not any(isinstance(n.operation, NativeOperation) for n in plan.nodes):
            return None
        return NativePart(plan)


class _Work:
    """Turns groups of nodes into native nodes.

    Args:
        As of `group`.
    """

    def __init__(self, resolve, wanted, replaced):
        self._resolve, self._wanted, self._replaced = resolve, wanted, replaced
        self._layouts, self._views, self._shown, self._copies = {}, {}, set(), {}
        self._chaining = chains.Chaining(resolve, self._layouts)
        self._groups, self.nodes = [], []

    def add(self, nodes, followers=None):
        """Group a list of nodes, to run after those before; `followers` come later."""
        grouping = Grouping(nodes, self._chaining, self._replaced)
        if followers is not None:
            # Views of their own: the followers' layouts are not known yet.
            later = {k for n in followers for k in NodeView(n, self._resolve, self._layouts).reads}
            recompute(grouping, self._chaining, self._wanted | later)
        self._views.update(grouping.views)
        self._groups += grouping.groups

    def finish(self):
        """All nodes in order."""
        self._users = {}  # key -> groups that read it
        for g in self._groups:
            for node in g.nodes:
                for key in self._chaining.reads(node):
                    self._users.setdefault(key, []).append(g)
        for key in self._wanted:
            self._users.setdefault(self._base(key), []).append(None)
        for g in self._groups:
            if g.is_plain:
                self._add_plain(g.nodes[0])
            else:
                self._add_native(g)
        for key in self._wanted:
            self._show_views(key)
        return side_by_side(self.nodes, self._replaced)

    def _base(self, key):
        return self._layouts[key].base.key if key in self._layouts else key

    # ---- plain calls ----

    def _add_plain(self, node):
        for x in node.inputs:
            if isinstance(x, SymbolicTensor):
                self._show_views(self._resolve(x).key)
        self.nodes.append(node)

    def _show_views(self, key):
        """Add the view, and those below it, that a plain call or the caller reads."""
        if key in self._views and key not in self._shown:
            self._shown.add(key)
            self._add_plain(self._views[key])

    # ---- native calls ----

    def _add_native(self, g):
        used = {
            o.key
            for n in g.nodes
            for o in n.outputs
            if any(user is not g for user in self._users.get(o.key, ()))
        }
        chained = g.nodes[1:] if g.call is not None else g.nodes
        chain = None
        if chained:
            chain = self._chaining.build(
                chained,
                used,
                incoming=g.incoming,
                columns=g.call.columns if g.call is not None else None,
            )
            if chain is None:
                self._add_one_by_one(g, chained)
                return
        call = g.call and self._with_contiguous_values(g.call)
        if call is not None and chain is not None and g.incoming not in used:
            values = list(call.values)
            values[call.result] = None
            call = dataclasses.replace(call, values=tuple(values))
        self._append(NativeOperation(g.nodes, call, [chain] if chain else []))

    def _append(self, operation):
        self.nodes.append(native_node(operation))

    def _add_one_by_one(self, g, chained):
        """What cannot be one chain after all: the kernel, then every node alone."""
        used = {o.key for n in g.nodes for o in n.outputs}
        if g.call is not None:
            self._append(NativeOperation(g.nodes[:1], self._with_contiguous_values(g.call)))
        for node in chained:
            chain = self._chaining.build([node], used)
            if chain is None:
                self._add_plain(node)
            else:
                self._append(NativeOperation([node], None, [chain]))

    def _with_contiguous_values(self, call):
        """The call with views replaced by what they lie in, or by a copy of them."""
        values = list(call.values)
        for i, x in enumerate(values):
            layout = isinstance(x, SymbolicTensor) and self._layouts.get(x.key)
            if layout:
                values[i] = layout.base if layout.is_contiguous else self._copy_of(x, layout)
        return dataclasses.replace(call, values=tuple(values))

    def _copy_of(self, x, layout):
        if x.key not in self._copies:
            copy = SymbolicTensor(spec=x.spec, graph=x.graph)
            node = Node(duplicate.operation, (x,), (x.key,), {}, (copy,), False)
            call = strided_copy(layout.base, copy, layout.strides)
            if call is None:
                self._show_views(x.key)
                self.nodes.append(node)
            else:
                self._append(NativeOperation([node], call))
            self._copies[x.key] = copy
        return self._copies[x.key]


def side_by_side(nodes, replaced):
    """Nodes with neighbouring chains that do not touch each other's results as one call."""
    found, reads, writes = [], set(), set()
    for node in nodes:
        operation = node.operation
        is_chain = getattr(operation, "is_native", False) and operation.call is None
        made = {o.key for o in node.outputs}
        made |= {replaced[key] for key in made if key in replaced}
        read = {x.key for x in node.inputs if isinstance(x, SymbolicTensor)}
        last = found[-1].operation if found else None
        joins = (
            is_chain
            and getattr(last, "is_native", False)
            and last.call is None
            and not (read & writes or made & (reads | writes))
        )
        if joins:
            found[-1] = native_node(
                NativeOperation(last.nodes + operation.nodes, None, last.chains + operation.chains)
            )
            reads, writes = reads | read, writes | made
        else:
            found.append(node)
            reads, writes = read, made
    return found
