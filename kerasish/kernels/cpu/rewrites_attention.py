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
from kerasish.kernels.cpu.usage import Usage
from kerasish.ops.axes import _transpose

_SWAP = (0, 1, 3, 2)  # of the last two axes
_HEADS_THIRD = (0, 2, 1, 3)  # (batch, heads, length, size) <-> (batch, length, heads, size)


def rewrite(nodes, resolve, wanted):
    """The nodes with every attention that fits made one, its gradient another.

    Args:
        nodes: list of Node, in order.
        resolve: function from a tensor to the one that stands for it.
        wanted: set of keys that the program returns or stores.
    """
    if not any(node.operation.name == "softmax" for node in nodes):
        return nodes
    usage = Usage(nodes, resolve, wanted)
    dropped, made = set(), {}  # ids of nodes that go; id -> nodes that come in the place of one
    for node in nodes:
        found = _match(node, usage) if node.operation.name == "softmax" else None
        if found is not None:
            dropped |= {id(n) for n in found.nodes}
            made.update(_fused(found, nodes, usage))
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


@dataclasses.dataclass
class _Match:
    """One attention: its parts, and the nodes that go."""

    nodes: list
    scores: Node | None = None  # matmul(q, k^T)
    output: Node | None = None  # matmul(weights, v)
    scale: float = 1.0
    bias: Tensor | None = None
    mask: Tensor | None = None
    is_causal: bool = False
    gradient: Tensor | None = None  # of the output
    slopes: Node | None = None  # matmul(gradient, v^T)
    query_gradient: Node | None = None
    key_gradient: Node | None = None  # of k^T
    value_gradient: Node | None = None


# ---- forward ---------------------------------------------------------------------------------


def _match(softmax, usage):
    weights = softmax.outputs[0]
    readers = usage.readers(weights)
    if weights.ndim != 4 or softmax.params["axis"] not in (-1, 3) or readers is None:
        return None
    found = _match_scores(softmax, usage)
    outputs = [
        n for n in readers if n.operation.name == "matmul" and usage.is_same(n.inputs[0], weights)
    ]
    if found is None or len(outputs) != 1:
        return None
    found.output = outputs[0]
    found.nodes.append(found.output)
    if not _has_fitting_shapes(found, weights):
        return None
    others = [n for n in readers if n is not found.output]
    if others and not _match_gradient(found, weights, others, usage):
        return None
    return found


def _match_scores(softmax, usage):
    """From the softmax back to the product of query and key."""
    found, x = _Match([softmax]), softmax.inputs[0]

    def maker(*names):
        """The node before the last one found, if it is one of these and nobody else reads it."""
        node = usage.maker(x)
        if node is None or node.operation.name not in names:
            return None
        if usage.readers(x) != found.nodes[-1:]:
            return None
        found.nodes.append(node)
        return node

    if node := maker("causal_fill"):
        x, found.is_causal = node.inputs[0], True
        if node.params["value"] != fused_attention.MASKED:
            return None
    if node := maker("where"):
        found.mask, x, replacement = node.inputs
        if _number(replacement) != fused_attention.MASKED:
            return None
    if node := maker("add"):
        x, found.bias = node.inputs
        if not isinstance(found.bias, Tensor):
            return None
    if node := maker("multiply", "divide"):
        x, found.scale = _scaled(node)
    found.scores = maker("matmul")
    return found if found.scores is not None and found.scale is not None else None


def _scaled(node):
    """The tensor and the factor of a multiplication by or division through a number."""
    x, y = node.inputs
    if node.operation.name == "divide":
        divisor = _number(y)
        return x, (1 / divisor if divisor else None)
    return (x, _number(y)) if _number(x) is None else (y, _number(x))


def _number(x):
    """Value of a scalar that is known; None for other tensors."""
    if isinstance(x, SymbolicTensor) or isinstance(x, Tensor) and x.ndim:
        return None
    return float(x.numpy()) if isinstance(x, Tensor) else x


def _has_fitting_shapes(found, weights):
    query, key = found.scores.inputs
    value, output = found.output.inputs[1], found.output.outputs[0]
    tensors = (query, key, value, output, weights)
    masks = [t for t in (found.bias, found.mask) if t is not None]
    if any(not t.spec.is_static for t in (*tensors, *masks)):
        return False
    lead = tuple(weights.shape[:2])
    return (
        all(t.ndim == 4 and tuple(t.shape[:2]) == lead and t.dtype == "float32" for t in tensors)
        and all(0 not in t.shape for t in tensors)
        and tuple(found.scores.outputs[0].shape) == tuple(weights.shape)
        and (found.bias is None or found.bias.dtype == "float32")
        and (found.mask is None or isinstance(found.mask, Tensor) and found.mask.dtype == "bool")
    )


# ---- backward --------------------------------------------------------------------------------


def _match_gradient(found, weights, readers, usage):
    """Whether the other readers of the weights are their gradient and that of v, all complete."""
    for node in readers:
        if node.operation.name == "transpose":
            found.value_gradient = _match_value_gradient(found, node, weights, usage)
    slopes = _match_softmax_gradient(found, weights, readers, usage)
    if slopes is None or not _match_ends(found, slopes, usage):
        return False
    product = found.value_gradient
    if product is not None and not usage.is_same(product.inputs[1], found.gradient):
        return False
    gone = {id(n) for n in found.nodes}
    return all(id(n) in gone for n in readers)


def _match_value_gradient(found, node, weights, usage):
    """matmul(weights^T, gradient)"""
    swapped = node.outputs[0]
    readers = usage.readers(swapped)
    is_fit = readers is not None and len(readers) == 1 and usage.is_swapped(swapped, weights)
    if not is_fit or not _is_product(readers[0], swapped, 0, usage):
        return None
    found.nodes += [node, readers[0]]
    return readers[0]


def _is_product(node, x, place, usage):
    return node.operation.name == "matmul" and usage.is_same(node.inputs[place], x)


def _match_softmax_gradient(found, weights, readers, usage):
    """weights * (slopes - sum(slopes * weights)), where slopes = matmul(gradient, v^T).

    Returns:
        its last node, or None.
    """
    for last in readers:
        shifted = [usage.maker(x) for x in last.inputs if not usage.is_same(x, weights)]
        if last.operation.name != "multiply" or len(shifted) != 1 or shifted[0] is None:
            continue
        (shifted,) = shifted
        if shifted.operation.name != "subtract" or usage.readers(shifted.outputs[0]) != [last]:
            continue
        slopes, total = (usage.maker(x) for x in shifted.inputs)
        product = total and usage.maker(total.inputs[0])
        is_complete = (
            slopes is not None
            and product is not None
            and slopes.operation.name == "matmul"
            and total.operation.name == "sum"
            and product.operation.name == "multiply"
            and total.params["axis"] in (-1, 3, (-1,), (3,))
            and total.params["keepdims"]
            and usage.is_pair(product.inputs, slopes.outputs[0], weights)
            and usage.is_swapped(slopes.inputs[1], found.output.inputs[1])
            and usage.are_all_readers(slopes.outputs[0], product, shifted)
            and usage.are_all_readers(product.outputs[0], total)
            and usage.are_all_readers(total.outputs[0], shifted)
        )
        if is_complete:
            found.slopes, found.gradient = slopes, slopes.inputs[0]
            found.nodes += [slopes, product, total, shifted, last]
            return last
    return None


def _match_ends(found, last, usage):
    """From the gradient of the softmax on to those of q and k^T."""

    def reader(name):
        readers = usage.readers(last.outputs[0])
        fits = readers is not None and len(readers) == 1 and readers[0].operation.name == name
        return readers[0] if fits else None

    if found.is_causal:
        last = reader("causal_fill")
        if last is None or last.params["value"] != 0:
            return False
        found.nodes.append(last)
    if found.mask is not None:
        last = reader("where")
        if last is None or _number(last.inputs[2]) != 0:
            return False
        if not usage.is_same(last.inputs[0], found.mask):
            return False
        found.nodes.append(last)
    if found.scale != 1:
        last = reader("multiply") or reader("divide")
        if last is None or _scaled(last)[1] != found.scale:
            return False
        found.nodes.append(last)
    scores = last.outputs[0]
    query, key = found.scores.inputs
    for node in usage.readers(scores) or ():
        if _is_product(node, scores, 0, usage) and usage.is_swapped(node.inputs[1], key):
            found.query_gradient = node
        elif _is_product(node, scores, 1, usage) and usage.is_swapped(node.inputs[0], query):
            found.key_gradient = node
        else:
            return False
        found.nodes.append(node)
    return found.query_gradient is not None or found.key_gradient is not None


# ---- the new nodes ---------------------------------------------------------------------------


def _fused(found, nodes, usage):
    """Dict from the id of a node to the nodes that come in its place."""
    made = _Made(usage, found.output.outputs[0].graph)
    query, key = found.scores.inputs
    inputs = [
        made.arranged(query, _HEADS_THIRD),
        made.arranged(key, (0, 3, 1, 2)),
        made.arranged(found.output.inputs[1], _HEADS_THIRD),
    ]
    masks = [found.bias, found.mask]
    params = {"scale": found.scale, "is_causal": found.is_causal}
    result, statistics = made.apply(fused_attention.attention, [*inputs, *masks], params)
    made.store(result, _HEADS_THIRD, found.output)
    replaced = {id(found.output): made.take(found.output.scope)}
    if found.gradient is not None:
        gradient = made.arranged(found.gradient, _HEADS_THIRD)
        gradients = made.apply(
            fused_attention.attention_gradient,
            [gradient, *inputs, result, statistics, *masks],
            params,
        )
        made.store(gradients[0], _HEADS_THIRD, found.query_gradient)
        made.store(gradients[1], (0, 2, 3, 1), found.key_gradient)
        made.store(gradients[2], _HEADS_THIRD, found.value_gradient)
        first = min((found.slopes, found.value_gradient or found.slopes), key=nodes.index)
        replaced[id(first)] = made.take(first.scope)
    return replaced


class _Made:
    """New nodes, collected in order."""

    def __init__(self, usage, graph):
        self._usage, self._graph, self._nodes = usage, graph, []

    def arranged(self, x, axes):
        """`x` transposed: the tensor itself of which that is no view but the whole."""
        base, order = self._usage.view(x)
        order = tuple(order[a] for a in axes)
        if order == tuple(range(len(order))):
            return base
        return self.apply(_transpose, [base], {"axes": order})[0]

    def apply(self, function, inputs, params):
        """Outputs of a new node."""
        operation = function.operation
        specs = [x.spec if isinstance(x, Tensor) else x for x in inputs]
        inferred = operation.infer(specs, params)
        is_multiple = type(inferred) is tuple
        outputs = tuple(
            SymbolicTensor(spec=spec, graph=self._graph)
            for spec in (inferred if is_multiple else (inferred,))
        )
        self._add(operation, inputs, params, outputs, is_multiple)
        return outputs

    def store(self, x, axes, node):
        """Let `x` transposed be the output of a node that goes."""
        if node is not None:
            self._add(_transpose.operation, [x], {"axes": axes}, node.outputs, False)

    def _add(self, operation, inputs, params, outputs, is_multiple):
        inputs = tuple(inputs)
        self._nodes.append(Node(operation, inputs, keys_of(inputs), params, outputs, is_multiple))

    def take(self, scope):
        """The nodes so far, which belong to a layer."""
        nodes, self._nodes = self._nodes, []
        for node in nodes:
            node.scope = scope
        return nodes
