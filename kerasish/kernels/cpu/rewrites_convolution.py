"""Rewrites around convolutions: max pooling behind one joins it, so that only pooled values exist.

convolve [-> add bias] [-> relu] -> max_pool_windows becomes `convolve_pool`. Where derivatives are
taken, max_pool_scatter [-> positive_gate] and the derivatives by bias, kernel and input that read
it become one `convolve_pool_gradient`. Either all of it or nothing.
"""

import dataclasses
import math

from kerasish.core.modes import Node
from kerasish.core.spec import TensorSpec
from kerasish.core.tensor import SymbolicTensor, Tensor
from kerasish.kernels.cpu import fused_convolution

_LARGEST_IMAGE = 1 << 19  # elements before the pooling: what a task keeps in the cache, about


def rewrite(nodes, resolve, wanted):
    """The nodes with every convolution that fits joined with the pooling behind it.

    Args:
        nodes: list of Node, in order.
        resolve: function from a tensor to the one that stands for it.
        wanted: set of keys that the program returns or stores.
    """
    if not any(node.operation.name == "max_pool_windows" for node in nodes):
        return nodes
    uses = _Uses(nodes, resolve, wanted)
    dropped, made = set(), {}  # ids of nodes that go; id -> node that comes in its place
    for node in nodes:
        if node.operation.name == "max_pool_windows":
            found = _match(node, uses)
            if found is not None:
                dropped |= {id(n) for n in found.nodes}
                made.update(_fused(found, uses))
    return [made.get(id(n), n) for n in nodes if id(n) in made or id(n) not in dropped]


class _Uses:
    """Who makes and who reads each value."""

    def __init__(self, nodes, resolve, wanted):
        self.resolve, self.wanted = resolve, {*wanted}
        self._makers, self._readers = {}, {}
        for node in nodes:
            for o in node.outputs:
                self._makers[o.key] = node
            for x in node.inputs:
                if isinstance(x, SymbolicTensor):
                    self._readers.setdefault(resolve(x).key, []).append(node)

    def maker(self, x, name):
        """The node of operation `name` that makes a value; None where another does."""
        node = self._makers.get(self.key(x))
        return node if node is not None and node.operation.name == name else None

    def readers(self, x):
        """Nodes that read a value; None where the program itself wants it."""
        return None if self.key(x) in self.wanted else self._readers.get(self.key(x), [])

    def key(self, x):
        """Key of the tensor that stands for `x`."""
        return self.resolve(x).key if isinstance(x, SymbolicTensor) else getattr(x, "key", None)


@dataclasses.dataclass
class _Match:
    """What was found: the nodes of one fused pair."""

    convolve: Node
    bias: Tensor | None
    rectifies: bool
    pool: Node
    forward: list
    scatter: Node | None = None
    derivatives: dict = dataclasses.field(default_factory=dict)  # name of operation -> node
    backward: list = dataclasses.field(default_factory=list)

    @property
    def nodes(self):
        return [*self.forward, *self.backward]


def _match(pool, uses):
    window, strides = pool.params["window"], pool.params["strides"]
    y = pool.inputs[0]
    fits = (
        pool.params["padding"] == "valid"
        and len(window) <= 2
        and all(w <= s for w, s in zip(window, strides, strict=True))
        and math.prod(window) <= fused_convolution.NO_CHOICE
        and y.spec.is_static
        and y.dtype == "float32"
        and math.prod(y.shape[1:]) <= _LARGEST_IMAGE
    )
    if not fits:
        return None
    forward, before = [pool], y
    rectifier = uses.maker(before, "relu")
    if rectifier is not None:
        forward.append(rectifier)
        before = rectifier.inputs[0]
    bias, adding = None, uses.maker(before, "add")
    if adding is not None:
        forward.append(adding)
        before, bias = _split_bias(adding, uses)
    convolve = before is not None and uses.maker(before, "convolve")
    if not convolve:
        return None
    forward.append(convolve)
    for later, node in zip(forward[1:], forward[2:]):  # what lies inside has one reader
        if uses.readers(node.outputs[0]) != [later]:
            return None
    found = _Match(convolve, bias, rectifier is not None, pool, forward)
    return found if _add_backward(found, y, uses) else None


def _split_bias(adding, uses):
    for x, bias in (adding.inputs, adding.inputs[::-1]):
        is_bias = isinstance(bias, Tensor) and bias.shape == adding.outputs[0].shape[-1:]
        if is_bias and bias.dtype == "float32" and uses.maker(x, "convolve") is not None:
            return x, bias
    return None, None


def _add_backward(found, y, uses):
    """Find the derivatives; whether nobody but they and the pooling reads what goes away."""
    readers = uses.readers(y)
    if readers is None:
        return False
    others = [n for n in readers if n is not found.pool]
    if not others:
        return True
    scatters = [n for n in others if n.operation.name == "max_pool_scatter"]
    gates = [n for n in others if n.operation.name == "positive_gate"]
    if len(scatters) != 1 or len(gates) != found.rectifies or len(others) != 1 + len(gates):
        return False
    scatter = found.scatter = scatters[0]
    if scatter.params != found.pool.params or uses.key(scatter.inputs[1]) != uses.key(y):
        return False
    if uses.key(scatter.inputs[2]) != uses.key(found.pool.outputs[0]):
        return False
    found.backward.append(scatter)
    g = scatter.outputs[0]
    if gates:
        gate = gates[0]
        is_fed = uses.readers(g) == gates and uses.key(gate.inputs[0]) == uses.key(g)
        if not is_fed or uses.key(gate.inputs[1]) != uses.key(y):
            return False
        found.backward.append(gate)
        g = gate.outputs[0]
    for node in uses.readers(g) or ():
        name = node.operation.name
        if name in found.derivatives or not _is_derivative(node, g, found, uses):
            return False
        found.derivatives[name] = node
        found.backward.append(node)
    return bool(found.derivatives)


def _is_derivative(node, g, found, uses):
    x, kernel = (uses.key(t) for t in found.convolve.inputs)
    inputs = [uses.key(t) for t in node.inputs]
    name, params = node.operation.name, node.params
    if name == "sum_to":
        return params["shape"] == g.shape[-1:]
    if name == "convolve_backprop_kernel":
        is_same = inputs == [x, uses.key(g)] and params["window"] == _kernel_window(found)
    elif name == "convolve_backprop_input":
        is_same = inputs[:2] == [uses.key(g), kernel]
        is_same &= node.outputs[0].shape == found.convolve.inputs[0].shape
    else:
        return False
    return is_same and all(params[k] == v for k, v in found.convolve.params.items())


def _kernel_window(found):
    return found.convolve.inputs[1].shape[:-2]


def _fused(found, uses):
    """The fused nodes, by the id of the node whose place they take."""
    x, kernel = found.convolve.inputs
    pooled = found.pool.outputs[0]
    choice = SymbolicTensor(spec=TensorSpec(pooled.shape, "uint8"), graph=pooled.graph)
    params = {
        **found.convolve.params,
        "activation": "relu" if found.rectifies else "linear",
        "window": found.pool.params["window"],
        "pool_strides": found.pool.params["strides"],
    }
    operation = fused_convolution.convolve_pool.operation
    inputs = (x, kernel, found.bias)
    yield id(found.pool), _node(operation, inputs, params, (pooled, choice), found, uses)
    if found.scatter is None:
        return
    names = ("convolve_backprop_kernel", "sum_to", "convolve_backprop_input")
    results = [found.derivatives.get(name) for name in names]
    params = {**params, "wanted": tuple(node is not None for node in results)}
    operation = fused_convolution.convolve_pool_gradient.operation
    inputs = (found.scatter.inputs[0], pooled, choice, x, kernel)
    outputs = tuple(node.outputs[0] for node in results if node is not None)
    yield id(found.scatter), _node(operation, inputs, params, outputs, found, uses)


def _node(operation, inputs, params, outputs, found, uses):
    keys = tuple(uses.key(x) for x in inputs)
    node = Node(operation, inputs, keys, params, outputs, True)
    node.scope = found.convolve.scope
    return node
