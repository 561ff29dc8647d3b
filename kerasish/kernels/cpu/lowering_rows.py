"""Lowering of operations on rows: reductions, softmax, standardization, one element by its label.

A reduction keeps some axes of its input. Where the places it adds up are whole rows, it is a
rowwise instruction; where they are all rows, those of a group, or everything, it is a sum.
"""

import math

from kerasish.kernels.cpu.lowering import COLUMN, FULL, ROW, SCALAR, Unsupported, emits


def reduced_axes(node):
    """Axes that a reduction node takes together, of its first input."""
    shape = node.layout(0).shape
    if node.name == "sum_to":
        kept = (1,) * (len(shape) - len(node.shape)) + tuple(node.shape)
        return {i for i, (n, m) in enumerate(zip(shape, kept, strict=True)) if m == 1 and n != 1}
    axis = node.params.get("axes", node.params.get("axis"))
    if axis is None:
        return set(range(len(shape)))
    return {a % len(shape) for a in (axis if isinstance(axis, tuple) else (axis,))}


def reduction_form(node):
    """("rows" | "columns" | "groups" | "total" | "nothing", elements taken together)."""
    shape, axes = node.layout(0).shape, reduced_axes(node)
    axes = {a for a in axes if shape[a] != 1}
    count = math.prod(shape[a] for a in axes)
    kept = [i for i, n in enumerate(shape) if n != 1 and i not in axes]
    if not axes:
        return "nothing", 1
    if not kept:  # of one row alone, if axes before it are kept
        is_row = any(i < min(axes) for i in range(len(shape)) if i not in reduced_axes(node))
        return "rows" if is_row else "total", count
    if max(kept) < min(axes):
        return "rows", count
    if min(kept) > max(axes):
        return "columns", count
    if all(not min(axes) < k < max(axes) for k in kept):
        return "groups", count
    raise Unsupported("a reduction over axes that are not together")


_REDUCTIONS = {
    "sum": "row_sum",
    "sum_to": "row_sum",
    "mean": "row_sum",
    "max": "row_max",
    "min": "row_min",
    "any": "row_any",
    "all": "row_all",
    "argmax": "row_argmax",
    "argmin": "row_argmin",
}


@emits(*_REDUCTIONS)
def _reduce(emitter, node, operands):
    (x,) = operands
    name = _REDUCTIONS[node.name]
    form, count = reduction_form(node)
    if node.params.get("initial") is not None:
        raise Unsupported("an initial value")
    if node.name in ("any", "all"):
        x = emitter.cast(x, "M")
    if node.name in ("argmax", "argmin") and form == "total" and len(node.layout(0).shape) > 1:
        raise Unsupported("a place among several axes")
    if count == 0 and node.name not in ("sum", "sum_to"):
        raise Unsupported("a reduction of nothing")
    divisor = float(count) if node.name == "mean" else 1.0
    if form == "nothing":
        return emitter.constant(0, "I") if node.name in ("argmax", "argmin") else x
    if form == "rows":
        if x.letter == "I" and name == "row_sum":
            name = "row_sum_i32"
        if x.letter == "M" and name == "row_sum":
            name, x = "row_sum_i32", emitter.cast(x, "I")
        total = emitter.emit_rows(name, emitter.materialized(x, FULL))
        return total if divisor == 1 else _divided(emitter, total, divisor)
    if form == "total" and x.space in (SCALAR, ROW) and emitter.space_of(node) == ROW:
        total = emitter.emit_rows(name, emitter.materialized(x, ROW))
        return total if divisor == 1 else _divided(emitter, total, divisor)
    if name != "row_sum" or x.letter != "F":
        raise Unsupported(f"{node.name} over rows")
    space = emitter.space_of(node)
    if space not in (FULL, COLUMN) or (space == COLUMN and form != "total"):
        raise Unsupported("a sum of other values than those of rows")
    x = emitter.materialized(x, space)
    if form == "columns":
        x, row = emitter.unscaled(x)
        total = emitter.total(form, x, divisor)
        return total if row is None else emitter.emit("multiply", total, row)
    return emitter.total(form, x, divisor)


def _divided(emitter, value, divisor):
    if math.frexp(divisor)[0] == 0.5:
        return emitter.emit("multiply", value, emitter.constant(1 / divisor, "F"))
    return emitter.emit("divide", value, emitter.constant(divisor, "F"))


def is_last_axis(node, axis, shape):
    """Whether an axis parameter means the last axis."""
    return isinstance(axis, int) and axis % len(shape) == len(shape) - 1


@emits("softmax", "log_softmax")
def _softmax(emitter, node, operands):
    return emitter.emit_rows(node.name, emitter.materialized(operands[0], FULL))


@emits("pick")
def _pick(emitter, node, operands):
    x, labels = operands
    emitter.can_fail = True
    return emitter.emit_rows("pick", x, emitter.cast(labels, "I"))


@emits("place")
def _place(emitter, node, operands):
    x, labels = operands[:2]
    emitter.can_fail = True
    return emitter.emit_rows("place", x, emitter.cast(labels, "I"))


@emits("standardize")
def _standardize(emitter, node, operands):
    """Mean, then the variance of the distances from it, as the plain operation."""
    (x,) = operands
    form, count = reduction_form(node)
    if form != "rows":
        raise Unsupported("statistics over rows: these are split in two nodes first")
    mean = _divided(emitter, emitter.emit_rows("row_sum", x), float(count))
    distance = emitter.emit("subtract", x, mean)
    squares = emitter.emit_rows("row_sum_product", distance, distance)
    variance = _divided(emitter, squares, float(count))
    shifted = emitter.emit("add", variance, emitter.constant(node.epsilon, "F"))
    normal = emitter.emit("multiply", distance, emitter.emit("rsqrt", shifted))
    return normal, mean, variance


@emits("batch_statistics")
def _batch_statistics(emitter, node, operands):
    form, _ = reduction_form(node)
    if form != "columns" or emitter.space_of(node) != FULL:
        raise Unsupported("statistics of other values than columns")
    return tuple(emitter.total("statistics", emitter.materialized(operands[0], FULL)))


@emits("batch_normalize")
def _batch_normalize(emitter, node, operands):
    x, mean, variance = operands
    shifted = emitter.emit("add", variance, emitter.constant(node.epsilon, "F"))
    return emitter.emit(
        "multiply", emitter.emit("subtract", x, mean), emitter.emit("rsqrt", shifted)
    )
