"""Usage: who makes and who reads each value of a program, for rewrites that look for patterns."""

from kerasish.core.tensor import SymbolicTensor, Tensor


class Usage:
    """Makers, readers and transposed views.

    Args:
        nodes: list of Node.
        resolve: function from a tensor to the one that stands for it.
        wanted: set of keys that the program returns or stores.
    """

    def __init__(self, nodes, resolve, wanted):
        self._resolve, self._wanted = resolve, wanted
        self._makers, self._readers = {}, {}
        for node in nodes:
            for o in node.outputs:
                self._makers[o.key] = node
            for key in {self.key(x) for x in node.inputs if isinstance(x, SymbolicTensor)}:
                self._readers.setdefault(key, []).append(node)

    def key(self, x):
        """Key of the tensor that stands for `x`; None for a scalar."""
        return self._resolve(x).key if isinstance(x, SymbolicTensor) else getattr(x, "key", None)

    def maker(self, x):
        """The node that makes a value; None for one that the program is given."""
        return self._makers.get(self.key(x))

    def readers(self, x):
        """Nodes that read a value, each once; None where the program itself wants it."""
        return None if self.key(x) in self._wanted else self._readers.get(self.key(x), [])

    def are_all_readers(self, x, *nodes):
        """Whether these nodes, and nobody else, read a value."""
        readers = self.readers(x)
        return readers is not None and {id(n) for n in readers} == {id(n) for n in nodes}

    def view(self, x):
        """(tensor, order): the tensor of which `x` is a transposed view in the end, and for each
        axis of `x` which one of that tensor it is."""
        order = tuple(range(x.ndim))
        while (node := self.maker(x)) is not None and node.operation.name == "transpose":
            axes = node.params["axes"] or range(x.ndim)[::-1]
            order = tuple(axes[a] for a in order)
            x = node.inputs[0]
        return x, order

    def is_same(self, x, other):
        """Whether both are one value, or equal views of one."""
        return isinstance(other, Tensor) and self._is_view(x, *self.view(other))

    def is_swapped(self, x, other):
        """Whether `x` is `other` with its last two axes exchanged."""
        base, order = self.view(other)
        return self._is_view(x, base, (*order[:-2], order[-1], order[-2]))

    def is_pair(self, inputs, one, other):
        """Whether the two inputs are these values, in any order."""
        a, b = inputs
        pairs = ((one, other), (other, one))
        return any(self.is_same(a, x) and self.is_same(b, y) for x, y in pairs)

    def _is_view(self, x, base, order):
        if not isinstance(x, Tensor):
            return False
        found, found_order = self.view(x)
        return self.key(found) == self.key(base) and found_order == order
