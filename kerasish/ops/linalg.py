"""The door to linear algebra, from the files that declare them."""

from kerasish.ops.contractions import einsum
from kerasish.ops.determinants import det, logdet, slogdet
from kerasish.ops.factorizations import cholesky, cholesky_inverse, lu_factor, qr
from kerasish.ops.kronecker import cdist, corrcoef, correlate, cross, kron, trapezoid, vander
from kerasish.ops.matrix_products import dot, inner, matmul, outer, tensordot, vdot
from kerasish.ops.norms import norm
from kerasish.ops.solving import inv, lstsq, pinv, solve, solve_triangular
from kerasish.ops.spectra import eig, eigh, matrix_rank, svd

__all__ = [
    "cdist",
    "cholesky",
    "cholesky_inverse",
    "corrcoef",
    "correlate",
    "cross",
    "det",
    "dot",
    "eig",
    "eigh",
    "einsum",
    "inner",
    "inv",
    "kron",
    "logdet",
    "lstsq",
    "lu_factor",
    "matmul",
    "matrix_rank",
    "norm",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_triangular",
    "svd",
    "tensordot",
    "trapezoid",
    "vander",
    "vdot",
]
