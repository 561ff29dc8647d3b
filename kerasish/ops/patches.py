"""Images cut into windows and put together again: patches, unfold, fold, depth to space."""

import itertools
import math

from kerasish.config import standardize_data_format
from kerasish.core.calls import symbolic_aware
from kerasish.core.primitive import as_input, primitive
from kerasish.core.spec import TensorSpec
from kerasish.errors import ShapeError, explain
from kerasish.ops import windows
from kerasish.ops.regrouping import merge_axes, split_axis
from kerasish.ops.shape import expand_dims, pad, squeeze, transpose

__all__ = ["depth_to_space", "extract_patches", "extract_patches_3d", "fold", "space_to_depth",
           "unfold"]  # fmt: skip


def _geometry(shape, window, strides, padding, dilations):
    spatial = list(zip(shape[1:-1], window, strides, dilations, strict=True))
    sizes = [windows.output_size(n, k, s, padding, d, "windows") for n, k, s, d in spatial]
    return sizes, [windows.padding_amounts(n, k, s, padding, d) for n, k, s, d in spatial]


def _gather_spec(x, window, strides, padding, dilations):
    spatial = zip(x.shape[1:-1], window, strides, dilations, strict=True)
    sizes = [windows.output_size(n, k, s, padding, d, "windows") for n, k, s, d in spatial]
    return x.with_shape((x.shape[0], *sizes, *window, x.shape[-1]))


def _scattered(g, x_like, window, strides, padding, dilations):
    sizes = x_like.shape[1:-1]
    return scatter_windows(
        g, x_like if None in sizes else None, shape=sizes, window=window, strides=strides,
        padding=padding, dilations=dilations,
    )  # fmt: skip


@primitive(
    spec=_gather_spec,
    vjp=lambda g, x_like, window, strides, padding, dilations: _scattered(
        g, x_like, window, strides, padding, dilations
    ),
)
def gather_windows(xp, x, /, window=(1,), strides=(1,), padding="valid", dilations=(1,)):
    """All windows of `x` (batch, *spatial, channels) as (batch, *sizes, *window, channels)."""
    sizes, amounts = _geometry(x.shape, window, strides, padding, dilations)
    x = windows.pad_spatial(xp, x, amounts)
    return windows.window_view(xp, x, window, sizes, strides, dilations).copy()


@primitive(
    spec=lambda g_out, like, shape, window, strides, padding, dilations: TensorSpec(
        (g_out.shape[0], *(shape if like is None else like.shape[1:-1]), g_out.shape[-1]),
        g_out.dtype,
    ),
    vjp=(
        lambda g, window, strides, padding, dilations: gather_windows(
            g, window=window, strides=strides, padding=padding, dilations=dilations
        ),
        None,
    ),
)
def scatter_windows(xp, g_out, like=None, /, shape=(1,), window=(1,), strides=(1,),
                    padding="valid", dilations=(1,)):  # fmt: skip
    """Sum of all windows at their places: the transpose of `gather_windows`."""
    shape = tuple(shape if like is None else like.shape[1:-1])
    whole = (g_out.shape[0], *shape, g_out.shape[-1])
    sizes, amounts = _geometry(whole, window, strides, padding, dilations)
    padded = [n + sum(a) for n, a in zip(shape, amounts, strict=True)]
    total = xp.zeros((whole[0], *padded, whole[-1]), g_out.dtype)
    lead = (slice(None),) * (1 + len(window))
    for offset in itertools.product(*map(range, window)):
        total[windows.offset_index(offset, sizes, strides, dilations)] += g_out[(*lead, *offset)]
    return total[windows.crop_index(amounts, shape)]


def _patches(where, images, size, strides, dilation_rate, padding, data_format, rank):
    is_first = standardize_data_format(data_format) == "channels_first"
    images = as_input(images)
    is_single = len(images.shape) == rank + 1
    if len(images.shape) not in (rank + 1, rank + 2):
        raise ShapeError(
            explain(
                where,
                f"needs {rank} spatial axes, one of channels, and perhaps a batch",
                received=images,
            )
        )
    window = windows.as_tuple(size, rank, "size", where)
    strides = window if strides is None else windows.as_tuple(strides, rank, "strides", where)
    x = expand_dims(images, 0) if is_single else images
    if is_first:
        x = transpose(x, (0, *range(2, rank + 2), 1))
    y = gather_windows(
        x,
        window=window,
        strides=strides,
        padding=windows.check_padding(padding, where),
        dilations=windows.as_tuple(dilation_rate, rank, "dilation_rate", where),
    )
    for _ in range(rank):  # the window and the channels become one axis
        y = merge_axes(y, axis=rank + 1)
    if is_first:
        y = transpose(y, (0, rank + 1, *range(1, rank + 1)))
    return squeeze(y, axis=0) if is_single else y


@symbolic_aware
def extract_patches(images, size, strides=None, dilation_rate=1, padding="valid", data_format=None):
    """Windows of images, each flattened in the order row, column, channel.

    Args:
        images: tensor (batch, height, width, channels) or without batch, or channels first.
        size: int or pair of int.
        strides: int or pair; `size` when None.
        dilation_rate: int or pair. Distance of the elements of a window.
        padding: "valid" or "same".
        data_format: "channels_last", "channels_first" or None.

    Returns:
        tensor (batch, rows, columns, size[0] * size[1] * channels), in the layout of `images`.

    Raises:
        ShapeError: another number of axes.

    Example:
        >>> from kerasish import ops
        >>> extract_patches(ops.ones((1, 4, 6, 3)), 2).shape
        (1, 2, 3, 12)

    Source: Keras 3 names and defaults.
    """
    return _patches(
        "extract_patches", images, size, strides, dilation_rate, padding, data_format, 2
    )


@symbolic_aware
def extract_patches_3d(
    volumes, size, strides=None, dilation_rate=1, padding="valid", data_format=None
):
    """Windows of volumes, each flattened in the order depth, row, column, channel.

    Args:
        volumes: tensor (batch, depth, height, width, channels) or without batch, or channels first.
        size: int or three int.
        strides: int or three int; `size` when None.
        dilation_rate: int or three int.
        padding: "valid" or "same".
        data_format: "channels_last", "channels_first" or None.

    Returns:
        tensor with the flattened windows in place of the channels.

    Raises:
        ShapeError: another number of axes.

    Example:
        >>> from kerasish import ops
        >>> extract_patches_3d(ops.ones((1, 4, 4, 4, 1)), 2).shape
        (1, 2, 2, 2, 8)

    Source: Keras 3 names and defaults.
    """
    return _patches(
        "extract_patches_3d", volumes, size, strides, dilation_rate, padding, data_format, 3
    )


def _pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def unfold(x, kernel_size, dilation=1, padding=0, stride=1):
    """Windows of images as columns, each flattened in the order channel, row, column.

    Args:
        x: tensor (batch, channels, height, width).
        kernel_size: int or pair of int.
        dilation: int or pair.
        padding: int or pair. Zeros added on both sides.
        stride: int or pair.

    Returns:
        tensor (batch, channels * kernel_size[0] * kernel_size[1], windows).

    Example:
        >>> from kerasish import ops
        >>> unfold(ops.ones((1, 3, 4, 4)), 2, stride=2).shape
        (1, 12, 4)

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    rows, columns = _pair(padding)
    x = pad(transpose(x, (0, 2, 3, 1)), ((0, 0), (rows, rows), (columns, columns), (0, 0)))
    y = gather_windows(
        x, window=_pair(kernel_size), strides=_pair(stride), padding="valid",
        dilations=_pair(dilation),
    )  # fmt: skip
    y = transpose(y, (0, 5, 3, 4, 1, 2))
    return merge_axes(merge_axes(merge_axes(y, axis=1), axis=1), axis=2)


def fold(x, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """Sum of windows at their places in an image: the transpose of `unfold`.

    Args:
        x: tensor (batch, channels * kernel_size[0] * kernel_size[1], windows).
        output_size: int or pair of int, (height, width).
        kernel_size: int or pair of int.
        dilation: int or pair.
        padding: int or pair. Zeros that `unfold` added, which are cut off.
        stride: int or pair.

    Returns:
        tensor (batch, channels, height, width).

    Example:
        >>> from kerasish import ops
        >>> fold(ops.ones((1, 12, 4)), 4, 2, stride=2).shape
        (1, 3, 4, 4)

    Source: Keras 3 names and defaults.
    """
    x, size, window, margin = as_input(x), _pair(output_size), _pair(kernel_size), _pair(padding)
    strides, dilations = _pair(stride), _pair(dilation)
    padded = tuple(n + 2 * m for n, m in zip(size, margin, strict=True))
    spatial = zip(padded, window, strides, dilations, strict=True)
    grid = [windows.output_size(n, k, s, "valid", d, "ops.fold") for n, k, s, d in spatial]
    if x.shape[2] not in (None, math.prod(grid)) or x.shape[1] % math.prod(window):
        raise ShapeError(
            explain(
                "ops.fold",
                "the number of windows does not fit the output size",
                received=x,
                expected=f"{math.prod(grid)} windows",
            )
        )
    x = split_axis(split_axis(x, axis=1, inner=window[1]), axis=1, inner=window[0])
    x = transpose(split_axis(x, axis=4, groups=grid[0]), (0, 4, 5, 2, 3, 1))
    y = scatter_windows(
        x, shape=padded, window=window, strides=strides, padding="valid", dilations=dilations
    )
    cut = tuple(slice(m, m + n) for m, n in zip(margin, size, strict=True))
    return transpose(y[(slice(None), *cut)], (0, 3, 1, 2))


def depth_to_space(x, block_size, data_format="channels_last"):
    """Groups of `block_size**2` channels laid out as blocks of pixels.

    Args:
        x: tensor (batch, height, width, channels), or channels first.
        block_size: int >= 2.
        data_format: "channels_last" or "channels_first".

    Returns:
        tensor (batch, height * block, width * block, channels / block**2), in that layout.

    Example:
        >>> from kerasish import ops
        >>> depth_to_space(ops.ones((1, 2, 3, 8)), 2).shape
        (1, 4, 6, 2)

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    if standardize_data_format(data_format) == "channels_first":
        x = split_axis(split_axis(x, axis=1, groups=block_size), axis=2, groups=block_size)
        x = transpose(x, (0, 3, 4, 1, 5, 2))
        return merge_axes(merge_axes(x, axis=2), axis=3)
    x = split_axis(split_axis(x, axis=3, groups=block_size), axis=4, groups=block_size)
    x = transpose(x, (0, 1, 3, 2, 4, 5))
    return merge_axes(merge_axes(x, axis=1), axis=2)


def space_to_depth(x, block_size, data_format="channels_last"):
    """Blocks of pixels stacked as channels: the inverse of `depth_to_space`.

    Args:
        x: tensor (batch, height, width, channels), or channels first.
        block_size: int >= 2 that divides height and width.
        data_format: "channels_last" or "channels_first".

    Returns:
        tensor (batch, height / block, width / block, channels * block**2), in that layout.

    Example:
        >>> from kerasish import ops
        >>> space_to_depth(ops.ones((1, 4, 6, 2)), 2).shape
        (1, 2, 3, 8)

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    if standardize_data_format(data_format) == "channels_first":
        x = split_axis(split_axis(x, axis=3, inner=block_size), axis=2, inner=block_size)
        x = transpose(x, (0, 3, 5, 1, 2, 4))
        return merge_axes(merge_axes(x, axis=1), axis=1)
    x = split_axis(split_axis(x, axis=2, inner=block_size), axis=1, inner=block_size)
    x = transpose(x, (0, 1, 3, 2, 4, 5))
    return merge_axes(merge_axes(x, axis=3), axis=3)
