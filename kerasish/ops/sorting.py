"""Sorting and ranking: sort, argsort, top_k, searchsorted, unique."""

import operator

from kerasish.core.primitive import as_input, primitive, same_spec
from kerasish.core.spec import TensorSpec, normalize_axis
from kerasish.core.structural import cast
from kerasish.errors import ShapeError, explain
from kerasish.ops.comparison import isfinite, less, logical_and
from kerasish.ops.gathering import add_along_axis, take_along_axis
from kerasish.ops.sizes import reshape
from kerasish.ops.truth import count_nonzero

# ---- sort ------------------------------------------------------------------------------------


def _sort_rule(g, x, axis):
    return add_along_axis(g, _argsort(x, axis=axis), x, axis)


@primitive(spec=same_spec, vjp=_sort_rule, name="sort")
def _sort(xp, x, /, axis=-1):
    return xp.sort(x, axis)


def sort(x, axis=-1):
    """Elements in ascending order along an axis; NaN last.

    Args:
        x: tensor.
        axis: int, or None for the flattened elements.

    Returns:
        tensor.

    Example:
        >>> sort([3, 1, 2]).tolist()
        [1, 2, 3]

    Source: Keras 3 names and defaults.
    """
    x, axis = _line(x, axis, "ops.sort")
    return _sort(x, axis=axis)


def _line(x, axis, where):
    x = as_input(x)
    if axis is None:
        return reshape(x, (-1,)), 0
    return x, normalize_axis(operator.index(axis), len(x.shape), where)


@primitive(spec=lambda x, axis: x.with_dtype("int32"), name="argsort")
def _argsort(xp, x, /, axis=-1):
    return xp.argsort(x, axis=axis, kind="stable").astype(xp.int32)


def argsort(x, axis=-1):
    """Indices that put the elements in ascending order along an axis; equal ones keep their order.

    Args:
        x: tensor.
        axis: int, or None for the flattened elements.

    Returns:
        int32 tensor.

    Example:
        >>> argsort([3, 1, 2]).tolist()
        [1, 2, 0]

    Source: Keras 3 names and defaults.
    """
    x, axis = _line(x, axis, "ops.argsort")
    return _argsort(x, axis=axis)


def argpartition(x, kth, axis=-1):
    """Indices that bring the `kth` smallest element to its place, none larger before it.

    Args:
        x: tensor.
        kth: int.
        axis: int, or None for the flattened elements.

    Returns:
        int32 tensor; here the whole axis is sorted, which is one of the allowed orders.

    Raises:
        ShapeError: `kth` is out of range.

    Example:
        >>> argpartition([3, 1, 2], 0).tolist()
        [1, 2, 0]

    Source: Keras 3 names and defaults.
    """
    x, axis = _line(x, axis, "ops.argpartition")
    n = x.shape[axis]
    if n is not None and not -n <= kth < n:
        raise ShapeError(explain("ops.argpartition", "kth is out of range", received=kth))
    return _argsort(x, axis=axis)


# ---- the largest -----------------------------------------------------------------------------


def _top_k_spec(x, k):
    n = x.shape[-1]
    if n is not None and k > n:
        raise ValueError(f"k = {k} is more than the {n} elements of the last axis")
    shape = (*x.shape[:-1], k)
    return TensorSpec(shape, x.dtype), TensorSpec(shape, "int32")


@primitive(
    spec=_top_k_spec,
    joint_vjp=lambda g, x_like, y: [add_along_axis(g[0], y[1], x_like, len(x_like.shape) - 1)],
    name="top_k",
)
def _top_k(xp, x, /, k=1):
    n = x.shape[-1]
    if k > n:
        raise ValueError(f"k = {k} is more than the {n} elements of the last axis")
    # A stable ascending order of the reversed axis, read backwards: equal elements in their order.
    order = xp.argsort(x[..., ::-1], axis=-1, kind="stable")[..., ::-1]
    places = (n - 1 - order)[..., :k].astype(xp.int32)
    return xp.take_along_axis(x, places, -1), places


def top_k(x, k, sorted=True):
    """The `k` largest elements along the last axis, and where they are.

    Args:
        x: tensor.
        k: int.
        sorted: bool. Kept for Keras; the result is always sorted, the largest first.

    Returns:
        tuple (values, int32 indices), each of shape (..., k); of equal elements the first ones.

    Raises:
        ShapeError: `k` is more than the size of the last axis.

    Example:
        >>> [t.tolist() for t in top_k([1.0, 5.0, 3.0], 2)]
        [[5.0, 3.0], [1, 2]]

    Source: Keras 3 names and defaults.
    """
    return _top_k(x, k=operator.index(k))


def in_top_k(targets, predictions, k):
    """Whether each target is among the `k` largest predictions of its row.

    Args:
        targets: integer tensor (batch,).
        predictions: float tensor (batch, classes).
        k: int.

    Returns:
        bool tensor (batch,); False where the target's prediction is not finite. Predictions equal
        to the target's do not count against it.

    Example:
        >>> in_top_k([0, 1], [[0.1, 0.9], [0.1, 0.9]], 1).tolist()
        [False, True]

    Source: Keras 3 names and defaults.
    """
    predictions, targets = as_input(predictions), as_input(targets)
    chosen = take_along_axis(predictions, reshape(cast(targets, "int32"), (-1, 1)), axis=1)
    better = count_nonzero(less(chosen, predictions), axis=1)
    return logical_and(less(better, k), isfinite(reshape(chosen, (-1,))))


# ---- searching -------------------------------------------------------------------------------


@primitive(
    spec=lambda sorted_sequence, values, side: TensorSpec(values.shape, "int32"),
    promotes=True,
    name="searchsorted",
)
def _searchsorted(xp, sorted_sequence, values, /, side="left"):
    return xp.searchsorted(sorted_sequence, values, side=side).astype(xp.int32)


def searchsorted(sorted_sequence, values, side="left"):
    """Where values would have to be inserted into an ascending vector.

    Args:
        sorted_sequence: tensor of one axis.
        values: tensor.
        side: "left" for the first suitable place, "right" for the last.

    Returns:
        int32 tensor of the shape of `values`.

    Raises:
        ShapeError: `sorted_sequence` is not a vector, or another side.

    Example:
        >>> searchsorted([1, 3, 5], [3, 4]).tolist()
        [1, 2]

    Source: Keras 3 names and defaults.
    """
    sorted_sequence = as_input(sorted_sequence)
    if len(sorted_sequence.shape) != 1:
        raise ShapeError(
            explain("ops.searchsorted", "the sequence must be a vector", received=sorted_sequence)
        )
    if side not in ("left", "right"):
        raise ShapeError(
            explain("ops.searchsorted", "unknown side", received=side, expected='"left", "right"')
        )
    return _searchsorted(sorted_sequence, as_input(values), side=side)


__all__ = [
    "argpartition",
    "argsort",
    "in_top_k",
    "searchsorted",
    "sort",
    "top_k",
]
