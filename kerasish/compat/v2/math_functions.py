"""Mathematics where TensorFlow's meaning differs from the operation of that name."""

import math

import numpy

from kerasish import ops
from kerasish.arrays import dtypes
from kerasish.compat.v2.conversion import cast_to, dtype_or
from kerasish.core.structural import count
from kerasish.ops.host import host_call


def truediv(x, y):
    """Quotient; of integers, in float64 (float32 for the short ones)."""
    if dtypes.is_integer(x.dtype):
        wanted = "float32" if x.dtype in ("int8", "int16", "uint8", "uint16") else "float64"
        x, y = cast_to(x, wanted), cast_to(y, wanted)
    return ops.true_divide(x, y)


def equal(x, y):
    """Whether elements are equal, also those of text."""
    return _compared(x, y, ops.equal, numpy.equal)


def not_equal(x, y):
    """Whether elements differ, also those of text."""
    return _compared(x, y, ops.not_equal, numpy.not_equal)


def _compared(x, y, numbers, objects):
    if x.dtype != "string":
        return numbers(x, y)
    return host_call(x, y, function=_AsBool(objects), output_spec=_bool_spec)


class _AsBool:
    def __init__(self, function):
        self.function = function

    def __call__(self, x, y):
        return numpy.asarray(self.function(x, y), bool)


def _bool_spec(x, y):
    return (x if x.ndim >= y.ndim else y).with_dtype("bool")


def add(x, y):
    """Sum, or texts joined."""
    if x.dtype == "string":
        spec = _joined_spec
        return host_call(x, y, function=_join, output_spec=spec)
    return ops.add(x, y)


def _join(x, y):
    return numpy.asarray(numpy.add(x, y), object)


def _joined_spec(x, y):
    return x if x.ndim >= y.ndim else y


def reduce_mean(x, axis=None, keepdims=False):
    """Mean; of integers, rounded toward zero."""
    if not dtypes.is_integer(x.dtype):
        return ops.mean(x, axis=axis, keepdims=keepdims)
    total = ops.sum(x, axis=axis, keepdims=keepdims)
    axes = None if axis is None else (axis,) if isinstance(axis, int) else axis
    size = count(x, axes)
    return ops.cast(ops.trunc(ops.true_divide(total, size)), x.dtype)


def reduce_sum(x, axis=None, keepdims=False):
    """Sum, in the dtype of the elements."""
    return cast_to(ops.sum(x, axis=axis, keepdims=keepdims), x.dtype)


def reduce_prod(x, axis=None, keepdims=False):
    """Product, in the dtype of the elements."""
    return cast_to(ops.prod(x, axis=axis, keepdims=keepdims), x.dtype)


def reduce_all(x, axis=None, keepdims=False):
    """Whether all are true."""
    return ops.all(x, axis=axis, keepdims=keepdims)


def argmax(x, axis=None, output_type="int64"):
    """Index of the greatest element along an axis (the first when None)."""
    return ops.cast(ops.argmax(x, axis=0 if axis is None else axis), output_type)


def argmin(x, axis=None, output_type="int64"):
    """Index of the least element along an axis (the first when None)."""
    return ops.cast(ops.argmin(x, axis=0 if axis is None else axis), output_type)


def count_nonzero(x, axis=None, keepdims=False, dtype="int64"):
    """Number of elements that are not zero."""
    return ops.cast(ops.sum(ops.cast(ops.not_equal(x, 0), dtype), axis=axis, keepdims=keepdims),
                    dtype)  # fmt: skip


def cumsum(x, axis=0, exclusive=False, reverse=False):
    """Running sum along an axis."""
    return _running(ops.cumsum, x, axis, exclusive, reverse, 0)


def cumprod(x, axis=0, exclusive=False, reverse=False):
    """Running product along an axis."""
    return _running(ops.cumprod, x, axis, exclusive, reverse, 1)


def _running(function, x, axis, exclusive, reverse, start):
    x = ops.flip(x, axis=axis) if reverse else x
    if exclusive:
        axis = axis % x.ndim
        first = ops.full_like(ops.take(x, ops.array([0]), axis=axis), start)
        rest = [slice(None)] * x.ndim
        rest[axis] = slice(None, -1)
        x = ops.concatenate([first, x[tuple(rest)]], axis=axis)
    result = cast_to(function(x, axis=axis), x.dtype)
    return ops.flip(result, axis=axis) if reverse else result


def add_n(inputs):
    """Sum of a list of tensors of one shape."""
    total = inputs[0]
    for x in inputs[1:]:
        total = ops.add(total, x)
    return total


def sign(x):
    """-1, 0 or 1."""
    return cast_to(ops.sign(x), x.dtype)


def rounded(x):
    """Nearest integers, halves to even ones."""
    return cast_to(ops.round(x), x.dtype)


def power(x, y):
    """`x` to the power `y`, in their dtype."""
    return cast_to(ops.power(x, y), x.dtype)


def squared_difference(x, y):
    """`(x - y)` squared."""
    return ops.square(ops.subtract(x, y))


def multiply_no_nan(x, y):
    """Product, 0 where `y` is 0, whatever `x` is."""
    return ops.where(ops.equal(y, 0), ops.zeros_like(x), ops.multiply(x, y))


def xlogy(x, y):
    """`x * log(y)`, 0 where `x` is 0."""
    is_zero = ops.equal(x, 0)
    return ops.where(is_zero, ops.zeros_like(x),
                     ops.multiply(x, ops.log(ops.where(is_zero, ops.ones_like(y), y))))  # fmt: skip


def xdivy(x, y):
    """`x / y`, 0 where `x` is 0."""
    is_zero = ops.equal(x, 0)
    return ops.where(is_zero, ops.zeros_like(x),
                     ops.true_divide(x, ops.where(is_zero, ops.ones_like(y), y)))  # fmt: skip


def clip_by_value(t, clip_value_min, clip_value_max):
    """Elements between two bounds."""
    return ops.minimum(ops.maximum(t, clip_value_min), clip_value_max)


def clip_by_norm(t, clip_norm, axes=None):
    """`t` scaled down where its Euclidean norm is more than `clip_norm`."""
    squares = ops.sum(ops.square(t), axis=axes, keepdims=True)
    norm = ops.sqrt(ops.where(ops.greater(squares, 0), squares, ops.ones_like(squares)))
    return ops.true_divide(ops.multiply(t, clip_norm), ops.maximum(norm, clip_norm))


def global_norm(t_list):
    """Euclidean norm of all elements of a list of tensors."""
    return ops.sqrt(add_n([ops.sum(ops.square(t)) for t in t_list if t is not None]))


def clip_by_global_norm(t_list, clip_norm, use_norm=None):
    """(Tensors scaled so that their global norm is at most `clip_norm`, the norm before)."""
    norm = global_norm(t_list) if use_norm is None else use_norm
    scale = ops.true_divide(clip_norm, ops.maximum(norm, clip_norm))
    return [None if t is None else ops.multiply(t, scale) for t in t_list], norm


def zero_fraction(x, dtype="float32"):
    """Share of elements that are zero."""
    return ops.mean(ops.cast(ops.equal(x, 0), dtype))


def bincount(x, weights=None, minlength=None, maxlength=None, dtype="int32"):
    """How often each number from 0 on occurs."""
    counts = ops.bincount(x, weights=weights, minlength=minlength or 0)
    counts = counts if weights is not None else ops.cast(counts, dtype)
    return counts if maxlength is None else counts[:maxlength]


def in_top_k(targets, predictions, k):
    """Whether the target's prediction is among the `k` greatest of its row."""
    return ops.in_top_k(targets, predictions, k)


def reduce_variance(x, axis=None, keepdims=False):
    """Variance."""
    return ops.var(x, axis=axis, keepdims=keepdims)


def reduce_std(x, axis=None, keepdims=False):
    """Standard deviation."""
    return ops.std(x, axis=axis, keepdims=keepdims)


def reduce_euclidean_norm(x, axis=None, keepdims=False):
    """Euclidean norm."""
    return ops.sqrt(ops.sum(ops.square(x), axis=axis, keepdims=keepdims))


def segment_sum(data, segment_ids):
    """Sums of the rows that share a number; numbers are in order."""
    return ops.segment_sum(data, segment_ids, sorted=True)


def segment_max(data, segment_ids):
    """Greatest rows of those that share a number; numbers are in order."""
    return ops.segment_max(data, segment_ids, sorted=True)


def segment_mean(data, segment_ids):
    """Means of the rows that share a number; numbers are in order."""
    sizes = ops.segment_sum(ops.ones_like(data), segment_ids, sorted=True)
    return ops.true_divide(ops.segment_sum(data, segment_ids, sorted=True),
                           ops.maximum(sizes, 1))  # fmt: skip


def polyval(coeffs, x):
    """Value of the polynomial with these coefficients, the highest power's first."""
    result = ops.zeros_like(x)
    for c in coeffs:
        result = ops.add(ops.multiply(result, x), c)
    return result


def lgamma(x):
    """Logarithm of the absolute value of the gamma function."""
    return host_call(x, function=_LGAMMA, output_spec=_same)


def _log_gamma(x):
    return numpy.vectorize(math.lgamma, otypes=[x.dtype])(x) if x.size else x.copy()


_LGAMMA = _log_gamma


def _same(x):
    return x


def cast(x, dtype):
    """Values in another element type."""
    return ops.cast(x, dtype_or(dtype, None))


def saturate_cast(x, dtype):
    """Values in another element type, held within its range."""
    return ops.saturate_cast(x, dtype_or(dtype, None))


def to_complex(real, imag):
    """Complex numbers of real and imaginary parts."""
    dtype = "complex128" if real.dtype == "float64" else "complex64"
    return ops.add(ops.cast(real, dtype), ops.multiply(ops.cast(imag, dtype), 1j))


def confusion_matrix(labels, predictions, num_classes=None, weights=None, dtype="int32"):
    """How often each label was predicted as each class."""
    dtype = dtype_or(dtype, "int32")
    if num_classes is None:
        num_classes = int(max(labels.numpy().max(), predictions.numpy().max())) + 1
    flat = ops.add(ops.multiply(ops.cast(labels, "int32"), num_classes),
                   ops.cast(predictions, "int32"))  # fmt: skip
    values = ops.ones_like(flat, dtype=dtype) if weights is None else ops.cast(weights, dtype)
    size = num_classes * num_classes
    return ops.reshape(ops.segment_sum(values, flat, num_segments=size),
                       (num_classes, num_classes))  # fmt: skip


def reciprocal_no_nan(x):
    """`1 / x`, 0 where `x` is 0."""
    return ops.divide_no_nan(ops.ones_like(x), x)


def segment_sum_of(data, segment_ids, num_segments):
    """Sums of the rows that share a number."""
    return ops.segment_sum(data, segment_ids, num_segments=num_segments)
