"""Bindings of taking rows by index, its gradient, and the gathering of batches."""

import math

from kerasish.kernels.cpu.binding import Call, binds
from kerasish.kernels.cpu.copying import itemsize

# Conversions of `gather_rows` (native/gather.c): (dtype of the source, of the result) -> kind.
_KINDS = {("float64", "float32"): 1, ("uint8", "float32"): 2, ("int64", "int32"): 3}


@binds("take")
def _take(node):
    x, indices = node.inputs
    size = itemsize(x)
    if size is None or indices.dtype not in ("int32", "int64"):
        return None
    axis = node.axis
    outer, n, inner = math.prod(x.shape[:axis]), x.shape[axis], math.prod(x.shape[axis + 1 :])
    integers = outer, n, inner * size, math.prod(indices.shape), itemsize(indices)
    return Call("take_rows", (x, indices, node.outputs[0]), integers, can_fail=True)


@binds("add_rows")
def _add_rows(node):
    g, indices = node.inputs[:2]
    count = math.prod(indices.shape)
    if g.dtype != "float32" or indices.dtype not in ("int32", "int64") or count >= 2**31:
        return None
    result, axis = node.outputs[0], node.axis
    shape = result.shape
    outer, n, inner = math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :])
    integers = outer, n, inner, count, itemsize(indices)
    return Call("add_rows", (g, indices, result), integers, can_fail=True)


@binds("one_hot")
def _one_hot(node):
    x, result = node.inputs[0], node.outputs[0]
    if x.dtype not in ("int32", "int64") or result.dtype != "float32":
        return None
    outer, inner = math.prod(x.shape[: node.axis]), math.prod(x.shape[node.axis :])
    return Call("one_hot_codes", (x, result), (outer, node.num_classes, inner, itemsize(x)))


def gather_rows(source, indices, result, rows, step):
    """The call that writes rows of a user's array, chosen by indices, to a batch.

    Args:
        source: tensor that stands for the array. Each row is contiguous; rows may lie apart.
        indices: int64 tensor of one axis.
        result: tensor (indices, *row), of the array's dtype or one that a conversion leads to.
        rows: int. How many the array has.
        step: int. Bytes from one row of the array to the next.

    Returns:
        Call; None where there is no such conversion.
    """
    kind = 0 if source.dtype == result.dtype else _KINDS.get((source.dtype, result.dtype))
    size = itemsize(result)
    if kind is None or size is None:
        return None
    elements = math.prod(result.shape[1:])
    integers = rows, step, elements, indices.shape[0], kind, size
    return Call("gather_rows", (source, indices, result), integers, can_fail=True)
