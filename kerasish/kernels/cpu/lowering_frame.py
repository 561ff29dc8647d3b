"""Frames: the iteration space that nodes share, and where their operands lie in it."""

import math
import weakref

from kerasish.core.tensor import Tensor
from kerasish.kernels.cpu import lowering_maps as maps
from kerasish.kernels.cpu.binding import Layout
from kerasish.kernels.cpu.lowering import COLUMN, FULL, ROW, SCALAR, Unsupported
from kerasish.kernels.cpu.lowering_rows import is_last_axis, reduced_axes, reduction_form

_REDUCING = {"sum", "sum_to", "mean", "max", "min", "any", "all", "argmax", "argmin"}
_ROWWISE = {"softmax", "log_softmax"}


class Relation:
    """How the tensors of a node lie over one shape, that of its elements.

    Attributes:
        node: NodeView.
        count: int. Elements of the shape.
        inputs: list of (base tensor, map over the shape), or None for a number.
        outputs: list of (key, map over the shape).
        row: elements that it takes together as a row, 0 if none.
        group: (outer, middle, inner) of a sum over groups, else None.
    """

    def __init__(self, node):
        self._node = weakref.ref(node)  # the node remembers its relation: no cycle
        self.row, self.group, self.kept = 0, None, 0
        self._make(node)
        self.count = math.prod(self.shape)

    @property
    def node(self):
        return self._node()

    def _make(self, node):
        name = node.name
        if name == "pick":
            self._label(node, node.layout(0).shape, full=0)
            return
        if name == "place":
            self._label(node, tuple(node.outputs[0].shape), full=None)
            return
        if name in _REDUCING or name in ("standardize", "batch_statistics"):
            self._reduction(node)
            return
        shape = tuple(node.outputs[0].shape)
        if name in _ROWWISE:
            if not is_last_axis(node, node.axis, shape):
                raise Unsupported("an axis that is not the last")
            self.row = shape[-1]
        self.shape = shape
        self.inputs = [self._input(node, i) for i in range(len(node.inputs))]
        self.outputs = [(node.outputs[0].key, maps.identity(math.prod(shape)))]

    def _input(self, node, i, shape=None):
        x = node.inputs[i]
        if not isinstance(x, Tensor):
            return None
        layout = node.layout(i)
        return layout.base, maps.steps_over(layout, self.shape if shape is None else shape)

    def _reduction(self, node):
        self.shape = shape = node.layout(0).shape
        self.inputs = [self._input(node, 0)]
        axes = reduced_axes(node)
        kept = set(range(len(shape))) - axes
        reduced = maps.steps_keeping(shape, kept)
        full = maps.identity(math.prod(shape))
        outputs = node.outputs
        if node.name == "standardize":
            self.outputs = [(outputs[0].key, full)] + [(o.key, reduced) for o in outputs[1:]]
        else:
            self.outputs = [(o.key, reduced) for o in outputs]
        form, count = reduction_form(node)
        if form == "rows":
            self.row = count
        elif form in ("columns", "groups"):
            self.kept = math.prod(shape[max(axes) + 1 :])
            if form == "groups":
                self.group = math.prod(shape[: min(a for a in axes if shape[a] != 1)])

    def _label(self, node, shape, full):
        axis = node.axis
        if not shape or not is_last_axis(node, axis, shape):
            raise Unsupported("an axis that is not the last")
        if node.name == "place" and node.inputs[2] is not None:
            raise Unsupported("a size that is not known")
        self.shape, self.row = shape, shape[-1]
        one = maps.steps_keeping(shape, set(range(len(shape) - 1)))
        self.inputs, self.outputs = [], []
        for i, x in enumerate(node.inputs):
            if i == full:
                self.inputs.append(self._input(node, i))
            elif isinstance(x, Tensor):
                layout = node.layout(i)
                over = Layout(layout.base, (*layout.shape, 1), (*layout.strides, 0))
                self.inputs.append((layout.base, maps.steps_over(over, shape)))
            else:
                self.inputs.append(None)
        key = node.outputs[0].key
        self.outputs = [(key, maps.identity(math.prod(shape)) if full is None else one)]


def relation_of(view):
    """Relation of a NodeView, made once.

    Raises:
        Unsupported: its tensors do not lie over one shape.
    """
    if view.relation is None:
        view.relation = Relation(view)
    return view.relation


class Frame:
    """The iteration space of some nodes.

    Args:
        relations: list of Relation, in order.
        incoming: key of the tensor handed over by a kernel, or None.
        columns: int or None. Size of a row that this kernel asks for.

    Attributes:
        count, rows, columns: int. Places, and how they divide.
        outer: int. Groups that the rows divide into.
        defined: dict from key to map, of what the nodes make and of the incoming tensor.

    Raises:
        Unsupported: the nodes do not share one space.
    """

    def __init__(self, relations, incoming=None, columns=None):
        self._relations = relations
        self.count = max(r.count for r in relations)
        self.defined, self._index_maps = {}, {}
        if incoming is not None:
            size = max(
                (b.spec.size for r in relations for b, _ in filter(None, r.inputs)
                 if b.key == incoming),
                default=0,
            )  # fmt: skip
            if size != self.count:
                raise Unsupported("a space larger than what the kernel hands over")
            self.defined[incoming] = maps.identity(self.count)
        self._has_rows = any(r.row for r in relations)
        self._made = {key for r in relations for key, _ in r.outputs}
        self._locate()
        self._check()
        self._divide(columns)

    # ---- where the elements of each node lie ----

    def _locate(self):
        pending = list(self._relations)
        while pending:
            left = [r for r in pending if not self._found(r)]
            if len(left) == len(pending):
                self._guess(left[0])
            pending = left
        for r in self._relations:
            for key, over in r.outputs:
                self.defined[key] = self._compose(self._index_maps[r], over)

    def index_map(self, r):
        """Map over the frame of the elements of a relation's shape."""
        return self._index_maps[r]

    def _found(self, r):
        if r not in self._index_maps:
            found = self._find(r)
            if found is None:
                return False
            self._index_maps[r] = found
        index_map = self._index_maps[r]
        for key, over in r.outputs:
            self.defined.setdefault(key, self._compose(index_map, over))
        for entry in r.inputs:
            if entry is not None and entry[0].key in self._made:
                self.defined.setdefault(entry[0].key, self._compose(index_map, entry[1]))
        return True

    def _find(self, r):
        if r.count == self.count:
            return maps.identity(self.count)
        if r.count == 1:
            return maps.merged([(self.count, 0)])
        identity = maps.identity(r.count)
        near = [(base.key, over) for base, over in filter(None, r.inputs)] + r.outputs
        for key, over in near:
            if over == identity and key in self.defined:
                return self.defined[key]
        return None

    def _guess(self, r):
        """Nothing tells whether these values belong to rows or to columns: both would do."""
        rows = [s.row for s in self._relations if s.row]
        size = rows[0] if rows else self.count // r.count if r.count else 0
        is_column = rows or (r.shape and r.shape[-1] == 1)
        if is_column and size * r.count == self.count:
            self._index_maps[r] = maps.merged([(r.count, 1), (size, 0)])
        elif self.count % max(r.count, 1) == 0 and r.count:
            repeats = self.count // r.count
            self._index_maps[r] = maps.merged([(repeats, 0), (r.count, 1)])
        else:
            raise Unsupported("values that have no place in the space")

    def _compose(self, outer, inner):
        found = maps.composed(outer, inner)
        if found is None:
            raise Unsupported("axes that divide unevenly")
        return found

    def found(self, r):
        """Map over the frame of each input of a relation; None for a number."""
        return self._accesses[r]

    def _access(self, r):
        index_map = self._index_maps[r]
        return [None if entry is None else self._compose(index_map, entry[1]) for entry in r.inputs]

    def _check(self):
        self._accesses = {}
        for r in self._relations:
            self._check_one(r)

    def _check_one(self, r):
        self._accesses[r] = found = self._access(r)
        for entry, access in zip(r.inputs, found, strict=True):
            known = self.defined.get(entry[0].key) if entry is not None else None
            if known is not None and known != access:
                raise Unsupported("a value read in another order than it is made")

    # ---- one more node ----

    def extend(self, r):
        """Take in a node after the others, if that leaves rows and columns as they are.

        Returns:
            bool: False where only a frame made anew can tell; this one is then as it was.
        """
        if r.count > self.count or r.row or r.kept or r.group or self.count == 1 < r.count:
            return False
        index_map = self._find(r)
        if index_map is None:
            return False
        self._index_maps[r] = index_map
        try:
            self._check_one(r)
            for access in self._accesses[r]:
                if access is not None:
                    self.kind(access)
            made = {key: self._compose(index_map, over) for key, over in r.outputs}
        except Unsupported:
            return False
        if any(self.defined.get(key, m) != m for key, m in made.items()):
            return False
        self.defined.update(made)
        self._made.update(made)
        return True

    # ---- rows and columns ----

    def _divide(self, wanted):
        identity = maps.identity(self.count)
        found = {m for r in self._relations for m in (*self._accesses[r], self._index_maps[r]) if m}
        found |= set(self.defined.values())
        inner = {maps.innermost(m) for m in found if m != identity and len(m) > 1}
        inner |= {r.row for r in self._relations if r.row and r.count == self.count}
        inner |= {r.kept for r in self._relations if r.kept and r.count == self.count}
        rows = {r.row for r in self._relations if r.row and r.count == self.count}
        if wanted:
            inner.add(wanted)
        self.columns = math.gcd(*inner) if inner else 1
        if wanted and self.columns != wanted or any(w != self.columns for w in rows):
            raise Unsupported("rows of other lengths")
        for r in self._relations:
            if r.row and r.count != self.count:
                found = maps.split(self._index_maps[r], self.columns)
                if r.row != self.columns or found is None or found[1] != 1:
                    raise Unsupported("rows of some of the values only")
        if any(r.kept not in (0, self.columns) for r in self._relations):
            raise Unsupported("sums of columns of other numbers")
        if self.columns and self.count % self.columns:
            raise Unsupported("rows that do not fill the space")
        self.rows = self.count // self.columns if self.columns else 0
        groups = {r.group for r in self._relations if r.group}
        if len(groups) > 1:
            raise Unsupported("groups of several sizes")
        self.outer = groups.pop() if groups else 1

    def kind(self, access):
        """(space, None) for a value of one of the spaces, (space, map over rows) for others.

        The space is FULL or COLUMN for the others too: what a row of them holds.
        """
        if self.count == 1 and not self._has_rows:
            return SCALAR, None
        if access == maps.identity(self.count):
            return FULL, None
        found = maps.split(access, self.columns)
        if found is None:
            raise Unsupported("an operand that is not regular along rows")
        rows, step = found
        if all(s == 0 for _, s in rows) and not step:
            return SCALAR, None
        if step not in (None, 0, 1) or self.columns == 1:
            raise Unsupported("an operand that lies across rows")
        whole = maps.merged(((self.rows, 1 if not step else self.columns),))
        if step:
            if all(s == 0 for _, s in rows):
                return ROW, None
            return FULL, (None if rows == whole else rows)
        return COLUMN, (None if rows == whole else rows)

    def space(self, access):
        """Space of a value with this map, that the chain itself makes."""
        space, rows = self.kind(access)
        if rows is not None:
            raise Unsupported("a value of none of the spaces")
        return space
