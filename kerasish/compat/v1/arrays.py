"""Functions of shapes and elements: reshape, concat, gather, one_hot, zeros, range, matmul, ..."""

import numpy

from kerasish import ops
from kerasish.compat.v1 import dtypes
from kerasish.compat.v1.constants import convert_to_tensor
from kerasish.compat.v1.generated import operands, static_axis
from kerasish.compat.v1.shapes import TensorShape
from kerasish.compat.v1.tensors import Operation, Tensor, record, record_function
from kerasish.core.structural import identity as core_identity
from kerasish.core.structural import size_of
from kerasish.core.tensor import Tensor as Value
from kerasish.core.tensor import as_tensor


def ints(value):
    """Python ints of a core tensor or of nested sequences of them.

    Raises:
        SymbolicValueError: the values are only known while the program runs.
    """
    if isinstance(value, (list, tuple)):
        return tuple(ints(v) for v in value)
    if hasattr(value, "tolist"):
        value = value.tolist()
        return ints(value) if isinstance(value, list) else int(value)
    return None if value is None else int(value)


def shape_argument(shape):
    """A shape as users give it, in a form that tensors may be part of."""
    if isinstance(shape, TensorShape):
        return shape.as_list()
    if isinstance(shape, (list, tuple)):
        return [getattr(n, "value", n) if not isinstance(n, Tensor) else n for n in shape]
    return shape


def _call(type_name, function, *args, name=None, hint=None):
    return record_function(type_name, function, args, {}, name, hint)


# ---- shapes ----------------------------------------------------------------------------------


def core_shape(x, dtype="int32"):
    """The sizes of a core tensor as a core tensor; a constant where they are known."""
    if None not in x.shape:
        return Value(numpy.array(x.shape, dtype))
    sizes = [size_of(x, axes=(i,)) if n is None else n for i, n in enumerate(x.shape)]
    return ops.cast(ops.stack([as_tensor(n) for n in sizes]), dtype)


def shape(input, name=None, out_type="int32"):
    """The sizes of a tensor when it runs."""
    x, dtype = convert_to_tensor(input), dtypes.as_dtype(out_type)
    known = x.shape.is_fully_defined()
    constant = numpy.array(x.sizes, dtype.name) if known else None
    outputs = [((None if x.sizes is None else len(x.sizes),), dtype, constant)]
    return Operation(
        "Shape", [x], lambda v: core_shape(v, dtype.name), name, outputs
    ).output  # fmt: skip


def size(input, name=None, out_type="int32"):
    """The number of elements of a tensor when it runs."""
    dtype = dtypes.as_dtype(out_type)
    return _call("Size", lambda x: ops.cast(ops.prod(core_shape(x)), dtype.name),
                 convert_to_tensor(input), name=name)  # fmt: skip


def rank(input, name=None):
    """The number of axes."""
    return _call("Rank", lambda x: as_tensor(len(x.shape)), convert_to_tensor(input), name=name)


def reshape(tensor, shape, name=None):
    """The same elements in another shape; one size may be -1."""
    x = convert_to_tensor(tensor)
    return _call("Reshape", lambda v, s: ops.reshape(v, _sequence(ints(s))), x,
                 shape_argument(shape), name=name, hint=x.dtype)  # fmt: skip


def _sequence(value):
    return value if isinstance(value, tuple) else (value,)


def transpose(a, perm=None, name="transpose", conjugate=False):
    """The axes in another order, reversed when `perm` is None."""
    return _call("Transpose", lambda v: ops.transpose(v, static_axis(perm)),
                 convert_to_tensor(a), name=name)  # fmt: skip


def expand_dims(input, axis=None, name=None, dim=None):
    """A new axis of size 1."""
    axis = static_axis(dim if axis is None else axis)
    return _call("ExpandDims", lambda v: ops.expand_dims(v, axis), convert_to_tensor(input),
                 name=name)  # fmt: skip


def squeeze(input, axis=None, name=None, squeeze_dims=None):
    """Without the axes of size 1, or without those of `axis`."""
    axis = static_axis(squeeze_dims if axis is None else axis)
    axis = None if axis == () else axis
    return _call("Squeeze", lambda v: ops.squeeze(v, axis), convert_to_tensor(input), name=name)


def concat(values, axis, name="concat"):
    """Tensors one after the other along an axis."""
    values = list(values) if isinstance(values, (list, tuple)) else [values]
    tensors = operands("ConcatV2", [f"values[{i}]" for i in range(len(values))], values)
    axis = static_axis(axis)
    return record("ConcatV2", lambda *xs: ops.concatenate(xs, axis=axis), tensors, name)


def stack(values, axis=0, name="stack"):
    """Tensors of one shape on a new axis."""
    tensors = operands("Pack", [f"values[{i}]" for i in range(len(values))], list(values))
    return record("Pack", lambda *xs: ops.stack(xs, axis=axis), tensors, name)


def unstack(value, num=None, axis=0, name="unstack"):
    """List of the parts along an axis."""
    x = convert_to_tensor(value)
    num = x.sizes[axis] if num is None else num
    if num is None:
        raise ValueError(f"Cannot infer argument `num` from shape {x.shape}")
    return _listed(record("Unpack", lambda v: ops.unstack(v, num, axis), [x], name))


def split(value, num_or_size_splits, axis=0, num=None, name="split"):
    """List of parts: so many equal ones, or of these sizes."""
    sections = static_axis(num_or_size_splits)
    if not isinstance(sections, int):
        sections = tuple(numpy.cumsum(sections)[:-1].tolist())
    axis = static_axis(axis)
    x = convert_to_tensor(value)
    return _listed(record("Split", lambda v: ops.split(v, sections, axis=axis), [x], name))


def _listed(outputs):
    return outputs if isinstance(outputs, list) else [outputs]


def tile(input, multiples, name=None):
    """Repeated along each axis."""
    x = convert_to_tensor(input)
    return _call("Tile", lambda v, m: ops.tile(v, ints(m)), x, multiples, name=name, hint=x.dtype)


def pad(tensor, paddings, mode="CONSTANT", name=None, constant_values=0):
    """More elements before and after, along each axis."""
    x, mode = convert_to_tensor(tensor), mode.lower()
    values = {"constant_values": constant_values} if mode == "constant" else {}
    return _call("Pad", lambda v, p: ops.pad(v, ints(p), mode=mode, **values), x, paddings,
                 name=name, hint=x.dtype)  # fmt: skip


def reverse(tensor, axis, name=None):
    """In the opposite order along some axes."""
    axis = static_axis(axis)
    return _call("ReverseV2", lambda v: ops.flip(v, axis), convert_to_tensor(tensor), name=name)


def broadcast_to(input, shape, name=None):
    """Repeated to a shape."""
    x = convert_to_tensor(input)
    return _call("BroadcastTo", lambda v, s: ops.broadcast_to(v, ints(s)), x,
                 shape_argument(shape), name=name, hint=x.dtype)  # fmt: skip


# ---- elements --------------------------------------------------------------------------------


def gather(params, indices, validate_indices=None, name=None, axis=None, batch_dims=0):
    """The parts of `params` along an axis that `indices` name."""
    axis = 0 if axis is None else static_axis(axis)
    return _call("GatherV2", lambda v, i: ops.take(v, i, axis=axis), convert_to_tensor(params),
                 convert_to_tensor(indices), name=name)  # fmt: skip


def slice_(input_, begin, size, name=None):
    """`size` elements from `begin` along each axis; -1 is all that are left."""
    x = convert_to_tensor(input_)

    def cut(v, begin, size):
        ends = [None if n == -1 else b + n for b, n in zip(ints(begin), ints(size), strict=True)]
        index = tuple(slice(b, e) for b, e in zip(ints(begin), ends, strict=True))
        return ops.get_item(v, index)

    return _call("Slice", cut, x, begin, size, name=name, hint=x.dtype)


def get_item(tensor, index):
    """`tensor[index]`; the index may hold tensors."""
    if isinstance(index, Tensor) and index.dtype == "bool":
        return boolean_mask(tensor, index)
    parts = index if isinstance(index, tuple) else (index,)
    bounds = [(p.start, p.stop, p.step) if isinstance(p, slice) else p for p in parts]
    kinds = [isinstance(p, slice) for p in parts]

    def cut(v, bounds):
        return ops.get_item(v, tuple(
            slice(*ints(b)) if is_slice else b if b is None or b is Ellipsis else _position(b)
            for b, is_slice in zip(bounds, kinds, strict=True)
        ))  # fmt: skip

    return _call("StridedSlice", cut, tensor, bounds, name="strided_slice", hint=tensor.dtype)


def _position(b):
    return b if isinstance(b, Value) and b.is_symbolic else ints(b)


def boolean_mask(tensor, mask, name="boolean_mask", axis=None):
    """The parts along the first axes where `mask` is true."""
    return _call("BooleanMask", lambda v, m: ops.get_item(v, m), convert_to_tensor(tensor),
                 convert_to_tensor(mask, "bool"), name=name)  # fmt: skip


def where(condition, x=None, y=None, name=None):
    """Elements of `x` where the condition holds, else of `y`; or the places where it holds."""
    condition = convert_to_tensor(condition, "bool")
    if x is None and y is None:

        def places(c):
            return ops.cast(ops.stack(ops.nonzero(c), axis=1), "int64")

        return record("Where", places, [condition], name)
    x, y = operands("Select", ["t", "e"], [x, y])

    def select(c, a, b):
        if len(c.shape) == 1 and len(a.shape) > 1:
            c = ops.reshape(c, (-1, *[1] * (len(a.shape) - 1)))
        return ops.where(c, a, b)

    return record("Select", select, [condition, x, y], name)


def one_hot(indices, depth, on_value=None, off_value=None, axis=None, dtype=None, name=None):
    """`on_value` (1) at the place that each index names, `off_value` (0) elsewhere."""
    dtype = dtypes.as_dtype(dtype or "float32").name
    on, off = 1 if on_value is None else on_value, 0 if off_value is None else off_value

    def encode(i, depth):
        hot = ops.one_hot(i, ints(depth), axis=-1 if axis is None else axis, dtype=dtype)
        return hot if (on, off) == (1, 0) else ops.cast(hot * (on - off) + off, dtype)

    return _call("OneHot", encode, convert_to_tensor(indices), depth, name=name, hint=dtype)


def argmax(input, axis=None, name=None, dimension=None, output_type="int64"):
    """Place of the greatest element along an axis, the first one when None."""
    return _arg("ArgMax", ops.argmax, input, axis, name, dimension, output_type)


def argmin(input, axis=None, name=None, dimension=None, output_type="int64"):
    """Place of the least element along an axis, the first one when None."""
    return _arg("ArgMin", ops.argmin, input, axis, name, dimension, output_type)


def _arg(type_name, function, x, axis, name, dimension, output_type):
    axis = static_axis(dimension if axis is None else axis) or 0
    dtype = dtypes.as_dtype(output_type).name
    return _call(type_name, lambda v: ops.cast(function(v, axis=axis), dtype),
                 convert_to_tensor(x), name=name)  # fmt: skip


def top_k(input, k=1, sorted=True, name=None):
    """The greatest elements of the last axis and their places."""
    values, places = record("TopKV2", lambda v: ops.top_k(v, k, sorted),
                            [convert_to_tensor(input)], name)  # fmt: skip
    return values, places


def in_top_k(predictions, targets, k, name=None):
    """Whether each target is among the k greatest predictions of its row."""
    return record("InTopK", lambda p, t: ops.in_top_k(t, p, k),
                  [convert_to_tensor(predictions), convert_to_tensor(targets)], name)  # fmt: skip


def cumsum(x, axis=0, exclusive=False, reverse=False, name=None):
    """Sums of all elements up to each one along an axis."""

    def run(v):
        v = ops.flip(v, axis) if reverse else v
        total = ops.cumsum(v, axis=axis)
        total = ops.subtract(total, v) if exclusive else total
        return ops.flip(total, axis) if reverse else total

    return record("Cumsum", run, [convert_to_tensor(x)], name)


def clip_by_value(t, clip_value_min, clip_value_max, name="clip_by_value"):
    """Elements below and above the limits replaced by the limits."""
    tensors = operands("ClipByValue", ["t", "clip_value_min", "clip_value_max"],
                       [t, clip_value_min, clip_value_max])  # fmt: skip
    return record("ClipByValue", lambda x, low, high: ops.minimum(ops.maximum(x, low), high),
                  tensors, name)  # fmt: skip


def clip_by_norm(t, clip_norm, axes=None, name="clip_by_norm"):
    """Scaled down to a norm where it is greater."""
    axis = static_axis(axes)

    def clip(x, limit):
        norm = ops.sqrt(ops.sum(ops.square(x), axis=axis, keepdims=True))
        return x * limit / ops.maximum(norm, limit)

    return record("ClipByNorm", clip, operands("ClipByNorm", ["t", "clip_norm"], [t, clip_norm]),
                  name)  # fmt: skip


def global_norm(t_list, name="global_norm"):
    """The norm of all elements of several tensors together."""
    tensors = [convert_to_tensor(t) for t in t_list if t is not None]
    return record("GlobalNorm", lambda *xs: ops.sqrt(sum(ops.sum(ops.square(x)) for x in xs)),
                  tensors, name)  # fmt: skip


def clip_by_global_norm(t_list, clip_norm, use_norm=None, name="clip_by_global_norm"):
    """(list, norm): tensors scaled down together so that their global norm is at most this."""
    norm = global_norm(t_list) if use_norm is None else use_norm

    def clip(x, norm, limit):
        return x * (limit / ops.maximum(norm, limit))

    limit = convert_to_tensor(clip_norm, norm.dtype)
    clipped = [None if t is None else record("Mul", clip, [convert_to_tensor(t), norm, limit], name)
               for t in t_list]  # fmt: skip
    return clipped, norm


# ---- values ----------------------------------------------------------------------------------


def identity(input, name=None):
    """The tensor as an operation of its own: a place for control dependencies."""
    return record("Identity", core_identity, [convert_to_tensor(input)], name)


def stop_gradient(input, name=None):
    """The tensor, a constant for derivatives."""
    return record("StopGradient", ops.stop_gradient, [convert_to_tensor(input)], name)


def cast(x, dtype, name=None):
    """The values in another dtype."""
    dtype, x = dtypes.as_dtype(dtype), convert_to_tensor(x)
    return x if x.dtype == dtype else record("Cast", lambda v: ops.cast(v, dtype.name), [x], name)


def to_float(x, name="ToFloat"):
    """The values as float32."""
    return cast(x, "float32", name)


def to_int32(x, name="ToInt32"):
    """The values as int32."""
    return cast(x, "int32", name)


def _filled(type_name, value, shape, dtype, name):
    dtype = dtypes.as_dtype(dtype).name
    return _call(type_name, lambda s: ops.full(_sequence(ints(s)), value, dtype=dtype),
                 shape_argument(shape), name=name, hint=dtype)  # fmt: skip


def zeros(shape, dtype="float32", name="zeros"):
    """Zeros of a shape."""
    return _filled("Fill", 0, shape, dtype, name)


def ones(shape, dtype="float32", name="ones"):
    """Ones of a shape."""
    return _filled("Fill", 1, shape, dtype, name)


def fill(dims, value, name=None):
    """One value in every place of a shape."""
    x = convert_to_tensor(value)
    return _call("Fill", lambda s, v: ops.broadcast_to(v, _sequence(ints(s))),
                 shape_argument(dims), x, name=name, hint=x.dtype)  # fmt: skip


def zeros_like(tensor, dtype=None, name=None, optimize=True):
    """Zeros in the shape of a tensor."""
    dtype = None if dtype is None else dtypes.as_dtype(dtype).name
    return _call("ZerosLike", lambda x: ops.zeros_like(x, dtype), convert_to_tensor(tensor),
                 name=name or "zeros_like")  # fmt: skip


def ones_like(tensor, dtype=None, name=None, optimize=True):
    """Ones in the shape of a tensor."""
    dtype = None if dtype is None else dtypes.as_dtype(dtype).name
    return _call("OnesLike", lambda x: ops.ones_like(x, dtype), convert_to_tensor(tensor),
                 name=name or "ones_like")  # fmt: skip


def range_(start, limit=None, delta=1, dtype=None, name="range"):
    """Numbers from `start` (0) to before `limit`, in steps of `delta`."""
    start, limit = (0, start) if limit is None else (start, limit)
    given = [convert_to_tensor(v) for v in (start, limit, delta)]
    floats = [t.dtype for t in given if t.dtype.is_floating]
    name_of = dtypes.as_dtype(dtype or (floats[0] if floats else given[1].dtype)).name

    def count(*ends):
        return ops.arange(*[e.tolist() for e in ends], dtype=name_of)

    return record("Range", count, given, name, hint=name_of)


def linspace(start, stop, num, name="linspace"):
    """`num` numbers at equal distances from `start` to `stop`, both included."""
    dtype = convert_to_tensor(start).dtype.name
    return record("LinSpace", lambda: ops.linspace(start, stop, num, dtype=dtype), [], name)


def eye(num_rows, num_columns=None, batch_shape=None, dtype="float32", name="eye"):
    """The identity matrix."""
    dtype = dtypes.as_dtype(dtype).name
    return record("Eye", lambda: ops.eye(num_rows, num_columns, dtype=dtype), [], name)


def diag(diagonal, name=None):
    """A square matrix with these elements on its diagonal."""
    return record("Diag", ops.diag, [convert_to_tensor(diagonal)], name)


def diag_part(input, name=None):
    """The diagonal of a square matrix."""
    return record("DiagPart", ops.diagonal, [convert_to_tensor(input)], name)


def sequence_mask(lengths, maxlen, dtype="bool", name="SequenceMask"):
    """Whether each place is before the length of its row."""
    dtype = dtypes.as_dtype(dtype).name

    def mask(n):
        places = ops.arange(maxlen, dtype="int32")
        return ops.cast(ops.less(places, ops.expand_dims(ops.cast(n, "int32"), -1)), dtype)

    return record("SequenceMask", mask, [convert_to_tensor(lengths)], name)
