"""Convolution on arrays of either module: windows gathered into a matrix, chunk by chunk."""

import itertools
import math

from kerasish.ops import windows

__all__ = []

# The gathered windows of one chunk: about the last-level cache on CPU, ample parallelism on GPU.
_SCRATCH_BYTES = {False: 8 * 2**20, True: 512 * 2**20}


class Geometry:
    """Where the windows of one convolution lie.

    Args:
        shape: (batch, *spatial, channels) of the input.
        window: sizes of the kernel's spatial axes.
        strides: tuple of int.
        padding: "valid" or "same".
        dilations: tuple of int.
    """

    def __init__(self, shape, window, strides, padding, dilations):
        spatial = list(zip(shape[1:-1], window, strides, dilations, strict=True))
        self.input_sizes, self.channels = tuple(shape[1:-1]), shape[-1]
        self.window, self.strides, self.dilations = tuple(window), strides, dilations
        self.sizes = tuple(
            windows.output_size(n, k, s, padding, d, where="ops.conv") for n, k, s, d in spatial
        )
        self.padding = [windows.padding_amounts(n, k, s, padding, d) for n, k, s, d in spatial]
        self.padded = tuple(n + sum(p) for n, p in zip(self.input_sizes, self.padding, strict=True))
        self.positions = math.prod(self.sizes)

    @property
    def is_pointwise(self):
        """Whether every window is a single element and none is skipped."""
        return math.prod(self.window) == 1 and math.prod(self.strides) == 1

    def offsets(self):
        """Places inside the window in row-major order, each with its index into a padded array."""
        for offset in itertools.product(*map(range, self.window)):
            yield offset, windows.offset_index(offset, self.sizes, self.strides, self.dilations)

    def pad(self, xp, x):
        """`x` with this geometry's padding."""
        return windows.pad_spatial(xp, x, self.padding)

    def crop(self, padded):
        """The inverse of `pad`."""
        return padded[windows.crop_index(self.padding, self.input_sizes)]


def _chunks(xp, batch, bytes_per_sample):
    step = max(1, min(batch, _SCRATCH_BYTES[xp.is_gpu] // max(bytes_per_sample, 1)))
    return [(n, min(n + step, batch)) for n in range(0, batch, step)], step


def _gather(xp, x, geometry, scratch):
    """Windows of `x` (padded) as matrix (batch * positions, window * channels), in `scratch`."""
    batch, channels = x.shape[0], x.shape[-1]
    columns = math.prod(geometry.window) * channels
    if geometry.window[-1] * channels >= 16:
        target = scratch[: batch * geometry.positions]
        target = target.reshape(batch, *geometry.sizes, *geometry.window, channels)
        target[...] = windows.window_view(
            xp, x, geometry.window, geometry.sizes, geometry.strides, geometry.dilations
        )
        return target.reshape(-1, columns)
    # With few channels the copies above would be of a few bytes each: gather the transpose instead.
    flat = scratch.reshape(-1)[: batch * geometry.positions * columns]
    target = flat.reshape(columns // channels, channels, batch, *geometry.sizes)
    for row, (_, index) in enumerate(geometry.offsets()):
        for channel in range(channels):
            target[row, channel] = x[..., channel][index]
    return flat.reshape(columns, -1).T


def _plan(xp, x, geometry):
    columns = math.prod(geometry.window) * x.shape[-1]
    chunks, step = _chunks(xp, x.shape[0], geometry.positions * columns * x.dtype.itemsize)
    return chunks, xp.empty((step * geometry.positions, columns), x.dtype)


def forward(xp, x, kernel, geometry, out):
    """`convolve` for one group."""
    batch, filters = x.shape[0], kernel.shape[-1]
    if out is None:
        out = xp.empty((batch, *geometry.sizes, filters), x.dtype)
    matrix = kernel.reshape(-1, filters)
    if geometry.is_pointwise:
        xp.matmul(x.reshape(-1, x.shape[-1]), matrix, out=out.reshape(-1, filters))
        return out
    x = geometry.pad(xp, x)
    chunks, scratch = _plan(xp, x, geometry)
    for begin, end in chunks:
        rows = _gather(xp, x[begin:end], geometry, scratch)
        xp.matmul(rows, matrix, out=out[begin:end].reshape(-1, filters))
    return out


def backprop_input(xp, g, kernel, geometry):
    """`convolve_backprop_input` for one group: products per offset, added where they came from."""
    batch, channels, filters = g.shape[0], kernel.shape[-2], kernel.shape[-1]
    if geometry.is_pointwise:
        matrix = kernel.reshape(channels, filters)
        product = xp.matmul(g.reshape(-1, filters), matrix.T)
        return product.reshape(batch, *geometry.input_sizes, channels)
    padded = xp.zeros((batch, *geometry.padded, channels), g.dtype)
    per_sample = geometry.positions * (channels + filters) * g.dtype.itemsize
    # Small chunks here: each product is read again at once, to be added.
    chunks, step = _chunks(xp, batch, per_sample * 8)
    scratch = xp.empty((step * geometry.positions, channels), g.dtype)
    for begin, end in chunks:
        rows = g[begin:end].reshape(-1, filters)
        target = padded[begin:end]
        product = scratch[: len(rows)]
        for offset, index in geometry.offsets():
            xp.matmul(rows, kernel[offset].T, out=product)
            target[index] += product.reshape(end - begin, *geometry.sizes, channels)
    return geometry.crop(padded)


def backprop_kernel(xp, x, g, geometry):
    """`convolve_backprop_kernel` for one group."""
    channels, filters = x.shape[-1], g.shape[-1]
    shape = (*geometry.window, channels, filters)
    if geometry.is_pointwise:
        return xp.matmul(x.reshape(-1, channels).T, g.reshape(-1, filters)).reshape(shape)
    x = geometry.pad(xp, x)
    total = xp.zeros((math.prod(shape[:-1]), filters), x.dtype)
    chunks, scratch = _plan(xp, x, geometry)
    for begin, end in chunks:
        rows = _gather(xp, x[begin:end], geometry, scratch)
        total += xp.matmul(rows.T, g[begin:end].reshape(-1, filters))
    return total.reshape(shape)


# ---- one input channel per group: sums of products, no matrices --------------------------------


def _per_channel(g, channels):
    return g.reshape(*g.shape[:-1], channels, g.shape[-1] // channels)


def depthwise_forward(xp, x, kernel, geometry, out):
    """`convolve` with one group per channel."""
    channels, filters = x.shape[-1], kernel.shape[-1]
    multiplier = filters // channels
    x = geometry.pad(xp, x)
    y = xp.zeros((x.shape[0], *geometry.sizes, channels, multiplier), x.dtype)
    for offset, index in geometry.offsets():
        y += x[index][..., None] * kernel[offset].reshape(channels, multiplier)
    y = y.reshape(x.shape[0], *geometry.sizes, filters)
    if out is None:
        return y
    out[...] = y
    return out


def depthwise_backprop_input(xp, g, kernel, geometry):
    """`convolve_backprop_input` with one group per channel."""
    channels = geometry.channels
    multiplier = kernel.shape[-1] // channels
    padded = xp.zeros((g.shape[0], *geometry.padded, channels), g.dtype)
    g = _per_channel(g, channels)
    for offset, index in geometry.offsets():
        weights = kernel[offset].reshape(channels, multiplier)
        part = g[..., 0] * weights[:, 0] if multiplier == 1 else (g * weights).sum(axis=-1)
        padded[index] += part
    return geometry.crop(padded)


def depthwise_backprop_kernel(xp, x, g, geometry):
    """`convolve_backprop_kernel` with one group per channel."""
    channels, filters = x.shape[-1], g.shape[-1]
    x = geometry.pad(xp, x)
    g = _per_channel(g, channels)
    axes = tuple(range(g.ndim - 2))
    total = xp.empty((*geometry.window, 1, filters), x.dtype)
    for offset, index in geometry.offsets():
        total[offset] = (x[index][..., None] * g).sum(axis=axes).reshape(1, filters)
    return total
