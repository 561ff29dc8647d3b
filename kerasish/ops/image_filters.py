"""Filters over images: blur, edges and random elastic distortion, and measures of likeness."""

import math

import numpy

from kerasish.arrays import dtypes
from kerasish.config import standardize_data_format
from kerasish.core.calls import symbolic_aware
from kerasish.core.primitive import as_float_input, as_input
from kerasish.core.rng import draw_seed
from kerasish.core.structural import cast, convert_to_tensor
from kerasish.errors import ShapeError, explain
from kerasish.ops import random as primitives
from kerasish.ops.conv import depthwise_conv
from kerasish.ops.elementwise import abs as absolute
from kerasish.ops.elementwise import exp, floor, log10, maximum, square, where
from kerasish.ops.reduction import mean
from kerasish.ops.reduction import sum as reduce_sum
from kerasish.ops.regrouping import merge_axes
from kerasish.ops.shape import expand_dims, pad, reshape, squeeze, stack, tile, transpose
from kerasish.ops.warping import transform_images, wide

__all__ = ["elastic_transform", "gaussian_blur", "psnr", "sobel_edges", "ssim"]


def _as_batch(images, data_format, where):
    """Images as (batch, height, width, channels), and the function that undoes it."""
    if len(images.shape) not in (3, 4):
        raise ShapeError(
            explain(
                where,
                "images need the axes (batch, height, width, channels) or no batch",
                received=images,
            )
        )
    is_single = len(images.shape) == 3
    is_first = standardize_data_format(data_format) == "channels_first"
    x = expand_dims(images, 0) if is_single else images
    x = transpose(x, (0, 2, 3, 1)) if is_first else x

    def back(y):
        y = transpose(y, (0, 3, 1, 2)) if is_first else y
        return squeeze(y, axis=0) if is_single else y

    return x, back


def _bell(size, sigma, reach=None):
    """Window of `size` places that sums to 1; 0 farther than `reach` places from the middle."""
    places = numpy.arange(size) - (size - 1) / 2
    if isinstance(sigma, (int, float)):
        values = numpy.exp(-0.5 * (places / sigma) ** 2)
        return values / values.sum()
    places = convert_to_tensor(places, sigma.dtype)
    values = exp(-0.5 * square(places / sigma))
    if reach is not None:
        values = where(absolute(places) <= reach, values, 0.0)
    return values / reduce_sum(values)


def _filtered(x, rows, columns, padding):
    """Each channel of `x` filtered by the outer product of two vectors."""
    channels = x.shape[-1]
    for vector, shape in ((rows, (-1, 1, 1, 1)), (columns, (1, -1, 1, 1))):
        if isinstance(vector, numpy.ndarray):
            vector = convert_to_tensor(vector.astype(dtypes.to_numpy(x.dtype)))
        kernel = tile(reshape(cast(vector, x.dtype), shape), (1, 1, channels, 1))
        x = depthwise_conv(x, kernel, padding=padding, data_format="channels_last")
    return x


@symbolic_aware
def gaussian_blur(images, kernel_size=(3, 3), sigma=(1.0, 1.0), data_format=None):
    """Images smoothed by a bell-shaped window; beyond the edges is 0.

    Args:
        images: tensor (batch, height, width, channels) or without batch, or channels first.
        kernel_size: pair of int. Height and width of the window in pixels.
        sigma: pair of float, or tensor (2,). Width of the bell in pixels, first that along a row,
            as Keras computes (its description has them the other way round).
        data_format: "channels_last", "channels_first" or None.

    Returns:
        tensor of the shape and dtype of `images`.

    Example:
        >>> from kerasish import ops
        >>> gaussian_blur(ops.ones((1, 5, 5, 3))).shape
        (1, 5, 5, 3)

    Source: Keras 3 names and defaults.
    """
    images = as_input(images)
    x, back = _as_batch(as_float_input(images), data_format, "gaussian_blur")
    rows, columns = _bell(kernel_size[0], sigma[1]), _bell(kernel_size[1], sigma[0])
    return cast(back(_filtered(x, rows, columns, "same")), images.dtype)


@symbolic_aware
def sobel_edges(images, data_format=None):
    """Slopes of brightness along height and width by Sobel's filters; the edges are mirrored.

    Args:
        images: float tensor (batch, height, width, channels) or without batch, or channels first.
        data_format: "channels_last", "channels_first" or None.

    Returns:
        float tensor with a last axis of 2: the slope downward and to the right.

    Example:
        >>> from kerasish import ops
        >>> sobel_edges(ops.ones((1, 5, 5, 3))).shape
        (1, 5, 5, 3, 2)

    Source: Keras 3 names and defaults.
    """
    x, back = _as_batch(as_float_input(images), data_format, "sobel_edges")
    x = pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    slope, smooth = numpy.array([-1.0, 0.0, 1.0]), numpy.array([1.0, 2.0, 1.0])
    down = back(_filtered(x, slope, smooth, "valid"))
    right = back(_filtered(x, smooth, slope, "valid"))
    return stack([down, right], axis=-1)


@symbolic_aware
def elastic_transform(
    images,
    alpha=20.0,
    sigma=5.0,
    interpolation="bilinear",
    fill_mode="reflect",
    fill_value=0.0,
    seed=None,
    data_format=None,
):
    """Images distorted by random, smooth displacements of their pixels.

    Args:
        images: tensor (batch, height, width, channels) or without batch, or channels first.
        alpha: float. Strength of the displacements.
        sigma: float. Smoothness of the displacements, in pixels.
        interpolation: "nearest" or "bilinear".
        fill_mode: "constant", "nearest", "wrap", "mirror" or "reflect".
        fill_value: float, for "constant".
        seed: int, SeedGenerator, or None (the global generator).
        data_format: "channels_last", "channels_first" or None.

    Returns:
        tensor of the shape and dtype of `images`.

    Example:
        >>> from kerasish import ops
        >>> elastic_transform(ops.ones((1, 5, 5, 3)), seed=1).shape
        (1, 5, 5, 3)

    Source: Simard et al., 2003; Keras 3 names and defaults.
    """
    window = _bell(int(6 * sigma) | 1, sigma)
    return distort(
        images, window, sigma, alpha, interpolation, fill_mode, fill_value, seed, data_format
    )


def bell_up_to(sigma, most):
    """The window of `elastic_transform` for a `sigma` that is a tensor, at most a float `most`."""
    reach = floor(cast(floor(6 * sigma), sigma.dtype) / 2)
    return _bell(int(6 * most) | 1, maximum(sigma, 1e-6), reach)


def distort(images, window, sigma, alpha, interpolation, fill_mode, fill_value, seed, data_format):
    """`elastic_transform` with a given window."""
    images = as_input(images)
    x, _ = _as_batch(wide(images), data_format, "elastic_transform")
    like = x[..., :1]
    noise = primitives.random_normal(
        draw_seed(seed), like, shape=(*like.shape[:-1], 2), dtype=x.dtype
    )
    moves = merge_axes(_filtered(noise * sigma, window, window, "same"), axis=1) * alpha
    return transform_images(
        "elastic_transform",
        images,
        lambda x, y: (x + moves[..., 0], y + moves[..., 1]),
        interpolation,
        fill_mode,
        fill_value,
        data_format,
    )


def psnr(x1, x2, max_val):
    """Peak signal-to-noise ratio in decibels: `20 log10(max_val) - 10 log10(mean((x1 - x2)**2))`.

    Args:
        x1: tensor.
        x2: tensor of the same shape.
        max_val: float. Largest possible value.

    Returns:
        float tensor without axes.

    Example:
        >>> round(psnr([1.0, 0.0], [0.9, 0.0], 1.0).item(), 2)
        23.01

    Source: Keras 3 names and defaults.
    """
    x1, x2 = as_float_input(x1), as_float_input(x2)
    return 20 * math.log10(max_val) - 10 * log10(mean(square(x1 - x2)))


@symbolic_aware
def ssim(
    image1,
    image2,
    max_val=1.0,
    filter_size=11,
    filter_sigma=1.5,
    k1=0.01,
    k2=0.03,
    data_format=None,
):
    """Structural similarity of images, 1 where they are equal.

    Args:
        image1: tensor (batch, height, width, channels) or without batch, or channels first.
        image2: tensor of the same shape.
        max_val: float. Largest possible value.
        filter_size: int. Size of the window over which means and variances are taken.
        filter_sigma: float. Width of the window's bell.
        k1: float. Steadies the quotient of means.
        k2: float. Steadies the quotient of variances.
        data_format: "channels_last", "channels_first" or None.

    Returns:
        float tensor (batch,), the mean over pixels and channels; without axes for one image.

    Example:
        >>> from kerasish import ops
        >>> round(ssim(ops.ones((1, 12, 12, 1)), ops.ones((1, 12, 12, 1)))[0].item(), 4)
        1.0

    Source: Wang et al., 2004; Keras 3 names and defaults.
    """
    is_single = len(image1.shape) == 3
    x, _ = _as_batch(as_float_input(image1), data_format, "ssim")
    y, _ = _as_batch(as_float_input(image2), data_format, "ssim")
    window = _bell(filter_size, filter_sigma)

    def smooth(values):
        return _filtered(values, window, window, "valid")

    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    mean_x, mean_y = smooth(x), smooth(y)
    both, squares = mean_x * mean_y, mean_x * mean_x + mean_y * mean_y
    likeness = (2 * both + c1) / (squares + c1)
    contrast = (2 * (smooth(x * y) - both) + c2) / (smooth(x * x + y * y) - squares + c2)
    result = mean(likeness * contrast, axis=(1, 2, 3))
    return squeeze(result, axis=0) if is_single else result
