"""Linear algebra where TensorFlow's arguments or results differ from the operations' own."""

import collections

from kerasish import ops

Qr = collections.namedtuple("Qr", "q r")


def diag(diagonal, k=0):
    """Matrices with these diagonals."""
    if diagonal.ndim == 1:
        return ops.diag(diagonal, k=k)
    size = diagonal.shape[-1]
    return ops.multiply(ops.expand_dims(diagonal, -1), ops.eye(size, dtype=diagonal.dtype))


def diag_part(matrix, k=0):
    """Diagonals of matrices."""
    return ops.diagonal(matrix, offset=k, axis1=-2, axis2=-1)


def set_diag(matrix, diagonal):
    """Matrices with other diagonals."""
    eye = ops.eye(matrix.shape[-2], matrix.shape[-1], dtype="bool")
    return ops.where(eye, ops.expand_dims(diagonal, -1), matrix)


def trace(x):
    """Sums of the diagonals of matrices."""
    return ops.trace(x, axis1=-2, axis2=-1)


def matrix_transpose(a, conjugate=False):
    """Matrices with rows and columns exchanged."""
    return ops.swapaxes(ops.conj(a) if conjugate else a, -1, -2)


def adjoint(matrix):
    """Conjugate of the transpose."""
    return ops.conj(ops.swapaxes(matrix, -1, -2))


def inv(matrix, adjoint=False):
    """Inverse of square matrices."""
    return ops.inv(ops.swapaxes(ops.conj(matrix), -1, -2) if adjoint else matrix)


def solve(matrix, rhs, adjoint=False):
    """Solutions of `matrix @ x = rhs`."""
    return ops.solve(ops.swapaxes(ops.conj(matrix), -1, -2) if adjoint else matrix, rhs)


def triangular_solve(matrix, rhs, lower=True, adjoint=False):
    """Solutions of `matrix @ x = rhs` for triangular matrices."""
    if adjoint:
        matrix, lower = ops.swapaxes(matrix, -1, -2), not lower
    return ops.solve_triangular(matrix, rhs, lower=lower)


def cholesky_solve(chol, rhs):
    """Solutions of `chol @ chol^T @ x = rhs`."""
    first = ops.solve_triangular(chol, rhs, lower=True)
    return ops.solve_triangular(ops.swapaxes(chol, -1, -2), first, lower=False)


def lstsq(matrix, rhs, l2_regularizer=0.0, fast=True):
    """`x` of least `|matrix @ x - rhs|^2 + l2_regularizer |x|^2`, by the normal equations."""
    turned = ops.swapaxes(matrix, -1, -2)
    square = ops.matmul(turned, matrix)
    if l2_regularizer:
        eye = ops.eye(matrix.shape[-1], dtype=matrix.dtype)
        square = ops.add(square, ops.multiply(l2_regularizer, eye))
    return ops.solve(square, ops.matmul(turned, rhs))


def qr(x, full_matrices=False):
    """(Orthogonal matrices, upper triangular ones) whose product is `x`."""
    return Qr(*ops.qr(x, mode="complete" if full_matrices else "reduced"))


def svd(tensor, full_matrices=False, compute_uv=True):
    """(s, u, v) with `tensor = u @ diag(s) @ v^H`; s alone where only it is asked for."""
    if not compute_uv:
        return ops.svd(tensor, full_matrices=full_matrices, compute_uv=False)
    u, s, vh = ops.svd(tensor, full_matrices=full_matrices)
    return s, u, ops.conj(ops.swapaxes(vh, -1, -2))


def eigvalsh(x):
    """Eigenvalues of symmetric matrices."""
    return ops.eigh(x)[0]


def matvec(a, b, transpose_a=False):
    """Products of matrices and vectors."""
    a = ops.swapaxes(a, -1, -2) if transpose_a else a
    return ops.squeeze(ops.matmul(a, ops.expand_dims(b, -1)), axis=-1)


def band_part(x, num_lower, num_upper):
    """Matrices of which only a band around the diagonal is kept; negative: all of that side."""
    x = ops.tril(x, k=num_upper) if num_upper >= 0 else x
    return ops.triu(x, k=-num_lower) if num_lower >= 0 else x


def cross(a, b):
    """Cross products of vectors of three numbers."""
    return ops.cross(a, b)


def matrix_power(x, n):
    """Product of `n` times the same square matrix."""
    result = ops.eye(x.shape[-1], dtype=x.dtype)
    for _ in range(n):
        result = ops.matmul(result, x)
    return result
