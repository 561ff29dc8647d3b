"""Codes of categories: one-hot, multi-hot and counts of indices, by operations or on the host."""

import numpy

from kerasish import ops
from kerasish.arrays import dtypes
from kerasish.errors import explain


def check_output_mode(where, output_mode, allowed, sparse):
    """The output mode by its present name.

    Raises:
        ValueError: an unknown mode, or sparse output.
    """
    mode = {"binary": "multi_hot", "tf-idf": "tf_idf"}.get(output_mode, output_mode)
    if mode not in allowed:
        raise ValueError(
            explain(where, "unknown output_mode", received=output_mode, expected=str(allowed))
        )
    if sparse:
        raise ValueError(
            explain(where, "there are no sparse tensors", received=sparse, fix="sparse=False")
        )
    return mode


def _counted_axis(ndim):
    """The axis of a sample's categories: the second of batches, as Keras has it."""
    return 1 if ndim > 1 else 0


def encoded_shape(shape, output_mode, depth):
    """Shape of the codes of indices of a shape.

    Example:
        >>> encoded_shape((2, 3), "one_hot", 5), encoded_shape((2, 3), "count", 5)
        ((2, 3, 5), (2, 5))
    """
    shape = tuple(shape)
    if output_mode == "int":
        return shape
    if output_mode == "one_hot":
        is_column = len(shape) > 1 and shape[-1] == 1
        return (*(shape[:-1] if is_column else shape or (1,)), depth)
    axis = _counted_axis(len(shape))
    return (*shape[:axis], *shape[axis + 1 :], depth)


def encode(indices, output_mode, depth, dtype, weights=None):
    """Codes of a tensor of indices; what is not in 0 to `depth - 1` has none.

    Args:
        indices: integer tensor.
        output_mode: "int", "one_hot", "multi_hot" or "count".
        depth: int. Number of categories.
        dtype: dtype name of the result.
        weights: tensor of the shape of the indices, for "count": what each of them counts.

    Returns:
        tensor of shape `encoded_shape(...)`.

    Example:
        >>> encode(ops.array([[0, 2, 2]]), "count", 3, "float32").tolist()
        [[1.0, 0.0, 2.0]]
    """
    if output_mode == "int":
        return ops.cast(indices, dtype)
    shape = indices.shape
    if not shape:
        indices = ops.reshape(indices, (1,))
    if output_mode == "one_hot":
        if len(shape) > 1 and shape[-1] == 1:
            indices = ops.squeeze(indices, -1)
        return ops.one_hot(indices, depth, dtype=dtype)
    codes = ops.one_hot(indices, depth, dtype=dtype)
    axis = _counted_axis(len(shape))
    if output_mode == "multi_hot":
        return ops.max(codes, axis=axis)
    if weights is not None:
        codes = ops.multiply(codes, ops.expand_dims(ops.cast(weights, dtype), -1))
    return ops.sum(codes, axis=axis)


def encode_on_host(indices, output_mode, depth, axis=None):
    """As `encode`, from NumPy array to a new NumPy array of int64, in memory of its size only.

    Args:
        indices, output_mode, depth: as of `encode`.
        axis: int. The axis of a sample's categories, where it is not the usual one.

    Example:
        >>> encode_on_host(numpy.array([[0, 2, 2]]), "multi_hot", 3).tolist()
        [[1, 0, 1]]
    """
    if output_mode == "int":
        return indices.astype(numpy.int64)
    if output_mode == "one_hot":
        shape = encoded_shape(indices.shape, output_mode, depth)
        rows = indices.reshape(-1, 1)
    else:
        indices = numpy.atleast_1d(indices)
        axis = _counted_axis(indices.ndim) if axis is None else axis
        rows = numpy.moveaxis(indices, axis, -1)
        shape = (*rows.shape[:-1], depth)
        rows = rows.reshape(-1, indices.shape[axis])
    is_known = (rows >= 0) & (rows < depth)
    places = (numpy.arange(len(rows))[:, None] * depth + rows)[is_known]
    counts = numpy.bincount(places, minlength=len(rows) * depth).astype(numpy.int64)
    return (counts if output_mode == "count" else numpy.minimum(counts, 1)).reshape(shape)


def as_integers(x):
    """A tensor of integers as it is; floats are cut off."""
    return x if dtypes.is_integer(x.dtype) else ops.cast(x, "int32")
