"""The door to linear algebra, from the files that declare them."""

from kerasish.ops.matrix_products import dot, inner, matmul, outer, tensordot, vdot

__all__ = ["dot", "inner", "matmul", "outer", "tensordot", "vdot"]
