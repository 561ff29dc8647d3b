"""Geometry of sliding windows, shared by convolution and pooling: sizes, padding, strided views."""

from kerasish.errors import ShapeError, explain

__all__ = []


def as_tuple(value, rank, name, where):
    """`rank` positive ints from an int or a sequence.

    Raises:
        ValueError: another length, or values that are not positive ints.
    """
    sizes = (value,) * rank if isinstance(value, int) else tuple(value)
    if len(sizes) == 1:
        sizes *= rank
    if len(sizes) != rank or any(not isinstance(n, int) or n < 1 for n in sizes):
        raise ValueError(
            explain(
                where,
                f"{name} must be a positive int or one for each of {rank} axes",
                received=value,
            )
        )
    return sizes


def check_padding(padding, where):
    """The padding in lower case.

    Raises:
        ValueError: neither "valid" nor "same".
    """
    if str(padding).lower() not in ("valid", "same"):
        raise ValueError(
            explain(where, "unknown padding", received=padding, expected='"valid" or "same"')
        )
    return str(padding).lower()


def extent(size, dilation):
    """Length that a dilated window covers."""
    return (size - 1) * dilation + 1


def output_size(size, window, stride, padding, dilation=1, where="window"):
    """Number of window positions along one axis; None where the size is unknown.

    Raises:
        ShapeError: the window is longer than the axis.
    """
    if size is None:
        return None
    if padding == "same":
        return -(-size // stride)
    covered = extent(window, dilation)
    if covered > size:
        raise ShapeError(
            explain(
                where,
                "the window does not fit into the input",
                received=f" window {covered}, input {size}",
                fix='use padding="same" or a larger input',
            )
        )
    return (size - covered) // stride + 1


def padding_amounts(size, window, stride, padding, dilation=1):
    """Elements to add before and after an axis; what is odd goes after, as in TensorFlow."""
    if padding == "valid":
        return 0, 0
    total = max((-(-size // stride) - 1) * stride + extent(window, dilation) - size, 0)
    return total // 2, total - total // 2


def pad_spatial(xp, x, amounts, value=0):
    """`x` (batch, *spatial, channels) with `amounts` added around; itself where there are none."""
    if not any(before or after for before, after in amounts):
        return x
    shape = [n + sum(a) for n, a in zip(x.shape[1:-1], amounts, strict=True)]
    padded = xp.full((x.shape[0], *shape, x.shape[-1]), value, x.dtype)
    padded[crop_index(amounts, x.shape[1:-1])] = x
    return padded


def crop_index(amounts, sizes):
    """Index that takes `sizes` out of a padded array."""
    inner = (slice(before, before + n) for (before, _), n in zip(amounts, sizes, strict=True))
    return (slice(None), *inner)


def offset_index(offset, sizes, strides, dilations):
    """Index of what every window sees at one `offset` inside it."""
    parts = [slice(None)]
    for at, n, stride, dilation in zip(offset, sizes, strides, dilations, strict=True):
        start = at * dilation
        parts.append(slice(start, start + (n - 1) * stride + 1, stride))
    return tuple(parts)


def window_view(xp, x, window, sizes, strides, dilations):
    """View (batch, *sizes, *window, channels) of `x` (batch, *spatial, channels); no copy."""
    steps = x.strides[1:-1]
    moves = [step * stride for step, stride in zip(steps, strides, strict=True)]
    inner = [step * dilation for step, dilation in zip(steps, dilations, strict=True)]
    return xp.as_strided(
        x,
        (x.shape[0], *sizes, *window, x.shape[-1]),
        (x.strides[0], *moves, *inner, x.strides[-1]),
    )
