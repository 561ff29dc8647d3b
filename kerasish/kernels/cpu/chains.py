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

import itertools

from kerasish.core.modes import Node
from kerasish.core.tensor import SymbolicTensor, Tensor
from kerasish.kernels.cpu.binding import NodeView
from kerasish.kernels.cpu.lowering import COLUMN, LETTERS, Unsupported, emitters
from kerasish.kernels.cpu.lowering_image import image
from kerasish.kernels.cpu.lowering_nodes import Lowered, uniform_number
from kerasish.kernels.cpu.lowering_passes import fused, live
from kerasish.kernels.cpu.lowering_slots import Slots, TooLargeError
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
    if not x.spec.is_static or 0 in x.shape or x.ndim < 2 or x.shape[-1] == 1:
        return [node]  # one channel: rows of one number make no chain
    y, mean, variance = node.outputs
    first = Node(_STATISTICS, (x,), node.keys, dict(node.params), (mean, variance), True)
    inputs = (x, mean, variance)
    keys = (*node.keys, mean.key, variance.key)
    second = Node(_NORMALIZE, inputs, keys, dict(node.params), (y,), False)
    first.scope = second.scope = node.scope
    return [first, second]


# ---- what fits in one chain --------------------------------------------------------------------

# Models repeat their blocks, so the same questions come again. Answers hold for nodes of the same
# kinds that are connected in the same way.
_MOST_ANSWERS = 20000
_kinds, _answers = {}, {}
_next_kind = itertools.count().__next__  # never the same again: views remember theirs


def _kind(view):
    """A number, the same for NodeViews that differ in nothing but which tensors they connect."""
    if view.kind is None:
        described = _described(view)
        if described not in _kinds:
            if len(_kinds) >= _MOST_ANSWERS:
                _kinds.clear()
            _kinds[described] = _next_kind()
        view.kind = _kinds[described]
    return view.kind


def _described(view):
    inputs = []
    for i, x in enumerate(view.inputs):
        if isinstance(x, Tensor):
            layout = view.layout(i)
            number = None if isinstance(x, SymbolicTensor) else repr(uniform_number(x))
            inputs.append((layout.shape, layout.strides, layout.base.spec.shape, x.dtype, number))
        else:
            inputs.append((type(x), repr(x)))
    outputs = tuple((o.spec.shape, o.dtype) for o in view.outputs)
    return view.name, repr(view.params), tuple(inputs), outputs


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
    key = _kind(view)
    if key not in _answers:
        _note(key, _is_chain([view], None, None))
    return _answers[key]


def _is_chain(views, incoming, columns):
    try:
        Lowered(views, incoming, columns)
    except Unsupported:
        return False
    return True


def _note(key, answer):
    if len(_answers) >= _MOST_ANSWERS:
        _answers.clear()
    _answers[key] = answer


def _question(views, incoming, columns):
    """What `fits` depends on: the kinds of the nodes, and how they are connected."""
    places = {incoming: 0}
    question = [columns, incoming is None]
    for view in views:
        question.append(_kind(view))
        question += [places.setdefault(key, len(places)) for key in view.wires]
    return tuple(question)


class Chaining:
    """Makes chains of the nodes of one program; keeps what it learns about each of them.

    Args:
        resolve: function from a tensor to the one that stands for it.
        layouts: dict from tensor key to Layout, of the tensors that are views. Those that a node
            reads must be there before the node is asked about.
    """

    def __init__(self, resolve, layouts):
        self.resolve, self.layouts = resolve, layouts
        self._views = {}  # id of a node -> (the node, so that no other gets its id, NodeView)
        self._recent = {}  # as the key of `_lower` -> Lowered

    def view(self, node):
        """NodeView of a node."""
        found = self._views.get(id(node))
        if found is None:
            found = self._views[id(node)] = node, NodeView(node, self.resolve, self.layouts)
        return found[1]

    def reads(self, node):
        """Keys of the memory that a node reads, behind views."""
        return self.view(node).reads

    def fits(self, nodes, incoming=None, columns=None):
        """Whether nodes could be one chain; arguments as of `build`."""
        question = _question([self.view(n) for n in nodes], incoming, columns)
        if question not in _answers:
            _note(question, self._lower(nodes, incoming, columns) is not None)
        return _answers[question]

    def _lower(self, nodes, incoming, columns):
        """The nodes as instructions, or None; extends what is known of all but the last node."""
        key = tuple(map(id, nodes)), incoming, columns
        if key in self._recent:
            return self._recent[key]
        shorter = key[0][:-1], incoming, columns
        lowered = self._recent.get(shorter)
        if lowered is not None:
            is_done = lowered.extend(self.view(nodes[-1]))
            if is_done or lowered.is_spoilt:
                del self._recent[shorter]
            if is_done:
                self._recent[key] = lowered
                return lowered
        try:
            self._recent[key] = Lowered([self.view(n) for n in nodes], incoming, columns)
        except Unsupported:
            return None
        return self._recent[key]

    def build(self, nodes, wanted, incoming=None, columns=None):
        """The nodes as one chain.

        Args:
            nodes: list of Node, in order.
            wanted: set of keys of the results that are stored.
            incoming: key of the tensor that a kernel hands over tile by tile, or None.
            columns: int. Size of its rows.

        Returns:
            Chain, or None if they do not fit in one.
        """
        views = [self.view(n) for n in nodes]
        try:
            return Chain(views, Lowered(views, incoming, columns), wanted)
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
        self._slots = self._assigned(lambda a, b: a.key == b.key)

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

    def _assigned(self, shares):
        try:
            return Slots(self._frame, self._steps, self._sums, self._stored, shares)
        except TooLargeError as error:
            raise Unsupported(str(error)) from error

    def blob(self, place_of):
        """Image of the chain in memory, as an array of uint8.

        Args:
            place_of: function from a tensor to the place of its address in the table.
        """
        slots, keys = self._slots, {t.key: t for t in (*self.inputs, *self.outputs)}
        places = {key: place_of(t) for key, t in keys.items()}
        if len(set(places.values())) < len(places):  # results lie where operands do
            slots = self._assigned(lambda a, b: places[a.key] == places[b.key])
        return image(self._frame, slots, self._sums, lambda t: places[t.key])

    def describe(self, name_of=lambda t: f"t{t.key}"):
        """The chain as text: an assignment for each stored result."""
        return text_of(self._views, {t.key for t in self.outputs}, name_of)
