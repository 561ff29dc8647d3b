"""Images read at other places: map_coordinates, affine and perspective transforms."""

import itertools

from kerasish.config import standardize_data_format
from kerasish.core.calls import symbolic_aware
from kerasish.core.primitive import as_float_input, as_input, primitive
from kerasish.core.spec import TensorSpec
from kerasish.core.structural import cast, count, reshape_like
from kerasish.errors import ShapeError, explain
from kerasish.ops.elementwise import abs as absolute
from kerasish.ops.elementwise import clip, floor, logical_and, mod, round, where
from kerasish.ops.ranges import arange
from kerasish.ops.regrouping import merge_axes
from kerasish.ops.shape import expand_dims, reshape, squeeze, stack, transpose
from kerasish.ops.solving import solve

__all__ = ["affine_transform", "map_coordinates", "perspective_transform"]

_MODES = ("constant", "nearest", "wrap", "mirror", "reflect")


@primitive(
    spec=lambda x, indices: TensorSpec((x.shape[0], indices.shape[1], x.shape[2]), x.dtype),
    vjp=(lambda g, indices, x_like: _scattered(g, indices, x_like), None),
)
def gather_rows(xp, x, indices, /):
    """Rows of every sample: `y[n, q] = x[n, indices[n, q]]`."""
    return x[xp.arange(x.shape[0])[:, None], indices]


def _scattered(g, indices, x_like):
    size = x_like.shape[1]
    return scatter_rows(g, indices, x_like if size is None else None, size=size)


@primitive(
    spec=lambda g_out, indices, like, size: TensorSpec(
        (g_out.shape[0], size if like is None else like.shape[1], g_out.shape[2]), g_out.dtype
    ),
    vjp=(lambda g, indices: gather_rows(g, indices), None, None),
)
def scatter_rows(xp, g_out, indices, like=None, /, size=1):
    """Rows added up at their indices: the transpose of `gather_rows`."""
    size = size if like is None else like.shape[1]
    total = xp.zeros((g_out.shape[0], size, g_out.shape[2]), g_out.dtype)
    xp.scatter_add(total, (xp.arange(g_out.shape[0])[:, None], indices), g_out)
    return total


# ---- reading between the elements --------------------------------------------------------------


def _mirrored(index, last):
    """Index that runs to and fro between 0 and `last`, without repeating the ends."""
    period = 2 * last + _one_if_zero(last)
    return absolute(mod(index + last, period) - last)


def _one_if_zero(last):
    """1 for a size of one element, whose period would be 0."""
    return int(last == 0) if isinstance(last, int) else cast(last <= 0, "int32")


def _brought_inside(index, size, fill_mode):
    if fill_mode == "wrap":
        return mod(index, size)
    if fill_mode == "mirror":
        return _mirrored(index, size - 1)
    if fill_mode == "reflect":  # the ends are repeated: a mirror of twice the resolution
        period = 2 * size
        place = mod(index, period)
        return where(place < size, place, period - 1 - place)
    return clip(index, 0, size - 1)


def _corners(place, order):
    if order == 0:
        return [(cast(round(place), "int32"), None)]
    low = floor(place)
    fraction = place - low
    index = cast(low, "int32")
    return [(index, 1.0 - fraction), (index + 1, fraction)]


def read_between(flat, sizes, places, order, fill_mode, fill_value):
    """Values of images at any places.

    Args:
        flat: tensor (batch, elements, channels).
        sizes: spatial sizes, ints or scalar tensors, whose product is `elements`.
        places: for each spatial axis, float tensor (batch, places), in elements.
        order: 0 (nearest) or 1 (linear).
        fill_mode: what is beyond the edges.
        fill_value: float, for "constant".

    Returns:
        tensor (batch, places, channels).
    """
    total = 0.0
    for corner in itertools.product(*[_corners(p, order) for p in places]):
        linear, weight, inside = 0, None, None
        for (index, share), size in zip(corner, sizes, strict=True):
            linear = linear * size + _brought_inside(index, size, fill_mode)
            if share is not None:
                weight = share if weight is None else weight * share
            here = logical_and(index >= 0, index < size)
            inside = here if inside is None else logical_and(inside, here)
        values = gather_rows(flat, cast(linear, "int32"))
        if fill_mode == "constant":
            values = where(expand_dims(inside, -1), values, fill_value)
        total = total + (values if weight is None else values * expand_dims(weight, -1))
    return total


def _check_mode(name, fill_mode):
    if fill_mode not in _MODES:
        raise ValueError(
            explain(name, "unknown fill_mode", received=fill_mode, expected=str(_MODES))
        )


def _orders(name, interpolation):
    if interpolation not in ("nearest", "bilinear"):
        raise ValueError(
            explain(
                name,
                "unknown interpolation",
                received=interpolation,
                expected='"nearest" or "bilinear"',
            )
        )
    return 0 if interpolation == "nearest" else 1


@symbolic_aware
def map_coordinates(inputs, coordinates, order, fill_mode="constant", fill_value=0):
    """Values of an array at any places: linear between its elements.

    Args:
        inputs: tensor of any number of axes.
        coordinates: tensor (axes of `inputs`, ...): the place along each axis, in elements.
        order: 0 (nearest element) or 1 (linear).
        fill_mode: "constant", "nearest", "wrap", "mirror" or "reflect".
        fill_value: float. What is beyond the edges in mode "constant".

    Returns:
        tensor of the shape of `coordinates` without its first axis, in the dtype of `inputs`.

    Raises:
        ValueError: an unknown order or mode, or coordinates for another number of axes.

    Derivative: by `inputs`, and for order 1 by `coordinates`.

    Example:
        >>> map_coordinates([1.0, 3.0], [[0.5]], order=1).tolist()
        [2.0]

    Source: SciPy `map_coordinates`; Keras 3 names and defaults.
    """
    inputs, coordinates = as_input(inputs), as_float_input(coordinates)
    _check_mode("map_coordinates", fill_mode)
    if order not in (0, 1):
        raise ValueError(explain("map_coordinates", "order must be 0 or 1", received=order))
    if coordinates.shape[0] not in (None, len(inputs.shape)):
        raise ShapeError(
            explain(
                "map_coordinates",
                "coordinates need one row for each axis of inputs",
                received=(coordinates.shape, inputs.shape),
            )
        )
    sizes = [count(inputs, (i,)) for i in range(len(inputs.shape))]
    x = as_float_input(inputs)
    places = [reshape(coordinates[i], (1, -1)) for i in range(len(sizes))]
    y = read_between(reshape(x, (1, -1, 1)), sizes, places, order, fill_mode, float(fill_value))
    return cast(reshape_like(y, coordinates[0]), inputs.dtype)


def transform_images(name, images, place, interpolation, fill_mode, fill_value, data_format):
    """Images read at the places that a function gives for each pixel.

    Args:
        place: f(x, y) -> (x, y) of tensors (1, pixels) -> (batch or 1, pixels).
    """
    _check_mode(name, fill_mode)
    order = _orders(name, interpolation)
    images = as_input(images)
    if len(images.shape) not in (3, 4):
        raise ShapeError(
            explain(
                name,
                "images need the axes (batch, height, width, channels) or no batch",
                received=images,
            )
        )
    is_single = len(images.shape) == 3
    is_first = standardize_data_format(data_format) == "channels_first"
    x = wide(images)
    x = expand_dims(x, 0) if is_single else x
    if is_first:
        x = transpose(x, (0, 2, 3, 1))
    height, width = count(x, (1,)), count(x, (2,))
    pixel = cast(arange(height * width, dtype="int32"), x.dtype)
    row = floor((pixel + 0.5) / cast_like(width, x))
    column = pixel - row * cast_like(width, x)
    to_x, to_y = place(expand_dims(column, 0), expand_dims(row, 0))
    batch = x[:, 0, 0, :1] * 0.0  # (batch, 1): places for every image, whichever was given
    places = [to_y + batch, to_x + batch]
    y = read_between(
        merge_axes(x, axis=1), [height, width], places, order, fill_mode, float(fill_value)
    )
    y = cast(reshape_like(y, x), images.dtype)
    if is_first:
        y = transpose(y, (0, 3, 1, 2))
    return squeeze(y, axis=0) if is_single else y


def wide(x):
    """`x` as float32, or float64: in shorter types there are no numbers for all the pixels."""
    return cast(x, "float64" if x.dtype == "float64" else "float32")


def cast_like(value, x):
    """A size as a float of the dtype of `x`; Python ints stay."""
    return value if isinstance(value, int) else cast(value, x.dtype)


@symbolic_aware
def affine_transform(images, transform, interpolation="bilinear", fill_mode="constant",
                     fill_value=0, data_format=None):  # fmt: skip
    """Images moved, turned, scaled or sheared by a projective map.

    `(a0, a1, a2, b0, b1, b2, c0, c1)`: pixel (x, y) of the result is read at
    `((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k)`, `k = c0 x + c1 y + 1`.

    Args:
        images: tensor (batch, height, width, channels) or without batch, or channels first.
        transform: float tensor (batch, 8) or (8,).
        interpolation: "nearest" or "bilinear".
        fill_mode: "constant", "nearest", "wrap", "mirror" or "reflect".
        fill_value: float, for "constant".
        data_format: "channels_last", "channels_first" or None.

    Returns:
        tensor of the shape and dtype of `images`.

    Raises:
        ValueError: an unknown interpolation or mode.
        ShapeError: shapes do not fit.

    Example:
        >>> image = [[[1.0], [2.0], [3.0]]]
        >>> affine_transform(image, [1.0, 0, 1.0, 0, 1.0, 0, 0, 0])[0, :, 0].tolist()
        [2.0, 3.0, 0.0]

    Source: TensorFlow `ImageProjectiveTransformV3`; Keras 3 names and defaults.
    """
    transform = wide(as_float_input(transform))
    if transform.shape[-1] != 8:
        raise ShapeError(
            explain("affine_transform", "a transform has 8 numbers", received=transform)
        )
    if len(transform.shape) == 1:
        transform = expand_dims(transform, 0)
    a0, a1, a2, b0, b1, b2, c0, c1 = (transform[:, i : i + 1] for i in range(8))

    def place(x, y):
        k = c0 * x + c1 * y + 1.0
        return (a0 * x + a1 * y + a2) / k, (b0 * x + b1 * y + b2) / k

    return transform_images(
        "affine_transform", images, place, interpolation, fill_mode, fill_value, data_format
    )


def homography(start, end):
    """The 8 numbers of the map that takes each of four `end` points to its `start` point."""
    rows, targets = [], []
    one = end[:, 0, 0] * 0.0 + 1.0
    zero = one * 0.0
    for i in range(4):
        x, y, u, v = end[:, i, 0], end[:, i, 1], start[:, i, 0], start[:, i, 1]
        rows.append(stack([x, y, one, zero, zero, zero, -u * x, -u * y], axis=-1))
        rows.append(stack([zero, zero, zero, x, y, one, -v * x, -v * y], axis=-1))
        targets += [u, v]
    matrix, target = stack(rows, axis=1), expand_dims(stack(targets, axis=1), -1)
    return squeeze(solve(matrix, target), axis=-1)


@symbolic_aware
def perspective_transform(images, start_points, end_points, interpolation="bilinear",
                          fill_value=0, data_format=None):  # fmt: skip
    """Images distorted so that four points come to lie at four others.

    Args:
        images: tensor (batch, height, width, channels) or without batch, or channels first.
        start_points: float tensor (batch, 4, 2) or (4, 2): points (x, y) of `images`.
        end_points: the same shape: where these points come to lie.
        interpolation: "nearest" or "bilinear".
        fill_value: float. What comes from beyond the edges.
        data_format: "channels_last", "channels_first" or None.

    Returns:
        tensor of the shape and dtype of `images`.

    Raises:
        ShapeError: other than four points.

    Example:
        >>> from kerasish import ops
        >>> corners = [[0.0, 0.0], [0.0, 3.0], [3.0, 0.0], [3.0, 3.0]]
        >>> y = perspective_transform(ops.ones((4, 4, 1)), corners, corners)
        >>> y.shape
        (4, 4, 1)

    Source: Keras 3 names and defaults.
    """
    start, end = as_float_input(start_points), as_float_input(end_points)
    if tuple(start.shape[-2:]) != (4, 2) or tuple(end.shape[-2:]) != (4, 2):
        raise ShapeError(
            explain(
                "perspective_transform",
                "four points (x, y) are needed",
                received=(start.shape, end.shape),
            )
        )
    if len(start.shape) == 2:
        start, end = expand_dims(start, 0), expand_dims(end, 0)
    numbers = homography(start, end)
    return affine_transform(images, numbers, interpolation, "constant", fill_value, data_format)
