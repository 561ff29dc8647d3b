"""Repeating and padding: tile, repeat, pad, meshgrid."""

import numpy

from kerasish.core.primitive import as_input, primitive
from kerasish.core.spec import TensorSpec, normalize_axis
from kerasish.core.structural import convert_to_tensor
from kerasish.core.tensor import Tensor
from kerasish.errors import ShapeError, explain
from kerasish.ops.axes import expand_dims
from kerasish.ops.gathering import take
from kerasish.ops.items import get_item
from kerasish.ops.sizes import broadcast_to, reshape, shape
from kerasish.ops.totals import sum

# ---- tile and repeat -------------------------------------------------------------------------


def _tile_rule(g, x_like, repeats):
    sizes = shape(x_like) if isinstance(x_like, Tensor) else x_like.shape
    split = [m for r, n in zip(repeats, sizes, strict=True) for m in (r, n)]
    return sum(reshape(g, tuple(split)), axis=tuple(range(0, len(split), 2)))


@primitive(
    spec=lambda x, repeats: x.with_shape(
        [None if n is None else n * r for n, r in zip(x.shape, repeats, strict=True)]
    ),
    vjp=_tile_rule,
    name="tile",
)
def _tile(xp, x, /, repeats=()):
    return xp.tile(x, repeats)


def tile(x, repeats):
    """A tensor laid side by side with itself.

    Args:
        x: tensor.
        repeats: int or tuple of ints, how often along each axis; the shorter of it and the shape is
            filled up with ones at the front.

    Returns:
        tensor.

    Example:
        >>> tile([1, 2], 2).tolist()
        [1, 2, 1, 2]

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    if isinstance(repeats, Tensor):
        repeats = repeats.numpy()
    repeats = tuple(int(r) for r in numpy.atleast_1d(repeats))
    missing = len(repeats) - len(x.shape)
    if missing > 0:
        x = expand_dims(x, tuple(range(missing)))
    return _tile(x, repeats=(1,) * -missing + repeats)


def _repeat_rule(g, x_like, repeats, axis):
    sizes = list(shape(x_like) if isinstance(x_like, Tensor) else x_like.shape)
    sizes.insert(axis + 1, repeats)
    return sum(reshape(g, tuple(sizes)), axis=axis + 1)


def _repeat_spec(x, repeats, axis):
    sizes = list(x.shape)
    sizes[axis] = None if sizes[axis] is None else sizes[axis] * repeats
    return x.with_shape(sizes)


@primitive(spec=_repeat_spec, vjp=_repeat_rule, name="repeat")
def _repeat(xp, x, /, repeats=1, axis=0):
    return xp.repeat(x, repeats, axis)


def repeat(x, repeats, axis=None):
    """Each element repeated along an axis.

    Args:
        x: tensor.
        repeats: int, or one int for each place along the axis.
        axis: int, or None for the flattened elements.

    Returns:
        tensor.

    Example:
        >>> repeat([1, 2], 2).tolist()
        [1, 1, 2, 2]

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    axis = normalize_axis(axis, len(x.shape), "ops.repeat")
    counts = numpy.asarray(repeats)
    if counts.size == 1:
        return _repeat(x, repeats=int(counts.reshape(())), axis=axis)
    places = numpy.repeat(numpy.arange(len(counts), dtype="int32"), counts)
    if x.shape[axis] not in (None, len(counts)):
        raise ShapeError(
            explain("ops.repeat", "repeats needs one number for each place along the axis",
                    received=len(counts), expected=str(x.shape[axis]))
        )  # fmt: skip
    return take(x, convert_to_tensor(places), axis=axis)


# ---- pad -------------------------------------------------------------------------------------


def _pad_spec(x, pad_width, value):
    return x.with_shape(
        [None if n is None else n + a + b for n, (a, b) in zip(x.shape, pad_width, strict=True)]
    )


def _unpad(g, pad_width):
    return get_item(g, tuple(slice(a, -b if b else None) for a, b in pad_width))


@primitive(spec=_pad_spec, vjp=lambda g, pad_width: _unpad(g, pad_width), name="pad")
def _pad(xp, x, /, pad_width=(), value=0):
    sizes = [a + n + b for n, (a, b) in zip(x.shape, pad_width, strict=True)]
    padded = xp.full(sizes, value, x.dtype)
    padded[tuple([slice(a, a + n) for n, (a, _) in zip(x.shape, pad_width, strict=True)])] = x
    return padded


@primitive(
    spec=lambda x, axis, before, after, mode: TensorSpec(
        (None if x.shape[axis] is None else x.shape[axis] + before + after,), "int32"
    )
)
def padding_sources(xp, x, /, axis=0, before=0, after=0, mode="reflect"):
    """For each place along a padded axis, the index of the element that goes there."""
    return xp.pad(xp.arange(x.shape[axis], dtype=xp.int32), (before, after), mode=mode)


_MODES = ("constant", "edge", "reflect", "symmetric", "wrap")


def pad(x, pad_width, mode="constant", constant_values=None):
    """A border around a tensor.

    Args:
        x: tensor.
        pad_width: int, (before, after), or one such pair for each axis.
        mode: "constant", "edge", "reflect", "symmetric" or "wrap", as in NumPy.
        constant_values: number for mode "constant"; 0 when None.

    Returns:
        tensor, larger along each axis.

    Raises:
        ValueError: unknown mode, or `constant_values` with another mode.

    Example:
        >>> pad([1, 2], (1, 2)).tolist()
        [0, 1, 2, 0, 0]

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    if mode not in _MODES:
        raise ShapeError(explain("ops.pad", "unknown mode", received=mode, expected=str(_MODES)))
    if mode != "constant" and constant_values is not None:
        raise ShapeError(explain("ops.pad", 'constant_values needs mode="constant"', received=mode))
    widths = _pairs(pad_width, len(x.shape))
    if mode == "constant":
        return _pad(x, pad_width=widths, value=_number(constant_values))
    for axis, (before, after) in enumerate(widths):
        if before or after:
            n = x.shape[axis]
            if n is None:
                places = padding_sources(x, axis=axis, before=before, after=after, mode=mode)
            else:
                places = numpy.pad(numpy.arange(n, dtype="int32"), (before, after), mode=mode)
            x = take(x, places, axis=axis)
    return x


def _number(value):
    if value is None:
        return 0
    return value.item() if hasattr(value, "item") else value


def _pairs(pad_width, ndim):
    if ndim == 0:
        return ()
    widths = numpy.asarray(pad_width).astype(int)
    try:
        pairs = numpy.broadcast_to(widths, (ndim, 2))
    except ValueError:
        pairs = None
    if pairs is None or (pairs < 0).any():
        raise ShapeError(
            explain("ops.pad", "pad_width does not fit", received=pad_width,
                    expected=f"an int >= 0, (before, after), or {ndim} such pairs")
        )  # fmt: skip
    return tuple((int(a), int(b)) for a, b in pairs)


def meshgrid(*x, indexing="xy"):
    """Coordinate grids from coordinate vectors.

    Args:
        *x: tensors of one axis, or scalars.
        indexing: "xy" (the first two axes exchanged) or "ij".

    Returns:
        list of tensors, one for each vector, all of one shape.

    Raises:
        ValueError: unknown indexing.

    Example:
        >>> [g.tolist() for g in meshgrid([1, 2], [3, 4])]
        [[[1, 2], [1, 2]], [[3, 3], [4, 4]]]

    Source: Keras 3 names and defaults.
    """
    if indexing not in ("xy", "ij"):
        raise ShapeError(
            explain("ops.meshgrid", "unknown indexing", received=indexing, expected='"xy" or "ij"')
        )
    vectors = [reshape(v, (-1,)) for v in x]
    order = list(range(len(vectors)))
    if indexing == "xy" and len(vectors) > 1:
        order[:2] = 1, 0
    sizes = [None] * len(vectors)
    for i, v in enumerate(vectors):
        sizes[order[i]] = shape(v)[0]
    return [
        broadcast_to(reshape(v, [-1 if j == order[i] else 1 for j in range(len(vectors))]), sizes)
        for i, v in enumerate(vectors)
    ]


__all__ = [
    "meshgrid",
    "pad",
    "repeat",
    "tile",
]
