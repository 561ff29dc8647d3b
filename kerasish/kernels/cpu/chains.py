"""Chains: nodes of a program as one small program of their own, run over rows in the cache.

All nodes of a chain share one space of outer * rows * columns places. A value is FULL (an element
for each place), COLUMN (one for each row), ROW (one for each column) or SCALAR. What may be in one
chain:

- elementwise nodes on values of these four kinds. Operands from outside the chain may be any view
  whose elements lie in order, or repeat, along a row.
- reductions of whole rows (softmax, sums, extremes, means over the last axes, standardization, the
  element at a label): COLUMN values, that later nodes use.
- sums over all rows, over everything, and over groups of rows ([B, HW, C] to [B, C]). Later nodes
  use these only if they are ROW or SCALAR themselves; results of groups are not used any more.

ROW and SCALAR values are calculated once, ahead of all rows, or after them if they depend on sums.
`expand` splits batch normalization's `standardize` in a sum and an elementwise node, which belong
to two chains: the statistics must be complete before the first element is normalized.
"""

import numpy

from kerasish.core.modes import Node
from kerasish.core.tensor import SymbolicTensor, Tensor
from kerasish.kernels.cpu import lowering_elements, lowering_rows  # noqa: F401 (they register)
from kerasish.kernels.cpu.binding import NodeView
from kerasish.kernels.cpu.lowering import (
    COLUMN,
    FULL,
    LETTERS,
    Emitter,
    Unsupported,
    Value,
    emitters,
)
from kerasish.kernels.cpu.lowering_frame import Frame, Relation
from kerasish.kernels.cpu.lowering_image import Image, TooLargeError
from kerasish.kernels.cpu.lowering_passes import fused, live
from kerasish.kernels.cpu.lowering_text import text_of

RUN, RUN_MANY = "run_chain", "run_chains"


class _Part:
    """What stands for an operation that a node was split in."""

    is_effect = has_body = False
    ufunc, tags, takes_out = None, frozenset(), False

    def __init__(self, name):
        self.name = name


_STATISTICS, _NORMALIZE = _Part("batch_statistics"), _Part("batch_normalize")


def expand(node):
    """The node, or the nodes that stand for it, ready to be put into chains."""
    if node.operation.name != "standardize":
        return [node]
    x = node.inputs[0]
    axes = node.params["axes"]
    if x.dtype != "float32" or sorted(a % x.ndim for a in axes) != list(range(x.ndim - 1)):
        return [node]
    if not x.spec.is_static or 0 in x.shape or x.ndim < 2:
        return [node]
    y, mean, variance = node.outputs
    first = Node(_STATISTICS, (x,), node.keys, dict(node.params), (mean, variance), True)
    inputs = (x, mean, variance)
    keys = (*node.keys, mean.key, variance.key)
    second = Node(_NORMALIZE, inputs, keys, dict(node.params), (y,), False)
    first.scope = second.scope = node.scope
    return [first, second]


def supports(view):
    """Whether the node of a NodeView could be a chain by itself."""
    if view.name not in emitters:
        return False
    if not all(
        x.spec.is_static and x.dtype in LETTERS
        for x in (*view.inputs, *view.outputs)
        if isinstance(x, Tensor)
    ):
        return False
    key = _signature(view)
    if key is not None and key in _supported:
        return _supported[key]
    try:
        _Lowered([view], None, None)
        answer = True
    except Unsupported:
        answer = False
    if key is not None:
        _supported[key] = answer
    return answer


_supported = {}  # what is asked again and again: the same operation on the same shapes


def _signature(view):
    inputs = []
    for i, x in enumerate(view.inputs):
        if isinstance(x, Tensor):
            if not isinstance(x, SymbolicTensor):
                return None
            layout = view.layout(i)
            inputs.append((layout.shape, layout.strides, x.dtype))
        else:
            inputs.append((type(x), repr(x)))
    outputs = tuple((o.spec.shape, o.dtype) for o in view.outputs)
    return view.name, repr(view.params), tuple(inputs), outputs


def fits(nodes, resolve, layouts, incoming=None, columns=None):
    """Whether nodes could be one chain; arguments as of `build`."""
    try:
        _recall(nodes, resolve, layouts, incoming, columns)
    except Unsupported:
        return False
    return True


_recent = {}  # key of a list of nodes -> (the nodes, so that no other gets their ids, _Lowered)
_KEPT = 256


def _recall(nodes, resolve, layouts, incoming, columns):
    """The nodes as instructions; extends what is known of all but the last of them."""
    key = tuple(map(id, nodes)), id(layouts), incoming, columns
    if key in _recent:
        return _recent[key][1]
    shorter = key[0][:-1], *key[1:]
    known = _recent.get(shorter)
    if known is not None:
        lowered = known[1]
        is_done = lowered.extend(NodeView(nodes[-1], resolve, layouts))
        if is_done or lowered.is_spoilt:
            del _recent[shorter]
        if is_done:
            _recent[key] = (list(nodes), layouts), lowered
            return lowered
    lowered = _Lowered([NodeView(n, resolve, layouts) for n in nodes], incoming, columns)
    while len(_recent) >= _KEPT:
        del _recent[next(iter(_recent))]
    _recent[key] = (list(nodes), layouts), lowered
    return lowered


def build(nodes, wanted, resolve, layouts, incoming=None, columns=None):
    """The nodes as one chain.

    Args:
        nodes: list of Node, in order.
        wanted: set of keys of the results that are stored.
        resolve: function from a tensor to the one that stands for it.
        layouts: dict from tensor key to Layout, of the tensors that are views.
        incoming: key of the tensor that a kernel hands over tile by tile, or None.
        columns: int. Size of its rows.

    Returns:
        Chain, or None if they do not fit in one.
    """
    views = [NodeView(n, resolve, layouts) for n in nodes]
    try:
        lowered = _Lowered(views, incoming, columns)
        return Chain(views, lowered, wanted)
    except Unsupported:
        return None


class Chain:
    """Nodes as one chain.

    Attributes:
        inputs: list of Tensor that it reads, bases of views.
        outputs: list of Tensor that it stores.
        space: (outer, rows, columns).
        can_fail: whether a run may find a label out of range.
        has_sums: whether it sums over rows or everything.
        kernel: name of the function that runs it by itself.
    """

    kernel = RUN

    def __init__(self, views, lowered, wanted):
        frame, emitter = lowered.frame, lowered.emitter
        self._views, self._frame, self._emitter = views, frame, emitter
        self._stored = []
        for output in (o for v in views for o in v.outputs):
            if output.key in wanted:
                self._stored.append((output, self._storable(output, lowered)))
        self._steps = fused(live(emitter.steps, emitter.sums, self._stored), self._stored, emitter)
        self._sums = [s for s in emitter.sums if self._is_needed(s)]
        self.outputs = [t for t, _ in self._stored]
        read = {}
        for source in (*[v for s in self._steps for v in s.operands],
                       *[s.source for s in self._sums], *[v for _, v in self._stored]):  # fmt: skip
            operand = source.operand
            if operand is not None and not operand.is_incoming:
                read[operand.tensor.key] = operand.tensor
        self.inputs = list(read.values())
        self.space = (frame.outer, frame.rows // frame.outer, frame.columns)
        self.can_fail = emitter.can_fail
        self.has_sums = bool(self._sums)
        places = {}
        self._image(lambda t: places.setdefault(t.key, len(places)))  # whether it can be made

    def _storable(self, output, lowered):
        """The value in all places that its tensor has, in the type of its memory."""
        emitter, frame = lowered.emitter, lowered.frame
        value = lowered.values[output.key]
        if not any(value in s.results for s in emitter.sums if s.kind == "groups"):
            space = frame.space(frame.defined[output.key])
            if value.space != space and not (value.space == COLUMN and frame.rows == 1):
                value = emitter.materialized(value, space)
        if value.letter == "M":
            value = emitter.cast(value, "B")
        if value.operand is not None or value.constant is not None:
            value = emitter.copy(value)
        return value

    def _is_needed(self, total):
        used = {id(v) for s in self._steps for v in s.operands}
        used |= {id(v) for _, v in self._stored}
        return any(id(v) in used for v in total.results)

    def _image(self, place_of):
        try:
            return Image(self._frame, self._steps, self._sums, self._stored, place_of)
        except TooLargeError as error:
            raise Unsupported(str(error)) from error

    def blob(self, place_of):
        """Image of the chain in memory, as an array of uint8.

        Args:
            place_of: function from a tensor to the place of its address in the table.
        """
        return self._image(place_of).bytes()

    def describe(self, name_of=lambda t: f"t{t.key}"):
        """The chain as text: an assignment for each stored result."""
        return text_of(self._views, {t.key for t in self.outputs}, name_of)


class Operand:
    """What a chain reads from outside.

    Attributes:
        tensor: Tensor, or None for the incoming value.
        letter: type in memory.
        space: int.
        rows: map over rows, where it is not that of its space.
    """

    def __init__(self, tensor, letter, space, rows, is_incoming):
        self.tensor, self.letter, self.space, self.rows = tensor, letter, space, rows
        self.is_incoming = is_incoming


class _Lowered:
    """Instructions of nodes, before anybody says which results are stored.

    Raises:
        Unsupported: the nodes are no chain.
    """

    is_spoilt = False

    def __init__(self, views, incoming, columns):
        if any(v.name not in emitters for v in views):
            raise Unsupported("no emitter")
        relations = [Relation(v) for v in views]
        self.frame = Frame(relations, incoming, columns)
        if self.frame.count == 0:
            raise Unsupported("nothing to do")
        self.emitter = _FrameEmitter(self.frame, incoming)
        for r in relations:
            self.emitter.add(r)
        self.values = self.emitter.values

    def extend(self, view):
        """Add a node after the others; False if that is not possible without starting anew."""
        try:
            relation = Relation(view)
            if view.name not in emitters or not self.frame.extend(relation):
                return False
            self.is_spoilt = True
            self.emitter.add(relation)
            self.is_spoilt = False
        except Unsupported:
            return False
        return True


class _FrameEmitter(Emitter):
    """An Emitter that knows where the operands lie.

    Attributes:
        values: dict from key of a result to its Value.
        operands: dict from (key of a tensor, map) to Operand.
        relation: Relation of the node at hand.
    """

    def __init__(self, frame, incoming):
        super().__init__(frame.columns)
        self.frame, self._incoming = frame, incoming
        self.values, self.operands = {}, {}

    def add(self, r):
        """Emit the instructions of a node."""
        self.relation = r
        operands = [
            x if entry is None else self.read(entry[0], access)
            for x, entry, access in zip(r.node.inputs, r.inputs, self.frame.found(r), strict=True)
        ]
        made = emitters[r.node.name](self, r.node, operands)
        made = made if isinstance(made, tuple) else (made,)
        for output, value in zip(r.node.outputs, made, strict=True):
            self.define(output, value)

    def read(self, tensor, access):
        """Value of an input."""
        if tensor.key in self.values:
            value = self.values[tensor.key]
            if any(value in s.results for s in self.sums if s.kind == "groups"):
                raise Unsupported("a value of none of the spaces")
            return value
        if tensor.key in self.frame.defined and tensor.key != self._incoming:
            raise Unsupported("a value that is read before it is made")
        number = _uniform(tensor)
        if number is not None and LETTERS.get(tensor.dtype) in ("F", "I", "L", "M"):
            return self.constant(number, LETTERS[tensor.dtype])
        key = tensor.key, access
        if key not in self.operands:
            space, rows = self.frame.kind(access)
            letter = {"M": "B"}.get(LETTERS[tensor.dtype], LETTERS[tensor.dtype])
            is_incoming = tensor.key == self._incoming
            if is_incoming and (letter != "F" or space != FULL or rows):
                raise Unsupported("an incoming value of another form")
            operand = Operand(tensor, letter, space, rows, is_incoming)
            self.operands[key] = Value(letter, space, operand=operand)
        value = self.operands[key]
        return self.cast(value, "M") if value.letter == "B" else value

    def define(self, output, value):
        """Note what a node makes."""
        if LETTERS[output.dtype] != value.letter:
            raise Unsupported(f"a result of type {output.dtype}")
        self.values[output.key] = value

    def space_of(self, node):
        """Space of what the node takes together."""
        return self.frame.space(self.relation.index_map)


def _uniform(tensor):
    """The number that all elements of a small constant tensor are, or None."""
    if isinstance(tensor, SymbolicTensor) or not 0 < tensor.size <= 4096:
        return None
    array = tensor.numpy()
    first = array.flat[0]
    if not (array == first).all() or (first == 0 and numpy.signbit(array).any()):
        return None
    return first.item()
