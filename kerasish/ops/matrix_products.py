"""Matrix products: matmul and what is made of it (dot, tensordot, inner, outer, kron, cross)."""

import math

from kerasish.core.primitive import as_input, primitive, promote
from kerasish.core.spec import TensorSpec, broadcast_shapes, normalize_axis
from kerasish.errors import ShapeError, explain
from kerasish.ops.arithmetic import multiply
from kerasish.ops.axes import expand_dims, squeeze, swapaxes, transpose
from kerasish.ops.delivery import deliver
from kerasish.ops.sizes import reshape, shape

# ---- matmul ----------------------------------------------------------------------------------


def _matmul_spec(x1, x2):
    a, b = x1.shape, x2.shape
    if not a or not b:
        raise ValueError("scalars have no matrix product; use ops.multiply")
    inner_a, inner_b = a[-1], b[-2] if len(b) > 1 else b[0]
    if None not in (inner_a, inner_b) and inner_a != inner_b:
        raise ValueError(f"last size of x1 ({inner_a}) and second last of x2 ({inner_b}) differ")
    batch = broadcast_shapes(a[:-2], b[:-2], where="ops.matmul")
    result = (*batch, *a[-2:-1], *(b[-1:] if len(b) > 1 else ()))
    return TensorSpec(result, "int32" if x1.dtype == x2.dtype == "int8" else x1.dtype)


def _left_rule(g, x1_like, x2):
    a, b = len(x1_like.shape), len(x2.shape)
    if b == 1:
        return multiply(g if a == 1 else expand_dims(g, -1), x2)
    if a == 1:
        return squeeze(matmul(x2, expand_dims(g, -1)), -1)
    return matmul(g, swapaxes(x2, -1, -2))


def _right_rule(g, x1, x2_like):
    a, b = len(x1.shape), len(x2_like.shape)
    if a == 1 and b == 1:
        return multiply(g, x1)
    if b == 1:
        return squeeze(matmul(swapaxes(x1, -1, -2), expand_dims(g, -1)), -1)
    if a == 1:
        return multiply(expand_dims(x1, -1), expand_dims(g, -2))
    if b == 2 and a > 2:
        rows, columns = x1.shape[-1], g.shape[-1]
        if rows and columns:  # one large product, not the sum of many small ones
            x1, g = reshape(x1, (-1, rows)), reshape(g, (-1, columns))
    return matmul(swapaxes(x1, -1, -2), g)


@primitive(spec=_matmul_spec, vjp=(_left_rule, _right_rule), promotes=True)
def matmul(xp, x1, x2, /, out=None):
    """Matrix product over the last two axes; leading axes broadcast, vectors are contracted.

    Args:
        x1: tensor (..., rows, inner) or (inner,).
        x2: tensor (..., inner, columns) or (inner,).

    Returns:
        tensor (..., rows, columns) of the promoted dtype; two int8 give int32.

    Raises:
        ShapeError: inner sizes differ, or a scalar.

    Accuracy: on the CPU float16 and bfloat16 are multiplied in float32.

    Example:
        >>> matmul([[1.0, 2.0]], [[3.0], [4.0]]).tolist()
        [[11.0]]

    Source: Keras 3 names and defaults.
    """
    if x1.dtype.itemsize < 4 and not xp.is_gpu:
        return _matmul_small(xp, x1, x2, out)
    if x2.ndim == 2 and x1.ndim > 2 and x1.size:
        rows = x1.reshape(-1, x1.shape[-1])  # one product of BLAS, not one for each batch entry
        if out is not None and out.flags.c_contiguous:
            xp.matmul(rows, x2, out=out.reshape(rows.shape[0], x2.shape[1]))
            return out
        return deliver(xp.matmul(rows, x2).reshape(*x1.shape[:-1], x2.shape[1]), out)
    return xp.matmul(x1, x2, out=out)


def _matmul_small(xp, x1, x2, out):
    """Products of narrow dtypes in one that BLAS knows."""
    if x1.dtype.kind in "fV":
        wide = xp.matmul(x1.astype(xp.float32), x2.astype(xp.float32))
        return deliver(wide.astype(x1.dtype), out)
    if x1.dtype == xp.int8 and x2.dtype == xp.int8:
        return xp.matmul(x1.astype(xp.int32), x2.astype(xp.int32), out=out)
    return xp.matmul(x1, x2, out=out)


# ---- made of matmul --------------------------------------------------------------------------


def dot(x1, x2):
    """Sum of products over the last axis of `x1` and the second last of `x2`.

    Args:
        x1: tensor; a scalar multiplies.
        x2: tensor; a scalar multiplies.

    Returns:
        tensor of shape `x1.shape[:-1] + x2.shape[:-2] + x2.shape[-1:]`.

    Raises:
        ShapeError: sizes that differ.

    Example:
        >>> dot([1.0, 2.0], [3.0, 4.0]).item()
        11.0

    Source: Keras 3 names and defaults.
    """
    x1, x2 = promote(as_input(x1), as_input(x2))
    if not x1.shape or not x2.shape:
        return multiply(x1, x2)
    if len(x2.shape) <= 2:
        return matmul(x1, x2)
    return tensordot(x1, x2, axes=((len(x1.shape) - 1,), (len(x2.shape) - 2,)))


def tensordot(x1, x2, axes=2):
    """Sum of products over chosen axes of both tensors.

    Args:
        x1: tensor.
        x2: tensor.
        axes: int, how many last axes of `x1` meet the first of `x2`; or a pair of axes, or of
            tuples of axes.

    Returns:
        tensor: the remaining axes of `x1`, then those of `x2`.

    Raises:
        ShapeError: different numbers of axes, or sizes that differ.

    Example:
        >>> tensordot([[1.0, 2.0]], [[3.0, 4.0]], axes=2).item()
        11.0

    Source: Keras 3 names and defaults.
    """
    x1, x2 = promote(as_input(x1), as_input(x2))
    first, second = _contracted(axes, len(x1.shape), len(x2.shape))
    free1 = [i for i in range(len(x1.shape)) if i not in first]
    free2 = [i for i in range(len(x2.shape)) if i not in second]
    sizes1, sizes2 = shape(x1), shape(x2)
    for i, j in zip(first, second, strict=True):
        if isinstance(sizes1[i], int) and isinstance(sizes2[j], int) and sizes1[i] != sizes2[j]:
            raise ShapeError(
                explain("ops.tensordot", "contracted sizes differ",
                        received=(tuple(x1.shape), tuple(x2.shape), axes))
            )  # fmt: skip
    inner = _product([sizes1[i] for i in first])
    left = reshape(transpose(x1, (*free1, *first)), (_product([sizes1[i] for i in free1]), inner))
    right = reshape(transpose(x2, (*second, *free2)), (inner, _product([sizes2[j] for j in free2])))
    result = (*[sizes1[i] for i in free1], *[sizes2[j] for j in free2])
    return reshape(matmul(left, right), result)


def _product(sizes):
    known = math.prod(n for n in sizes if isinstance(n, int))
    for n in sizes:
        if not isinstance(n, int):
            known = multiply(n, known)
    return known


def _contracted(axes, n1, n2):
    if isinstance(axes, int):
        if axes > min(n1, n2) or axes < 0:
            raise ShapeError(explain("ops.tensordot", "too many axes to contract", received=axes))
        return tuple(range(n1 - axes, n1)), tuple(range(axes))
    first, second = [(a,) if isinstance(a, int) else tuple(a) for a in axes]
    if len(first) != len(second):
        raise ShapeError(explain("ops.tensordot", "different numbers of axes", received=axes))
    return (
        tuple(normalize_axis(a, n1, "ops.tensordot") for a in first),
        tuple(normalize_axis(a, n2, "ops.tensordot") for a in second),
    )


def inner(x1, x2):
    """Sum of products over the last axes of both tensors.

    Args:
        x1: tensor; a scalar multiplies.
        x2: tensor; a scalar multiplies.

    Returns:
        tensor of shape `x1.shape[:-1] + x2.shape[:-1]`.

    Example:
        >>> inner([1.0, 2.0], [3.0, 4.0]).item()
        11.0

    Source: Keras 3 names and defaults.
    """
    x1, x2 = promote(as_input(x1), as_input(x2))
    if not x1.shape or not x2.shape:
        return multiply(x1, x2)
    return tensordot(x1, x2, axes=((len(x1.shape) - 1,), (len(x2.shape) - 1,)))


def outer(x1, x2):
    """All products of two elements: `x1[i] * x2[j]`, both flattened.

    Args:
        x1: tensor.
        x2: tensor.

    Returns:
        tensor of two axes.

    Example:
        >>> outer([1, 2], [3, 4]).tolist()
        [[3, 4], [6, 8]]

    Source: Keras 3 names and defaults.
    """
    return multiply(reshape(x1, (-1, 1)), reshape(x2, (1, -1)))


def vdot(x1, x2):
    """Sum of products of the elements of two tensors, both flattened.

    Args:
        x1: tensor.
        x2: tensor of as many elements.

    Returns:
        scalar tensor.

    Example:
        >>> vdot([1.0, 2.0], [3.0, 4.0]).item()
        11.0

    Source: Keras 3 names and defaults.
    """
    x1, x2 = promote(as_input(x1), as_input(x2))
    return matmul(reshape(x1, (-1,)), reshape(x2, (-1,)))


__all__ = [
    "dot",
    "inner",
    "matmul",
    "outer",
    "tensordot",
    "vdot",
]
