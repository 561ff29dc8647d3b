"""Pooling and patches: references that walk over the windows one by one."""

import math

import numpy as np

from tests.ops.sample import Case, Sample, draw
from tests.ops.window_reference import as_list, from_last, to_last, windows_of


def pools(rng):
    found = []
    for spatial in ((7,), (5, 6), (4, 3, 4)):
        for padding in ("valid", "same"):
            for number, (size, strides) in enumerate(((2, None), (3, 2), (2, 1), (2, 3))):
                x = rng.permutation(np.arange(2 * math.prod(spatial) * 2, dtype=float) / 7)
                x, data_format = x.reshape(2, *spatial, 2), "channels_last"
                if number % 2:
                    x, data_format = np.moveaxis(x, -1, 1).copy(), "channels_first"
                params = {"pool_size": size, "strides": strides, "padding": padding}
                found.append(Case((x,), {**params, "data_format": data_format}))
    found.append(Case((np.ones((1, 4, 4, 1)),), {"pool_size": (2, 3), "padding": "same"}, False))
    return found


def pooled(reduce):
    def reference(x, pool_size, strides=None, padding="valid", data_format="channels_last"):
        x = to_last(x, data_format)
        rank = x.ndim - 2
        window = as_list(pool_size, rank)
        strides = window if strides is None else as_list(strides, rank)
        y = None
        for sizes, at, seen in windows_of(x, window, strides, padding, [1] * rank, np.nan):
            if y is None:
                y = np.zeros((len(x), *sizes, x.shape[-1]))
            y[(slice(None), *at)] = reduce(seen, axis=tuple(range(1, rank + 1)))
        return from_last(y, data_format)

    return reference


def adaptive(rng):
    found = []
    for spatial, size in (((7,), 3), ((5,), (5,)), ((5, 6), 2), ((5, 7), (3, 4)), ((4, 3, 5), 2)):
        for number in range(4):
            x, data_format = draw(rng, (2, *spatial, 3)), "channels_last"
            if number % 2:
                x, data_format = np.moveaxis(x, -1, 1).copy(), "channels_first"
            found.append(Case((x,), {"output_size": size, "data_format": data_format}))
    return found


def adapted(reduce):
    def reference(x, output_size, data_format):
        x = to_last(x, data_format)
        for axis, n in enumerate(as_list(output_size, x.ndim - 2), start=1):
            size = x.shape[axis]
            parts = [
                reduce(np.take(x, range(i * size // n, -(-(i + 1) * size // n)), axis), axis=axis)
                for i in range(n)
            ]
            x = np.stack(parts, axis)
        return from_last(x, data_format)

    return reference


def patches(rank, shape):
    def cases(rng):
        found = []
        for padding in ("valid", "same"):
            for number, params in enumerate(
                (
                    {},
                    {"strides": 1},
                    {"strides": 1, "dilation_rate": 2},
                    {"strides": 3},
                    {"strides": 2},
                )
            ):
                for single in (False, True):
                    x, data_format = draw(rng, shape), "channels_last"
                    if number % 2:
                        x, data_format = np.moveaxis(x, -1, 1).copy(), "channels_first"
                    x = x[0] if single else x
                    size = 2 if number % 3 else tuple(range(2, 2 + rank))[::-1]
                    size = 2 if rank == 3 else size
                    found.append(
                        Case(
                            (x,),
                            {
                                "size": size,
                                "padding": padding,
                                "data_format": data_format,
                                **params,
                            },
                        )
                    )
        return found

    return cases


def extract_patches(
    x, size, strides=None, dilation_rate=1, padding="valid", data_format="channels_last", rank=2
):
    single = x.ndim == rank + 1
    x = to_last(x[None] if single else x, data_format)
    window = as_list(size, rank)
    strides = window if strides is None else as_list(strides, rank)
    y = None
    for sizes, at, seen in windows_of(x, window, strides, padding, as_list(dilation_rate, rank)):
        if y is None:
            y = np.zeros((len(x), *sizes, math.prod(window) * x.shape[-1]))
        y[(slice(None), *at)] = seen.reshape(len(x), -1)
    y = from_last(y, data_format)
    return y[0] if single else y


def unfolds(rng):
    found = []
    for kernel_size in (2, (3, 2)):
        for params in (
            {},
            {"stride": 2},
            {"padding": 1},
            {"dilation": 2},
            {"padding": (1, 0), "stride": 2},
        ):
            for _ in range(2):
                x = draw(rng, (2, 3, 5, 6))
                found.append(Case((x,), {"kernel_size": kernel_size, **params}))
    return found


def unfold(x, kernel_size, dilation=1, padding=0, stride=1):
    rows, columns = as_list(padding, 2)
    x = np.pad(x, ((0, 0), (0, 0), (rows, rows), (columns, columns)))
    found = windows_of(
        np.moveaxis(x, 1, -1),
        as_list(kernel_size, 2),
        as_list(stride, 2),
        "valid",
        as_list(dilation, 2),
    )
    return np.stack([np.moveaxis(seen, -1, 1).reshape(len(x), -1) for _, _, seen in found], -1)


def folds(rng):
    found = []
    for case in unfolds(rng):
        columns = unfold(case.inputs[0], **case.params)
        found.append(Case((draw(rng, columns.shape),), {"output_size": (5, 6), **case.params}))
    return found


def fold(x, output_size, **params):
    """The transpose of `unfold`, image by image."""
    shape = (x.shape[1] // math.prod(as_list(params["kernel_size"], 2)), *output_size)
    units = np.eye(math.prod(shape)).reshape(-1, *shape)
    columns = unfold(units, **params)
    return np.tensordot(x, columns, axes=((1, 2), (1, 2))).reshape(len(x), *shape)


def blocks(shapes):
    def cases(rng):
        return [
            Case((draw(rng, shape),), {"block_size": size, "data_format": data_format})
            for shape, size, data_format in shapes
        ] * 4

    return cases


def depth_to_space(x, block_size, data_format):
    x, b = to_last(x, data_format), block_size
    n, h, w, c = x.shape
    y = np.zeros((n, h * b, w * b, c // b**2))
    for i, j in np.ndindex(b, b):
        first = (i * b + j) * (c // b**2)
        y[:, i::b, j::b] = x[..., first : first + c // b**2]
    return from_last(y, data_format)


def space_to_depth(x, block_size, data_format):
    x, b = to_last(x, data_format), block_size
    y = np.concatenate([x[:, i::b, j::b] for i, j in np.ndindex(b, b)], -1)
    return from_last(y, data_format)


LAST, FIRST = "channels_last", "channels_first"

SAMPLES = [
    Sample(
        "max_pool", pools, pooled(np.nanmax), operations=("max_pool_scatter", "max_pool_gather")
    ),
    Sample("average_pool", pools, pooled(np.nanmean), operations=("average_pool_spread",)),
    Sample("adaptive_average_pool", adaptive, adapted(np.mean), unknown_sizes="first"),
    Sample("adaptive_max_pool", adaptive, adapted(np.max), unknown_sizes="first"),
    Sample(
        "image.extract_patches",
        patches(2, (2, 5, 6, 3)),
        extract_patches,
        operations=("scatter_windows",),
    ),
    Sample(
        "image.extract_patches_3d",
        patches(3, (2, 4, 5, 4, 2)),
        lambda x, **params: extract_patches(x, rank=3, **params),
    ),
    Sample("unfold", unfolds, unfold, unknown_sizes="first"),
    Sample("fold", folds, fold, unknown_sizes="first"),
    Sample(
        "depth_to_space",
        blocks(
            [
                ((2, 2, 3, 8), 2, LAST),
                ((1, 9, 2, 2), 3, FIRST),
                ((2, 4, 1, 3), 2, FIRST),
                ((1, 1, 1, 4), 2, LAST),
                ((0, 2, 2, 4), 2, LAST),
            ]
        ),
        depth_to_space,
    ),
    Sample(
        "space_to_depth",
        blocks(
            [
                ((2, 4, 6, 2), 2, LAST),
                ((1, 2, 3, 6), 3, FIRST),
                ((2, 1, 4, 2), 2, FIRST),
                ((1, 2, 2, 1), 2, LAST),
                ((0, 2, 2, 4), 2, LAST),
            ]
        ),
        space_to_depth,
    ),
]
