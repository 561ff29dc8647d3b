"""Maximum and average pooling over 1 to 3 spatial axes, and their adaptive forms.

Arrays are (batch, *spatial, channels) inside; "channels_first" is a transpose around them.
"""

import itertools

import numpy

from kerasish.arrays import dtypes
from kerasish.config import standardize_data_format
from kerasish.core.primitive import as_float_input, as_input, primitive
from kerasish.core.spec import TensorSpec
from kerasish.core.structural import convert_to_tensor
from kerasish.errors import ShapeError, explain
from kerasish.ops import windows
from kerasish.ops.indexing import take
from kerasish.ops.linalg import tensordot
from kerasish.ops.reduction import max as reduce_max
from kerasish.ops.shape import moveaxis, transpose

__all__ = ["adaptive_average_pool", "adaptive_max_pool", "average_pool", "max_pool"]


def _pool_spec(x, window, strides, padding):
    spatial = zip(x.shape[1:-1], window, strides, strict=True)
    sizes = [windows.output_size(n, k, s, padding, where="ops.pool") for n, k, s in spatial]
    return TensorSpec((x.shape[0], *sizes, x.shape[-1]), x.dtype)


class _Axes:
    """Sizes, padding and window offsets of one pooling."""

    def __init__(self, shape, window, strides, padding):
        self.input_sizes = tuple(shape[1:-1])
        spatial = list(zip(self.input_sizes, window, strides, strict=True))
        self.window, self.strides = window, strides
        self.sizes = [
            windows.output_size(n, k, s, padding, where="ops.pool") for n, k, s in spatial
        ]
        self.padding = [windows.padding_amounts(n, k, s, padding) for n, k, s in spatial]

    def offsets(self):
        ones = (1,) * len(self.window)
        for offset in itertools.product(*map(range, self.window)):
            yield windows.offset_index(offset, self.sizes, self.strides, ones)

    def along(self, axis, array):
        """What every window sees at each of its places along one spatial axis of `array`."""
        lead = (slice(None),) * (axis + 1)
        n, stride = self.sizes[axis], self.strides[axis]
        for start in range(self.window[axis]):
            yield array[(*lead, slice(start, start + (n - 1) * stride + 1, stride))]

    def counts(self, xp, axis, dtype):
        """Number of real elements in each window along one axis, ready to broadcast."""
        before = self.padding[axis][0]
        begin = numpy.arange(self.sizes[axis]) * self.strides[axis] - before
        end = numpy.minimum(begin + self.window[axis], self.input_sizes[axis])
        total = (end - numpy.maximum(begin, 0)).astype(dtype)
        return xp.asarray(total.reshape(-1, *(1,) * (len(self.sizes) - axis)))


@primitive(
    tags=("costly", "fresh"),
    spec=_pool_spec,
    vjp=lambda g, x, y, window, strides, padding: max_pool_scatter(
        g, x, y, window=window, strides=strides, padding=padding
    ),
    name="max_pool_windows",
)
def max_pool_windows(xp, x, /, window=(1,), strides=(1,), padding="valid"):
    """Largest element of every window; in a tie the first gets the gradient."""
    axes = _Axes(x.shape, window, strides, padding)
    y = windows.pad_spatial(xp, x, axes.padding, _lowest(xp, x.dtype))
    for axis in range(len(window)):  # the maximum is separable: one axis after the other
        seen = axes.along(axis, y)
        y = next(seen).copy()
        for part in seen:
            xp.maximum(y, part, out=y)
    return y


def _lowest(xp, dtype):
    return xp.iinfo(dtype).min if dtype.kind in "iu" else -numpy.inf


def _first_maxima(xp, x, y, axes):
    """For each place of the window, its index and where the first maximum is there."""
    padded = windows.pad_spatial(xp, x, axes.padding, _lowest(xp, x.dtype))
    free = xp.ones(y.shape, bool)
    for index in axes.offsets():
        here = (padded[index] == y) & free
        free &= ~here
        yield index, here


@primitive(
    tags=("costly", "fresh"),
    spec=lambda g_out, x, y_out, window, strides, padding: x.with_dtype(g_out.dtype),
    vjp=(
        lambda g, x, y_out, window, strides, padding: max_pool_gather(
            g, x, y_out, window=window, strides=strides, padding=padding
        ),
        None,
        None,
    ),
)
def max_pool_scatter(xp, g_out, x, y_out, /, window=(1,), strides=(1,), padding="valid"):
    """Derivative of `max_pool_windows`: each cotangent goes to the first maximum of its window."""
    axes = _Axes(x.shape, window, strides, padding)
    sizes = [n + sum(p) for n, p in zip(axes.input_sizes, axes.padding, strict=True)]
    padded = xp.zeros((x.shape[0], *sizes, x.shape[-1]), g_out.dtype)
    for index, here in _first_maxima(xp, x, y_out, axes):
        padded[index] += g_out * here
    return padded[windows.crop_index(axes.padding, axes.input_sizes)]


@primitive(
    tags=("costly", "fresh"),
    spec=lambda h, x, y_out, window, strides, padding: y_out.with_dtype(h.dtype),
    vjp=(
        lambda g, x, y_out, window, strides, padding: max_pool_scatter(
            g, x, y_out, window=window, strides=strides, padding=padding
        ),
        None,
        None,
    ),
)
def max_pool_gather(xp, h, x, y_out, /, window=(1,), strides=(1,), padding="valid"):
    """Elements of `h` at the places where the windows of `x` have their first maximum."""
    axes = _Axes(x.shape, window, strides, padding)
    h = windows.pad_spatial(xp, h, axes.padding)
    result = xp.zeros(y_out.shape, h.dtype)
    for index, here in _first_maxima(xp, x, y_out, axes):
        result += h[index] * here
    return result


@primitive(
    tags=("costly", "fresh"),
    spec=_pool_spec,
    vjp=lambda g, x_like, window, strides, padding: _spread(g, x_like, window, strides, padding),
)
def average_pool_windows(xp, x, /, window=(1,), strides=(1,), padding="valid"):
    """Mean of the real (not padded) elements of every window."""
    axes = _Axes(x.shape, window, strides, padding)
    y = windows.pad_spatial(xp, x, axes.padding)
    for axis in range(len(window)):  # the mean is separable, and so is the number of elements
        seen = axes.along(axis, y)
        y = next(seen).copy()
        for part in seen:
            y += part
        y /= axes.counts(xp, axis, y.dtype)
    return y


def _spread(g, x_like, window, strides, padding):
    sizes = x_like.shape[1:-1]
    return average_pool_spread(
        g, x_like if None in sizes else None, shape=sizes, window=window, strides=strides,
        padding=padding,
    )  # fmt: skip


@primitive(
    tags=("costly", "fresh"),
    spec=lambda g_out, like, shape, window, strides, padding: TensorSpec(
        (g_out.shape[0], *(shape if like is None else like.shape[1:-1]), g_out.shape[-1]),
        g_out.dtype,
    ),
    vjp=(
        lambda g, window, strides, padding: average_pool_windows(
            g, window=window, strides=strides, padding=padding
        ),
        None,
    ),
)
def average_pool_spread(xp, g_out, like=None, /, shape=(1,), window=(1,), strides=(1,),
                        padding="valid"):  # fmt: skip
    """Derivative of `average_pool_windows`: each cotangent is shared out over its window."""
    shape = shape if like is None else like.shape[1:-1]
    axes = _Axes((g_out.shape[0], *shape, g_out.shape[-1]), window, strides, padding)
    for axis in reversed(range(len(window))):
        g_out = g_out / axes.counts(xp, axis, g_out.dtype)
        sizes = list(g_out.shape)
        sizes[axis + 1] = shape[axis] + sum(axes.padding[axis])
        wide = xp.zeros(sizes, g_out.dtype)
        for part in axes.along(axis, wide):
            part += g_out
        g_out = wide
    return g_out[windows.crop_index(axes.padding, axes.input_sizes)]


def _pooled(where, operation, inputs, pool_size, strides, padding, data_format):
    is_first = standardize_data_format(data_format) == "channels_first"
    rank = len(inputs.shape) - 2
    if rank < 1:
        raise ShapeError(
            explain(where, "inputs need the axes (batch, *spatial, channels)", received=inputs)
        )
    window = windows.as_tuple(pool_size, rank, "pool_size", where)
    strides = window if strides is None else windows.as_tuple(strides, rank, "strides", where)
    padding = windows.check_padding(padding, where)
    x = transpose(inputs, (0, *range(2, rank + 2), 1)) if is_first else inputs
    y = operation(x, window=window, strides=strides, padding=padding)
    return transpose(y, (0, rank + 1, *range(1, rank + 1))) if is_first else y


def max_pool(inputs, pool_size, strides=None, padding="valid", data_format=None):
    """Largest element of every window.

    Args:
        inputs: tensor (batch, *spatial, channels), or (batch, channels, *spatial).
        pool_size: int or tuple of int.
        strides: int or tuple of int; `pool_size` when None.
        padding: "valid" or "same" (output size ceil(input / stride)).
        data_format: "channels_last", "channels_first" or None (the default of the config).

    Returns:
        tensor with the new spatial sizes.

    Raises:
        ShapeError: no spatial axis, or a window that does not fit.

    Derivative: 1 at the first maximum of the window in row-major order, else 0.

    Example:
        >>> max_pool([[[1.0], [3.0], [2.0], [0.0]]], 2).tolist()
        [[[3.0], [2.0]]]

    Source: Keras 3 names and defaults.
    """
    return _pooled(
        "ops.max_pool", max_pool_windows, as_input(inputs), pool_size, strides, padding, data_format
    )


def average_pool(inputs, pool_size, strides=None, padding="valid", data_format=None):
    """Mean of every window; padding does not count.

    Args:
        inputs: tensor (batch, *spatial, channels), or (batch, channels, *spatial).
        pool_size: int or tuple of int.
        strides: int or tuple of int; `pool_size` when None.
        padding: "valid" or "same" (output size ceil(input / stride)).
        data_format: "channels_last", "channels_first" or None (the default of the config).

    Returns:
        float tensor with the new spatial sizes.

    Raises:
        ShapeError: no spatial axis, or a window that does not fit.

    Example:
        >>> average_pool([[[1.0], [3.0], [2.0], [0.0]]], 2).tolist()
        [[[2.0], [1.0]]]

    Source: Keras 3 names and defaults.
    """
    return _pooled(
        "ops.average_pool", average_pool_windows, as_float_input(inputs), pool_size, strides,
        padding, data_format,
    )  # fmt: skip


def _adaptive_axes(where, inputs, output_size, data_format):
    is_first = standardize_data_format(data_format) == "channels_first"
    rank = len(inputs.shape) - 2
    axes = range(2, rank + 2) if is_first else range(1, rank + 1)
    sizes = [output_size] * rank if isinstance(output_size, int) else list(output_size)
    if len(sizes) != rank or None in [inputs.shape[a] for a in axes]:
        raise ShapeError(
            explain(
                where,
                "needs an output size for each spatial axis, and known input sizes",
                received=(inputs.shape, output_size),
            )
        )
    for axis, n in zip(axes, sizes, strict=True):
        if n is None or n == inputs.shape[axis]:
            continue  # the axis stays as it is
        size = inputs.shape[axis]
        begin = numpy.arange(n) * size // n
        end = -(-(numpy.arange(1, n + 1) * size) // n)
        yield axis, begin, end


def adaptive_average_pool(inputs, output_size, data_format=None):
    """Mean over `output_size` nearly equal parts of each spatial axis.

    Part i of n covers elements floor(i * size / n) up to ceil((i + 1) * size / n).

    Args:
        inputs: tensor (batch, *spatial, channels), or channels first; known spatial sizes.
        output_size: int or tuple of int (None keeps an axis).
        data_format: "channels_last", "channels_first" or None.

    Returns:
        float tensor with spatial sizes `output_size`.

    Raises:
        ShapeError: unknown spatial sizes, or another number of sizes.

    Example:
        >>> adaptive_average_pool([[[1.0], [3.0], [2.0], [0.0]]], 2).tolist()
        [[[2.0], [1.0]]]

    Source: Keras 3 names and defaults.
    """
    x = as_float_input(inputs)
    for axis, begin, end in _adaptive_axes(
        "ops.adaptive_average_pool", x, output_size, data_format
    ):
        place = numpy.arange(x.shape[axis])
        inside = (place >= begin[:, None]) & (place < end[:, None])
        weights = inside / (end - begin)[:, None]
        weights = convert_to_tensor(weights.astype(dtypes.to_numpy(x.dtype)))
        x = moveaxis(tensordot(x, weights, axes=((axis,), (1,))), -1, axis)
    return x


def adaptive_max_pool(inputs, output_size, data_format=None):
    """Maximum over `output_size` nearly equal parts of each spatial axis.

    Args:
        inputs: tensor (batch, *spatial, channels), or channels first; known spatial sizes.
        output_size: int or tuple of int (None keeps an axis).
        data_format: "channels_last", "channels_first" or None.

    Returns:
        tensor with spatial sizes `output_size`.

    Raises:
        ShapeError: unknown spatial sizes, or another number of sizes.

    Example:
        >>> adaptive_max_pool([[[1.0], [3.0], [2.0], [0.0]]], 2).tolist()
        [[[3.0], [2.0]]]

    Source: Keras 3 names and defaults.
    """
    x = as_input(inputs)
    for axis, begin, end in _adaptive_axes("ops.adaptive_max_pool", x, output_size, data_format):
        width = int((end - begin).max())
        # A shorter part repeats its last element, which leaves its maximum as it is.
        places = numpy.minimum(begin[:, None] + numpy.arange(width), end[:, None] - 1)
        x = take(x, convert_to_tensor(places.astype("int32")), axis=axis)
        x = reduce_max(x, axis=axis + 1)
    return x
