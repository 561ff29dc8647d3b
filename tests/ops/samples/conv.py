"""Convolutions: references that walk over the windows one by one."""

import math

import numpy as np

from kerasish import ops
from tests.ops.sample import Case, Sample, draw
from tests.ops.window_reference import as_list, from_last, to_last, windows_of


def conv(x, kernel, strides=1, padding="valid", data_format="channels_last", dilation_rate=1):
    x = to_last(x, data_format)
    rank, groups = x.ndim - 2, x.shape[-1] // kernel.shape[-2]
    y = None
    for sizes, at, seen in windows_of(
        x, kernel.shape[:-2], as_list(strides, rank), padding, as_list(dilation_rate, rank)
    ):
        if y is None:
            y = np.zeros((len(x), *sizes, kernel.shape[-1]))
        parts = [
            np.tensordot(a, k, rank + 1)
            for a, k in zip(np.split(seen, groups, -1), np.split(kernel, groups, -1), strict=True)
        ]
        y[(slice(None), *at)] = np.concatenate(parts, -1)
    return from_last(y, data_format)


def depthwise_conv(x, kernel, **params):
    return conv(x, kernel.reshape(*kernel.shape[:-2], 1, -1), **params)


def separable_conv(x, depthwise, pointwise, **params):
    y = depthwise_conv(x, depthwise, **params)
    return conv(y, pointwise, data_format=params.get("data_format", "channels_last"))


def conv_transpose(
    x,
    kernel,
    strides=1,
    padding="valid",
    output_padding=None,
    data_format="channels_last",
    dilation_rate=1,
):
    """The transpose of `conv` as a matrix, column by column."""
    x = to_last(x, data_format)
    rank = x.ndim - 2
    strides, dilations = as_list(strides, rank), as_list(dilation_rate, rank)
    extra = as_list(output_padding, rank) if output_padding is not None else [None] * rank
    sizes = []
    for n, k, s, d, e in zip(x.shape[1:-1], kernel.shape, strides, dilations, extra, strict=False):
        covered = (k - 1) * d + 1
        if e is None:
            sizes.append(n * s + (max(covered - s, 0) if padding == "valid" else 0))
        else:
            sizes.append(
                (n - 1) * s + covered - (2 * (covered // 2) if padding == "same" else 0) + e
            )
    shape = (*sizes, kernel.shape[-2])
    columns = []
    for i in range(math.prod(shape)):
        unit = np.zeros(math.prod(shape))
        unit[i] = 1
        y = conv(
            unit.reshape(1, *shape), kernel, tuple(strides), padding, dilation_rate=tuple(dilations)
        )
        columns.append((x * y).reshape(len(x), -1).sum(axis=1))
    return from_last(np.stack(columns, 1).reshape(len(x), *shape), data_format)


# ---- cases -----------------------------------------------------------------------------------


def settings(rank):
    """Strides, paddings and dilations that go together."""
    for padding in ("valid", "same"):
        yield {"padding": padding}
        yield {"padding": padding, "strides": 2}
        yield {"padding": padding, "dilation_rate": 2}
        yield {"padding": padding, "strides": tuple(range(1, rank + 1))}


def convolutions(kernels, first=True):
    """Cases of the convolutions.

    Args:
        kernels: callable `f(rng, window, channels)` -> tuple of kernels.
    """

    def cases(rng):
        found = []
        for spatial, window in (((6,), (3,)), ((5, 6), (3, 2)), ((4, 5, 4), (2, 2, 2))):
            for number, params in enumerate(settings(len(spatial))):
                channels = (1, 2, 4)[number % 3]
                x, data_format = draw(rng, (2, *spatial, channels)), "channels_last"
                if number % 2:
                    x, data_format = np.moveaxis(x, -1, 1).copy(), "channels_first"
                params = {**params, "data_format": data_format}
                found.append(Case((x, *kernels(rng, window, channels)), params))
        for window, channels in (((1, 1), 3), ((3, 2), 9), ((2, 3), 6)):
            found.append(
                Case(
                    (draw(rng, (2, 4, 4, channels)), *kernels(rng, window, channels)),
                    {"data_format": "channels_last"},
                )
            )
        found.append(
            Case(
                (draw(rng, (0, 4, 4, 3)), *kernels(rng, (2, 2), 3)),
                {"data_format": "channels_last"},
            )
        )
        return found

    return cases


def plain_kernel(rng, window, channels):
    return (draw(rng, (*window, channels, 3)),)


def depthwise_kernel(rng, window, channels):
    return (draw(rng, (*window, channels, 2)),)


def separable_kernels(rng, window, channels):
    ones = (1,) * len(window)
    return draw(rng, (*window, channels, 2)), draw(rng, (*ones, 2 * channels, 3))


def grouped(rng):
    found = []
    for number, params in enumerate([*settings(2)] * 3):
        groups = (2, 4, 3)[number % 3]
        x, kernel = draw(rng, (2, 5, 4, 2 * groups)), draw(rng, (2, 2, 2, 2 * groups))
        found.append(Case((x, kernel), {**params, "data_format": "channels_last"}))
    return found


def transposed(rng):
    found = []
    for spatial, window in (((4,), (3,)), ((3, 2), (3, 2)), ((2, 2, 2), (2, 3, 2))):
        for number, params in enumerate(settings(len(spatial))):
            x, data_format = draw(rng, (2, *spatial, 3)), "channels_last"
            if number % 2:
                x, data_format = np.moveaxis(x, -1, 1).copy(), "channels_first"
            kernel = draw(rng, (*window, 2, 3))
            found.append(Case((x, kernel), {**params, "data_format": data_format}))
    for padding in ("valid", "same"):
        for extra in (1, (1, 1)):
            params = {
                "strides": 2,
                "padding": padding,
                "output_padding": extra,
                "data_format": "channels_last",
            }
            found.append(Case((draw(rng, (2, 3, 2, 3)), draw(rng, (3, 3, 2, 3))), params))
    return found


def fixed_kernel(rng):
    """Convolutions with the kernel as a parameter, so that sizes of the input may be unknown."""
    kernel = ops.convert_to_tensor(draw(rng, (3, 2, 2, 3)))
    return [
        Case((draw(rng, (2, 5, 6, 2)),), {**p, "kernel": kernel, "data_format": "channels_last"})
        for p in [*settings(2)] * 3
    ]


def call_fixed(function, x, kernel, **params):
    return function(x, kernel, **params)


def fixed(x, kernel, **params):
    return conv(x, kernel.numpy(), **params)


KERNELS = "a kernel has known sizes; the row with a fixed kernel has unknown ones"

SAMPLES = [
    Sample("conv", convolutions(plain_kernel), conv, unknown_sizes="none", note=KERNELS),
    Sample("conv", grouped, conv, unknown_sizes="none", note=KERNELS),
    Sample("conv", fixed_kernel, fixed, call=call_fixed, unknown_sizes="first"),
    Sample(
        "depthwise_conv",
        convolutions(depthwise_kernel),
        depthwise_conv,
        unknown_sizes="none",
        note=KERNELS,
    ),
    Sample(
        "separable_conv",
        convolutions(separable_kernels),
        separable_conv,
        unknown_sizes="none",
        note=KERNELS,
    ),
    Sample(
        "conv_transpose",
        transposed,
        conv_transpose,
        unknown_sizes="none",
        note=KERNELS,
        operations=("convolve_backprop_input", "convolve_backprop_kernel"),
    ),
]
