"""Eigenvalues and singular values of matrices, and the rank they tell."""

from kerasish.core.primitive import primitive
from kerasish.core.spec import TensorSpec
from kerasish.core.structural import add, cast
from kerasish.errors import GradientError, explain
from kerasish.ops.arithmetic import divide, multiply, square, subtract
from kerasish.ops.axes import expand_dims
from kerasish.ops.comparison import equal, greater
from kerasish.ops.extremes import max as max_over
from kerasish.ops.matrix_products import matmul
from kerasish.ops.precision import widened
from kerasish.ops.selection import where
from kerasish.ops.solving import check_square, transposed
from kerasish.ops.truth import count_nonzero

# ---- shared ----------------------------------------------------------------------------------


def _gaps(values):
    """1 / (values[j] - values[i]), and 0 where they are equal (also on the diagonal)."""
    difference = subtract(expand_dims(values, -2), expand_dims(values, -1))
    is_equal = equal(difference, 0.0)
    return where(is_equal, 0.0, divide(1.0, where(is_equal, 1.0, difference)))


def _scaled(matrix, values):
    """matrix @ diag(values)."""
    return multiply(matrix, expand_dims(values, -2))


# ---- eigenvalues -----------------------------------------------------------------------------


def _eigh_spec(x):
    return x.with_shape(x.shape[:-1]), x.with_shape(x.shape)


def _eigh_rule(g, y):
    (w, v), (gw, gv) = y, g
    inner = multiply(_gaps(w), matmul(transposed(v), gv))
    whole = add(matmul(matmul(v, inner), transposed(v)), matmul(_scaled(v, gw), transposed(v)))
    return [multiply(add(whole, transposed(whole)), 0.5)]


@primitive(spec=_eigh_spec, joint_vjp=_eigh_rule, name="eigh")
def _eigh(xp, x, /):
    w, v = xp.linalg.eigh(x)
    return w, v


def eigh(x):
    """Eigenvalues in ascending order, and eigenvectors, of symmetric matrices.

    Args:
        x: tensor (..., n, n); only the lower triangle is read.

    Returns:
        tuple (values (..., n), vectors (..., n, n), one in each column).

    Raises:
        ShapeError: not square.

    Derivative: that of a symmetric argument; between equal eigenvalues it is taken as 0.

    Example:
        >>> eigh([[2.0, 0.0], [0.0, 1.0]])[0].tolist()
        [1.0, 2.0]

    Source: Keras 3 names and defaults.
    """
    x, dtype = widened(x)
    check_square(x, "ops.eigh")
    w, v = _eigh(x)
    return cast(w, dtype), cast(v, dtype)


def _complex_of(dtype):
    return "complex128" if dtype == "float64" else "complex64"


def _no_eig_rule(g):
    raise GradientError(
        explain("ops.eig", "has no derivative", fix="use ops.eigh for symmetric matrices")
    )


@primitive(
    spec=lambda x: (
        TensorSpec(x.shape[:-1], _complex_of(x.dtype)),
        TensorSpec(x.shape, _complex_of(x.dtype)),
    ),
    joint_vjp=_no_eig_rule,
    name="eig",
)
def _eig(xp, x, /):
    w, v = xp.linalg.eig(x)
    wide = xp.complex128 if x.dtype == xp.float64 else xp.complex64
    return w.astype(wide), v.astype(wide)


def eig(x):
    """Eigenvalues and eigenvectors of square matrices, as complex numbers.

    Args:
        x: tensor (..., n, n); integers become floatx.

    Returns:
        tuple (values (..., n), vectors (..., n, n), one in each column).

    Raises:
        ShapeError: not square. GradientError: a derivative was asked for.

    Example:
        >>> eig([[2.0, 0.0], [0.0, 1.0]])[0].dtype
        'complex64'

    Source: Keras 3 names and defaults.
    """
    x, _ = widened(x)
    check_square(x, "ops.eig")
    return _eig(x)


# ---- singular values -------------------------------------------------------------------------


def _svd_spec(x, full_matrices):
    *batch, m, n = x.shape
    k = None if None in (m, n) else min(m, n)
    return (
        x.with_shape((*batch, m, m if full_matrices else k)),
        x.with_shape((*batch, k)),
        x.with_shape((*batch, n if full_matrices else k, n)),
    )


def _svd_rule(g, x_like, y, full_matrices):
    # J. Townsend, "Differentiating the singular value decomposition", 2016.
    m, n = x_like.shape[-2:]
    if full_matrices and (None in (m, n) or m != n):
        raise GradientError(
            explain("ops.svd", "full factors of matrices that are not square have no derivative",
                    received=x_like.shape, fix="full_matrices=False")
        )  # fmt: skip
    (u, s, vh), (gu, gs, gvh) = y, g
    v, gv = transposed(vh), transposed(gvh)
    gaps = _gaps(square(s))
    ut_gu, vt_gv = matmul(transposed(u), gu), matmul(vh, gv)
    left = _scaled(multiply(gaps, subtract(ut_gu, transposed(ut_gu))), s)
    right = multiply(multiply(gaps, subtract(vt_gv, transposed(vt_gv))), expand_dims(s, -1))
    whole = add(matmul(matmul(u, add(left, right)), vh), matmul(_scaled(u, gs), vh))
    outside_u = subtract(gu, matmul(u, ut_gu))
    outside_v = subtract(gv, matmul(v, vt_gv))
    inverse = divide(1.0, s)
    whole = add(whole, matmul(_scaled(outside_u, inverse), vh))
    return [add(whole, matmul(u, transposed(_scaled(outside_v, inverse))))]


@primitive(spec=_svd_spec, joint_vjp=_svd_rule, name="svd")
def _svd(xp, x, /, full_matrices=True):
    u, s, vh = xp.linalg.svd(x, full_matrices=full_matrices)
    return u, s, vh


def _values_rule(g, x):
    u, _, vh = _svd(x, full_matrices=False)
    return matmul(_scaled(u, g), vh)


def _values_spec(x):
    m, n = x.shape[-2:]
    return x.with_shape((*x.shape[:-2], None if None in (m, n) else min(m, n)))


@primitive(spec=_values_spec, vjp=_values_rule)
def singular_values(xp, x, /):
    """Singular values of matrices, the largest first."""
    return xp.linalg.svd(x, compute_uv=False)


def svd(x, full_matrices=True, compute_uv=True):
    """Singular value decomposition: `x = u @ diag(s) @ vh`.

    Args:
        x: tensor (..., rows, columns); integers become floatx.
        full_matrices: bool. Square `u` and `vh`.
        compute_uv: bool. False gives `s` alone.

    Returns:
        tuple (u, s, vh), the values `s` in descending order; or `s`.

    Raises:
        GradientError: derivative of the full factors of matrices that are not square.

    Derivative: between equal singular values it is taken as 0; infinite at a singular value of 0.

    Example:
        >>> svd([[2.0, 0.0], [0.0, 1.0]], compute_uv=False).tolist()
        [2.0, 1.0]

    Source: Keras 3 names and defaults.
    """
    x, dtype = widened(x)
    if not compute_uv:
        return cast(singular_values(x), dtype)
    return tuple(cast(t, dtype) for t in _svd(x, full_matrices=bool(full_matrices)))


_EPSILON = {"float32": 2.0**-23, "float64": 2.0**-52}


def matrix_rank(x, tol=None):
    """Number of singular values above a tolerance.

    Args:
        x: tensor (..., rows, columns); integers become floatx.
        tol: float; the largest value times the larger size times the dtype's epsilon when None.

    Returns:
        int32 tensor (...).

    Example:
        >>> matrix_rank([[1.0, 1.0], [1.0, 1.0]]).item()
        1

    Source: Keras 3 names and defaults.
    """
    x, _ = widened(x)
    values = singular_values(x)
    if tol is None:
        largest = max_over(values, axis=-1, keepdims=True, initial=0.0)
        rows, columns = x.shape[-2:]
        tol = multiply(largest, max(rows, columns) * _EPSILON[x.dtype])
    return count_nonzero(greater(values, tol), axis=-1)


__all__ = [
    "eig",
    "eigh",
    "matrix_rank",
    "svd",
]
