"""Rewrites of attention: what leads from queries, keys and values to the result becomes one node.

matmul(q, k^T) [* scale] [+ bias] [-> where(mask)] [-> causal_fill] -> softmax -> matmul(., v)
becomes `attention`. Where derivatives are taken, all that leads from the gradient of the result to
those of q, k and v becomes `attention_gradient`. Either all of it or nothing: no matrix of weights
is left over.
"""

import dataclasses

from kerasish.core.modes import Node, keys_of
from kerasish.core.tensor import SymbolicTensor, Tensor
from kerasish.kernels.cpu import fused_attention
from kerasish.ops.axes import _transpose

_SWAP = (0, 1, 3, 2)  # of the last two axes
_HEADS_LAST = (0, 2, 1, 3)  # (batch, heads, length, size) <-> (batch, length, heads, size)


def rewrite(nodes, resolve, wanted):
    """The nodes with every attention that fits made one, its gradient another.

    Args:
        nodes: list of Node, in order.
        resolve: function from a tensor to the one that stands for it.
        wanted: set of keys that the program returns or stores.
    """
    if not any(node.operation.name == "softmax" for node in nodes):
        return nodes
    values = _Values(nodes, resolve, wanted)
    dropped, made = set(), {}  # ids of nodes that go; id -> nodes that come in the place of one
    for node in nodes:
        found = _match(node, values) if node.operation.name == "softmax" else None
        if found is not None:
            dropped |= {id(n) for n in found.nodes}
            made.update(_fused(found, values))
    if not made:
        return nodes
    kept = []
    for node in nodes:
        kept += made.get(id(node), [] if id(node) in dropped else [node])
    return _without_unread_views(kept, resolve, wanted)


def _without_unread_views(nodes, resolve, wanted):
    read, kept = {*wanted}, []
    for node in reversed(nodes):
        if node.operation.name != "transpose" or node.outputs[0].key in read:
            kept.append(node)
            read |= {resolve(x).key for x in node.inputs if isinstance(x, SymbolicTensor)}
    return kept[::-1]


class _Values:
    """Who makes and who reads each value, and of what it is a transposed view."""

    def __init__(self, nodes, resolve, wanted):
        self._resolve, self._wanted = resolve, wanted
        self._makers, self._readers = {}, {}
        self.position = {id(node): i for i, node in enumerate(nodes)}
        for node in nodes:
            for o in node.outputs:
                self._makers[o.key] = node
            for key in {self.key(x) for x in node.inputs if isinstance(x, SymbolicTensor)}:
                self._readers.setdefault(key, []).append(node)

    def key(self, x):
        """Key of the tensor that stands for `x`; None for a scalar."""
        return self._resolve(x).key if isinstance(x, SymbolicTensor) else getattr(x, "key", None)

    def maker(self, x, *names):
        """The node that makes a value, if it is one of these operations."""
        node = self._makers.get(self.key(x))
        return node if node is not None and node.operation.name in names else None

    def readers(self, x):
        """Nodes that read a value; None where the program itself wants it."""
        return None if self.key(x) in self._wanted else self._readers.get(self.key(x), [])

    def only_reader(self, x, *names):
        """The one node that reads a value, if there is one alone, of one of these operations."""
        readers = self.readers(x)
        if readers is None or len(readers) != 1 or readers[0].operation.name not in names:
            return None
        return readers[0]

    def view(self, x):
        """(tensor, order): the first tensor, of which `x` is a transposed view, and its axes."""
        order = tuple(range(x.ndim))
        while (node := self.maker(x, "transpose")) is not None:
            axes = node.params["axes"] or order[::-1]
            order = tuple(axes[a] for a in order)
            x = node.inputs[0]
        return x, order

    def is_swapped(self, x, other):
        """Whether `x` is `other` with its last two axes exchanged."""
        base, order = self.view(x)
        wanted, wanted_order = self.view(other)
        return self.key(base) == self.key(wanted) and order == tuple(
            wanted_order[a] for a in _SWAP
        )

    def is_same(self, x, other):
        """Whether both are one value, or equal views of one."""
        return self.key(x) == self.key(other) or (
            self.key(self.view(x)[0]) == self.key(self.view(other)[0])
            and self.view(x)[1] == self.view(other)[1]
        )


@dataclasses.dataclass
class _Match:
    """One attention: its parts, and the nodes that go."""

    scores: Node  # matmul(q, k^T)
    output: Node  # matmul(weights, v)
    nodes: list
    scale: float = 1.0
    bias: Tensor | None = None
    mask: Tensor | None = None
    is_causal: bool = False
    gradient: Tensor | None = None
    query_gradient: Node | None = None
    key_gradient: Node | None = None  # transposed, as k^T is
    value_gradient: Node | None = None


# ---- forward ---------------------------------------------------------------------------------


def _match(softmax, values):
    weights = softmax.outputs[0]
    if weights.ndim != 4 or softmax.params["axis"] not in (-1, 3):
        return None
    found = _match_scores(softmax, values)
    readers = values.readers(weights)
    if found is None or readers is None:
        return None
    outputs = [n for n in readers if n.operation.name == "matmul"]
    if len(outputs) != 1 or values.key(outputs[0].inputs[0]) != weights.key:
        return None
    found.output = outputs[0]
    found.nodes += outputs
    others = [n for n in readers if n is not outputs[0]]
    if not _has_fitting_shapes(found) or (others and not _match_gradient(found, weights, values)):
        return None
    reach = {id(n) for n in found.nodes}
    return found if all(id(n) in reach for n in others) else None


def _match_scores(softmax, values):
    """From the softmax back to the product of query and key."""
    found = _Match(None, None, [softmax])
    x = softmax.inputs[0]

    def step_back(*names):
        node = values.maker(x, *names)
        if node is not None and values.only_reader(x, values.maker_name_of(found.nodes[-1])):
            found.nodes.append(node)
            return node
        return None

    if node := step_back("causal_fill"):
        if node.params["value"] != fused_attention.MASKED:
            return None
        found.is_causal, x = True, node.inputs[0]
    if node := step_back("where"):
        found.mask, x, other = node.inputs
        if other != fused_attention.MASKED or not isinstance(x, Tensor):
            return None
    if node := step_back("add"):
        x, found.bias = node.inputs
        if not isinstance(x, Tensor) or not isinstance(found.bias, Tensor):
            return None
    if node := step_back("multiply"):
        x, found.scale = _tensor_and_number(node)
    elif node := step_back("divide"):
        x, divisor = node.inputs[0], _number(node.inputs[1])
        found.scale = 1 / divisor if divisor else None
    if x is None or found.scale is None:
        return None
    found.scores = step_back("matmul")
    return found if found.scores is not None else None
