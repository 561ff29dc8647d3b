"""Products, quotients and sums of tensors: matmul, einsum, truediv, add_n, norm, ..."""

from kerasish import ops
from kerasish.compat.v1 import dtypes
from kerasish.compat.v1.arrays import cast
from kerasish.compat.v1.constants import convert_to_tensor
from kerasish.compat.v1.generated import check_dtype, operands, static_axis
from kerasish.compat.v1.tensors import record


def matmul(a, b, transpose_a=False, transpose_b=False, adjoint_a=False, adjoint_b=False,
           a_is_sparse=False, b_is_sparse=False, name=None):  # fmt: skip
    """The matrix product, of matrices or of stacks of them."""
    tensors = operands("MatMul", ["a", "b"], [a, b], "number")
    flips = (transpose_a or adjoint_a, transpose_b or adjoint_b)

    def product(*xs):
        xs = [ops.swapaxes(x, -1, -2) if flip else x for x, flip in zip(xs, flips, strict=True)]
        return ops.matmul(*xs)

    for tensor, letter in zip(tensors, "ab", strict=True):
        if tensor.ndim is not None and tensor.ndim < 2:
            raise ValueError(f"Shape must be rank 2 but is rank {tensor.ndim} for 'MatMul', "
                             f"input {letter!r}: {tensor}")  # fmt: skip
    return record("MatMul", product, tensors, name)


def tensordot(a, b, axes, name=None):
    """Sum of products over axes of both."""
    return record("Tensordot", lambda x, y: ops.tensordot(x, y, axes),
                  operands("Tensordot", ["a", "b"], [a, b]), name)  # fmt: skip


def einsum(equation, *inputs, name=None):
    """Sum of products after Einstein."""
    tensors = operands("Einsum", [f"inputs[{i}]" for i in range(len(inputs))], list(inputs))
    return record("Einsum", lambda *xs: ops.einsum(equation, *xs), tensors, name)


def truediv(x, y, name=None):
    """The quotient; whole numbers are divided as float64 (of 32 and 64 bits), else as float32."""
    x, y = operands("RealDiv", ["x", "y"], [x, y], "number")
    if x.dtype.is_integer:
        wanted = "float64" if x.dtype.size >= 4 else "float32"
        x, y = cast(x, wanted), cast(y, wanted)
    return record("RealDiv", ops.true_divide, [x, y], name or "truediv")


def div(x, y, name=None):
    """The quotient; that of whole numbers is rounded down."""
    tensors = operands("Div", ["x", "y"], [x, y], "number")
    whole = tensors[0].dtype.is_integer
    return record("Div", ops.floor_divide if whole else ops.true_divide, tensors, name or "div")


def add_n(inputs, name=None):
    """The sum of tensors of one shape."""
    tensors = operands("AddN", [f"inputs[{i}]" for i in range(len(inputs))], list(inputs))
    return record("AddN", lambda *xs: sum(xs[1:], xs[0]), tensors, name)


def norm(tensor, ord="euclidean", axis=None, keepdims=None, name="norm", keep_dims=None):
    """The norm of all elements, or along axes."""
    order = None if ord in ("euclidean", "fro") else ord
    axis, x = static_axis(axis), convert_to_tensor(tensor)
    keepdims = bool(keep_dims if keepdims is None else keepdims)
    check_dtype("Norm", "tensor", x, "float")

    def run(v):
        if order is None:
            return ops.sqrt(ops.sum(ops.square(v), axis=axis, keepdims=keepdims))
        return ops.norm(v, ord=order, axis=axis, keepdims=keepdims)

    return record("Norm", run, [x], name)


def count_nonzero(input_tensor, axis=None, keepdims=None, dtype="int64", name=None):
    """The number of elements that are not zero."""
    axis, dtype = static_axis(axis), dtypes.as_dtype(dtype).name
    return record("CountNonzero", lambda v: ops.cast(ops.sum(
        ops.cast(ops.not_equal(v, 0), "int32"), axis=axis, keepdims=bool(keepdims)), dtype),
        [convert_to_tensor(input_tensor)], name)  # fmt: skip


def segment_sum(data, segment_ids, num_segments=None, name=None):
    """Sums of the rows of each segment; `num_segments` is needed."""
    return record("SegmentSum", lambda d, i: ops.segment_sum(d, i, num_segments),
                  [convert_to_tensor(data), convert_to_tensor(segment_ids)], name)  # fmt: skip
