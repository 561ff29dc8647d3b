"""Convolutions of 1 to 3 spatial axes, their transposes, and depthwise and separable forms.

Three primitives, each linear in both of its tensors, give all derivatives of any order: the
derivative of one is another. Arrays are (batch, *spatial, channels) inside; "channels_first" is a
transpose around them.
"""

import math

from kerasish.config import standardize_data_format
from kerasish.core.primitive import as_float_input, primitive
from kerasish.core.spec import TensorSpec
from kerasish.errors import ShapeError, explain
from kerasish.ops import conv_arrays, windows
from kerasish.ops.shape import reshape, transpose

__all__ = ["conv", "conv_transpose", "depthwise_conv", "separable_conv"]


def _convolve_spec(x, kernel, strides, padding, dilations, groups):
    spatial = zip(x.shape[1:-1], kernel.shape[:-2], strides, dilations, strict=True)
    sizes = [windows.output_size(n, k, s, padding, d, where="ops.conv") for n, k, s, d in spatial]
    return TensorSpec((x.shape[0], *sizes, kernel.shape[-1]), x.dtype)


@primitive(
    tags=("costly", "fresh"),
    spec=_convolve_spec,
    vjp=(
        lambda g, x_like, kernel, strides, padding, dilations, groups: _input_gradient(
            g, kernel, x_like, strides, padding, dilations, groups
        ),
        lambda g, x, kernel_like, strides, padding, dilations, groups: convolve_backprop_kernel(
            x, g, window=kernel_like.shape[:-2], strides=strides, padding=padding,
            dilations=dilations, groups=groups
        ),
    ),
    promotes=True,
)  # fmt: skip
def convolve(xp, x, kernel, /, strides=(1,), padding="valid", dilations=(1,), groups=1, out=None):
    """Correlation of `x` (batch, *spatial, channels) with `kernel` (*window, in, filters)."""
    geometry = conv_arrays.Geometry(x.shape, kernel.shape[:-2], strides, padding, dilations)
    if groups == 1:
        return conv_arrays.forward(xp, x, kernel, geometry, out)
    if groups == x.shape[-1]:
        return conv_arrays.depthwise_forward(xp, x, kernel, geometry, out)
    parts = [
        conv_arrays.forward(xp, a, k, geometry, None)
        for a, k in zip(xp.split(x, groups, -1), xp.split(kernel, groups, -1), strict=True)
    ]
    return xp.concatenate(parts, axis=-1, out=out)


def _backprop_input_spec(g, kernel, like, shape, strides, padding, dilations, groups, extra):
    channels = kernel.shape[-2] * groups
    sizes = like.shape[1:-1] if like is not None else shape
    spatial = zip(sizes, g.shape[1:-1], kernel.shape[:-2], strides, dilations, extra, strict=True)
    known = [
        transposed_size(m, k, s, padding, d, e) if n is None and like is None else n
        for n, m, k, s, d, e in spatial
    ]
    return TensorSpec((g.shape[0], *known, channels), g.dtype)


@primitive(
    tags=("costly", "fresh"),
    spec=_backprop_input_spec,
    vjp=(
        lambda g, kernel, strides, padding, dilations, groups: convolve(
            g, kernel, strides=strides, padding=padding, dilations=dilations, groups=groups
        ),
        lambda g, g_out, kernel_like, strides, padding, dilations, groups: convolve_backprop_kernel(
            g, g_out, window=kernel_like.shape[:-2], strides=strides, padding=padding,
            dilations=dilations, groups=groups
        ),
        None,
    ),
    promotes=True,
)  # fmt: skip
def convolve_backprop_input(xp, g_out, kernel, like=None, /, shape=(None,), strides=(1,),
                            padding="valid", dilations=(1,), groups=1, extra=(None,)):  # fmt: skip
    """Derivative of `convolve` by its input: the transposed convolution of `g_out`.

    The spatial sizes of the result are `shape`, those of `like`, or where neither says the smallest
    that fit, with `extra` as Keras's output padding.
    """
    if like is not None:
        sizes = like.shape[1:-1]
    else:
        spatial = zip(shape, g_out.shape[1:-1], kernel.shape[:-2], strides, dilations, extra,
                      strict=True)  # fmt: skip
        sizes = [
            transposed_size(m, k, s, padding, d, e) if n is None else n
            for n, m, k, s, d, e in spatial
        ]
    shape = (g_out.shape[0], *sizes, kernel.shape[-2] * groups)
    geometry = conv_arrays.Geometry(shape, kernel.shape[:-2], strides, padding, dilations)
    if geometry.sizes != g_out.shape[1:-1]:
        raise ShapeError(
            explain(
                "ops.conv_transpose",
                "the output shape does not fit the input",
                received=(tuple(sizes), g_out.shape[1:-1]),
            )
        )
    if groups == 1:
        return conv_arrays.backprop_input(xp, g_out, kernel, geometry)
    if groups == shape[-1]:
        return conv_arrays.depthwise_backprop_input(xp, g_out, kernel, geometry)
    parts = [
        conv_arrays.backprop_input(xp, a, k, geometry)
        for a, k in zip(xp.split(g_out, groups, -1), xp.split(kernel, groups, -1), strict=True)
    ]
    return xp.concatenate(parts, axis=-1)


def _input_gradient(g, kernel, x_like, strides, padding, dilations, groups):
    sizes = x_like.shape[1:-1]
    return convolve_backprop_input(
        g, kernel, x_like if None in sizes else None, shape=sizes, strides=strides,
        padding=padding, dilations=dilations, groups=groups, extra=(None,) * len(sizes),
    )  # fmt: skip


@primitive(
    tags=("costly", "fresh"),
    spec=lambda x, g_out, window, strides, padding, dilations, groups: TensorSpec(
        (*window, x.shape[-1] // groups, g_out.shape[-1]), x.dtype
    ),
    vjp=(
        lambda g, x_like, g_out, strides, padding, dilations, groups: _input_gradient(
            g_out, g, x_like, strides, padding, dilations, groups
        ),
        lambda g, x, strides, padding, dilations, groups: convolve(
            x, g, strides=strides, padding=padding, dilations=dilations, groups=groups
        ),
    ),
    promotes=True,
)
def convolve_backprop_kernel(xp, x, g_out, /, window=(1,), strides=(1,), padding="valid",
                             dilations=(1,), groups=1):  # fmt: skip
    """Derivative of `convolve` by its kernel."""
    geometry = conv_arrays.Geometry(x.shape, window, strides, padding, dilations)
    if groups == 1:
        return conv_arrays.backprop_kernel(xp, x, g_out, geometry)
    if groups == x.shape[-1]:
        return conv_arrays.depthwise_backprop_kernel(xp, x, g_out, geometry)
    parts = [
        conv_arrays.backprop_kernel(xp, a, b, geometry)
        for a, b in zip(xp.split(x, groups, -1), xp.split(g_out, groups, -1), strict=True)
    ]
    return xp.concatenate(parts, axis=-1)


def transposed_size(size, window, stride, padding, dilation=1, extra=None):
    """Output size of a transposed convolution along one axis; None where `size` is unknown."""
    if size is None:
        return None
    covered = windows.extent(window, dilation)
    if extra is None:
        return size * stride + (max(covered - stride, 0) if padding == "valid" else 0)
    return (size - 1) * stride + covered - (2 * (covered // 2) if padding == "same" else 0) + extra


def _to_last(x, data_format):
    if data_format == "channels_last":
        return x
    return transpose(x, (0, *range(2, x.ndim), 1))


def _from_last(x, data_format):
    if data_format == "channels_last":
        return x
    return transpose(x, (0, x.ndim - 1, *range(1, x.ndim - 1)))


def _prepare(where, inputs, kernel, strides, padding, data_format, dilation_rate):
    inputs, kernel = as_float_input(inputs), as_float_input(kernel)
    data_format = standardize_data_format(data_format)
    rank = len(inputs.shape) - 2
    if rank < 1 or len(kernel.shape) != rank + 2:
        raise ShapeError(
            explain(
                where,
                "inputs (batch, *spatial, channels) and kernel (*window, in, out) need "
                "the same number of axes",
                received=(inputs.shape, kernel.shape),
            )
        )
    strides = windows.as_tuple(strides, rank, "strides", where)
    dilations = windows.as_tuple(dilation_rate, rank, "dilation_rate", where)
    settings = data_format, strides, windows.check_padding(padding, where), dilations
    return inputs, kernel, *settings


def _channels(inputs, data_format):
    return inputs.shape[-1 if data_format == "channels_last" else 1]


def conv(inputs, kernel, strides=1, padding="valid", data_format=None, dilation_rate=1):
    """Convolution: `y[p] = sum of x[p * strides + o * dilation, c] * kernel[o, c] over o and c`.

    Args:
        inputs: float tensor (batch, *spatial, channels), or (batch, channels, *spatial).
        kernel: float tensor (*window, channels / groups, filters).
        strides: int or tuple of int.
        padding: "valid" or "same" (output size ceil(input / stride)).
        data_format: "channels_last", "channels_first" or None (the default of the config).
        dilation_rate: int or tuple of int.

    Returns:
        float tensor (batch, *new_spatial, filters), in the layout of `inputs`.

    Raises:
        ShapeError: numbers of axes or channels do not fit.

    Example:
        >>> from kerasish import ops
        >>> conv(ops.ones((1, 3, 3, 1)), ops.ones((2, 2, 1, 1))).numpy()[0, :, :, 0].tolist()
        [[4.0, 4.0], [4.0, 4.0]]

    Source: Keras 3 names and defaults.
    """
    inputs, kernel, data_format, strides, padding, dilations = _prepare(
        "ops.conv", inputs, kernel, strides, padding, data_format, dilation_rate
    )
    channels = _channels(inputs, data_format)
    if (
        channels is None
        or channels % kernel.shape[-2]
        or (kernel.shape[-1] % (channels // kernel.shape[-2]))
    ):
        raise ShapeError(
            explain(
                "ops.conv",
                "the input channels must be known and a multiple of the kernel's, and the "
                "filters a multiple of that number of groups",
                received=f" inputs {inputs.shape}, kernel {kernel.shape}",
            )
        )
    y = convolve(
        _to_last(inputs, data_format), kernel, strides=strides, padding=padding,
        dilations=dilations, groups=channels // kernel.shape[-2],
    )  # fmt: skip
    return _from_last(y, data_format)


def depthwise_conv(inputs, kernel, strides=1, padding="valid", data_format=None, dilation_rate=1):
    """Convolution of each channel by its own filters; output channel `c * multiplier + m`.

    Args:
        inputs: float tensor (batch, *spatial, channels), or channels first.
        kernel: float tensor (*window, channels, multiplier).
        strides: int or tuple of int.
        padding: "valid" or "same".
        data_format: "channels_last", "channels_first" or None.
        dilation_rate: int or tuple of int.

    Returns:
        float tensor with channels * multiplier channels.

    Raises:
        ShapeError: the kernel has another number of channels.

    Example:
        >>> from kerasish import ops
        >>> depthwise_conv(ops.ones((1, 3, 3, 2)), ops.ones((2, 2, 2, 1))).shape
        (1, 2, 2, 2)

    Source: Keras 3 names and defaults.
    """
    inputs, kernel, data_format, strides, padding, dilations = _prepare(
        "ops.depthwise_conv", inputs, kernel, strides, padding, data_format, dilation_rate
    )
    channels = _channels(inputs, data_format)
    if kernel.shape[-2] != channels:
        raise ShapeError(
            explain(
                "ops.depthwise_conv",
                "kernel and inputs differ in channels",
                received=f" inputs {inputs.shape}, kernel {kernel.shape}",
            )
        )
    filters = math.prod(kernel.shape[-2:])
    y = convolve(
        _to_last(inputs, data_format), reshape(kernel, (*kernel.shape[:-2], 1, filters)),
        strides=strides, padding=padding, dilations=dilations, groups=channels,
    )  # fmt: skip
    return _from_last(y, data_format)


def separable_conv(inputs, depthwise_kernel, pointwise_kernel, strides=1, padding="valid",
                   data_format=None, dilation_rate=1):  # fmt: skip
    """Depthwise convolution followed by a mixing of channels: `conv(depthwise_conv(x, d), p)`.

    Args:
        inputs: float tensor (batch, *spatial, channels), or channels first.
        depthwise_kernel: float tensor (*window, channels, multiplier).
        pointwise_kernel: float tensor (*ones, channels * multiplier, filters).
        strides: int or tuple of int, of the depthwise part.
        padding: "valid" or "same".
        data_format: "channels_last", "channels_first" or None.
        dilation_rate: int or tuple of int, of the depthwise part.

    Returns:
        float tensor with `filters` channels.

    Example:
        >>> from kerasish import ops
        >>> d, p = ops.ones((2, 2, 2, 1)), ops.ones((1, 1, 2, 5))
        >>> separable_conv(ops.ones((1, 3, 3, 2)), d, p).shape
        (1, 2, 2, 5)

    Source: Keras 3 names and defaults.
    """
    y = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(y, pointwise_kernel, 1, "valid", data_format, 1)


def conv_transpose(inputs, kernel, strides=1, padding="valid", output_padding=None,
                   data_format=None, dilation_rate=1):  # fmt: skip
    """Transposed convolution: the derivative of `conv` by its input, applied to `inputs`.

    Args:
        inputs: float tensor (batch, *spatial, channels), or channels first.
        kernel: float tensor (*window, filters, channels).
        strides: int or tuple of int.
        padding: "valid" or "same" (output size input * stride).
        output_padding: int, tuple of int or None (as small as the padding asks for).
        data_format: "channels_last", "channels_first" or None.
        dilation_rate: int or tuple of int.

    Returns:
        float tensor (batch, *new_spatial, filters), in the layout of `inputs`.

    Raises:
        ShapeError: the kernel has another number of channels.

    Example:
        >>> from kerasish import ops
        >>> conv_transpose(ops.ones((1, 2, 2, 1)), ops.ones((3, 3, 4, 1)), strides=2).shape
        (1, 5, 5, 4)

    Source: Keras 3 names and defaults.
    """
    where = "ops.conv_transpose"
    inputs, kernel, data_format, strides, padding, dilations = _prepare(
        where, inputs, kernel, strides, padding, data_format, dilation_rate
    )
    if kernel.shape[-1] != _channels(inputs, data_format):
        raise ShapeError(
            explain(
                where,
                "kernel (*window, filters, channels) and inputs differ in channels",
                received=f" inputs {inputs.shape}, kernel {kernel.shape}",
            )
        )
    rank = len(strides)
    if output_padding is None or isinstance(output_padding, int):
        extra = (output_padding,) * rank
    else:
        extra = tuple(output_padding)
    y = convolve_backprop_input(
        _to_last(inputs, data_format), kernel, shape=(None,) * rank, strides=strides,
        padding=padding, dilations=dilations, groups=1, extra=extra,
    )  # fmt: skip
    return _from_last(y, data_format)
