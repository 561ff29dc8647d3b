"""Bindings of operations that only move values: views made contiguous, joining, padding."""

import math

import numpy

from kerasish.arrays import dtypes
from kerasish.core.tensor import Tensor
from kerasish.kernels.cpu.binding import Call, binds, strides_of

_AXES = 8  # BOX_AXES in native/copy.h
_PIECES = 23  # MOST_PIECES in native/copy_joined.c


def itemsize(tensor):
    """Bytes of an element, or None where the kernels cannot copy that kind."""
    if tensor.dtype == "string":
        return None
    size = dtypes.to_numpy(tensor.dtype).itemsize
    return size if size in (1, 2, 4, 8) else None


def strided_copy(base, result, strides, offset=0):
    """The call that writes a view of one tensor to another, contiguous one.

    Args:
        base: tensor whose memory is read; contiguous.
        result: tensor of the view's shape.
        strides: sequence of int. For each axis of the result how far apart neighbours lie in
            `base`, in elements; 0 and negative ones too.
        offset: int. Where the first element of the view lies in `base`, in elements.

    Returns:
        Call; None where there are too many axes or elements of another kind.
    """
    shape = tuple(result.shape)
    box = _box(result, shape, strides, strides_of(shape))
    return box and Call("strided_copy", (base, result), (*box, offset))


def _box(tensor, shape, source, result):
    """A `Box` of native/copy.h as integers, with as few axes as possible."""
    size = itemsize(tensor)
    axes = []
    for n, s, t in zip(shape, source, result, strict=True):
        if n == 1:
            continue
        if axes and axes[-1][1] == s * n and axes[-1][2] == t * n:  # one axis with the one before
            axes[-1] = axes[-1][0] * n, s, t
        else:
            axes.append((n, s, t))
    if 0 in shape:
        axes = [(0, 1, 1)]
    if axes and axes[-1][2] != 1:  # the last axis of the result must be one of neighbours
        axes.append((1, 1, 1))
    if size is None or len(axes) > _AXES:
        return None
    filled = [*axes, *[(0, 0, 0)] * (_AXES - len(axes))]
    return (size, len(axes), *[n for column in zip(*filled, strict=True) for n in column])


# ---- views -----------------------------------------------------------------------------------


@binds("transpose")
def _transpose(node):
    view = node.layout(0)
    axes = node.axes or range(len(view.shape))[::-1]
    return strided_copy(view.base, node.outputs[0], [view.strides[a] for a in axes])


@binds("reshape_static", "squeeze", "expand_dims")
def _reshape(node):
    """Only of a view that has no such form without a copy."""
    view = node.layout(0)
    return _copy_as(view.base, node.outputs[0], view.shape, view.strides)


@binds("flip")
def _flip(node):
    view = node.layout(0)
    ndim = len(view.shape)
    axes = range(ndim) if node.axis is None else [a % ndim for a in node.axis]
    strides = [-s if a in axes else s for a, s in enumerate(view.strides)]
    offset = sum((view.shape[a] - 1) * view.strides[a] for a in set(axes))
    return strided_copy(view.base, node.outputs[0], strides, offset)


@binds("broadcast_to")
def _broadcast_to(node):
    if not isinstance(node.inputs[0], Tensor):
        return None
    view, shape = node.layout(0), node.outputs[0].shape
    strides = [0 if n == 1 else s for n, s in zip(view.shape, view.strides, strict=True)]
    strides = [0] * (len(shape) - len(strides)) + strides
    return strided_copy(view.base, node.outputs[0], strides)


@binds("get_item")
def _get_item(node):
    if len(node.inputs) > 1:  # indices known at run time only
        return None
    view = node.layout(0)
    part = part_of(view.shape, view.strides, node.pattern)
    if part is None:
        return None
    offset, strides = part
    return strided_copy(view.base, node.outputs[0], strides, offset)


def part_of(shape, strides, pattern):
    """Offset and strides of a part of an array, in elements.

    Args:
        shape, strides: of the array.
        pattern: tuple of int, (start, stop, step), None and Ellipsis.

    Returns:
        tuple (offset, list of strides), or None if the pattern is not made of these alone.
    """
    used = sum(p is not None and p is not Ellipsis for p in pattern)
    whole = (None, None, None)
    spelled = []
    for p in pattern if Ellipsis in pattern else (*pattern, Ellipsis):
        spelled += [whole] * (len(shape) - used) if p is Ellipsis else [p]
    axis, offset, found = 0, 0, []
    for p in spelled:
        if p is None:
            found.append(0)
            continue
        n, step = shape[axis], strides[axis]
        if type(p) is int:
            offset += p % n * step
        elif isinstance(p, tuple) and all(b is None or type(b) is int for b in p):
            places = range(n)[slice(*p)]
            offset += places.start * step if len(places) else 0
            found.append(places.step * step)
        else:
            return None
        axis += 1
    return offset, found


@binds("repeat")
def _repeat(node):
    view, result = node.layout(0), node.outputs[0]
    axis = node.axis
    shape = [*view.shape[: axis + 1], node.repeats, *view.shape[axis + 1 :]]
    strides = [*view.strides[: axis + 1], 0, *view.strides[axis + 1 :]]
    return _copy_as(view.base, result, shape, strides)


@binds("tile")
def _tile(node):
    view = node.layout(0)
    shape = [n for pair in zip(node.repeats, view.shape, strict=True) for n in pair]
    strides = [s for step in view.strides for s in (0, step)]
    return _copy_as(view.base, node.outputs[0], shape, strides)


def _copy_as(base, result, shape, strides):
    """As `strided_copy`, for a view whose shape is that of `result` once axes are merged."""
    box = _box(result, shape, strides, strides_of(shape))
    return box and Call("strided_copy", (base, result), (*box, 0))


@binds("pad")
def _pad(node):
    view, result = node.layout(0), node.outputs[0]
    steps = strides_of(result.shape)
    box = _box(result, view.shape, view.strides, steps)
    if box is None:
        return None
    offset = sum(before * step for (before, _), step in zip(node.pad_width, steps, strict=True))
    fill = numpy.full(1, node.value, dtypes.to_numpy(result.dtype)).tobytes()
    bits = int(numpy.frombuffer(fill.ljust(8, b"\0"), "int64")[0])
    return Call("padded_copy", (view.base, result), (*box, offset, math.prod(result.shape), bits))


# ---- joining and splitting -------------------------------------------------------------------


@binds("concatenate")
def _concatenate(node):
    return _joined("join_rows", node.outputs[0], node.inputs, node.axis)


@binds("stack")
def _stack(node):
    result = node.outputs[0]
    axis = node.axis % len(result.shape)
    return _joined("join_rows", result, node.inputs, axis)


@binds("split")
def _split(node):
    return _joined("split_rows", node.inputs[0], node.outputs, node.axis)


def _joined(kernel, whole, pieces, axis):
    """Rows are all that comes before the axis; a piece's part of a row is what comes after."""
    size = itemsize(whole)
    if size is None or len(pieces) > _PIECES or any(p.dtype != whole.dtype for p in pieces):
        return None
    rows = math.prod(whole.shape[:axis])
    widths = [math.prod(p.shape[axis:]) * size for p in pieces]
    return Call(kernel, (whole, *pieces), (rows, len(pieces), *widths))
