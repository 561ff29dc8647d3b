"""Recomputing: elementwise results are made again where they are read, when that saves memory.

What the backward pass needs of an activation such as gelu are several large arrays that all follow
from one. Storing that one and repeating a few instructions costs less than moving the others
through memory.
"""

import copy

from kerasish.core.modes import Node
from kerasish.core.tensor import SymbolicTensor

_LONGEST = 16  # nodes repeated for one value
_LEAST = 4096  # elements; smaller values stay in the cache


def recompute(grouping, chaining, wanted):
    """Move elementwise work of the groups to its readers where fewer arrays are stored then.

    Args:
        grouping: Grouping; the nodes of its groups are replaced. None of them writes in place.
        chaining: Chaining of the same nodes.
        wanted: set of keys that the program returns or stores, or that later nodes read.
    """
    _Recomputing(grouping, chaining, wanted).run()


class _Recomputing:
    def __init__(self, grouping, chaining, wanted):
        self._grouping, self._chaining, self._resolve = grouping, chaining, chaining.resolve
        layouts = chaining.layouts
        self._wanted = {layouts[k].base.key if k in layouts else k for k in wanted}
        self._readers = {}  # key -> list of (group, node) that read it
        for group in grouping.groups:
            self._note_readers(group)

    def run(self):
        """Look at each group in turn."""
        for group in self._grouping.groups:
            if group.form is not None and group.form.size >= _LEAST:
                self._try(group)
        self._drop_unread()

    def _drop_unread(self):
        """Leave out what nobody reads any more where it was made first."""
        read = set(self._wanted)
        for group in reversed(self._grouping.groups):
            kept = []
            for node in reversed(group.nodes):
                is_kernel = group.call is not None and node is group.nodes[0]
                if group.is_plain or is_kernel or any(o.key in read for o in node.outputs):
                    kept.append(node)
                    read.update(self._chaining.reads(node))
            group.nodes = kept[::-1]
        self._grouping.groups = [g for g in self._grouping.groups if g.nodes]

    def _note_readers(self, group):
        for node in group.nodes:
            for key in self._chaining.reads(node):
                self._readers.setdefault(key, []).append((group, node))

    def _replace(self, group, nodes):
        for key in {key for node in group.nodes for key in self._chaining.reads(node)}:
            self._readers[key] = [entry for entry in self._readers[key] if entry[0] is not group]
        group.nodes = nodes
        self._note_readers(group)

    def _try(self, group):
        makers = {o.key: n for n in group.nodes for o in n.outputs}
        moved, kept = {}, set()
        for node in group.nodes:
            for o in node.outputs:
                outside = [(g, n) for g, n in self._readers.get(o.key, ()) if g is not group]
                if not outside and o.key not in self._wanted:
                    continue
                found = self._closure(node, group, makers) if self._may_move(o, outside) else None
                if found is None:
                    kept.add(o.key)
                else:
                    moved[o.key] = found
        while moved:
            large = {k for _, anchors in moved.values() for k in anchors}
            extra = {k for k in large if k in makers and k not in kept}
            if len(extra) < len(moved) and len(large) <= len(moved) + 1:
                break
            kept.add(moved.popitem()[0])
        if not moved:
            return
        for reader in {
            id(g): g for k in moved for g, _ in self._readers[k] if g is not group
        }.values():
            self._move(reader, {k: nodes for k, (nodes, _) in moved.items()})

    def _may_move(self, output, outside):
        """Whether all readers are elementwise nodes that read the value itself, not a view."""
        if output.key in self._wanted:
            return False
        for group, node in outside:
            is_kernel = group.call is not None and node is group.nodes[0]
            if group.form is None or is_kernel:
                return False
            keys = [self._resolve(x).key for x in node.inputs if isinstance(x, SymbolicTensor)]
            if output.key not in keys:
                return False
        return True

    def _closure(self, node, group, makers):
        """(nodes that make a value, keys of the large values they start from), or None."""
        nodes, anchors, pending = {}, set(), [node]
        kernel = group.nodes[0] if group.call is not None else None
        while pending:
            current = pending.pop()
            if current is kernel or not _is_elementwise(current):
                return None
            if current.outputs[0].size != group.form.size:
                return None
            nodes[id(current)] = current
            for x in current.inputs:
                if not isinstance(x, SymbolicTensor):
                    continue
                x = self._resolve(x)
                maker = makers.get(x.key)
                is_start = maker is None or maker is kernel
                if not is_start and _is_elementwise(maker):
                    pending.append(maker)
                elif x.size == group.form.size or not is_start:
                    anchors.add(x.key)
        if len(nodes) > _LONGEST:
            return None
        return [n for n in group.nodes if id(n) in nodes], anchors

    def _move(self, reader, moved):
        """Repeat what a reader needs inside it."""
        needed = [k for k in moved if any(k in self._chaining.reads(n) for n in reader.nodes)]
        fresh, repeated = {}, []
        for key in needed:
            for node in moved[key]:
                if node.outputs[0].key not in fresh:
                    twin = _twin(node, fresh, self._resolve)
                    fresh[node.outputs[0].key] = twin.outputs[0]
                    repeated.append(twin)
        kernel = reader.nodes[:1] if reader.call is not None else []
        rest = [_reading(n, fresh, self._resolve) for n in reader.nodes[len(kernel) :]]
        call = reader.call
        fits = self._chaining.fits(
            repeated + rest,
            incoming=reader.incoming,
            columns=None if call is None else call.columns,
        )
        if fits:
            self._replace(reader, kernel + repeated + rest)


def _is_elementwise(node):
    return "elementwise" in node.operation.tags or node.operation.name == "batch_normalize"


def _twin(node, fresh, resolve):
    """The node again, with a result of its own."""
    twin = _reading(node, fresh, resolve)
    outputs = tuple(SymbolicTensor(spec=o.spec, graph=o.graph) for o in node.outputs)
    made = Node(twin.operation, twin.inputs, twin.keys, twin.params, outputs, twin.is_multiple)
    made.scope = node.scope
    return made


def _reading(node, fresh, resolve):
    """The node, reading the fresh tensors in the place of those they repeat."""
    inputs = tuple(
        fresh.get(resolve(x).key, x) if isinstance(x, SymbolicTensor) else x for x in node.inputs
    )
    if all(a is b for a, b in zip(inputs, node.inputs, strict=True)):
        return node
    changed = copy.copy(node)
    changed.inputs = inputs
    return changed
