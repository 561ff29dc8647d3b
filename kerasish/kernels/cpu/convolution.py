"""Convolutions on the native kernels: forward, by the input, by the kernel."""

import math

from kerasish.kernels.cpu.binding import Call, binds
from kerasish.ops import windows

_AXES = 3


def geometry(batch, channels, filters, groups, input_sizes, window, strides, padding, dilations,
             outputs=None):  # fmt: skip
    """The integers that every convolution kernel takes.

    Fewer than three spatial axes are filled up with sizes of 1 in front. A convolution that is a
    matrix product becomes one long row, unless `outputs`, the output sizes, are given.
    """
    spatial = list(zip(input_sizes, window, strides, dilations, strict=True))
    before = [windows.padding_amounts(n, k, s, padding, d)[0] for n, k, s, d in spatial]
    is_product = outputs is None and math.prod(window) == 1 and math.prod(strides) == 1
    if outputs is None:
        outputs = [windows.output_size(n, k, s, padding, d) for n, k, s, d in spatial]
    if is_product:
        length = batch * math.prod(input_sizes)
        batch, spatial, outputs, before = 1, [(length, 1, 1, 1)], [length], [0]
    missing = _AXES - len(spatial)
    spatial = [(1, 1, 1, 1)] * missing + spatial
    outputs, before = [1] * missing + outputs, [0] * missing + before
    axes = [*zip(*spatial, strict=True), before, outputs]
    return (batch, channels, filters, groups, *(n for axis in axes for n in axis))


def _of_node(node, x_shape, filters):
    return geometry(
        x_shape[0],
        x_shape[-1],
        filters,
        node.groups,
        x_shape[1:-1],
        node.window if "window" in node.params else node.inputs[1].shape[:-2],
        node.strides,
        node.padding,
        node.dilations,
    )


def _takes(node):
    """Whether the kernels take a node: float32, known sizes, at most three spatial axes."""
    tensors = [x for x in (*node.inputs, *node.outputs) if x is not None]
    return (
        node.all_of("float32")
        and len(node.strides) <= _AXES
        and all(x.spec.is_static for x in tensors)
    )


def _flops(integers):
    batch, channels, filters, groups = integers[:4]
    window, outputs = integers[7:10], integers[19:22]
    return 2 * batch * filters * channels / groups * math.prod(window) * math.prod(outputs)


def _result(values, integers, kernel):
    rows, columns = math.prod(values[2].shape[:-1]), values[2].shape[-1]
    return Call(
        kernel, values, integers, rows=rows, columns=columns, result=2, flops=_flops(integers)
    )


@binds("convolve")
def convolve(node):
    """Forward."""
    if not _takes(node):
        return None
    x, kernel = node.inputs
    integers = _of_node(node, x.shape, kernel.shape[-1])
    return _result((x, kernel, node.outputs[0]), integers, "convolution_forward")


@binds("convolve_backprop_input")
def convolve_backprop_input(node):
    """Derivative by the input, and the transposed convolution."""
    if not _takes(node):
        return None
    (g, kernel, *_), result = node.inputs, node.outputs[0]
    spatial = zip(result.shape[1:-1], kernel.shape[:-2], node.strides, node.dilations, strict=True)
    if g.shape[1:-1] != tuple(
        windows.output_size(n, k, s, node.padding, d) for n, k, s, d in spatial
    ):
        return None  # the plain operation says what is wrong
    integers = _of_node(node, result.shape, g.shape[-1])
    return _result((g, kernel, result), integers, "convolution_backward_input")


@binds("convolve_backprop_kernel")
def convolve_backprop_kernel(node):
    """Derivative by the kernel."""
    if not _takes(node):
        return None
    x, g = node.inputs
    integers = _of_node(node, x.shape, g.shape[-1])
    values = (x, g, node.outputs[0])
    return Call("convolution_backward_kernel", values, integers, flops=_flops(integers))


# ---- max pooling behind ------------------------------------------------------------------------


def _pooled(node, x, kernel, pooled_sizes):
    """Integers of the fused kernels: the convolution computes what the windows cover, no more."""
    rank = len(node.strides)
    covered = [
        (n - 1) * s + w if n else 0
        for n, s, w in zip(pooled_sizes, node.pool_strides, node.window, strict=True)
    ]
    integers = geometry(
        x.shape[0], x.shape[-1], kernel.shape[-1], node.groups, x.shape[1:-1], kernel.shape[:-2],
        node.strides, node.padding, node.dilations, outputs=covered,
    )  # fmt: skip
    ones = (1,) * (_AXES - rank)
    return (*integers, *ones, *node.window, *ones, *node.pool_strides, node.activation == "relu")


@binds("convolve_pool")
def convolve_pool(node):
    """Convolution, bias, relu and max pooling."""
    (x, kernel, bias), (pooled, choice) = node.inputs, node.outputs
    integers = _pooled(node, x, kernel, pooled.shape[1:-1])
    rows, columns = math.prod(pooled.shape[:-1]), pooled.shape[-1]
    values = (x, kernel, bias, pooled, choice)
    return Call(
        "convolution_pool_forward", values, integers, rows=rows, columns=columns, result=3,
        flops=_flops(integers),
    )  # fmt: skip


@binds("convolve_pool_gradient")
def convolve_pool_gradient(node):
    """Derivatives of the above by the kernel, the bias and the input."""
    g, pooled, choice, x, kernel = node.inputs
    outputs = iter(node.outputs)
    results = [next(outputs) if is_wanted else None for is_wanted in node.wanted]
    integers = _pooled(node, x, kernel, choice.shape[1:-1])
    values = (g, pooled, choice, x, kernel, *results)
    flops = _flops(integers) * (node.wanted[0] + node.wanted[2])
    return Call("convolution_pool_backward", values, integers, flops=flops)
