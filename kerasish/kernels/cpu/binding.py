"""Bindings: which native kernel runs a node of a program, and with which arguments."""

import dataclasses
import functools

from kerasish.core.tensor import SymbolicTensor, Tensor

bindings = {}  # name of an operation -> binder


@dataclasses.dataclass
class Call:
    """One native call: what becomes a record.

    Attributes:
        kernel: str. The exported C function.
        values: tensors in the order that the kernel reads them, inputs and outputs alike; None
            where one is absent. A value that is a view of another (see `Layout`) is copied into a
            contiguous buffer first, unless it is contiguous itself.
        integers: sequence of int.
        reals: sequence of float.
        rows, columns: the result as a matrix, for a kernel that can run a chain on its tiles; None
            for one that cannot.
        result: index into `values` of the result that a chain may take over (its place is then -1
            unless the raw result is wanted too).
        overwrites: pairs of indices into `values`, an input and a result as large: the kernel may
            write the result over the input, element by element, if nobody needs that any more.
        can_fail: whether the kernel may return an error for some values of its data.
        flops: float. Floating point operations, for profiles; 0 where nobody asks.
    """

    kernel: str
    values: tuple
    integers: tuple = ()
    reals: tuple = ()
    rows: int | None = None
    columns: int | None = None
    result: int | None = None
    overwrites: tuple = ()
    can_fail: bool = False
    flops: float = 0


@dataclasses.dataclass(frozen=True)
class Layout:
    """How a tensor lies in the memory of another: a view without a copy.

    Attributes:
        base: the tensor whose memory it is, contiguous in row-major order.
        shape: tuple of int.
        strides: tuple of int, in elements; 0 where broadcast.
    """

    base: Tensor
    shape: tuple
    strides: tuple

    @property
    def is_contiguous(self):
        """Whether the elements lie in row-major order without gaps."""
        return all(
            n == 1 or s == wanted
            for n, s, wanted in zip(self.shape, self.strides, strides_of(self.shape), strict=True)
        )


def strides_of(shape):
    """Strides, in elements, of a contiguous array in row-major order."""
    strides, step = [], 1
    for size in reversed(shape):
        strides.append(step)
        step *= size
    return tuple(reversed(strides))


class NodeView:
    """A node of a program as a binder sees it: all sizes known, merged tensors resolved.

    Args:
        node: Node.
        resolve: function from a tensor to the one that stands for it.
        layouts: dict from tensor key to Layout, of the tensors that are views.

    Attributes:
        kind, relation: what chains know about the node, once they were asked.
    """

    kind = relation = None

    def __init__(self, node, resolve, layouts):
        self.name, self.params, self.outputs = node.operation.name, node.params, node.outputs
        self.inputs = [resolve(x) if isinstance(x, SymbolicTensor) else x for x in node.inputs]
        self._layouts, self._found = layouts, {}

    def layout(self, i):
        """Layout of input `i`."""
        if i not in self._found:
            x = self.inputs[i]
            known = self._layouts.get(x.key)
            self._found[i] = known or Layout(x, tuple(x.shape), strides_of(x.shape))
        return self._found[i]

    @functools.cached_property
    def reads(self):
        """Keys of the memory that the node reads, behind views; without constants."""
        found = [x.key for x in self.inputs if isinstance(x, SymbolicTensor)]
        return [self._layouts[key].base.key if key in self._layouts else key for key in found]

    @functools.cached_property
    def wires(self):
        """Keys of the memory of all inputs and outputs, in order."""
        inputs = [x.key for x in self.inputs if isinstance(x, Tensor)]
        inputs = [self._layouts[key].base.key if key in self._layouts else key for key in inputs]
        return (*inputs, *[o.key for o in self.outputs])

    def all_of(self, *dtypes):
        """Whether all tensors among the inputs and outputs have one of these dtypes."""
        return all(
            t.dtype in dtypes for t in (*self.inputs, *self.outputs) if isinstance(t, Tensor)
        )

    def __getattr__(self, name):  # a static parameter by its name
        try:
            return self.params[name]
        except KeyError:
            raise AttributeError(name) from None


def binds(*names):
    """Decorator: the binder `f(node_view) -> Call or None` of operations, by name.

    None leaves the node to its plain operation: another dtype, a form that no kernel takes.
    """

    def decorate(binder):
        for name in names:
            bindings[name] = binder
        return binder

    return decorate
