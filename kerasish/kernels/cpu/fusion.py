"""Fusion: groups the nodes of a program into native calls, with the elementwise work around each.

A group is one kernel call, or none, with the elementwise nodes and reductions that run on the tiles
of its result, or by themselves over the same rows. Nodes join the group of what they read when they
share its rows and columns and nothing outside the group lies between. Groups never form a cycle,
and a group that writes into a variable comes after all groups that read its old value.
"""

import dataclasses

from kerasish.core.tensor import SymbolicTensor, Tensor
from kerasish.kernels.cpu import chains, library
from kerasish.kernels.cpu.binding import bindings
from kerasish.kernels.cpu.forms import Form, form_of
from kerasish.kernels.cpu.layouts import view_layout

_LARGEST = 96  # nodes in one chain


@dataclasses.dataclass(eq=False)
class Group:
    """Nodes that run together.

    Attributes:
        bit: int with one bit set, the group's own.
        before: int. Bits of all groups that must have run.
        nodes: list of Node; the kernel's node first.
        call: Call of the kernel, or None.
        form: Form shared by the elementwise nodes; None where none can join.
        is_plain: whether it is a call of the array library.
    """

    bit: int
    nodes: list
    call: object = None
    form: Form | None = None
    before: int = 0

    @property
    def incoming(self):
        """Key of the value that the kernel hands over tile by tile, or None."""
        return None if self.call is None else self.call.values[self.call.result].key

    @property
    def is_plain(self):
        return self.call is None and self.form is None


class Grouping:
    """The groups of a list of nodes.

    Args:
        nodes: list of Node, in order.
        chaining: Chaining; its layouts grow by the views among the nodes.
        replaced: dict from the key of a result to that of the variable's array it is written into.

    Attributes:
        groups: list of Group, in an order in which they can run.
        views: dict from the key of a view to its node.
    """

    def __init__(self, nodes, chaining, replaced):
        self._chaining, self._replaced = chaining, replaced
        self.groups, self.views = [], {}
        self._maker, self._readers = {}, {}  # key -> node, key -> nodes
        self._group_of, self._index = {}, {id(n): i for i, n in enumerate(nodes)}
        for node in nodes:
            if not self._is_view(node):
                self._place(node)
        self._join_neighbours()
        self._sort()

    # ---- placing nodes ----

    def _is_view(self, node):
        if len(node.inputs) != 1 or not isinstance(node.inputs[0], SymbolicTensor):
            return False
        chaining = self._chaining
        layout = view_layout(node, chaining.resolve(node.inputs[0]), chaining.layouts)
        if layout is None:
            return False
        chaining.layouts[node.outputs[0].key] = layout
        self.views[node.outputs[0].key] = node
        return True

    def _place(self, node):
        view = self._chaining.view(node)
        tensors = [t for t in (*view.inputs, *view.outputs) if isinstance(t, Tensor)]
        is_static = all(t.spec.is_static for t in tensors) and not node.operation.is_effect
        binder = bindings.get(node.operation.name) if is_static else None
        call = binder and binder(view)
        if call is not None and library.has(call.kernel):
            form = None if call.rows is None else Form(call.rows * call.columns, call.columns)
            self._put(node, self._new_group(node, call, form))
            return
        form = form_of(view) if is_static and _supports(view) else None
        group = form and self._group_to_join(node, form)
        if group is None:
            group = self._new_group(node, None, form)
        else:
            group.form = group.form.merged(form) or group.form
            group.nodes.append(node)
        self._put(node, group)

    def _new_group(self, node, call, form):
        group = Group(1 << len(self._group_of), [node], call, form)
        self.groups.append(group)
        return group

    def _put(self, node, group):
        self._group_of[id(node)] = group
        for o in node.outputs:
            self._maker[o.key] = node
        bits = 0
        for other in self._needed(node):
            bits |= other.bit | other.before
        self._let_precede(group, bits & ~group.bit)
        for key in self._chaining.reads(node):
            self._readers.setdefault(key, []).append(node)

    def _let_precede(self, group, bits):
        if not bits & ~group.before:
            return
        group.before |= bits
        if len(group.nodes) == 1:
            return  # a new group, that nobody needs yet
        for other in self.groups:
            if other.before & group.bit:
                other.before |= group.before

    def _needed(self, node):
        """Groups of the nodes that must have run, or be running, when a node runs."""
        nodes = [self._maker[key] for key in self._chaining.reads(node) if key in self._maker]
        for o in node.outputs:  # whoever reads the value that this one overwrites
            nodes += self._readers.get(self._replaced.get(o.key), ())
        return [self._group_of[id(n)] for n in nodes if n is not node]

    def _group_to_join(self, node, form):
        made = [self._maker[key] for key in self._chaining.reads(node) if key in self._maker]
        near = {id(g): g for g in (self._group_of[id(n)] for n in made)}
        # The latest first; one without a kernel last, since it can still join the other.
        order = sorted(near.values(), key=lambda g: (g.call is not None, g.bit), reverse=True)
        if form.size == 1:  # a number: with any other numbers
            order += [g for g in reversed(self.groups) if g.call is None]
        for group in order:
            if self._takes(group, [node], form) and not self._lies_between(group, [node]):
                return group
        return None

    def _takes(self, group, nodes, form):
        """Whether nodes could be in one chain with those of a group."""
        if group.form is None or len(group.nodes) + len(nodes) > _LARGEST:
            return False
        fixed = group.form.columns
        # A number, or one for each column, may follow the group's sums; but written over what the
        # group reads it would be in the way.
        is_after = len(nodes) == 1 and form.size in (1, fixed)
        is_after = is_after and nodes[0].outputs[0].key not in self._replaced
        if group.form.merged(form) is None and not is_after:
            return False
        kernel = 0 if group.call is None else 1
        if not kernel and form == group.form and fixed is None:
            return True  # nothing is broadcast or summed
        return self._chaining.fits(
            self._in_order([*group.nodes[kernel:], *nodes]),
            incoming=group.incoming,
            columns=group.call.columns if kernel else None,
        )

    def _in_order(self, nodes):
        return sorted(nodes, key=lambda n: self._index[id(n)])

    def _lies_between(self, group, nodes):
        """Whether some nodes need a group, outside both, that must run after `group`."""
        own = {id(n) for n in nodes}
        for node in nodes:
            for other in self._needed(node):
                is_own = any(id(n) in own for n in other.nodes)
                if other is not group and not is_own and other.before & group.bit:
                    return True
        return False

    # ---- joining groups ----

    def _join_neighbours(self):
        """Join groups that share a value over the same rows, kernels last."""
        pending = list(self.groups)
        while pending:
            group = pending.pop(0)
            if group not in self.groups or group.form is None or group.form.size == 1:
                continue
            for other in self._neighbours(group):
                if self._can_join(group, other):
                    self._join(group, other)
                    pending.append(group)
                    break

    def _neighbours(self, group):
        """Groups without a kernel that read or make a value that a group reads or makes."""
        found = {}
        for node in group.nodes:
            for key in (*self._chaining.reads(node), *[o.key for o in node.outputs]):
                near = [self._maker[key]] if key in self._maker else []
                for n in (*near, *self._readers.get(key, ())):
                    other = self._group_of[id(n)]
                    if other is not group and other.call is None and other.form is not None:
                        found[id(other)] = other
        return found.values()

    def _can_join(self, group, other):
        if other.form.size == 1 or not self._takes(group, other.nodes, other.form):
            return False
        if group.call is not None and any(g is other for g in self._needed(group.nodes[0])):
            return False  # the kernel itself reads it
        between = self._lies_between(group, other.nodes) or self._lies_between(other, group.nodes)
        return not between

    def _join(self, group, other):
        self.groups.remove(other)
        kernel = group.nodes[:1] if group.call is not None else []
        rest = [n for n in (*group.nodes, *other.nodes) if n not in kernel]
        group.nodes = kernel + self._in_order(rest)
        group.form = group.form.merged(other.form) or group.form
        for node in other.nodes:
            self._group_of[id(node)] = group
        for third in self.groups:
            if third.before & other.bit:
                third.before |= group.bit
        self._let_precede(group, other.before)
        both = group.bit | other.bit
        group.before &= ~both

    # ---- order ----

    def _sort(self):
        """Put the groups in an order in which they can run, near that of their nodes."""
        waiting = sorted(self.groups, key=lambda g: min(self._index[id(n)] for n in g.nodes))
        self.groups, done = [], 0
        alive = 0
        for group in waiting:
            alive |= group.bit
        while waiting:
            group = next(g for g in waiting if not g.before & alive & ~done)
            waiting.remove(group)
            self.groups.append(group)
            done |= group.bit


def _supports(view):
    return library.has(chains.RUN) and chains.supports(view)
