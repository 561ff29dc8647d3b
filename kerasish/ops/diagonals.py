"""Diagonals and triangles of matrices."""

from kerasish.core.primitive import as_input, primitive
from kerasish.core.spec import normalize_axis
from kerasish.errors import ShapeError, explain
from kerasish.ops.sizes import ravel
from kerasish.ops.totals import sum

# ---- triangles -------------------------------------------------------------------------------


def _triangle_spec(x, k):
    return x.with_shape((x.shape[0], x.shape[0])) if x.ndim == 1 else x  # a vector is every row


@primitive(spec=_triangle_spec, vjp=lambda g, k: tril(g, k))
def tril(xp, x, /, k=0):
    """Lower triangle of matrices, zeros above a diagonal.

    Args:
        x: tensor (..., rows, columns).
        k: int. The last diagonal kept: 0 the main one, 1 the one above it.

    Returns:
        tensor of the same shape.

    Example:
        >>> tril([[1, 2], [3, 4]]).tolist()
        [[1, 0], [3, 4]]

    Source: Keras 3 names and defaults.
    """
    return xp.tril(x, k)


@primitive(spec=_triangle_spec, vjp=lambda g, k: triu(g, k))
def triu(xp, x, /, k=0):
    """Upper triangle of matrices, zeros below a diagonal.

    Args:
        x: tensor (..., rows, columns).
        k: int. The first diagonal kept: 0 the main one, 1 the one above it.

    Returns:
        tensor of the same shape.

    Example:
        >>> triu([[1, 2], [3, 4]]).tolist()
        [[1, 2], [0, 4]]

    Source: Keras 3 names and defaults.
    """
    return xp.triu(x, k)


# ---- diagonals -------------------------------------------------------------------------------


def _length(rows, columns, offset):
    if None in (rows, columns):
        return None
    return max(0, min(rows + min(offset, 0), columns - max(offset, 0)))


def _diagonal_spec(x, offset, axis1, axis2):
    rest = [n for i, n in enumerate(x.shape) if i not in (axis1, axis2)]
    return x.with_shape([*rest, _length(x.shape[axis1], x.shape[axis2], offset)])


def _diagonal_rule(g, x_like, offset, axis1, axis2):
    where = {"offset": offset, "axis1": axis1, "axis2": axis2}
    if None in x_like.shape:
        return _embed_diagonal(g, x_like, shape=None, **where)
    return _embed_diagonal(g, None, shape=tuple(x_like.shape), **where)


@primitive(spec=_diagonal_spec, vjp=_diagonal_rule, tags=("view",), name="diagonal")
def _diagonal(xp, x, /, offset=0, axis1=0, axis2=1):
    return x.diagonal(offset, axis1, axis2)


@primitive(
    spec=lambda g, like, shape, offset, axis1, axis2: g.with_shape(
        like.shape if shape is None else shape
    ),
    vjp=(
        lambda g, offset, axis1, axis2: _diagonal(g, offset=offset, axis1=axis1, axis2=axis2),
        None,
    ),
    name="embed_diagonal",
)
def _embed_diagonal(xp, g, like=None, /, shape=None, offset=0, axis1=0, axis2=1):
    shape = like.shape if shape is None else shape
    rest = [i for i in range(len(shape)) if i not in (axis1, axis2)]
    whole = xp.zeros([*[shape[i] for i in rest], shape[axis1], shape[axis2]], g.dtype)
    steps = xp.arange(g.shape[-1])
    whole[..., steps + max(0, -offset), steps + max(0, offset)] = g
    order = [*rest, axis1, axis2]
    return whole.transpose(sorted(range(len(order)), key=order.__getitem__))


def diagonal(x, offset=0, axis1=0, axis2=1):
    """Diagonal of matrices.

    Args:
        x: tensor of two axes or more.
        offset: int. 0 the main diagonal, 1 the one above it.
        axis1: int. The rows.
        axis2: int. The columns.

    Returns:
        tensor without the two axes, the diagonal along its last one.

    Raises:
        ShapeError: fewer than two axes, or the same axis twice.

    Example:
        >>> diagonal([[1, 2], [3, 4]]).tolist()
        [1, 4]

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    axis1 = normalize_axis(axis1, len(x.shape), "ops.diagonal")
    axis2 = normalize_axis(axis2, len(x.shape), "ops.diagonal")
    if axis1 == axis2:
        raise ShapeError(explain("ops.diagonal", "axis1 and axis2 must differ", received=axis1))
    return _diagonal(x, offset=int(offset), axis1=axis1, axis2=axis2)


def trace(x, offset=0, axis1=0, axis2=1):
    """Sum of a diagonal.

    Args:
        x: tensor of two axes or more.
        offset: int. 0 the main diagonal, 1 the one above it.
        axis1: int. The rows.
        axis2: int. The columns.

    Returns:
        tensor without the two axes; small integers give 32 bits as in `sum`.

    Example:
        >>> trace([[1, 2], [3, 4]]).item()
        5

    Source: Keras 3 names and defaults.
    """
    return sum(diagonal(x, offset, axis1, axis2), axis=-1)


def _diag_spec(x, k):
    n = x.shape[0]
    return x.with_shape([None if n is None else n + abs(k)] * 2)


@primitive(
    spec=_diag_spec,
    vjp=lambda g, k: _diagonal(g, offset=k, axis1=0, axis2=1),
    name="matrix_of_diagonal",
)
def _matrix_of_diagonal(xp, x, /, k=0):
    return xp.diag(x, k)


def diag(x, k=0):
    """Matrix with a vector as its diagonal, or the diagonal of a matrix.

    Args:
        x: tensor of one or two axes.
        k: int. Which diagonal: 0 the main one, 1 the one above it.

    Returns:
        tensor of two axes, or of one.

    Raises:
        ShapeError: other numbers of axes.

    Example:
        >>> diag([1, 2]).tolist()
        [[1, 0], [0, 2]]

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    if len(x.shape) == 1:
        return _matrix_of_diagonal(x, k=int(k))
    if len(x.shape) == 2:
        return diagonal(x, k)
    raise ShapeError(explain("ops.diag", "a vector or a matrix is needed", received=x))


def diagflat(x, k=0):
    """Matrix with the elements of any tensor as its diagonal.

    Args:
        x: tensor.
        k: int. Which diagonal: 0 the main one, 1 the one above it.

    Returns:
        tensor of two axes.

    Example:
        >>> diagflat([[1, 2]]).tolist()
        [[1, 0], [0, 2]]

    Source: Keras 3 names and defaults.
    """
    return _matrix_of_diagonal(ravel(x), k=int(k))


__all__ = [
    "diag",
    "diagflat",
    "diagonal",
    "trace",
    "tril",
    "triu",
]
