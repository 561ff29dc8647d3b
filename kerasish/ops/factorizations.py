"""Matrices as products of triangular and orthogonal ones: Cholesky, QR, LU."""

from kerasish.core.primitive import primitive, same_spec
from kerasish.core.spec import TensorSpec
from kerasish.core.structural import add, broadcast_like, cast
from kerasish.errors import GradientError, ShapeError, explain
from kerasish.ops.arithmetic import multiply, subtract
from kerasish.ops.creation import eye
from kerasish.ops.diagonals import tril
from kerasish.ops.matrix_products import matmul
from kerasish.ops.precision import widened
from kerasish.ops.solving import _solve_triangular, check_square, transposed

# ---- Cholesky --------------------------------------------------------------------------------


def _cholesky_rule(g, y):
    # I. Murray, "Differentiation of the Cholesky decomposition", 2016, equation 10.
    inner = matmul(transposed(y), g)
    lower = subtract(tril(inner), multiply(tril(_diagonal_only(inner)), 0.5))
    half = _solve_triangular(transposed(y), lower, lower=False)
    whole = transposed(_solve_triangular(transposed(y), transposed(half), lower=False))
    return multiply(add(whole, transposed(whole)), 0.5)


def _diagonal_only(x):
    return subtract(tril(x), tril(x, -1))


@primitive(spec=same_spec, vjp=_cholesky_rule, name="cholesky")
def _cholesky(xp, x, /):
    return xp.linalg.cholesky(x)


def cholesky(x, upper=False):
    """Triangular factor of symmetric positive definite matrices: `x = y @ transpose(y)`.

    Args:
        x: tensor (..., n, n); only one triangle is read.
        upper: bool. Give the upper factor, `x = transpose(y) @ y`.

    Returns:
        float tensor of the same shape.

    Raises:
        ShapeError: not square, or not positive definite (on the CPU; a GPU gives NaN).

    Derivative: that of a symmetric argument.

    Example:
        >>> cholesky([[4.0, 0.0], [0.0, 9.0]]).tolist()
        [[2.0, 0.0], [0.0, 3.0]]

    Source: Keras 3 names and defaults.
    """
    x, dtype = widened(x)
    check_square(x, "ops.cholesky")
    y = transposed(_cholesky(transposed(x))) if upper else _cholesky(x)
    return cast(y, dtype)


def cholesky_inverse(x, upper=False):
    """Inverse of a matrix from its Cholesky factor: `inv(x @ transpose(x))`.

    Args:
        x: tensor (..., n, n), a triangular factor.
        upper: bool. Whether it is the upper one, for `inv(transpose(x) @ x)`.

    Returns:
        float tensor of the same shape.

    Raises:
        ShapeError: not square, or a zero on the diagonal (on the CPU).

    Example:
        >>> cholesky_inverse([[2.0, 0.0], [0.0, 1.0]]).tolist()
        [[0.25, 0.0], [0.0, 1.0]]

    Source: Keras 3 names and defaults.
    """
    x, dtype = widened(x)
    check_square(x, "ops.cholesky_inverse")
    unit = broadcast_like(eye(x.shape[-1], dtype=x.dtype), x)
    root = _solve_triangular(x, unit, lower=not upper)
    left, right = (root, transposed(root)) if upper else (transposed(root), root)
    return cast(matmul(left, right), dtype)


# ---- QR --------------------------------------------------------------------------------------


def _qr_spec(x, mode):
    *batch, m, n = x.shape
    k = m if mode == "complete" else None if None in (m, n) else min(m, n)
    return x.with_shape((*batch, m, k)), x.with_shape((*batch, k, n))


def _qr_rule(g, x_like, y, mode):
    m, n = x_like.shape[-2:]
    if None in (m, n) or m < n or (mode == "complete" and m != n):
        raise GradientError(
            explain("ops.qr", "no derivative for wide matrices, nor for the complete factors",
                    received=(x_like.shape, mode), fix='mode="reduced" and rows >= columns')
        )  # fmt: skip
    (q, r), (gq, gr) = y, g
    inner = subtract(matmul(r, transposed(gr)), matmul(transposed(gq), q))
    symmetric = add(tril(inner), transposed(tril(inner, -1)))
    whole = add(gq, matmul(q, symmetric))
    return [transposed(_solve_triangular(r, transposed(whole), lower=False))]


@primitive(spec=_qr_spec, joint_vjp=_qr_rule, name="qr")
def _qr(xp, x, /, mode="reduced"):
    q, r = xp.linalg.qr(x, mode=mode)
    return q, r


def qr(x, mode="reduced"):
    """Orthogonal and upper triangular factors: `x = q @ r`.

    Args:
        x: tensor (..., rows, columns); integers become floatx.
        mode: "reduced" or "complete" (a square `q`).

    Returns:
        tuple (q, r) of float tensors.

    Raises:
        ValueError: unknown mode. GradientError: derivative of wide or complete factors.

    Example:
        >>> [t.shape for t in qr([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])]
        [(3, 2), (2, 2)]

    Source: Keras 3 names and defaults.
    """
    if mode not in ("reduced", "complete"):
        raise ShapeError(
            explain("ops.qr", "unknown mode", received=mode, expected='"reduced" or "complete"')
        )
    x, dtype = widened(x)
    q, r = _qr(x, mode=mode)
    return cast(q, dtype), cast(r, dtype)


# ---- LU --------------------------------------------------------------------------------------


def _lu_spec(x):
    m, n = x.shape[-2:]
    k = None if None in (m, n) else min(m, n)
    return x.with_shape(x.shape), TensorSpec((*x.shape[:-2], k), "int32")


def _no_lu_rule(g):
    raise GradientError(
        explain("ops.lu_factor", "has no derivative", fix="use ops.solve, ops.inv or ops.det")
    )


@primitive(spec=_lu_spec, joint_vjp=_no_lu_rule, name="lu_factor")
def _lu_factor(xp, x, /):
    """Gauss elimination with row exchanges, all matrices of the batch at once."""
    m, n = x.shape[-2:]
    work = x.reshape(-1, m, n).copy()
    count, steps = work.shape[0], min(m, n)
    pivots = xp.zeros((count, steps), xp.int32)
    each = xp.arange(count)
    for k in range(steps):
        chosen = k + xp.abs(work[:, k:, k]).argmax(axis=1)
        pivots[:, k] = chosen
        rows = work[each, chosen].copy()
        work[each, chosen] = work[:, k]
        work[:, k] = rows
        divisor = work[:, k, k]
        safe = xp.where(divisor == 0, 1, divisor)
        work[:, k + 1 :, k] = work[:, k + 1 :, k] / safe[:, None]
        work[:, k + 1 :, k + 1 :] -= work[:, k + 1 :, k, None] * work[:, k, None, k + 1 :]
    return work.reshape(x.shape), pivots.reshape(*x.shape[:-2], steps)


def lu_factor(x):
    """Lower and upper triangular factors of row-exchanged matrices, in one matrix.

    Args:
        x: tensor (..., rows, columns); integers become floatx.

    Returns:
        tuple (lu, pivots): the factors, without the unit diagonal of the lower one, and int32 for
        each step the row that was exchanged with it.

    Raises:
        GradientError: a derivative was asked for.

    Example:
        >>> [t.tolist() for t in lu_factor([[1.0, 2.0], [4.0, 4.0]])]
        [[[4.0, 4.0], [0.25, 1.0]], [1, 1]]

    Source: Keras 3 names and defaults.
    """
    x, dtype = widened(x)
    lu, pivots = _lu_factor(x)
    return cast(lu, dtype), pivots


__all__ = [
    "cholesky",
    "cholesky_inverse",
    "lu_factor",
    "qr",
]
