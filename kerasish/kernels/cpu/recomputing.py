"""Recomputing: elementwise results are made again where they are read, when that saves memory.

What the backward pass needs of an activation such as gelu are several large arrays that all follow
from one. Storing that one and repeating a few instructions costs less than moving the others
through memory. Which values are stored, and which are made again from these, is decided for each
group by the bytes that it and its readers move then.
"""

import copy

from kerasish.arrays import dtypes
from kerasish.core.modes import Node
from kerasish.core.tensor import SymbolicTensor

_LONGEST = 16  # nodes repeated for one value
_NODE = 1  # a repeated node takes as long as moving so many bytes for each element
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
        choice = _Choice(group, self._resolve)
        for node in group.nodes:
            for o in node.outputs:
                outside = [(g, n) for g, n in self._readers.get(o.key, ()) if g is not group]
                if outside or o.key in self._wanted:
                    readers = {id(g): g for g, _ in outside}.values()
                    choice.add(node, o, readers if self._may_move(o, outside) else None)
        stored = choice.best()
        if stored is None:
            return
        for reader, keys in choice.moved(stored):
            self._move(reader, {key: choice.closure(key, stored)[0] for key in keys})

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

    def _move(self, reader, moved):
        """Repeat what a reader needs inside it; `moved` is a dict from key to nodes."""
        fresh, repeated = {}, []
        for nodes in moved.values():
            for node in nodes:
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


class _Choice:
    """Which results of a group are stored, and which are made again where they are read.

    Args:
        group: Group.
        resolve: function from a tensor to the one that stands for it.
    """

    def __init__(self, group, resolve):
        self._resolve, self._size = resolve, group.form.size
        self._kernel = group.nodes[0] if group.call is not None else None
        self._nodes = group.nodes
        self._makers = {o.key: n for n in group.nodes for o in n.outputs}
        self._bytes = {}  # key -> bytes of the value
        self._fixed = set()  # keys of what is stored in any case
        self._readers = {}  # key of what may be made again -> groups that read it

    def add(self, node, output, readers):
        """A result that is needed outside; `readers` is None where it cannot be made there."""
        self._note(output)
        if readers is None or not self._is_repeatable(node):
            self._fixed.add(output.key)
        else:
            self._readers[output.key] = readers

    def _note(self, tensor):
        size = dtypes.to_numpy(tensor.dtype).itemsize
        self._bytes[tensor.key] = tensor.size * size

    def _is_repeatable(self, node):
        return (
            node is not self._kernel
            and _is_elementwise(node)
            and node.outputs[0].size == self._size
        )

    def best(self):
        """Keys of what to store of the group's elementwise results; None for all, as it is."""
        if not self._readers:
            return None
        everything = self._fixed | set(self._readers)
        least, chosen = self._cost(everything), None
        stored = set(self._fixed)
        cost = self._cost(stored)
        candidates = self._candidates()
        while candidates:
            costs = {key: self._cost(stored | {key}) for key in candidates}
            key = min(costs, key=costs.get)
            if costs[key] >= cost:
                break
            cost = costs[key]
            stored.add(key)
            candidates.remove(key)
        if cost < least:
            chosen = stored
        return chosen

    def _candidates(self):
        """Results in the order of the nodes that others may be made from."""
        found = set()
        for key in self._readers:
            nodes, _ = self.closure(key, self._fixed)
            found.update(id(n) for n in nodes or ())
        return [n.outputs[0].key for n in self._nodes if id(n) in found]

    def _cost(self, stored):
        """Bytes that the group stores and its readers read, with the work that is repeated."""
        made, read, repeated = set(self._fixed), {}, {}
        for key, readers in self._readers.items():
            if key in stored:
                nodes, anchors = (), {key}
            else:
                nodes, anchors = self.closure(key, stored)
                if nodes is None:
                    return float("inf")
            made.update(k for k in anchors if k in self._makers)
            for g in readers:
                read.setdefault(id(g), set()).update(anchors)
                repeated.setdefault(id(g), set()).update(map(id, nodes))
        moved = sum(self._bytes[k] for k in made)
        moved += sum(self._bytes[k] for keys in read.values() for k in keys)
        return moved + _NODE * self._size * sum(map(len, repeated.values()))

    def closure(self, key, stored):
        """(nodes that make a value, keys of the stored values they start from).

        The nodes are None where there are too many.
        """
        nodes, anchors, pending = {}, set(), [self._makers[key]]
        while pending:
            node = pending.pop()
            nodes[id(node)] = node
            for x in node.inputs:
                if not isinstance(x, SymbolicTensor):
                    continue
                x = self._resolve(x)
                maker = self._makers.get(x.key)
                if maker is not None and x.key not in stored and self._is_repeatable(maker):
                    if id(maker) not in nodes:
                        pending.append(maker)
                else:
                    self._note(x)
                    anchors.add(x.key)
        if len(nodes) > _LONGEST:
            return None, anchors
        return [n for n in self._nodes if id(n) in nodes], anchors

    def moved(self, stored):
        """Pairs of a reader and the keys of what it makes again."""
        found = {}
        for key, readers in self._readers.items():
            if key not in stored:
                for g in readers:
                    found.setdefault(id(g), (g, []))[1].append(key)
        return found.values()


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
