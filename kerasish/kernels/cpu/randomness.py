"""Bindings of random numbers: dropout masks, uniform and normal numbers."""

import math

import numpy

from kerasish.kernels.cpu.binding import Call, binds


def _is_float32(node):
    return node.outputs[0].dtype == "float32" and node.inputs[0].dtype == "uint32"


@binds("random_dropout_mask")
def _random_dropout_mask(node):
    if not _is_float32(node) or not 0 <= node.rate < 1:
        return None
    threshold = min(round(node.rate * 2**32), 2**32 - 1)
    scale = float(numpy.float32(1 / (1 - node.rate)))
    count = math.prod(node.outputs[0].shape)
    return Call("dropout_mask", (node.inputs[0], node.outputs[0]), (count, threshold), (scale,))


@binds("random_uniform")
def _random_uniform(node):
    return _numbers(node, "uniform_numbers")


@binds("random_normal")
def _random_normal(node):
    """The same bits as the plain operation; the last digits are those of other elementary
    functions."""
    return _numbers(node, "normal_numbers")


def _numbers(node, kernel):
    if not _is_float32(node):
        return None
    count = math.prod(node.outputs[0].shape)
    return Call(kernel, (node.inputs[0], node.outputs[0]), (count,))
