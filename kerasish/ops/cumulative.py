"""Running sums and products along an axis, differences, and the exact gradient of a product."""

from kerasish.core.primitive import as_input, primitive, same_spec
from kerasish.core.spec import normalize_axis
from kerasish.core.structural import cast
from kerasish.errors import ShapeError, explain
from kerasish.ops.arithmetic import multiply, subtract
from kerasish.ops.comparison import not_equal
from kerasish.ops.items import get_item
from kerasish.ops.sizes import reshape


def _along(axis, part):
    """Index that takes `part` of one axis."""
    return (
        (*(slice(None),) * axis, part) if axis >= 0 else (..., part, *(slice(None),) * (-axis - 1))
    )


_FORWARD, _BACKWARD = slice(None), slice(None, None, -1)


# ---- primitives ------------------------------------------------------------------------------


@primitive(
    spec=same_spec,
    vjp=lambda g, axis, reverse: running_sum(g, axis=axis, reverse=not reverse),
)
def running_sum(xp, x, /, axis=0, reverse=False):
    """Cumulative sum along an axis, from either end."""
    view = _along(axis, _BACKWARD if reverse else _FORWARD)
    wide = xp.float32 if x.dtype.itemsize == 2 and x.dtype.kind in "fV" else x.dtype
    return xp.cumsum(x[view], axis=axis, dtype=wide)[view].astype(x.dtype)


def _running_product_rule(g, x, axis, reverse):
    # y[i] = y[i-1] * x[i], so with s[i] = g[i] + x[i+1] * s[i+1] the derivative by x[i] is
    # s[i] * y[i-1]: no division, so zeros are no exception.
    before = shift_in(running_product(x, axis=axis, reverse=reverse), 1, axis=axis, reverse=reverse)
    after = shift_in(x, 0, axis=axis, reverse=not reverse)
    return multiply(before, recurrence(after, g, axis=axis, reverse=not reverse))


@primitive(spec=same_spec, vjp=_running_product_rule)
def running_product(xp, x, /, axis=0, reverse=False):
    """Cumulative product along an axis, from either end."""
    view = _along(axis, _BACKWARD if reverse else _FORWARD)
    wide = xp.float32 if x.dtype.itemsize == 2 and x.dtype.kind in "fV" else x.dtype
    return xp.cumprod(x[view], axis=axis, dtype=wide)[view].astype(x.dtype)


@primitive(
    spec=same_spec,
    vjp=lambda g, axis, reverse: shift_in(g, 0, axis=axis, reverse=not reverse),
    name="shift_in",
)
def _shift_in(xp, x, /, value=0, axis=0, reverse=False):
    moved = xp.empty_like(x)
    first, rest, source = (-1, slice(None, -1), slice(1, None)) if reverse else (
        0, slice(1, None), slice(None, -1))  # fmt: skip
    if x.shape[axis]:
        moved[_along(axis, first)] = value
        moved[_along(axis, rest)] = x[_along(axis, source)]
    return moved


def shift_in(x, value, axis, reverse):
    """Elements moved one place along an axis; `value` enters at the start (end if reverse)."""
    return _shift_in(x, value=value, axis=axis, reverse=reverse)


def _recurrence_rule(g, a, y, axis, reverse):
    # The cotangent of y[i] also arrives through y[i+1] = b[i+1] + a[i+1] * y[i].
    total = recurrence(
        shift_in(a, 0, axis=axis, reverse=not reverse), g, axis=axis, reverse=not reverse
    )
    return multiply(total, shift_in(y, 0, axis=axis, reverse=reverse)), total


@primitive(spec=same_spec, joint_vjp=_recurrence_rule)
def recurrence(xp, a, b, /, axis=0, reverse=False):
    """`y[i] = b[i] + a[i] * y[i-1]` along an axis, from either end, starting at zero."""
    y = b.copy()
    order = range(y.shape[axis] - 2, -1, -1) if reverse else range(1, y.shape[axis])
    step = 1 if reverse else -1
    for i in order:
        here = _along(axis, i)
        y[here] += a[here] * y[_along(axis, i + step)]
    return y


def products_of_others(x, axis):
    """For each element along one axis, the product of all the others: exact also at zeros."""
    before = shift_in(running_product(x, axis=axis, reverse=False), 1, axis=axis, reverse=False)
    after = shift_in(running_product(x, axis=axis, reverse=True), 1, axis=axis, reverse=True)
    return multiply(before, after)


# ---- public operations -----------------------------------------------------------------------


def _prepared(x, axis, dtype, where):
    x = as_input(x) if dtype is None else cast(x, dtype)
    if x.dtype == "bool":
        x = cast(x, "int32")
    if axis is None:
        return reshape(x, (-1,)), 0
    return x, normalize_axis(axis, len(x.shape), where)


def cumsum(x, axis=None, dtype=None):
    """Running sum along an axis.

    Args:
        x: tensor.
        axis: int, or None for the flattened elements.
        dtype: dtype-like. The elements are cast to it first.

    Returns:
        tensor of the shape of `x` (one axis for None); int32 for bool.

    Example:
        >>> cumsum([1, 2, 3]).tolist()
        [1, 3, 6]

    Source: Keras 3 names and defaults.
    """
    x, axis = _prepared(x, axis, dtype, "ops.cumsum")
    return running_sum(x, axis=axis, reverse=False)


def cumprod(x, axis=None, dtype=None):
    """Running product along an axis.

    Args:
        x: tensor.
        axis: int, or None for the flattened elements.
        dtype: dtype-like. The elements are cast to it first.

    Returns:
        tensor of the shape of `x` (one axis for None); int32 for bool.

    Derivative: exact also where elements are 0.

    Example:
        >>> cumprod([1, 2, 3]).tolist()
        [1, 2, 6]

    Source: Keras 3 names and defaults.
    """
    x, axis = _prepared(x, axis, dtype, "ops.cumprod")
    return running_product(x, axis=axis, reverse=False)


def diff(a, n=1, axis=-1):
    """Differences of neighbours along an axis: `a[i+1] - a[i]`, taken `n` times.

    Args:
        a: tensor; of bool, whether neighbours differ.
        n: int. How many times.
        axis: int.

    Returns:
        tensor, shorter by `n` along the axis.

    Raises:
        ValueError: `n` is negative.

    Example:
        >>> diff([1, 4, 9]).tolist()
        [3, 5]

    Source: Keras 3 names and defaults.
    """
    if n < 0:
        raise ShapeError(explain("ops.diff", "n cannot be negative", received=n))
    a = as_input(a)
    axis = normalize_axis(axis, len(a.shape), "ops.diff")
    later = _along(axis, slice(1, None))
    earlier = _along(axis, slice(None, -1))
    minus = not_equal if a.dtype == "bool" else subtract
    for _ in range(n):
        a = minus(get_item(a, later), get_item(a, earlier))
    return a


__all__ = [
    "cumprod",
    "cumsum",
    "diff",
]
