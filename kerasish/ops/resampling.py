"""Resizing of images: every axis is a product with a small matrix of weights."""

import functools
import math

import numpy

from kerasish.arrays import dtypes
from kerasish.config import standardize_data_format
from kerasish.core.calls import symbolic_aware
from kerasish.core.primitive import as_float_input, as_input, primitive
from kerasish.core.structural import cast
from kerasish.errors import ShapeError, explain, nearest
from kerasish.ops.elementwise import abs as absolute
from kerasish.ops.elementwise import clip, maximum, round, sin, where
from kerasish.ops.linalg import tensordot
from kerasish.ops.ranges import arange
from kerasish.ops.reduction import sum as reduce_sum
from kerasish.ops.shape import expand_dims, moveaxis, pad

__all__ = ["resize", "scale_and_translate"]


# ---- weights ---------------------------------------------------------------------------------


def _triangle(x):
    return numpy.maximum(1 - x, 0)


def _cubic(x):  # Keys, 1981, with a = -1/2
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return numpy.where(x < 1, near, numpy.where(x < 2, far, 0))


def _lanczos(radius):
    return lambda x: numpy.where(x < radius, numpy.sinc(x) * numpy.sinc(x / radius), 0)


_KERNELS = {
    "bilinear": _triangle,
    "bicubic": _cubic,
    "lanczos3": _lanczos(3),
    "lanczos5": _lanczos(5),
}


@functools.lru_cache(maxsize=64)
def _weights(size, new_size, method, antialias):
    """Matrix (new_size, size) in float64: rows of kernel values at the distances, summing to 1."""
    ratio = size / new_size
    places = (numpy.arange(new_size) + 0.5) * ratio - 0.5
    width = max(ratio, 1.0) if antialias else 1.0
    values = _KERNELS[method](abs(places[:, None] - numpy.arange(size)) / width)
    return values / values.sum(axis=1, keepdims=True)


@functools.lru_cache(maxsize=64)
def _nearest_indices(size, new_size):
    return numpy.minimum(((numpy.arange(new_size) + 0.5) * (size / new_size)).astype(int), size - 1)


def _matrix(xp, size, new_size, method, antialias, dtype):
    return xp.asarray(_weights(size, new_size, method, antialias).astype(dtype))


def _along_axis(xp, matrix, x, axis):
    return xp.moveaxis(xp.tensordot(x, matrix, axes=((axis,), (1,))), -1, axis)


def _new_shape(shape, axis, size):
    return (*shape[:axis], size, *shape[axis + 1 :])


def _target_size(old, size, factor):
    """`size`, or where it is None `factor` times the old size, which may be unknown."""
    return old * factor if size is None and old is not None else size


def _resample_spec(x, axis, size, method, antialias, factor):
    return x.with_shape(_new_shape(x.shape, axis, _target_size(x.shape[axis], size, factor)))


def _resample_rule(g, x_like, axis, size, method, antialias, factor):
    old = x_like.shape[axis]
    return resample_transposed(
        g, x_like if old is None else None, axis=axis, size=old, method=method,
        antialias=antialias, factor=factor,
    )  # fmt: skip


@primitive(spec=_resample_spec, vjp=_resample_rule)
def resample(xp, x, /, axis=0, size=1, method="bilinear", antialias=False, factor=1):
    """One axis of `x` resized, to `size` or where it is None to `factor` times its size."""
    size = _target_size(x.shape[axis], size, factor)
    if method == "nearest":
        return xp.take(x, xp.asarray(_nearest_indices(x.shape[axis], size)), axis=axis)
    return _along_axis(xp, _matrix(xp, x.shape[axis], size, method, antialias, x.dtype), x, axis)


@primitive(
    spec=lambda g_out, like, axis, size, method, antialias, factor: g_out.with_shape(
        _new_shape(g_out.shape, axis, size if like is None else like.shape[axis])
    ),
    vjp=(
        lambda g, g_out_like, axis, method, antialias, factor: resample(
            g,
            axis=axis,
            size=g_out_like.shape[axis],
            method=method,
            antialias=antialias,
            factor=factor,
        ),
        None,
    ),
)
def resample_transposed(
    xp, g_out, like=None, /, axis=0, size=1, method="bilinear", antialias=False, factor=1
):
    """The transpose of `resample`."""
    size = size if like is None else like.shape[axis]
    if method == "nearest":
        indices = xp.asarray(_nearest_indices(size, g_out.shape[axis]))
        total = xp.zeros((size, *_new_shape(g_out.shape, axis, 1)), g_out.dtype)
        xp.scatter_add(total, indices, xp.expand_dims(xp.moveaxis(g_out, axis, 0), axis + 1))
        return xp.moveaxis(total, 0, axis).reshape(_new_shape(g_out.shape, axis, size))
    matrix = _matrix(xp, size, g_out.shape[axis], method, antialias, g_out.dtype)
    return _along_axis(xp, matrix.T, g_out, axis)


# ---- resize ----------------------------------------------------------------------------------


def spatial_axes(images, data_format, where):
    """The axes of height and width of one image or a batch.

    Raises:
        ShapeError: neither 3 nor 4 axes.
    """
    ndim = len(images.shape)
    if ndim not in (3, 4):
        raise ShapeError(
            explain(
                where,
                "images need the axes (batch, height, width, channels) or no batch",
                received=images,
            )
        )
    first = ndim - 3
    if standardize_data_format(data_format) == "channels_first":
        return first + 1, first + 2
    return first, first + 1


def window_of_ratio(height, width, target_height, target_width):
    """The largest window of an aspect ratio in the middle of an image: top, left, height, width."""
    rows = max(min(height, int(width * target_height / target_width)), 1)
    columns = max(min(width, int(height * target_width / target_height)), 1)
    return (height - rows) // 2, (width - columns) // 2, rows, columns


def _fitted(images, axes, size, crop, value):
    """Images cut or filled, in the middle, to the aspect ratio of `size`."""
    height, width = (images.shape[a] for a in axes)
    if height is None or width is None:
        raise ShapeError(
            explain("resize", "keeping the aspect ratio needs known image sizes", received=images)
        )
    if crop:
        index = [slice(None)] * len(images.shape)
        *begins, rows, columns = window_of_ratio(height, width, *size)
        for axis, begin, n in zip(axes, begins, (rows, columns), strict=True):
            index[axis] = slice(begin, begin + n)
        return images[tuple(index)]
    wanted = int(width * size[0] / size[1]), int(height * size[1] / size[0])
    amounts = [(0, 0)] * len(images.shape)
    for axis, n, m in zip(axes, (height, width), wanted, strict=True):
        extra = max(n, m) - n
        # As Keras: the same on both sides, so an odd rest is stretched away by the resizing.
        amounts[axis] = (extra // 2, extra // 2)
    return pad(images, tuple(amounts), mode="constant", constant_values=value)


def _back_to(y, dtype):
    if dtypes.is_integer(dtype):
        limits = numpy.iinfo(dtype)
        y = clip(round(y), int(limits.min), int(limits.max))
    return cast(y, dtype)


@symbolic_aware
def resize(
    images,
    size,
    interpolation="bilinear",
    antialias=False,
    crop_to_aspect_ratio=False,
    pad_to_aspect_ratio=False,
    fill_mode="constant",
    fill_value=0.0,
    data_format=None,
):
    """Images resized to `size`; pixel centres are at half-integers.

    Args:
        images: tensor (batch, height, width, channels) or without batch, or channels first.
        size: pair of int, (height, width).
        interpolation: "nearest", "bilinear", "bicubic", "lanczos3" or "lanczos5".
        antialias: bool. Widen the kernel when making images smaller.
        crop_to_aspect_ratio: bool. Cut the middle out first, so that nothing is distorted.
        pad_to_aspect_ratio: bool. Fill up with `fill_value` first, so that nothing is distorted.
        fill_mode: only "constant".
        fill_value: float.
        data_format: "channels_last", "channels_first" or None.

    Returns:
        tensor of the dtype of `images` (integers are rounded).

    Raises:
        ValueError: an unknown interpolation, or both aspect ratio options.

    Example:
        >>> from kerasish import ops
        >>> resize(ops.ones((1, 4, 6, 3)), (2, 3)).shape
        (1, 2, 3, 3)

    Source: Keras 3 names and defaults.
    """
    images = as_input(images)
    if interpolation not in (*_KERNELS, "nearest"):
        raise ValueError(
            explain(
                "resize",
                "unknown interpolation",
                received=interpolation,
                fix=nearest(interpolation, (*_KERNELS, "nearest")),
            )
        )
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError(explain("resize", "choose one of cropping and padding"))
    if fill_mode != "constant":
        raise ValueError(
            explain("resize", "unknown fill_mode", received=fill_mode, expected='"constant"')
        )
    axes = spatial_axes(images, data_format, "resize")
    size = tuple(int(n) for n in size)
    x = images
    if crop_to_aspect_ratio or pad_to_aspect_ratio:
        x = _fitted(x, axes, size, crop_to_aspect_ratio, fill_value)
    if interpolation == "nearest":
        for axis, n in zip(axes, size, strict=True):
            x = resample(x, axis=axis, size=n, method="nearest")
        return x
    x = as_float_input(x)
    for axis, n in zip(axes, size, strict=True):
        x = resample(x, axis=axis, size=n, method=interpolation, antialias=bool(antialias))
    return _back_to(x, images.dtype)


# ---- scale_and_translate ---------------------------------------------------------------------


def _sinc(x):
    safe = where(absolute(x) < 1e-6, 1.0, x) * math.pi
    return where(absolute(x) < 1e-6, 1.0, sin(safe) / safe)


def _kernel_values(x, method):
    if method in ("linear", "bilinear", "trilinear", "triangle"):
        return maximum(1 - x, 0)
    if method in ("cubic", "bicubic", "tricubic"):
        near = (1.5 * x - 2.5) * x * x + 1
        far = ((-0.5 * x + 2.5) * x - 4) * x + 2
        return where(x < 1, near, where(x < 2, far, 0.0))
    if method in ("lanczos3", "lanczos5"):
        radius = float(method[-1])
        return where(x < radius, _sinc(x) * _sinc(x / radius), 0.0)
    raise ValueError(
        explain(
            "scale_and_translate",
            "unknown method",
            received=method,
            expected='"linear", "cubic", "lanczos3" or "lanczos5"',
        )
    )


@symbolic_aware
def scale_and_translate(
    images, output_shape, scale, translation, spatial_dims, method, antialias=True
):
    """Images scaled and moved: what was at `x` comes to `x * scale + translation`.

    Args:
        images: float tensor.
        output_shape: shape of the result; axes outside `spatial_dims` keep their size.
        scale: float tensor (len(spatial_dims),).
        translation: float tensor (len(spatial_dims),).
        spatial_dims: sequence of int. The axes that are resampled.
        method: "linear", "cubic", "lanczos3" or "lanczos5".
        antialias: bool. Widen the kernel where `scale` is below 1.

    Returns:
        tensor of shape `output_shape`, 0 where nothing of the image is.

    Raises:
        ValueError: an unknown method.

    Derivative: also by `scale` and `translation`.

    Example:
        >>> from kerasish import ops
        >>> half, none = [0.5, 0.5], [0.0, 0.0]
        >>> y = scale_and_translate(ops.ones((4, 4)), (2, 2), half, none, (0, 1), "linear")
        >>> y.shape
        (2, 2)

    Source: Keras 3 names and defaults.
    """
    x, scale, translation = map(as_float_input, (images, scale, translation))
    for i, axis in enumerate(spatial_dims):
        old, new = x.shape[axis], output_shape[axis]
        inverse = 1.0 / scale[i]
        places = (arange(new, dtype=x.dtype) + 0.5 - translation[i]) * inverse - 0.5
        width = maximum(inverse, 1) if antialias else 1.0
        distance = absolute(expand_dims(places, 1) - arange(old, dtype=x.dtype))
        values = _kernel_values(distance / width, method)
        total = reduce_sum(values, axis=1, keepdims=True)
        is_empty = absolute(total) < 1e-4
        values = where(is_empty, 0.0, values / where(is_empty, 1.0, total))
        inside = expand_dims((places >= -0.5) & (places <= old - 0.5), 1)
        x = moveaxis(tensordot(x, where(inside, values, 0.0), axes=((axis,), (1,))), -1, axis)
    return x
