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
