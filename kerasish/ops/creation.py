"""Making tensors: constants, identity matrices, one-hot codes."""

import operator

import numpy

from kerasish.arrays import device as devices
from kerasish.arrays import dtypes
from kerasish.core.primitive import as_input, primitive
from kerasish.core.spec import TensorSpec, normalize_axis
from kerasish.core.structural import cast, convert_to_tensor
from kerasish.core.structural import full_like as fill_like
from kerasish.core.tensor import Tensor
from kerasish.errors import ShapeError, explain
from kerasish.ops.arithmetic import multiply
from kerasish.ops.extremes import max
from kerasish.ops.sizes import broadcast_to, fill_sizes, split_sizes

# ---- constants -------------------------------------------------------------------------------


@primitive(spec=lambda *sizes, pattern, value, dtype: TensorSpec(pattern, dtype))
def full_of_sizes(xp, /, *sizes, pattern=(), value=0, dtype="float32"):
    """A constant of a shape of which some sizes are known at run time only."""
    return xp.full(fill_sizes(pattern, sizes), value, dtypes.to_numpy(dtype))


def _constant(shape, value, dtype):
    dtype = dtypes.standardize(dtype)
    pattern, late = split_sizes(shape)
    if late:
        return full_of_sizes(*late, pattern=pattern, value=value, dtype=dtype)
    return Tensor(devices.current().xp.full(pattern, value, dtypes.to_numpy(dtype)))


def zeros(shape, dtype=None):
    """Tensor of zeros.

    Args:
        shape: int or tuple of ints; sizes from `ops.shape` may be scalar tensors.
        dtype: dtype-like; floatx when None.

    Returns:
        tensor.

    Example:
        >>> zeros((2,)).tolist()
        [0.0, 0.0]

    Source: Keras 3 names and defaults.
    """
    return _constant(shape, 0, dtype)


def ones(shape, dtype=None):
    """Tensor of ones.

    Args:
        shape: int or tuple of ints; sizes from `ops.shape` may be scalar tensors.
        dtype: dtype-like; floatx when None.

    Returns:
        tensor.

    Example:
        >>> ones((2,)).tolist()
        [1.0, 1.0]

    Source: Keras 3 names and defaults.
    """
    return _constant(shape, 1, dtype)


def empty(shape, dtype=None):
    """Tensor whose values do not matter; they are zeros, so that runs repeat.

    Args:
        shape: int or tuple of ints; sizes from `ops.shape` may be scalar tensors.
        dtype: dtype-like; floatx when None.

    Returns:
        tensor.

    Example:
        >>> empty((2, 3)).shape
        (2, 3)

    Source: Keras 3 names and defaults.
    """
    return _constant(shape, 0, dtype)


def full(shape, fill_value, dtype=None):
    """Tensor filled with one value.

    Args:
        shape: int or tuple of ints; sizes from `ops.shape` may be scalar tensors.
        fill_value: number, or tensor that broadcasts to `shape`.
        dtype: dtype-like; floatx when None.

    Returns:
        tensor.

    Example:
        >>> full((2,), 7.0).tolist()
        [7.0, 7.0]

    Source: Keras 3 names and defaults.
    """
    if isinstance(fill_value, (bool, int, float, complex)):
        return _constant(shape, fill_value, dtype)
    return broadcast_to(cast(fill_value, dtypes.standardize(dtype)), shape)


def zeros_like(x, dtype=None):
    """Zeros of the shape of another tensor.

    Args:
        x: tensor.
        dtype: dtype-like; that of `x` when None.

    Returns:
        tensor.

    Example:
        >>> zeros_like([1.0, 2.0]).tolist()
        [0.0, 0.0]

    Source: Keras 3 names and defaults.
    """
    return fill_like(as_input(x), 0, dtype)


def ones_like(x, dtype=None):
    """Ones of the shape of another tensor.

    Args:
        x: tensor.
        dtype: dtype-like; that of `x` when None.

    Returns:
        tensor.

    Example:
        >>> ones_like([3.0, 2.0]).tolist()
        [1.0, 1.0]

    Source: Keras 3 names and defaults.
    """
    return fill_like(as_input(x), 1, dtype)


def empty_like(x, dtype=None):
    """Zeros of the shape of another tensor, where values do not matter.

    Args:
        x: tensor.
        dtype: dtype-like; that of `x` when None.

    Returns:
        tensor.

    Example:
        >>> empty_like([3.0, 2.0]).shape
        (2,)

    Source: Keras 3 names and defaults.
    """
    return fill_like(as_input(x), 0, dtype)


def full_like(x, fill_value, dtype=None):
    """One value in the shape of another tensor.

    Args:
        x: tensor.
        fill_value: number, or tensor that broadcasts to the shape of `x`.
        dtype: dtype-like; that of `x` when None.

    Returns:
        tensor.

    Example:
        >>> full_like([3.0, 2.0], 7).tolist()
        [7.0, 7.0]

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    if isinstance(fill_value, (bool, int, float, complex)):
        return fill_like(x, fill_value, dtype)
    filled = cast(fill_value, dtype or x.dtype)
    return multiply(filled, fill_like(x, 1, filled.dtype))


def array(x, dtype=None):
    """Tensor of an array-like: another name of `convert_to_tensor`.

    Args:
        x: array-like.
        dtype: dtype-like or None.

    Returns:
        tensor.

    Example:
        >>> array([1, 2]).dtype
        'int32'

    Source: Keras 3 names and defaults.
    """
    return convert_to_tensor(x, dtype)


# ---- matrices --------------------------------------------------------------------------------


def tri(N, M=None, k=0, dtype=None):
    """Ones at and below a diagonal, zeros above.

    Args:
        N: int. Rows.
        M: int. Columns; `N` when None.
        k: int. Which diagonal: 0 the main one, 1 the one above it.
        dtype: dtype-like; floatx when None.

    Returns:
        tensor (N, M).

    Example:
        >>> tri(2).tolist()
        [[1.0, 0.0], [1.0, 1.0]]

    Source: Keras 3 names and defaults.
    """
    dtype = dtypes.to_numpy(dtypes.standardize(dtype))
    columns = N if M is None else M
    mask = numpy.arange(N)[:, None] >= numpy.arange(columns)[None, :] - k
    return Tensor(devices.current().send(mask.astype(dtype)))


def eye(N, M=None, k=0, dtype=None):
    """Ones on a diagonal, zeros elsewhere.

    Args:
        N: int. Rows.
        M: int. Columns; `N` when None.
        k: int. Which diagonal: 0 the main one, 1 the one above it.
        dtype: dtype-like; floatx when None.

    Returns:
        tensor (N, M).

    Example:
        >>> eye(2).tolist()
        [[1.0, 0.0], [0.0, 1.0]]

    Source: Keras 3 names and defaults.
    """
    dtype = dtypes.to_numpy(dtypes.standardize(dtype))
    columns = N if M is None else M
    mask = numpy.arange(N)[:, None] == numpy.arange(columns)[None, :] - k
    return Tensor(devices.current().send(mask.astype(dtype)))


def identity(n, dtype=None):
    """Identity matrix.

    Args:
        n: int. Rows and columns.
        dtype: dtype-like; floatx when None.

    Returns:
        tensor (n, n).

    Example:
        >>> identity(2).tolist()
        [[1.0, 0.0], [0.0, 1.0]]

    Source: Keras 3 names and defaults.
    """
    return eye(n, dtype=dtype)


# ---- codes -----------------------------------------------------------------------------------


def _one_hot_spec(x, num_classes, axis, dtype):
    return TensorSpec([*x.shape[:axis], num_classes, *x.shape[axis:]], dtype)


@primitive(spec=_one_hot_spec, name="one_hot")
def _one_hot(xp, x, /, num_classes=0, axis=0, dtype="float32"):
    classes = xp.arange(num_classes).reshape((-1,) + (1,) * (x.ndim - axis))
    return (xp.expand_dims(x, axis) == classes).astype(dtypes.to_numpy(dtype))


def one_hot(x, num_classes, axis=-1, dtype=None, sparse=False):
    """For each integer a vector that is 1 at that place and 0 elsewhere.

    Args:
        x: integer tensor; numbers outside of 0 to `num_classes - 1` give zeros only.
        num_classes: int.
        axis: int. Position of the new axis in the result.
        dtype: dtype-like; floatx when None.
        sparse: only False; there are no sparse tensors.

    Returns:
        tensor with one more axis than `x`.

    Raises:
        ValueError: `sparse` is true, or `x` is not of integers.

    Example:
        >>> one_hot([1, 0], 2).tolist()
        [[0.0, 1.0], [1.0, 0.0]]

    Source: Keras 3 names and defaults.
    """
    if sparse:
        raise ShapeError(explain("ops.one_hot", "there are no sparse tensors", received=sparse))
    x = as_input(x)
    if dtypes.is_differentiable(x.dtype):
        raise ShapeError(
            explain("ops.one_hot", "only integers have one-hot codes", received=x.dtype,
                    fix='ops.cast(x, "int32")')
        )  # fmt: skip
    axis = normalize_axis(operator.index(axis), len(x.shape) + 1, "ops.one_hot")
    return _one_hot(x, num_classes=int(num_classes), axis=axis, dtype=dtypes.standardize(dtype))


def multi_hot(inputs, num_classes=None, axis=-1, dtype=None, sparse=False, **kwargs):
    """For each row of integers a vector that is 1 at all their places and 0 elsewhere.

    Args:
        inputs: integer tensor (..., integers) or (integers,).
        num_classes: int.
        axis: int. Position of the new axis in the result.
        dtype: dtype-like; floatx when None.
        sparse: only False; there are no sparse tensors.

    Returns:
        tensor in which the integers' axis is replaced by one of size `num_classes`.

    Raises:
        ValueError: `num_classes` is missing, or unknown arguments.

    Example:
        >>> multi_hot([[0, 2], [1, 1]], 3).tolist()
        [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]

    Source: Keras 3 names and defaults.
    """
    num_classes = kwargs.pop("num_tokens", num_classes)
    if kwargs or num_classes is None:
        raise ShapeError(
            explain("ops.multi_hot", "num_classes is needed, and nothing unknown",
                    received=sorted(kwargs) or None)
        )  # fmt: skip
    inputs = as_input(inputs)
    # Keras reduces the second axis of batched inputs, and the only one of a single row.
    reduced = 1 if len(inputs.shape) > 1 else 0
    axis = normalize_axis(axis, len(inputs.shape) + 1, "ops.multi_hot")
    codes = one_hot(inputs, num_classes, axis, dtype, sparse)
    return max(codes, axis=reduced + (axis <= reduced))


__all__ = [
    "array",
    "empty",
    "empty_like",
    "eye",
    "full",
    "full_like",
    "identity",
    "multi_hot",
    "one_hot",
    "ones",
    "ones_like",
    "tri",
    "zeros",
    "zeros_like",
]
