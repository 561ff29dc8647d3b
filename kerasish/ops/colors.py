"""Colours of images, and adding to or cutting from their edges."""

from kerasish.arrays import dtypes
from kerasish.config import standardize_data_format
from kerasish.core.calls import symbolic_aware
from kerasish.core.primitive import as_input
from kerasish.core.structural import cast
from kerasish.errors import DTypeError, ShapeError, explain
from kerasish.ops.elementwise import abs as absolute
from kerasish.ops.elementwise import clip, floor, maximum, minimum, where
from kerasish.ops.resampling import spatial_axes
from kerasish.ops.shape import pad, stack, unstack

__all__ = ["crop_images", "hsv_to_rgb", "pad_images", "rgb_to_grayscale", "rgb_to_hsv"]


def _channel_axis(images, data_format, where):
    if len(images.shape) not in (3, 4):
        raise ShapeError(
            explain(
                where,
                "images need the axes (batch, height, width, channels) or no batch",
                received=images,
            )
        )
    return -3 if standardize_data_format(data_format) == "channels_first" else -1


def _channels(images, data_format, where):
    axis = _channel_axis(images, data_format, where)
    if images.shape[axis] != 3:
        raise ShapeError(explain(where, "images must have 3 channels", received=images))
    return unstack(images, axis=axis), axis


def _float_channels(images, data_format, where):
    if not dtypes.is_float(images.dtype):
        raise DTypeError(
            explain(
                where,
                "images must be floats from 0 to 1",
                received=images.dtype,
                fix='ops.cast(images, "float32") / 255',
            )
        )
    return _channels(images, data_format, where)


@symbolic_aware
def rgb_to_grayscale(images, data_format=None):
    """Brightness: `0.2989 red + 0.587 green + 0.114 blue`.

    Args:
        images: tensor (batch, height, width, 3) or without batch, or channels first.
        data_format: "channels_last", "channels_first" or None.

    Returns:
        tensor with 1 channel, in the dtype of `images`.

    Raises:
        ShapeError: other than 3 channels.

    Example:
        >>> rgb_to_grayscale([[[1.0, 0.0, 0.0]]]).shape
        (1, 1, 1)

    Source: ITU-R BT.601; Keras 3 names and defaults.
    """
    images = as_input(images)
    (r, g, b), axis = _channels(images, data_format, "rgb_to_grayscale")
    wide = "float64" if images.dtype == "float64" else "float32"
    r, g, b = (cast(x, wide) for x in (r, g, b))
    return cast(stack([0.2989 * r + 0.587 * g + 0.114 * b], axis=axis), images.dtype)


@symbolic_aware
def rgb_to_hsv(images, data_format=None):
    """Hue, saturation and value of colours, all from 0 to 1.

    Args:
        images: float tensor (batch, height, width, 3) or without batch, or channels first; 0 to 1.
        data_format: "channels_last", "channels_first" or None.

    Returns:
        float tensor of the same shape.

    Raises:
        DTypeError: integers.
        ShapeError: other than 3 channels.

    Example:
        >>> rgb_to_hsv([[[1.0, 0.0, 0.0]]]).tolist()
        [[[0.0, 1.0, 1.0]]]

    Source: Smith, 1978; Keras 3 names and defaults.
    """
    (r, g, b), axis = _float_channels(as_input(images), data_format, "rgb_to_hsv")
    value = maximum(maximum(r, g), b)
    spread = value - minimum(minimum(r, g), b)
    is_gray, is_black = spread <= 0, value <= 0
    unit = 1.0 / where(is_gray, 1.0, spread)
    hue = where(
        (value - r) <= 0,
        (g - b) * unit,
        where((value - g) <= 0, (b - r) * unit + 2.0, (r - g) * unit + 4.0),
    )
    hue = where(is_gray, 0.0, where(hue < 0, hue + 6.0, hue) / 6.0)
    saturation = where(is_black, 0.0, spread / where(is_black, 1.0, value))
    return stack([hue, saturation, value], axis=axis)


@symbolic_aware
def hsv_to_rgb(images, data_format=None):
    """Colours of hue, saturation and value: the inverse of `rgb_to_hsv`.

    Args:
        images: float tensor (batch, height, width, 3) or without batch, or channels first; 0 to 1.
        data_format: "channels_last", "channels_first" or None.

    Returns:
        float tensor of the same shape.

    Raises:
        DTypeError: integers.
        ShapeError: other than 3 channels.

    Example:
        >>> hsv_to_rgb([[[0.0, 1.0, 1.0]]]).tolist()
        [[[1.0, 0.0, 0.0]]]

    Source: Smith, 1978; Keras 3 names and defaults.
    """
    (hue, saturation, value), axis = _float_channels(as_input(images), data_format, "hsv_to_rgb")
    hue = hue - floor(hue)
    parts = []
    for offset in (3.0, 2.0, 4.0):
        ramp = absolute(hue * 6.0 - offset)
        ramp = ramp - 1.0 if offset == 3.0 else 2.0 - ramp
        parts.append((1.0 + (clip(ramp, 0.0, 1.0) - 1.0) * saturation) * value)
    return stack(parts, axis=axis)


def _margins(name, size, before, after, target, sign):
    """Amounts before and after along one axis; one of the three may be None.

    `sign` is 1 where the amounts are added to the size, -1 where they are taken away.
    """
    given = [v for v in (before, after, target) if v is not None]
    if len(given) != 2:
        raise ValueError(
            explain(
                name,
                "give exactly two of the amount before, the amount after and the target "
                "size of an axis",
                received=(before, after, target),
            )
        )
    if target is not None:
        if size is None:
            raise ShapeError(explain(name, "a target size needs a known image size"))
        total = sign * (target - size)
        before = total - after if before is None else before
        after = total - before
    if before < 0 or after < 0:
        raise ValueError(
            explain(name, "amounts cannot be negative", received=(before, after, target, size))
        )
    return before, after


def _all_margins(name, images, data_format, vertical, horizontal, sign):
    axes = spatial_axes(images, data_format, name)
    amounts = [(0, 0)] * len(images.shape)
    for axis, (before, after, target) in zip(axes, (vertical, horizontal), strict=True):
        amounts[axis] = _margins(name, images.shape[axis], before, after, target, sign)
    return tuple(amounts)


@symbolic_aware
def pad_images(
    images,
    top_padding=None,
    left_padding=None,
    bottom_padding=None,
    right_padding=None,
    target_height=None,
    target_width=None,
    data_format=None,
):
    """Images with zeros around them.

    Args:
        images: tensor (batch, height, width, channels) or without batch, or channels first.
        top_padding: int or None. Of top, bottom and `target_height`, two are given.
        left_padding: int or None. Of left, right and `target_width`, two are given.
        bottom_padding: int or None.
        right_padding: int or None.
        target_height: int or None.
        target_width: int or None.
        data_format: "channels_last", "channels_first" or None.

    Returns:
        tensor of the new height and width.

    Raises:
        ValueError: three or too few amounts of one axis, or negative ones.

    Example:
        >>> pad_images([[[1.0]]], 0, 1, 0, 0)[..., 0].tolist()
        [[0.0, 1.0]]

    Source: Keras 3 names and defaults.
    """
    images = as_input(images)
    amounts = _all_margins(
        "pad_images",
        images,
        data_format,
        (top_padding, bottom_padding, target_height),
        (left_padding, right_padding, target_width),
        1,
    )
    return pad(images, amounts)


@symbolic_aware
def crop_images(
    images,
    top_cropping=None,
    left_cropping=None,
    bottom_cropping=None,
    right_cropping=None,
    target_height=None,
    target_width=None,
    data_format=None,
):
    """Images without their outer rows and columns.

    Args:
        images: tensor (batch, height, width, channels) or without batch, or channels first.
        top_cropping: int or None. Of top, bottom and `target_height`, two are given.
        left_cropping: int or None. Of left, right and `target_width`, two are given.
        bottom_cropping: int or None.
        right_cropping: int or None.
        target_height: int or None.
        target_width: int or None.
        data_format: "channels_last", "channels_first" or None.

    Returns:
        tensor of the new height and width.

    Raises:
        ValueError: three or too few amounts of one axis, or negative ones.

    Example:
        >>> crop_images([[[1.0], [2.0]]], 0, 1, 0, 0)[..., 0].tolist()
        [[2.0]]

    Source: Keras 3 names and defaults.
    """
    images = as_input(images)
    amounts = _all_margins(
        "crop_images",
        images,
        data_format,
        (top_cropping, bottom_cropping, target_height),
        (left_cropping, right_cropping, target_width),
        -1,
    )
    return images[tuple(slice(before, -after or None) for before, after in amounts)]
