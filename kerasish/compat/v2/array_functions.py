"""Making, joining, cutting and indexing, in TensorFlow's way."""

import collections

import numpy

import kerasish.compat.v2.errors as errors
from kerasish import ops
from kerasish.compat.v2.conversion import cast_to, dtype_or
from kerasish.core.structural import identity as plain_identity

Unique = collections.namedtuple("Unique", "y idx")
UniqueWithCounts = collections.namedtuple("UniqueWithCounts", "y idx count")
TopKV2 = collections.namedtuple("TopKV2", "values indices")


def zeros(shape, dtype="float32"):
    """Tensor of zeros."""
    return _filled(ops.zeros, shape, dtype, "")


def ones(shape, dtype="float32"):
    """Tensor of ones."""
    return _filled(ops.ones, shape, dtype, "1")


def _filled(function, shape, dtype, text):
    if dtype_or(dtype, "float32") == "string":
        return ops.convert_to_tensor(numpy.full(shape, text, object), "string")
    return function(shape, dtype=dtype_or(dtype, "float32"))


def zeros_like(x, dtype=None):
    """Zeros of the shape of `x`."""
    return ops.zeros_like(x, dtype=dtype_or(dtype, None))


def ones_like(x, dtype=None):
    """Ones of the shape of `x`."""
    return ops.ones_like(x, dtype=dtype_or(dtype, None))


def eye(num_rows, num_columns=None, batch_shape=None, dtype="float32"):
    """Identity matrix, or a batch of them."""
    matrix = ops.eye(num_rows, num_columns, dtype=dtype_or(dtype, "float32"))
    return matrix if not batch_shape else ops.broadcast_to(
        matrix, (*batch_shape, *matrix.shape))  # fmt: skip


def identity(x):
    """The same values as a tensor of their own."""
    return plain_identity(x)


def linspace(start, stop, num, axis=0):
    """`num` evenly spaced numbers from `start` to `stop`."""
    return ops.cast(ops.linspace(start, stop, num, axis=axis), _float_of(start))


def _float_of(x):
    return x.dtype if x.dtype[:].startswith(("float", "bfloat")) else "float64"


def reshape(x, shape):
    """The same elements in another shape."""
    if isinstance(shape, tuple) and None not in x.shape and all(type(n) is int for n in shape):
        size, wanted = numpy.prod(x.shape, dtype=int), numpy.prod(shape, dtype=int)
        if -1 not in shape and size != wanted:
            raise errors.invalid(
                "Reshape",
                f"Input to reshape is a tensor with {size} values, but the requested shape has "
                f"{wanted}",
            )
    return ops.reshape(x, shape)


def transpose(x, perm=None, conjugate=False):
    """Axes in another order, reversed when None."""
    x = ops.conj(x) if conjugate else x
    return ops.transpose(x, axes=perm)


def concat(values, axis):
    """Tensors one after another along an axis."""
    return ops.concatenate(values, axis=axis)


def split(value, num_or_size_splits, axis=0):
    """Parts of equal size, or of given sizes, one of which may be -1."""
    sizes = num_or_size_splits
    if isinstance(sizes, int):
        return list(ops.split(value, sizes, axis=axis))
    if -1 in sizes:
        rest = value.shape[axis] - sum(n for n in sizes if n >= 0)
        sizes = [rest if n == -1 else n for n in sizes]
    ends = tuple(numpy.cumsum(sizes)[:-1].tolist())
    return list(ops.split(value, ends, axis=axis))


def unstack(value, num=None, axis=0):
    """List of the slices along an axis."""
    return list(ops.unstack(value, num=num, axis=axis))


def expand_dims(x, axis):
    """`x` with a new axis of size 1."""
    return ops.expand_dims(x, axis)


def pad(tensor, paddings, mode="CONSTANT", constant_values=0):
    """`tensor` with values put around it."""
    keywords = {"constant_values": constant_values} if mode.lower() == "constant" else {}
    return ops.pad(tensor, paddings, mode=mode.lower(), **keywords)


def where(condition, x=None, y=None):
    """Elements of `x` where the condition holds, else of `y`; indices of true ones without them."""
    if x is None and y is None:
        return ops.cast(ops.stack(ops.nonzero(condition), axis=-1), "int64")
    if x.dtype != y.dtype:
        raise errors.mismatch("SelectV2", 2, x.dtype, y.dtype)
    return ops.where(condition, x, y)


def gather(params, indices, validate_indices=None, axis=None, batch_dims=0):
    """Rows (or slices along another axis) chosen by their numbers."""
    axis = batch_dims if axis is None else axis
    axis = axis + params.ndim if axis < 0 else axis
    _check_range(params, indices, axis)
    if not batch_dims:
        return ops.take(params, indices, axis=axis)
    batch_dims = batch_dims % indices.ndim if batch_dims < 0 else batch_dims
    parts = zip(ops.unstack(params), ops.unstack(indices), strict=True)
    return ops.stack([gather(p, i, None, axis - 1, batch_dims - 1) for p, i in parts])


def _check_range(params, indices, axis):
    size = params.shape[axis]
    if indices.is_symbolic or size is None:
        return
    values = indices.numpy()
    wrong = numpy.argwhere((values < 0) | (values >= size))
    if len(wrong):
        place = list(map(int, wrong[0]))
        found = values[tuple(wrong[0])]
        where_ = f"indices{place}" if place else "indices"
        raise errors.invalid("GatherV2", f"{where_} = {found} is not in [0, {size})")


def gather_nd(params, indices, batch_dims=0):
    """Elements or slices at places that are rows of `indices`."""
    if batch_dims:
        parts = zip(ops.unstack(params), ops.unstack(indices), strict=True)
        return ops.stack([gather_nd(p, i, batch_dims - 1) for p, i in parts])
    return params[tuple(ops.unstack(indices, axis=-1))]


def scatter_nd(indices, updates, shape):
    """Zeros of a shape with `updates` added at places that are rows of `indices`."""
    return ops.scatter(indices, updates, shape)


def _scatter(reduction):
    def scatter(tensor, indices, updates):
        return ops.scatter_update(tensor, indices, updates, reduction=reduction)

    scatter.__doc__ = f"`tensor` with updates at places of `indices` ({reduction or 'replaced'})."
    return scatter


tensor_scatter_nd_update = _scatter(None)
tensor_scatter_nd_add = _scatter("add")
tensor_scatter_nd_max = _scatter("max")
tensor_scatter_nd_min = _scatter("min")


def tensor_scatter_nd_sub(tensor, indices, updates):
    """`tensor` less updates at places of `indices`."""
    return ops.scatter_update(tensor, indices, ops.negative(updates), reduction="add")


def boolean_mask(tensor, mask, axis=0):
    """Elements (or slices) for which a mask is true."""
    axis = axis or 0
    index = (*[slice(None)] * axis, ops.cast(mask, "bool"))
    return tensor[index]


def sequence_mask(lengths, maxlen=None, dtype="bool"):
    """Rows that are true up to a length."""
    if maxlen is None:
        maxlen = int(lengths.numpy().max())
    places = ops.arange(maxlen, dtype=lengths.dtype[:])
    return ops.cast(ops.less(places, ops.expand_dims(lengths, -1)), dtype_or(dtype, "bool"))


def sort(values, axis=-1, direction="ASCENDING"):
    """Elements in order along an axis."""
    result = ops.sort(values, axis=axis)
    return ops.flip(result, axis=axis) if _is_descending(direction) else result


def argsort(values, axis=-1, direction="ASCENDING", stable=False):
    """Indices that sort along an axis."""
    if _is_descending(direction):  # equal elements keep their order, as in TensorFlow
        return ops.cast(ops.argsort(ops.negative(values), axis=axis), "int32")
    return ops.cast(ops.argsort(values, axis=axis), "int32")


def _is_descending(direction):
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(f"`direction` should be ASCENDING or DESCENDING, got {direction!r}")
    return direction == "DESCENDING"


def top_k(x, k=1, sorted=True, index_type="int32"):
    """The `k` greatest elements of the last axis and where they are."""
    values, indices = ops.top_k(x, k, sorted=sorted)
    return TopKV2(values, ops.cast(indices, dtype_or(index_type, "int32")))


def unique(x, out_idx="int32"):
    """Different elements in the order of their first places, and which one each element is."""
    values, places = _unique(x)[:2]
    return Unique(values, ops.cast(places, dtype_or(out_idx, "int32")))


def unique_with_counts(x, out_idx="int32"):
    """As `unique`, and how often each occurs."""
    values, places, counts = _unique(x)
    dtype = dtype_or(out_idx, "int32")
    return UniqueWithCounts(values, ops.cast(places, dtype), ops.cast(counts, dtype))


def _unique(x):
    array = x._array  # eager only: the number of results is not known in a trace
    _, first, inverse, counts = numpy.unique(
        array, return_index=True, return_inverse=True, return_counts=True
    )
    order = numpy.argsort(first)
    rank = numpy.argsort(order)
    values = array[first[order]]
    kind = "string" if x.dtype == "string" else None
    return (ops.convert_to_tensor(values, kind), ops.array(rank[inverse.reshape(-1)]),
            ops.array(counts[order]))  # fmt: skip


def shape(x, out_type="int32"):
    """Sizes as a tensor."""
    return ops.cast(ops.stack([ops.convert_to_tensor(n) for n in ops.shape(x)]), out_type) if (
        x.ndim) else ops.zeros((0,), dtype=dtype_or(out_type, "int32"))  # fmt: skip


def size(x, out_type="int32"):
    """Number of elements."""
    return ops.cast(ops.prod(shape(x)), dtype_or(out_type, "int32"))


def rank(x):
    """Number of axes."""
    return ops.convert_to_tensor(len(x.shape), "int32")


def slice_(x, begin, size):
    """Part of a tensor from a place on, of given sizes; -1 for all that is left."""
    stops = [None if n == -1 else b + n for b, n in zip(begin, size, strict=True)]
    return x[tuple(slice(b, stop) for b, stop in zip(begin, stops, strict=True))]


def strided_slice(x, begin, end, strides=None):
    """Parts `begin:end:stride` along the axes."""
    strides = strides or (1,) * len(begin)
    return x[tuple(map(slice, begin, end, strides))]


def reverse(x, axis):
    """Elements in reverse order along axes."""
    return ops.flip(x, axis=axis)


def roll(x, shift, axis):
    """Elements moved along axes, the last ones to the front."""
    return ops.roll(x, shift, axis=axis)


def repeat(x, repeats, axis=None):
    """Elements repeated."""
    return ops.repeat(x, repeats, axis=axis)


def one_hot(indices, depth, on_value=None, off_value=None, axis=None, dtype=None):
    """Rows that are 1 at one place (or `on_value`, and `off_value` elsewhere)."""
    dtype = dtype_or(dtype, "float32")
    hot = ops.one_hot(indices, depth, axis=-1 if axis is None else axis, dtype=dtype)
    if on_value is None and off_value is None:
        return hot
    on, off = 1 if on_value is None else on_value, 0 if off_value is None else off_value
    return ops.where(ops.cast(hot, "bool"), ops.full_like(hot, on), ops.full_like(hot, off))


def searchsorted(sorted_sequence, values, side="left", out_type="int32"):
    """Places at which values would keep a sorted sequence sorted."""
    return ops.cast(ops.searchsorted(sorted_sequence, values, side=side), out_type)


def ensure_shape(x, shape):
    """`x` itself, which must have a shape."""
    fits = len(x.shape) == len(shape) and all(
        a is None or b is None or a == b for a, b in zip(x.shape, shape, strict=True)
    )
    if not fits:
        received = str(list(x.shape)).replace(" ", "").replace("None", "?")
        wanted = str(list(shape)).replace(" ", "").replace("None", "?")
        raise errors.invalid("EnsureShape", f"Shape of tensor input {received} is not compatible "
                             f"with expected shape {wanted}.")  # fmt: skip
    return x


def squeeze(x, axis=None):
    """`x` without axes of size 1."""
    axes = () if axis is None else (axis,) if isinstance(axis, int) else axis
    for a in axes:
        if x.shape[a] not in (1, None):
            raise errors.invalid("Squeeze", f"Can not squeeze dim[{a}], expected a dimension of 1, "
                                 f"got {x.shape[a]}")  # fmt: skip
    return ops.squeeze(x, axis=axis if axis is None else tuple(axes))


def meshgrid(args, indexing="xy"):
    """Coordinates of a grid from those of its axes."""
    return list(ops.meshgrid(*args, indexing=indexing))


def dynamic_partition(data, partitions, num_partitions):
    """List of the rows with each number."""
    return [data[ops.equal(partitions, i)] for i in range(num_partitions)]


def broadcast_to(x, shape):
    """`x` repeated to a shape."""
    return ops.broadcast_to(x, shape)


def tensordot(a, b, axes):
    """Sum of products over axes of two tensors."""
    return ops.tensordot(a, b, axes=axes)


def matmul(a, b, transpose_a=False, transpose_b=False, adjoint_a=False, adjoint_b=False):
    """Product of matrices, or batches of them."""
    if a.ndim < 2 or b.ndim < 2:
        raise errors.invalid("MatMul", f"In[{int(a.ndim >= 2)}] ndims must be >= 2")
    a = ops.conj(a) if adjoint_a else a
    b = ops.conj(b) if adjoint_b else b
    a = ops.swapaxes(a, -1, -2) if transpose_a or adjoint_a else a
    b = ops.swapaxes(b, -1, -2) if transpose_b or adjoint_b else b
    if a.shape[-1] != b.shape[-2] and None not in (a.shape[-1], b.shape[-2]):
        shown = [str(list(x.shape)).replace(" ", "").replace("None", "?") for x in (a, b)]
        raise errors.invalid(
            "MatMul", f"Matrix size-incompatible: In[0]: {shown[0]}, In[1]: {shown[1]}"
        )
    return cast_to(ops.matmul(a, b), a.dtype)
