"""Reductions of rows by segment: rows with the same number are summed, multiplied or compared."""

import numpy

from kerasish.core.primitive import as_input, primitive
from kerasish.core.structural import cast
from kerasish.errors import ShapeError, explain
from kerasish.ops.arithmetic import divide, maximum, multiply
from kerasish.ops.comparison import equal, greater_equal, less, logical_and
from kerasish.ops.gathering import take
from kerasish.ops.selection import where
from kerasish.ops.sizes import reshape


def _spec(data, segment_ids, num_segments):
    return data.with_shape((num_segments, *data.shape[1:]))


def _reduce(xp, data, ids, num_segments, start, scatter):
    """Rows combined into a table with one place more, where numbers out of range end up."""
    table = xp.full((num_segments + 1, *data.shape[1:]), start, data.dtype)
    places = xp.where((ids >= 0) & (ids < num_segments), ids, num_segments)
    scatter(table, (places,), data)
    return table[:num_segments]


def _rows(g, segment_ids, num_segments):
    """For each row of the data the row of its segment, zeros where the number is out of range."""
    is_valid = logical_and(greater_equal(segment_ids, 0), less(segment_ids, num_segments))
    rows = take(g, where(is_valid, segment_ids, 0), axis=0)
    return where(reshape(is_valid, (-1, *[1] * (len(g.shape) - 1))), rows, 0)


@primitive(
    spec=_spec,
    vjp=(lambda g, segment_ids, num_segments: _rows(g, segment_ids, num_segments), None),
    name="segment_sum",
)
def _segment_sum(xp, data, segment_ids, /, num_segments=0):
    return _reduce(xp, data, segment_ids, num_segments, 0, xp.scatter_add)


def _extreme_rule(g, data, segment_ids, y, num_segments):
    chosen = cast(equal(data, _rows(y, segment_ids, num_segments)), g.dtype)
    ties = _segment_sum(chosen, segment_ids, num_segments=num_segments)
    share = divide(g, maximum(ties, 1.0))
    return multiply(_rows(share, segment_ids, num_segments), chosen)


def _lowest(xp, dtype):
    return -xp.inf if dtype.kind in "fV" else numpy.iinfo(dtype).min


def _highest(xp, dtype):
    return xp.inf if dtype.kind in "fV" else numpy.iinfo(dtype).max


@primitive(spec=_spec, vjp=(_extreme_rule, None), name="segment_max")
def _segment_max(xp, data, segment_ids, /, num_segments=0):
    start = _lowest(xp, data.dtype)
    return _reduce(xp, data, segment_ids, num_segments, start, xp.scatter_max)


@primitive(spec=_spec, vjp=(_extreme_rule, None), name="segment_min")
def _segment_min(xp, data, segment_ids, /, num_segments=0):
    start = _highest(xp, data.dtype)
    return _reduce(xp, data, segment_ids, num_segments, start, xp.scatter_min)


def _product_rule(g, data, segment_ids, y, num_segments):
    return divide(_rows(multiply(g, y), segment_ids, num_segments), data)


@primitive(spec=_spec, vjp=(_product_rule, None), name="segment_prod")
def _segment_prod(xp, data, segment_ids, /, num_segments=0):
    return _reduce(xp, data, segment_ids, num_segments, 1, xp.scatter_multiply)


def _arguments(where, data, segment_ids, num_segments):
    data, segment_ids = as_input(data), as_input(segment_ids)
    if len(segment_ids.shape) != 1 or not data.shape:
        raise ShapeError(
            explain(where, "segment_ids must be a vector, with one number for each row of data",
                    received=(tuple(data.shape), tuple(segment_ids.shape)))
        )  # fmt: skip
    if num_segments is None:
        if segment_ids.is_symbolic:
            raise ShapeError(
                explain(where, "num_segments is needed here, where values are not known",
                        fix="pass num_segments=")
            )  # fmt: skip
        ids = segment_ids.numpy()
        num_segments = int(ids.max()) + 1 if ids.size else 0
    return data, segment_ids, int(num_segments)


def segment_sum(data, segment_ids, num_segments=None, sorted=False):
    """Sum of the rows of each segment.

    Args:
        data: tensor (rows, ...).
        segment_ids: integer tensor (rows,); rows with a number out of range are left out.
        num_segments: int; the largest number plus one when None (not in a traced function).
        sorted: bool. Kept for Keras; not needed.

    Returns:
        tensor (num_segments, ...); zeros for a segment without rows.

    Raises:
        ShapeError: `segment_ids` is not a vector, or `num_segments` is needed.

    Example:
        >>> segment_sum([1.0, 2.0, 3.0], [0, 0, 2], 3).tolist()
        [3.0, 0.0, 3.0]

    Source: Keras 3 names and defaults.
    """
    data, ids, n = _arguments("ops.segment_sum", data, segment_ids, num_segments)
    return _segment_sum(data, ids, num_segments=n)


def segment_max(data, segment_ids, num_segments=None, sorted=False):
    """Largest of the rows of each segment, elementwise.

    Args:
        data: tensor (rows, ...).
        segment_ids: integer tensor (rows,); rows with a number out of range are left out.
        num_segments: int; the largest number plus one when None (not in a traced function).
        sorted: bool. Kept for Keras; not needed.

    Returns:
        tensor (num_segments, ...); the lowest value of the dtype for a segment without rows.

    Raises:
        ShapeError: `segment_ids` is not a vector, or `num_segments` is needed.

    Derivative: shared equally among equal largest elements.

    Example:
        >>> segment_max([1.0, 2.0, 3.0], [0, 0, 1], 2).tolist()
        [2.0, 3.0]

    Source: Keras 3 names and defaults.
    """
    data, ids, n = _arguments("ops.segment_max", data, segment_ids, num_segments)
    return _segment_max(data, ids, num_segments=n)


def segment_min(data, segment_ids, num_segments=None, sorted=False):
    """Smallest of the rows of each segment, elementwise.

    Args:
        data: tensor (rows, ...).
        segment_ids: integer tensor (rows,); rows with a number out of range are left out.
        num_segments: int; the largest number plus one when None (not in a traced function).
        sorted: bool. Kept for Keras; not needed.

    Returns:
        tensor (num_segments, ...); the highest value of the dtype for a segment without rows.

    Raises:
        ShapeError: `segment_ids` is not a vector, or `num_segments` is needed.

    Derivative: shared equally among equal smallest elements.

    Example:
        >>> segment_min([1.0, 2.0, 3.0], [0, 0, 1], 2).tolist()
        [1.0, 3.0]

    Source: Keras 3 names and defaults.
    """
    data, ids, n = _arguments("ops.segment_min", data, segment_ids, num_segments)
    return _segment_min(data, ids, num_segments=n)


def segment_prod(data, segment_ids, num_segments=None, sorted=False):
    """Product of the rows of each segment.

    Args:
        data: tensor (rows, ...).
        segment_ids: integer tensor (rows,); rows with a number out of range are left out.
        num_segments: int; the largest number plus one when None (not in a traced function).
        sorted: bool. Kept for Keras; not needed.

    Returns:
        tensor (num_segments, ...); ones for a segment without rows.

    Raises:
        ShapeError: `segment_ids` is not a vector, or `num_segments` is needed.

    Derivative: by division, so NaN where an element is 0.

    Example:
        >>> segment_prod([1.0, 2.0, 3.0], [0, 0, 1], 2).tolist()
        [2.0, 3.0]

    Source: Keras 3 names and defaults.
    """
    data, ids, n = _arguments("ops.segment_prod", data, segment_ids, num_segments)
    return _segment_prod(data, ids, num_segments=n)


__all__ = [
    "segment_max",
    "segment_min",
    "segment_prod",
    "segment_sum",
]
