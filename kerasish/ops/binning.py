"""Counting: bincount, digitize, histogram, unique, isin."""

from kerasish.core.primitive import as_float_input, as_input, primitive
from kerasish.core.spec import TensorSpec
from kerasish.errors import ShapeError, explain
from kerasish.ops.comparison import logical_not
from kerasish.ops.gathering import take_along_axis
from kerasish.ops.sizes import reshape, shape
from kerasish.ops.sorting import searchsorted

# ---- bins ------------------------------------------------------------------------------------


def _bincount_spec(x, weights, minlength):
    dtype = "int32" if weights is None else weights.dtype
    return TensorSpec((*x.shape[:-1], None), dtype)


@primitive(
    spec=_bincount_spec,
    vjp=(None, lambda g, x: take_along_axis(g, x, axis=-1)),
    name="bincount",
)
def _bincount(xp, x, weights=None, /, minlength=0):
    lead = x.shape[:-1]
    if x.size and int(x.min()) < 0:
        raise ValueError("bincount needs numbers that are not negative")
    bins = max(minlength, int(x.max()) + 1 if x.size else 0)
    rows = 1
    for n in lead:
        rows *= n
    row = xp.arange(rows).reshape(-1, 1)
    x = x.reshape(rows, x.shape[-1]).astype(xp.int64)
    if weights is None:
        table = xp.bincount((x + row * bins).reshape(-1), minlength=rows * bins)
        return table.astype(xp.int32).reshape(*lead, bins)
    table = xp.zeros((rows, bins), weights.dtype)
    xp.scatter_add(table, (row, x), weights.reshape(rows, x.shape[-1]))
    return table.reshape(*lead, bins)


def bincount(x, weights=None, minlength=0, sparse=False):
    """How often each number from 0 to the largest occurs, or the sum of the weights there.

    Args:
        x: integer tensor (..., numbers), none of them negative.
        weights: tensor of the shape of `x`, or None to count.
        minlength: int. Least size of the last axis of the result.
        sparse: only False; there are no sparse tensors.

    Returns:
        tensor (..., largest + 1): int32, or of the dtype of `weights`.

    Raises:
        ShapeError: a negative number. ValueError: `sparse` is true.

    Example:
        >>> bincount([1, 2, 2]).tolist()
        [0, 1, 2]

    Source: Keras 3 names and defaults.
    """
    if sparse:
        raise ShapeError(explain("ops.bincount", "there are no sparse tensors", received=sparse))
    weights = None if weights is None else as_input(weights)
    return _bincount(as_input(x), weights, minlength=int(minlength))


def digitize(x, bins):
    """Number of the bin that each element falls into: `bins[i - 1] <= x < bins[i]`.

    Args:
        x: tensor.
        bins: tensor of one axis, ascending edges.

    Returns:
        int32 tensor of the shape of `x`.

    Raises:
        ShapeError: `bins` is not a vector.

    Example:
        >>> digitize([0.5, 1.5], [0.0, 1.0, 2.0]).tolist()
        [1, 2]

    Source: Keras 3 names and defaults.
    """
    return searchsorted(bins, x, side="right")


@primitive(
    spec=lambda x, bins, limits: (TensorSpec((bins,), x.dtype), TensorSpec((bins + 1,), x.dtype)),
    name="histogram",
)
def _histogram(xp, x, /, bins=10, limits=None):
    values = x.reshape(-1).astype(xp.float64)
    counts, edges = xp.histogram(values, bins=bins, range=limits)
    return counts.astype(x.dtype), edges.astype(x.dtype)


def histogram(x, bins=10, range=None):
    """How many elements fall into each of equally wide bins.

    Args:
        x: tensor; integers become floatx.
        bins: int. Number of bins.
        range: pair of numbers, or None for the smallest and largest element.

    Returns:
        tuple (counts, edges) of float tensors (bins,) and (bins + 1,).

    Raises:
        ValueError: `bins` is not a positive int, or `range` is not ascending.

    Example:
        >>> [t.tolist() for t in histogram([1.0, 2.0, 3.0], bins=2)]
        [[1.0, 2.0], [1.0, 2.0, 3.0]]

    Source: Keras 3 names and defaults.
    """
    if not isinstance(bins, int) or isinstance(bins, bool) or bins < 1:
        raise ShapeError(explain("ops.histogram", "bins must be a positive int", received=bins))
    limits = None if not range else (float(range[0]), float(range[1]))
    if limits and limits[0] > limits[1]:
        raise ShapeError(explain("ops.histogram", "range must be ascending", received=range))
    return _histogram(as_float_input(x), bins=bins, limits=limits)


# ---- sets ------------------------------------------------------------------------------------


def _unique_spec(x, size, fill_value):
    return (
        TensorSpec((size,), x.dtype),
        *[TensorSpec((size,), "int32")] * 2,
        x.with_dtype("int32"),
    )


@primitive(spec=_unique_spec, name="unique")
def _unique(xp, x, /, size=None, fill_value=None):
    """Distinct elements of a vector, their first places and counts, and the place of each."""
    order = xp.argsort(x, kind="stable")
    ordered = x[order]
    is_first = xp.ones(x.shape, bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    starts = xp.nonzero(is_first)[0]
    ends = xp.concatenate([starts[1:], xp.asarray([x.size], starts.dtype)])[: starts.size]
    inverse = xp.empty(x.shape, xp.int32)
    inverse[order] = xp.cumsum(is_first.astype(xp.int32)) - 1
    values, first, counts = ordered[starts], order[starts], ends - starts
    if size is not None:
        values = _fit(xp, values, size, values[0] if fill_value is None else fill_value)
        first = _fit(xp, first, size, first[0] if first.size else 0)
        counts = _fit(xp, counts, size, 0)
    return values, first.astype(xp.int32), counts.astype(xp.int32), inverse


def _fit(xp, values, size, fill_value):
    whole = xp.full((size,), fill_value, values.dtype)
    kept = values[:size]
    whole[: kept.size] = kept
    return whole


def unique(x, sorted=True, return_index=False, return_inverse=False, return_counts=False,
           axis=None, size=None, fill_value=None):  # fmt: skip
    """Distinct elements in ascending order.

    Args:
        x: tensor.
        sorted: bool. Kept for Keras; the result is always sorted.
        return_index: bool. Also return where each first occurs.
        return_inverse: bool. Also return, for each element of `x`, its place in the result.
        return_counts: bool. Also return how often each occurs.
        axis: only None: the elements are flattened.
        size: int. Cut or fill the result to this size (a known shape in traced functions).
        fill_value: number that fills up; the smallest element when None.

    Returns:
        tensor, or a tuple of it and what else was asked for (int32).

    Raises:
        NotImplementedError: `axis` is given.

    Example:
        >>> unique([3, 1, 1]).tolist()
        [1, 3]

    Source: Keras 3 names and defaults.
    """
    if axis is not None:
        raise NotImplementedError(
            explain("ops.unique", "distinct slices along an axis are not available", received=axis)
        )
    x = as_input(x)
    values, first, counts, inverse = _unique(reshape(x, (-1,)), size=size, fill_value=fill_value)
    wanted = [values]
    if return_index:
        wanted.append(first)
    if return_inverse:
        wanted.append(reshape(inverse, shape(x)))
    if return_counts:
        wanted.append(counts)
    return wanted[0] if len(wanted) == 1 else tuple(wanted)


@primitive(spec=lambda x1, x2: TensorSpec(x1.shape, "bool"), promotes=True, name="isin")
def _isin(xp, x1, x2, /):
    return xp.isin(x1, x2)


def isin(x1, x2, assume_unique=False, invert=False):
    """Whether each element occurs among others.

    Args:
        x1: tensor.
        x2: tensor. The others, of any shape.
        assume_unique: bool. Kept for Keras; not needed.
        invert: bool. Whether it does not occur.

    Returns:
        bool tensor of the shape of `x1`.

    Example:
        >>> isin([1, 2], [2, 3]).tolist()
        [False, True]

    Source: Keras 3 names and defaults.
    """
    found = _isin(as_input(x1), as_input(x2))
    return logical_not(found) if invert else found


__all__ = [
    "bincount",
    "digitize",
    "histogram",
    "isin",
    "unique",
]
