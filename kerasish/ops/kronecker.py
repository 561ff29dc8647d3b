"""Products of other kinds: Kronecker, cross, and matrices of powers and correlations."""

import operator

from kerasish.core.primitive import as_float_input, as_input, promote
from kerasish.core.spec import normalize_axis
from kerasish.core.structural import add, cast
from kerasish.errors import ShapeError, explain
from kerasish.ops.arithmetic import divide, multiply, subtract
from kerasish.ops.axes import expand_dims, flip, moveaxis, transpose
from kerasish.ops.comparison import equal
from kerasish.ops.diagonals import diagonal
from kerasish.ops.exponential import power, sqrt
from kerasish.ops.gathering import take
from kerasish.ops.items import get_item
from kerasish.ops.joining import stack
from kerasish.ops.matrix_products import matmul
from kerasish.ops.precision import widened
from kerasish.ops.ranges import arange
from kerasish.ops.selection import where
from kerasish.ops.sizes import reshape, shape
from kerasish.ops.tiling import pad
from kerasish.ops.totals import mean, sum


def kron(x1, x2):
    """Kronecker product: each element of `x1` times all of `x2`, block by block.

    Args:
        x1: tensor.
        x2: tensor.

    Returns:
        tensor whose sizes are the products of the sizes.

    Example:
        >>> kron([1, 2], [1, 10]).tolist()
        [1, 10, 2, 20]

    Source: Keras 3 names and defaults.
    """
    x1, x2 = promote(as_input(x1), as_input(x2))
    ndim = max(len(x1.shape), len(x2.shape))
    x1 = expand_dims(x1, tuple(range(ndim - len(x1.shape))))
    x2 = expand_dims(x2, tuple(range(ndim - len(x2.shape))))
    products = multiply(
        expand_dims(x1, tuple(range(1, 2 * ndim, 2))), expand_dims(x2, tuple(range(0, 2 * ndim, 2)))
    )
    sizes = [multiply(m, n) if not (isinstance(m, int) and isinstance(n, int)) else m * n
             for m, n in zip(shape(x1), shape(x2), strict=True)]  # fmt: skip
    return reshape(products, sizes)


def cross(x1, x2, axisa=-1, axisb=-1, axisc=-1, axis=None):
    """Cross product of vectors of 3 (or 2) numbers.

    Args:
        x1: tensor with an axis of size 2 or 3.
        x2: tensor with an axis of size 2 or 3.
        axisa: int. The vectors' axis in `x1`.
        axisb: int. The vectors' axis in `x2`.
        axisc: int. The vectors' axis in the result.
        axis: int. All three at once.

    Returns:
        tensor; of two vectors of 2 numbers only the third component, without the axis.

    Raises:
        ShapeError: another size.

    Example:
        >>> cross([1, 0, 0], [0, 1, 0]).tolist()
        [0, 0, 1]

    Source: Keras 3 names and defaults.
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    x1, x2 = promote(as_input(x1), as_input(x2))
    x1, x2 = moveaxis(x1, axisa, -1), moveaxis(x2, axisb, -1)
    if x1.shape[-1] not in (2, 3) or x2.shape[-1] not in (2, 3):
        raise ShapeError(
            explain("ops.cross", "vectors of 2 or 3 numbers are needed",
                    received=(tuple(x1.shape), tuple(x2.shape)))
        )  # fmt: skip
    a = [get_item(x1, (..., i)) for i in range(x1.shape[-1])]
    b = [get_item(x2, (..., i)) for i in range(x2.shape[-1])]
    third = subtract(multiply(a[0], b[1]), multiply(a[1], b[0]))
    if len(a) == len(b) == 2:
        return third
    a2, b2 = (v[2] if len(v) == 3 else None for v in (a, b))
    first = _minus(_times(a[1], b2), _times(a2, b[1]))
    second = _minus(_times(a2, b[0]), _times(a[0], b2))
    return moveaxis(stack([first, second, third], axis=-1), -1, axisc)


def _times(a, b):
    """Product in which None is a missing third component, that is 0."""
    return None if a is None or b is None else multiply(a, b)


def _minus(a, b):
    if a is None:
        return multiply(b, -1)
    return a if b is None else subtract(a, b)


def vander(x, N=None, increasing=False):
    """Matrix of powers of a vector: `x ** (N - 1), ..., x, 1` in each row.

    Args:
        x: tensor of one axis.
        N: int. Number of columns; the size of `x` when None.
        increasing: bool. From power 0 upwards.

    Returns:
        tensor (size, N).

    Raises:
        ShapeError: not a vector.

    Example:
        >>> vander([1, 2], 3).tolist()
        [[1, 1, 1], [4, 2, 1]]

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    if len(x.shape) != 1:
        raise ShapeError(explain("ops.vander", "a vector is needed", received=x))
    columns = arange(x.shape[0] if N is None else operator.index(N), dtype=x.dtype)
    powers = power(expand_dims(x, -1), columns)
    return powers if increasing else flip(powers, -1)


def corrcoef(x):
    """Correlation coefficients of the rows of a matrix.

    Args:
        x: tensor (variables, observations), or one row.

    Returns:
        float tensor (variables, variables), each element from -1 to 1; a scalar for one row.

    Example:
        >>> corrcoef([[1.0, 2.0], [2.0, 4.0]]).shape
        (2, 2)

    Source: Keras 3 names and defaults.
    """
    x, dtype = widened(x)
    rows = reshape(x, (1, -1)) if len(x.shape) < 2 else x
    distance = subtract(rows, mean(rows, 1, keepdims=True))
    covariance = matmul(distance, transpose(distance))
    scale = sqrt(diagonal(covariance))
    result = divide(covariance, multiply(expand_dims(scale, 1), expand_dims(scale, 0)))
    return cast(reshape(result, ()) if rows.shape[0] == 1 else result, dtype)


def correlate(x1, x2, mode="valid"):
    """Cross-correlation of two vectors: `sum over n of x1[n + k] * x2[n]`.

    Args:
        x1: tensor of one axis, not empty.
        x2: tensor of one axis, not empty.
        mode: "valid" where they overlap wholly, "same" for the longer's size, "full" for all k.

    Returns:
        tensor of one axis.

    Raises:
        ValueError: unknown mode, or not vectors of known, positive sizes.

    Example:
        >>> correlate([1.0, 2.0, 3.0], [0.0, 1.0]).tolist()
        [2.0, 3.0]

    Source: Keras 3 names and defaults.
    """
    x1, x2 = promote(as_input(x1), as_input(x2))
    if mode not in ("valid", "same", "full") or not (
        len(x1.shape) == len(x2.shape) == 1 and x1.shape[0] and x2.shape[0]
    ):
        raise ShapeError(
            explain("ops.correlate", 'two vectors and a mode "valid", "same" or "full" are needed',
                    received=(tuple(x1.shape), tuple(x2.shape), mode))
        )  # fmt: skip
    n, m = x1.shape[0], x2.shape[0]
    if m > n:  # the longer one is padded, and the order of the result restored
        return flip(correlate(x2, x1, mode))
    border = {"valid": (0, 0), "same": (m // 2, m - 1 - m // 2), "full": (m - 1, m - 1)}[mode]
    padded = pad(x1, (border,))
    length = n + border[0] + border[1] - m + 1
    windows = take(padded, add(expand_dims(arange(length), 1), arange(m)), axis=0)
    return matmul(windows, x2)


def trapezoid(y, x=None, dx=1.0, axis=-1):
    """Integral by the trapezoidal rule along an axis.

    Args:
        y: tensor; integers become floatx.
        x: tensor. Places of the values, a vector or of the shape of `y`; None for equal steps.
        dx: float. Step where `x` is None.
        axis: int.

    Returns:
        float tensor without the axis.

    Example:
        >>> trapezoid([1.0, 2.0, 3.0]).item()
        4.0

    Source: Keras 3 names and defaults.
    """
    y = as_float_input(y)
    axis = normalize_axis(axis, len(y.shape), "ops.trapezoid")
    before = (slice(None),) * axis
    later, earlier = (*before, slice(1, None)), (*before, slice(None, -1))
    steps = dx
    if x is not None:
        x = as_float_input(x)
        if len(x.shape) == 1:
            steps = subtract(get_item(x, slice(1, None)), get_item(x, slice(None, -1)))
            steps = reshape(steps, [-1 if i == axis else 1 for i in range(len(y.shape))])
        else:
            steps = subtract(get_item(x, later), get_item(x, earlier))
    return sum(multiply(multiply(add(get_item(y, later), get_item(y, earlier)), 0.5), steps), axis)


def cdist(x, y):
    """Euclidean distance of each row of one matrix from each row of the other.

    Args:
        x: tensor (..., rows, features).
        y: tensor (..., other rows, features).

    Returns:
        float tensor (..., rows, other rows).

    Derivative: 0 between equal rows.

    Example:
        >>> cdist([[0.0, 0.0]], [[3.0, 4.0]]).tolist()
        [[5.0]]

    Source: Keras 3 names and defaults.
    """
    x, y = promote(as_float_input(x), as_float_input(y))
    difference = subtract(expand_dims(x, -2), expand_dims(y, -3))
    squared = sum(multiply(difference, difference), -1)
    is_zero = equal(squared, 0.0)
    return where(is_zero, 0.0, sqrt(where(is_zero, 1.0, squared)))


__all__ = [
    "cdist",
    "corrcoef",
    "correlate",
    "cross",
    "kron",
    "trapezoid",
    "vander",
]
