"""Images of Pillow and arrays: conversion, loading, saving, resizing."""

import io
import os
import pathlib
import warnings

import numpy

from kerasish import ops
from kerasish.config import floatx, standardize_data_format
from kerasish.errors import ShapeError, explain
from kerasish.ops.resampling import window_of_ratio
from kerasish.optional import pillow
from kerasish.saving.atomic import atomic_write

_METHODS = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")
_MODES = {
    "grayscale": ("L", ("L", "I;16", "I")),
    "rgb": ("RGB", ("RGB",)),
    "rgba": ("RGBA", ("RGBA",)),
}  # what Pillow calls them: what to convert to, and what may stay


def array_to_img(x, data_format=None, scale=True, dtype=None):
    """Image of Pillow from an array.

    Args:
        x: array-like (height, width, channels) with 1, 3 or 4 channels, or channels first.
        data_format: "channels_last", "channels_first" or None (the configured default).
        scale: bool. Spread the values over 0 to 255; otherwise they are in this range.
        dtype: float dtype name to compute in; floatx when None.

    Returns:
        PIL.Image.Image.

    Raises:
        ImportError: Pillow is not installed.
        ShapeError: another number of axes or channels.

    Example:
        >>> array_to_img([[[0.0], [1.0]]]).size
        (2, 1)

    Source: Keras 3 names and defaults.
    """
    image = pillow("array_to_img")
    x = numpy.asarray(x, dtype=dtype or floatx())
    if x.ndim != 3:
        raise ShapeError(explain("array_to_img", "an image has 3 axes", received=x))
    if standardize_data_format(data_format) == "channels_first":
        x = x.transpose(1, 2, 0)
    if x.shape[2] not in (1, 3, 4):
        raise ShapeError(explain("array_to_img", "an image has 1, 3 or 4 channels", received=x))
    if scale:
        x = x - x.min()
        highest = x.max()
        x = (x / highest if highest != 0 else x) * 255
    if x.shape[2] == 1:
        x = x[:, :, 0]
        if x.max() > 255:
            return image.fromarray(x.astype("int32"))
    return image.fromarray(x.astype("uint8"))


def img_to_array(img, data_format=None, dtype=None):
    """Array from an image of Pillow.

    Args:
        img: PIL.Image.Image, or array-like with 2 or 3 axes.
        data_format: "channels_last", "channels_first" or None (the configured default).
        dtype: dtype name; floatx when None.

    Returns:
        array (height, width, channels), or channels first.

    Raises:
        ShapeError: another number of axes.

    Example:
        >>> img_to_array([[0, 255]]).shape
        (1, 2, 1)

    Source: Keras 3 names and defaults.
    """
    x = numpy.asarray(img, dtype=dtype or floatx())
    if x.ndim not in (2, 3):
        raise ShapeError(explain("img_to_array", "an image has 2 or 3 axes", received=x))
    x = x[:, :, None] if x.ndim == 2 else x
    is_first = standardize_data_format(data_format) == "channels_first"
    return x.transpose(2, 0, 1) if is_first else x


def load_img(path, color_mode="rgb", target_size=None, interpolation="nearest",
             keep_aspect_ratio=False):  # fmt: skip
    """Image of Pillow from a file.

    Args:
        path: str, path-like, or io.BytesIO.
        color_mode: "rgb", "rgba" or "grayscale".
        target_size: (height, width), or None to keep the size.
        interpolation: "nearest", "bilinear", "bicubic", "hamming", "box" or "lanczos".
        keep_aspect_ratio: bool. Take the largest window of the right aspect ratio in the middle.

    Returns:
        PIL.Image.Image.

    Raises:
        ImportError: Pillow is not installed.
        TypeError: no path.
        ValueError: an unknown color mode or interpolation, or a file that is no picture.

    Example:
        >>> save_img("red.png", [[[255.0, 0.0, 0.0]]], scale=False)
        >>> load_img("red.png", target_size=(2, 3)).size
        (3, 2)

    Source: Keras 3 names and defaults.
    """
    image = pillow("load_img")
    if color_mode not in _MODES:
        raise ValueError(
            explain(
                "load_img", "unknown color_mode", received=color_mode, expected=str(tuple(_MODES))
            )
        )
    if interpolation not in _METHODS:
        raise ValueError(
            explain(
                "load_img", "unknown interpolation", received=interpolation, expected=str(_METHODS)
            )
        )
    if isinstance(path, io.BytesIO):
        source = path
    elif isinstance(path, (str, bytes, os.PathLike)):
        source = io.BytesIO(pathlib.Path(os.fsdecode(path)).read_bytes())
    else:
        raise TypeError(
            explain("load_img", "not a path", received=path, expected="str, Path or io.BytesIO")
        )
    try:
        found = image.open(source)
        found.load()
    except (OSError, SyntaxError) as error:  # Pillow raises SyntaxError for a damaged PNG
        name = path if isinstance(path, str) else "load_img"
        raise ValueError(explain(str(name), f"this is no readable picture ({error})")) from error
    wanted, fitting = _MODES[color_mode]
    found = found if found.mode in fitting else found.convert(wanted)
    if target_size is None or found.size == (target_size[1], target_size[0]):
        return found
    box = None
    if keep_aspect_ratio:
        top, left, rows, columns = window_of_ratio(found.height, found.width, *target_size)
        box = (left, top, left + columns, top + rows)
    method = image.Resampling[interpolation.upper()]
    return found.resize((target_size[1], target_size[0]), method, box=box)


def save_img(path, x, data_format=None, file_format=None, scale=True, **kwargs):
    """Write an array as an image file.

    Args:
        path: str, path-like, or a file that can be written.
        x: array-like (height, width, channels) with 1, 3 or 4 channels, or channels first.
        data_format: "channels_last", "channels_first" or None (the configured default).
        file_format: str such as "png" or "jpg"; by the ending of the path when None.
        scale: bool. Spread the values over 0 to 255; otherwise they are in this range.
        **kwargs: as of PIL.Image.Image.save.

    Raises:
        ImportError: Pillow is not installed.
        ValueError: an unknown format.

    Example:
        >>> save_img("gray.png", [[[0.0], [1.0]]])
        >>> img_to_array(load_img("gray.png", "grayscale")).tolist()
        [[[0.0], [255.0]]]

    Source: Keras 3 names and defaults.
    """
    is_path = isinstance(path, (str, os.PathLike))
    if file_format is None and is_path:
        file_format = pathlib.Path(path).suffix[1:]
    file_format = (file_format or "").lower()
    file_format = "jpeg" if file_format == "jpg" else file_format
    picture = array_to_img(x, data_format, scale)
    if picture.mode == "RGBA" and file_format == "jpeg":
        warnings.warn("JPEG files have no transparency: it is left out", stacklevel=2)
        picture = picture.convert("RGB")
    written = io.BytesIO()
    try:
        picture.save(written, format=file_format, **kwargs)
    except KeyError as error:
        raise ValueError(
            explain("save_img", "unknown file format", received=file_format, fix='"png"')
        ) from error
    if is_path:
        with atomic_write(path) as file:
            file.write(written.getvalue())
    else:
        path.write(written.getvalue())


def smart_resize(x, size, interpolation="bilinear", data_format="channels_last", **kwargs):
    """Images of another size without distortion: the largest fitting window in the middle, scaled.

    Args:
        x: array or tensor (batch, height, width, channels) or without batch, or channels first.
        size: (height, width).
        interpolation: "bilinear", "nearest", "bicubic", "lanczos3" or "lanczos5".
        data_format: "channels_last" or "channels_first".
        **kwargs: `backend_module`, accepted for compatibility.

    Returns:
        tensor; an array where `x` is one.

    Raises:
        ValueError: another number of sizes or axes.

    Example:
        >>> smart_resize(numpy.ones((4, 8, 3)), (2, 2)).shape
        (2, 2, 3)

    Source: Keras 3 names and defaults.
    """
    kwargs.pop("backend_module", None)
    if kwargs:
        raise TypeError(explain("smart_resize", "unknown arguments", received=sorted(kwargs)))
    if not isinstance(size, (list, tuple)) or len(size) != 2:
        raise ValueError(explain("smart_resize", "size must be (height, width)", received=size))
    resized = ops.image.resize(
        x, size, interpolation=interpolation, crop_to_aspect_ratio=True, data_format=data_format
    )
    return resized.numpy() if isinstance(x, numpy.ndarray) else resized
