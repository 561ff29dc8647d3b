"""Native nodes: what stands in a program where nodes became a native call."""

from kerasish.arrays import dtypes
from kerasish.core.modes import Node
from kerasish.core.tensor import SymbolicTensor, Tensor


class NativeOperation:
    """One native call in the place of an operation.

    Args:
        nodes: list of Node, what the call computes.
        call: Call, or None for chains alone.
        chains: list of Chain: one on the call's result, or those that run side by side.

    Attributes:
        outputs: tensors that it stores.
        inputs: tensors that it reads, bases of views.
    """

    is_native = takes_out = True
    is_effect = has_body = False
    ufunc, tags = None, frozenset()

    def __init__(self, nodes, call=None, chains=()):
        self.nodes, self.call, self.chains = nodes, call, list(chains)
        made = {o.key for n in nodes for o in n.outputs}
        values = [] if call is None else [v for v in call.values if isinstance(v, Tensor)]
        chained = [t for c in self.chains for t in c.outputs]
        self.outputs = _unique([v for v in values if v.key in made] + chained)
        read = [v for v in values if v.key not in made]
        read += [t for c in self.chains for t in c.inputs if t.key not in made]
        self.inputs = _unique(read)

    @property
    def overwrites(self):
        """Pairs of tensors, an input and an output, which may have the same memory."""
        if self.call is None:
            return []
        values = self.call.values
        keys = [v.key for v in values if isinstance(v, Tensor)]
        pairs = [(values[old], values[new]) for old, new in self.call.overwrites]
        return [(a, b) for a, b in pairs if b is not None and keys.count(a.key) == 1]

    @property
    def flops(self):
        """Floating point operations of the kernel; 0 where it does not tell."""
        return 0 if self.call is None else self.call.flops

    @property
    def nbytes(self):
        """Bytes that it reads and writes, each tensor once."""
        return sum(
            t.spec.size * dtypes.to_numpy(t.dtype).itemsize for t in (*self.inputs, *self.outputs)
        )

    @property
    def name(self):
        """Names of the operations that it computes."""
        return "+".join(n.operation.name for n in self.nodes)

    def describe(self, name_of):
        """The call as text, with `name_of(tensor)` for the values."""
        parts = []
        if self.call is not None:
            node = self.nodes[0]
            ins = ", ".join(name_of(x) for x in node.inputs if x is not None)
            outs = ", ".join(name_of(o) for o in node.outputs)
            parts.append(f"{outs} = {node.operation.name}({ins})")
        parts += [c.describe(name_of=name_of) for c in self.chains]
        return "; ".join(parts)


def native_node(operation):
    """Node of a NativeOperation."""
    keys = tuple(x.key if isinstance(x, SymbolicTensor) else None for x in operation.inputs)
    node = Node(operation, tuple(operation.inputs), keys, {}, tuple(operation.outputs), True)
    node.scope = next((n.scope for n in operation.nodes if n.scope), "")
    return node


def _unique(tensors):
    return list({t.key: t for t in tensors}.values())
