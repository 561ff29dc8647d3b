"""Solving linear systems: inverse, solve, triangular solve, pseudo-inverse, least squares."""

from kerasish.core.primitive import as_float_input, primitive, promote, same_spec
from kerasish.core.spec import TensorSpec, broadcast_shapes
from kerasish.core.structural import add, cast
from kerasish.errors import ShapeError, explain
from kerasish.ops.arithmetic import negative, subtract
from kerasish.ops.axes import expand_dims, squeeze, swapaxes
from kerasish.ops.diagonals import tril, triu
from kerasish.ops.matrix_products import matmul
from kerasish.ops.precision import widened


def transposed(x):
    """Matrices with rows and columns exchanged."""
    return swapaxes(x, -1, -2)


def check_square(x, where):
    """Raise ShapeError unless the last two axes have one size."""
    sizes = x.shape[-2:]
    if len(sizes) < 2 or (None not in sizes and sizes[0] != sizes[1]):
        raise ShapeError(explain(where, "square matrices are needed", received=x))


# ---- inverse ---------------------------------------------------------------------------------


def _inv_rule(g, y):
    return negative(matmul(matmul(transposed(y), g), transposed(y)))


@primitive(spec=same_spec, vjp=_inv_rule, name="inv")
def _inv(xp, x, /):
    return xp.linalg.inv(x)


def inv(x):
    """Inverse of square matrices.

    Args:
        x: tensor (..., n, n); integers become floatx.

    Returns:
        float tensor of the same shape.

    Raises:
        ShapeError: not square, or singular (on the CPU; a GPU gives infinities).

    Example:
        >>> inv([[2.0, 0.0], [0.0, 4.0]]).tolist()
        [[0.5, 0.0], [0.0, 0.25]]

    Source: Keras 3 names and defaults.
    """
    x, dtype = widened(x)
    check_square(x, "ops.inv")
    return cast(_inv(x), dtype)


# ---- solve -----------------------------------------------------------------------------------


def _solve_spec(a, b, lower=None):
    batch = broadcast_shapes(a.shape[:-2], b.shape[:-2], where="ops.solve")
    return TensorSpec((*batch, *b.shape[-2:]), b.dtype)


def _solve_rule(g, a, y):
    gb = _solve(transposed(a), g)
    return negative(matmul(gb, transposed(y))), gb


@primitive(spec=_solve_spec, joint_vjp=_solve_rule, name="solve")
def _solve(xp, a, b, /):
    return xp.linalg.solve(a, b)


def solve(a, b):
    """Solution x of the linear systems `a @ x = b`.

    Args:
        a: tensor (..., n, n).
        b: tensor (..., n, k), or (..., n) for one right-hand side each.

    Returns:
        float tensor of the shape of `b`.

    Raises:
        ShapeError: sizes that differ, or a singular matrix (on the CPU).

    Example:
        >>> solve([[2.0, 0.0], [0.0, 4.0]], [2.0, 4.0]).tolist()
        [1.0, 1.0]

    Source: Keras 3 names and defaults.
    """
    a, b, dtype, is_vector = _systems(a, b, "ops.solve")
    y = _solve(a, b)
    return cast(squeeze(y, -1) if is_vector else y, dtype)


def _systems(a, b, where):
    (a, _), (b, _) = widened(a), widened(b)
    dtype = promote(as_float_input(a), as_float_input(b))[0].dtype
    a, b = promote(a, b)
    check_square(a, where)
    is_vector = len(b.shape) == len(a.shape) - 1
    if is_vector:
        b = expand_dims(b, -1)
    if len(b.shape) < 2 or (None not in (a.shape[-1], b.shape[-2]) and a.shape[-1] != b.shape[-2]):
        raise ShapeError(
            explain(where, "the right-hand side has another number of rows", received=b,
                    expected=f"{a.shape[-1]} rows")
        )  # fmt: skip
    return a, b, dtype, is_vector


def _triangular_rule(g, a, y, lower):
    gb = _solve_triangular(transposed(a), g, lower=not lower)
    ga = negative(matmul(gb, transposed(y)))
    return (tril(ga) if lower else triu(ga)), gb


@primitive(spec=_solve_spec, joint_vjp=_triangular_rule, name="solve_triangular")
def _solve_triangular(xp, a, b, /, lower=False):
    return xp.linalg.solve(xp.tril(a) if lower else xp.triu(a), b)


def solve_triangular(a, b, lower=False):
    """Solution x of `a @ x = b` for triangular matrices; the other triangle is not read.

    Args:
        a: tensor (..., n, n).
        b: tensor (..., n, k), or (..., n) for one right-hand side each.
        lower: bool. Whether `a` is lower triangular.

    Returns:
        float tensor of the shape of `b`.

    Raises:
        ShapeError: sizes that differ, or a zero on the diagonal (on the CPU).

    Example:
        >>> solve_triangular([[2.0, 0.0], [1.0, 1.0]], [2.0, 3.0], lower=True).tolist()
        [1.0, 2.0]

    Source: Keras 3 names and defaults.
    """
    a, b, dtype, is_vector = _systems(a, b, "ops.solve_triangular")
    y = _solve_triangular(a, b, lower=bool(lower))
    return cast(squeeze(y, -1) if is_vector else y, dtype)


# ---- least squares ---------------------------------------------------------------------------


def _pinv_rule(g, x, y):
    # G. H. Golub and V. Pereyra, "The differentiation of pseudo-inverses", 1973, for constant rank.
    gt, yt = transposed(g), transposed(y)
    first = negative(matmul(matmul(yt, g), yt))
    product = matmul(matmul(gt, y), yt)
    second = subtract(product, matmul(x, matmul(y, product)))
    product = matmul(matmul(yt, y), gt)
    third = subtract(product, matmul(matmul(product, y), x))
    return add(first, add(second, third))


def _pinv_spec(x, rcond):
    return x.with_shape([*x.shape[:-2], x.shape[-1], x.shape[-2]])


@primitive(spec=_pinv_spec, vjp=_pinv_rule, name="pinv")
def _pinv(xp, x, /, rcond=None):
    if x.size == 0:
        return xp.zeros((*x.shape[:-2], x.shape[-1], x.shape[-2]), x.dtype)
    if rcond is None:
        rcond = 10 * max(x.shape[-2:]) * float(xp.finfo(x.dtype).eps)
    return xp.linalg.pinv(x, rcond)


def pinv(x, rcond=None):
    """Pseudo-inverse of matrices, by singular values.

    Args:
        x: tensor (..., rows, columns); integers become floatx.
        rcond: float. Singular values below it times the largest count as zero.

    Returns:
        float tensor (..., columns, rows).

    Example:
        >>> pinv([[2.0, 0.0], [0.0, 4.0]]).tolist()
        [[0.5, 0.0], [0.0, 0.25]]

    Source: Keras 3 names and defaults.
    """
    x, dtype = widened(x)
    return cast(_pinv(x, rcond=rcond), dtype)


def lstsq(a, b, rcond=None):
    """Solution x that minimizes `norm(a @ x - b)`, the shortest of several.

    Args:
        a: tensor (rows, columns).
        b: tensor (rows,) or (rows, k).
        rcond: float. Singular values below it times the largest count as zero.

    Returns:
        float tensor (columns,) or (columns, k).

    Raises:
        ShapeError: different numbers of rows.

    Example:
        >>> lstsq([[2.0], [2.0]], [1.0, 3.0]).shape
        (1,)

    Source: Keras 3 names and defaults.
    """
    a, b = promote(as_float_input(a), as_float_input(b))
    return matmul(pinv(a, rcond), b)


__all__ = [
    "inv",
    "lstsq",
    "pinv",
    "solve",
    "solve_triangular",
]
