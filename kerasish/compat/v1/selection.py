"""Parts and places of elements: gather, slices, where, one_hot, argmax, cumsum, clipping, ..."""

from kerasish import ops
from kerasish.compat.v1 import dtypes
from kerasish.compat.v1.arrays import ints
from kerasish.compat.v1.constants import convert_to_tensor
from kerasish.compat.v1.generated import operands, static_axis
from kerasish.compat.v1.tensors import Tensor, record, record_function
from kerasish.core.tensor import Tensor as Value


def _call(type_name, function, *args, name=None, hint=None):
    return record_function(type_name, function, args, {}, name, hint)


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
