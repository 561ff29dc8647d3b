"""Determinants of square matrices, and their logarithms."""

from kerasish.core.primitive import primitive
from kerasish.core.structural import cast
from kerasish.ops.arithmetic import multiply
from kerasish.ops.axes import expand_dims
from kerasish.ops.precision import widened
from kerasish.ops.solving import _inv, check_square, transposed


def _spread(g):
    return expand_dims(g, (-2, -1))


@primitive(
    spec=lambda x: x.with_shape(x.shape[:-2]),
    vjp=lambda g, x, y: multiply(_spread(multiply(g, y)), transposed(_inv(x))),
    name="det",
)
def _det(xp, x, /):
    return xp.linalg.det(x)


def det(x):
    """Determinant of square matrices.

    Args:
        x: tensor (..., n, n); integers become floatx.

    Returns:
        float tensor (...).

    Raises:
        ShapeError: not square; or in the derivative, a singular matrix (on the CPU).

    Derivative: `det(x) * inv(x)` transposed, so it needs a regular matrix.

    Example:
        >>> det([[2.0, 0.0], [0.0, 4.0]]).item()
        8.0

    Source: Keras 3 names and defaults.
    """
    x, dtype = widened(x)
    check_square(x, "ops.det")
    return cast(_det(x), dtype)


@primitive(
    spec=lambda x: (x.with_shape(x.shape[:-2]), x.with_shape(x.shape[:-2])),
    joint_vjp=lambda g, x: [multiply(_spread(g[1]), transposed(_inv(x)))],
    name="slogdet",
)
def _slogdet(xp, x, /):
    sign, logarithm = xp.linalg.slogdet(x)
    return sign, logarithm


def slogdet(x):
    """Sign of the determinant, and the logarithm of its absolute value, without overflow.

    Args:
        x: tensor (..., n, n); integers become floatx.

    Returns:
        tuple (sign, logarithm) of float tensors (...).

    Raises:
        ShapeError: not square; or in the derivative, a singular matrix (on the CPU).

    Example:
        >>> [t.item() for t in slogdet([[-1.0, 0.0], [0.0, 1.0]])]
        [-1.0, 0.0]

    Source: Keras 3 names and defaults.
    """
    x, dtype = widened(x)
    check_square(x, "ops.slogdet")
    sign, logarithm = _slogdet(x)
    return cast(sign, dtype), cast(logarithm, dtype)


def logdet(x):
    """Logarithm of the absolute value of the determinant.

    Args:
        x: tensor (..., n, n); integers become floatx.

    Returns:
        float tensor (...).

    Raises:
        ShapeError: not square; or in the derivative, a singular matrix (on the CPU).

    Example:
        >>> logdet([[1.0, 0.0], [0.0, 1.0]]).item()
        0.0

    Source: Keras 3 names and defaults.
    """
    return slogdet(x)[1]


__all__ = [
    "det",
    "logdet",
    "slogdet",
]
