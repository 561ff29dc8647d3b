"""Lowering of nodes: operands are found in the frame, then each node becomes instructions."""

import numpy

from kerasish.core.tensor import SymbolicTensor
from kerasish.kernels.cpu import lowering_elements, lowering_rows  # noqa: F401 (they register)
from kerasish.kernels.cpu.lowering import FULL, LETTERS, Emitter, Unsupported, Value, emitters
from kerasish.kernels.cpu.lowering_frame import Frame, relation_of


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


class Lowered:
    """Instructions of nodes, before anybody says which results are stored.

    Raises:
        Unsupported: the nodes are no chain.
    """

    is_spoilt = False

    def __init__(self, views, incoming, columns):
        if any(v.name not in emitters for v in views):
            raise Unsupported("no emitter")
        relations = [relation_of(v) for v in views]
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
            relation = relation_of(view)
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
        number = uniform_number(tensor)
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
        return self.frame.space(self.frame.index_map(self.relation))


def uniform_number(tensor):
    """The number that all elements of a small constant tensor are, or None."""
    if isinstance(tensor, SymbolicTensor) or not 0 < tensor.size <= 4096:
        return None
    array = tensor.numpy()
    first = array.flat[0]
    if not (array == first).all() or (first == 0 and numpy.signbit(array).any()):
        return None
    return first.item()
