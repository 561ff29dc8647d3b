"""Bindings of matrix products: matmul and einsum, where they are one strided product in a batch."""

import dataclasses
import itertools
import math

from kerasish.core.tensor import Tensor
from kerasish.kernels.cpu.binding import Call, binds, strides_of

_BATCH_AXES = 4  # BATCH_AXES in native/matrix_product.c
_MOST_INNER = 4  # letters whose orders are all tried
_ROWS, _INNER, _COLUMNS = "rows", "inner", "columns"


@binds("matmul")
def matmul(node):
    """All ranks; leading axes that the second operand lacks are more rows of a single product."""
    if not _takes(node):
        return None
    a, b = node.layout(0), node.layout(1)
    batch = tuple(range(max(2, len(a.shape), len(b.shape)) - 2))
    left = (*batch, _ROWS, _INNER) if len(a.shape) > 1 else (_INNER,)
    right = (*batch, _INNER, _COLUMNS) if len(b.shape) > 1 else (_INNER,)
    output = (*batch, *left[-2:-1], *right[1:][-1:])
    a, b = _operand(a, left), _operand(b, right)
    lacking = itertools.takewhile(lambda axis: b.sizes.get(axis, 1) == 1, reversed(batch))
    return _product(a, b.without(lacking), output, node.outputs[0]) or _product(
        a, b, output, node.outputs[0]
    )


@binds("einsum")
def einsum(node):
    """Two operands, each of whose letters is summed or kept as in a matrix product."""
    if len(node.inputs) != 2 or not _takes(node):
        return None
    if set(node.terms[0]) == set(node.terms[1]) == set(node.output):
        return None  # a product element by element
    a, b = (_operand(node.layout(i), node.terms[i]) for i in range(2))
    return _product(a, b, tuple(node.output), node.outputs[0])


def _takes(node):
    tensors = (*node.inputs, *node.outputs)
    return node.all_of("float32") and all(t.spec.is_static for t in tensors)


@dataclasses.dataclass
class _Operand:
    """A tensor whose axes have letters: their sizes, and strides in the memory of `base`."""

    base: Tensor
    sizes: dict
    strides: dict

    def without(self, letters):
        """The operand less some axes of size 1."""
        dropped = set(letters)
        sizes, strides = (
            {c: n for c, n in numbers.items() if c not in dropped}
            for numbers in (self.sizes, self.strides)
        )
        return _Operand(self.base, sizes, strides)

    def steps(self, sizes):
        """Stride of each letter, 0 where an axis of size 1 is repeated."""
        return {c: s if self.sizes[c] == sizes[c] else 0 for c, s in self.strides.items()}


def _operand(layout, letters):
    """An operand of a layout; letters that it lacks, the first ones, have size 1."""
    missing = len(letters) - len(layout.shape)
    shape, strides = (1,) * missing + layout.shape, (0,) * missing + layout.strides
    return _Operand(
        layout.base,
        dict(zip(letters, shape, strict=True)),
        dict(zip(letters, strides, strict=True)),
    )


def _product(a, b, output, result):
    """The call for two operands and the letters of the result, or None.

    The letters of a product are those of the batch (in both operands and the result), rows (in the
    left operand and the result), columns (in the right one and the result), and inner ones (in both
    operands). Letters of size 1 play no part.
    """
    if output and output[-1] not in b.sizes:  # the last letter tells which operand has the columns
        a, b = b, a
    sizes = _common_sizes(a, b, output, result.shape)
    a_steps, b_steps = a.steps(sizes), b.steps(sizes)
    c_steps = dict(zip(output, strides_of(result.shape), strict=True))
    batch = [c for c in output if sizes[c] != 1 and c in a.sizes and c in b.sizes]
    rows = [c for c in output if sizes[c] != 1 and c not in b.sizes]
    columns = [c for c in output if sizes[c] != 1 and c not in a.sizes]
    inner = [c for c in sizes if sizes[c] != 1 and c not in output]
    if any(c not in a.sizes or c not in b.sizes for c in inner):
        return None  # summed in one operand alone
    c_rows, c_columns = _axis(rows, sizes, c_steps), _axis(columns, sizes, c_steps)
    a_rows, b_columns = _axis(rows, sizes, a_steps), _axis(columns, sizes, b_steps)
    depth = _inner_axes(inner, sizes, a_steps, b_steps)
    entries = _merged(batch, sizes, a_steps, b_steps, c_steps)
    if None in (c_rows, c_columns, a_rows, b_columns, depth) or len(entries) > _BATCH_AXES:
        return None
    if c_rows[2] or c_columns[2] or c_columns[0] != 1:
        return None  # other letters of the result lie between
    entries = [(1, (0, 0, 0))] * (_BATCH_AXES - len(entries)) + entries
    counts = [math.prod(sizes[c] for c in group) for group in (rows, columns, inner)]
    steps = zip(*(steps for _, steps in entries), strict=True)
    integers = (*counts, *a_rows, *depth[0], *depth[1], *b_columns, *(n for n, _ in entries),
                *itertools.chain.from_iterable(steps), c_rows[0])  # fmt: skip
    values = (a.base, b.base, result)
    flops = 2 * math.prod(sizes.values())
    if [c for c in output if sizes[c] != 1] != batch + rows + columns:  # rows are no blocks of it
        return Call("matrix_product", values, integers, flops=flops)
    total = math.prod(sizes[c] for c in batch + rows)
    return Call("matrix_product", values, integers, rows=total, columns=counts[1], result=2,
                flops=flops)  # fmt: skip


def _common_sizes(a, b, output, shape):
    """Size of each letter; an operand with size 1 is repeated."""
    sizes = dict(zip(output, shape, strict=True))
    for operand in (a, b):
        for letter, n in operand.sizes.items():
            if sizes.get(letter, 1) == 1:
                sizes[letter] = n
    return sizes


def _merged(letters, sizes, *strides):
    """Axes (size, strides in each operand), where neighbours that lie in order are one."""
    axes = []
    for c in letters:
        steps = tuple(s[c] for s in strides)
        if axes and axes[-1][1] == tuple(sizes[c] * step for step in steps):
            axes[-1] = (axes[-1][0] * sizes[c], steps)
        else:
            axes.append((sizes[c], steps))
    return axes


def _axis(letters, sizes, strides):
    """Letters as one Axis: step, split, leap. None if two strides do not tell where they lie."""
    axes = _merged(letters, sizes, strides)
    if len(axes) > 2:
        return None
    if not axes or 0 in (n for n, _ in axes):
        return 1, 1, 0
    n, (step,) = axes[-1]
    return step, n, axes[0][1][0] if len(axes) == 2 else 0


def _inner_axes(letters, sizes, a, b):
    """The inner letters as an Axis of each operand, in the order that suits them best, or None."""
    if len(letters) > _MOST_INNER:
        return None
    pairs = [(_axis(order, sizes, a), _axis(order, sizes, b))
             for order in itertools.permutations(letters)]  # fmt: skip
    pairs = [pair for pair in pairs if None not in pair]
    return min(pairs, key=lambda pair: sum(leap != 0 for _, _, leap in pair), default=None)
