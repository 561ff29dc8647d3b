"""TensorSpec: shape (None for unknown sizes) and dtype of a tensor, and how shapes combine."""

import math
import operator

from kerasish.arrays import dtypes
from kerasish.errors import ShapeError, SymbolicValueError, explain


class TensorSpec:
    """Shape and dtype of a tensor; sizes may be None (unknown until run).

    Args:
        shape: sequence of int or None; None as a whole is not supported (the rank is known).
        dtype: dtype-like.
        name: str or None.

    Example:
        >>> TensorSpec((None, 3), "float32")
        TensorSpec(shape=(None, 3), dtype=float32)
    """

    __slots__ = ("shape", "dtype", "name")

    def __init__(self, shape=(), dtype="float32", name=None):
        self.shape = standardize_shape(shape)
        self.dtype = dtypes.standardize(dtype)
        self.name = name

    @property
    def ndim(self):
        """Number of axes."""
        return len(self.shape)

    @property
    def is_static(self):
        """Whether every size is known."""
        return None not in self.shape

    @property
    def size(self):
        """Number of elements, or None."""
        return math.prod(self.shape) if self.is_static else None

    def with_shape(self, shape):
        """The same dtype with another shape."""
        return TensorSpec(shape, self.dtype)

    def with_dtype(self, dtype):
        """The same shape with another dtype."""
        return TensorSpec(self.shape, dtype)

    def accepts(self, other):
        """Whether a tensor of spec `other` fits: dtype and rank, and sizes where known."""
        return (
            self.dtype == other.dtype
            and len(self.shape) == len(other.shape)
            and all(a is None or a == b for a, b in zip(self.shape, other.shape, strict=True))
        )

    def __eq__(self, other):
        return (
            isinstance(other, TensorSpec)
            and self.shape == other.shape
            and self.dtype == other.dtype
        )

    def __hash__(self):
        return hash((self.shape, self.dtype))

    def __repr__(self):
        return f"TensorSpec(shape={self.shape}, dtype={self.dtype})"


def standardize_shape(shape):
    """Tuple of int or None from any shape-like.

    Raises:
        ValueError: not a sequence of sizes, or a negative size.
    """
    shape = (shape,) if _is_index(shape) else shape
    try:
        sizes = tuple(None if s is None else operator.index(s) for s in shape)
    except SymbolicValueError:
        raise
    except TypeError:
        raise ShapeError(
            explain("shape", "not a sequence of sizes", received=shape, expected="e.g. (None, 28)")
        ) from None
    if any(s is not None and s < 0 for s in sizes):
        raise ShapeError(explain("shape", "sizes cannot be negative", received=sizes))
    return sizes


def _is_index(value):
    """Whether a value is one integer: Python's, NumPy's, or a tensor of no axes."""
    return hasattr(value, "__index__") and not getattr(value, "shape", ())


def broadcast_shapes(*shapes, where="broadcast"):
    """Shape that the given shapes broadcast to under NumPy's rule; None stays unknown.

    Raises:
        ShapeError: sizes differ and neither is 1.

    Example:
        >>> broadcast_shapes((None, 1), (3,))
        (None, 3)
    """
    ndim = max((len(s) for s in shapes), default=0)
    result = []
    for axis in range(-ndim, 0):
        size = 1
        for shape in shapes:
            if len(shape) < -axis:
                continue
            here = shape[axis]
            if here == 1 or here == size:
                continue
            if size == 1:
                size = here
            elif here is None:
                continue  # the known size wins: at run time it must be equal or 1
            elif size is None:
                size = here
            else:
                shown = " and ".join(str(tuple(s)) for s in shapes)
                raise ShapeError(
                    explain(
                        where,
                        "shapes do not broadcast",
                        received=f" {shown}",
                        expected="equal sizes, or 1, counted from the last axis",
                    )
                )
        result.append(size)
    return tuple(result)


def normalize_axis(axis, ndim, where="axis"):
    """Axis as an index from 0.

    Raises:
        ShapeError: out of range.
    """
    if not -ndim <= axis < ndim:
        raise ShapeError(
            explain(
                where, "axis out of range", received=axis, expected=f"from {-ndim} to {ndim - 1}"
            )
        )
    return axis % ndim


def normalize_axes(axis, ndim, where="axis"):
    """Sorted tuple of axes from an int, a sequence, or None for all."""
    if axis is None:
        return tuple(range(ndim))
    axes = (axis,) if _is_index(axis) else tuple(axis)
    found = tuple(sorted(normalize_axis(int(a), ndim, where) for a in axes))
    if len(set(found)) != len(found):
        raise ShapeError(explain(where, "an axis is named twice", received=axis))
    return found
