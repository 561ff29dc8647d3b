"""Bindings of pooling, and of sums and means over the middle axes of an array."""

import math

from kerasish.core.spec import normalize_axes
from kerasish.kernels.cpu.binding import Call, binds
from kerasish.ops import windows

_AXES = 3  # spatial axes that the kernels know


def _geometry(node, sizes, channels):
    """The integers of a pooling kernel (`native/pooling.h`); None for more than three axes."""
    missing = _AXES - len(node.window)
    if missing < 0:
        return None
    spatial = list(zip(sizes, node.window, node.strides, strict=True))
    results = [windows.output_size(n, k, s, node.padding) for n, k, s in spatial]
    before = [windows.padding_amounts(n, k, s, node.padding)[0] for n, k, s in spatial]
    ones = [1] * missing
    integers = [node.inputs[0].shape[0], channels]
    for of_axes in (sizes, results, node.window, node.strides):
        integers += [*ones, *of_axes]
    return (*integers, *[0] * missing, *before)


def _pooling(node, kernel, values, shape):
    if not node.all_of("float32"):
        return None
    integers = _geometry(node, shape[1:-1], shape[-1])
    return integers and Call(kernel, (*values, *node.outputs), integers)


@binds("max_pool_windows")
def max_pool_windows(node):
    return _pooling(node, "max_pool", node.inputs, node.inputs[0].shape)


@binds("average_pool_windows")
def average_pool_windows(node):
    return _pooling(node, "average_pool", node.inputs, node.inputs[0].shape)


@binds("max_pool_scatter", "max_pool_gather")
def max_pool_gradient(node):
    return _pooling(node, node.name, node.inputs, node.inputs[1].shape)


@binds("average_pool_spread")
def average_pool_spread(node):
    return _pooling(node, "average_pool_spread", node.inputs[:1], node.outputs[0].shape)


@binds("mean", "sum")
def middle_reduction(node):
    """Over neighbouring axes between the first and the last one."""
    (x,) = node.inputs
    axes = normalize_axes(node.axis, len(x.shape), node.name)
    first, last = (axes[0], axes[-1]) if axes else (0, 0)
    is_middle = first > 0 and last < len(x.shape) - 1 and len(axes) == last - first + 1
    if not is_middle or not node.all_of("float32"):
        return None
    sizes = [math.prod(x.shape[a:b]) for a, b in ((0, first), (first, last + 1), (last + 1, None))]
    return Call("middle_reduction", (x, *node.outputs), (*sizes, node.name == "mean"))
