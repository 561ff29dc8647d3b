"""Windows of images one by one: what the references of convolution, pooling and patches share."""

import itertools
import math

import numpy as np


def amounts(size, window, stride, padding, dilation=1):
    if padding == "valid":
        return 0, 0
    covered = (window - 1) * dilation + 1
    total = max((math.ceil(size / stride) - 1) * stride + covered - size, 0)
    return total // 2, total - total // 2


def as_list(value, rank):
    return [value] * rank if isinstance(value, int) else list(value)


def windows_of(x, window, strides, padding, dilations, fill=0.0):
    """Positions of the windows and what they see, `(batch, *window, channels)` each."""
    rank = x.ndim - 2
    spatial = list(zip(x.shape[1:-1], window, strides, dilations, strict=True))
    pads = [amounts(n, k, s, padding, d) for n, k, s, d in spatial]
    padded = np.pad(x, [(0, 0), *pads, (0, 0)], constant_values=fill)
    sizes = [
        (n + sum(p) - (k - 1) * d - 1) // s + 1
        for (n, k, s, d), p in zip(spatial, pads, strict=True)
    ]
    for at in itertools.product(*map(range, sizes)):
        index = tuple(
            slice(
                at[i] * strides[i],
                at[i] * strides[i] + (window[i] - 1) * dilations[i] + 1,
                dilations[i],
            )
            for i in range(rank)
        )
        yield sizes, at, padded[(slice(None), *index)]


def to_last(x, data_format):
    return np.moveaxis(x, 1, -1) if data_format == "channels_first" else x


def from_last(x, data_format):
    return np.moveaxis(x, -1, 1) if data_format == "channels_first" else x
