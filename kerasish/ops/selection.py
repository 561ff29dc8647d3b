"""Choosing between tensors by a condition: where, select, and positions of non-zero elements."""

from kerasish.core.modes import apply
from kerasish.core.primitive import as_input, primitive, promote
from kerasish.core.spec import TensorSpec, broadcast_shapes
from kerasish.core.structural import cast
from kerasish.core.tensor import Tensor
from kerasish.errors import explain


def _where_spec(condition, x1, x2):
    values = [s for s in (x1, x2) if isinstance(s, TensorSpec)]
    shapes = [s.shape for s in (condition, *values) if isinstance(s, TensorSpec)]
    return values[0].with_shape(broadcast_shapes(*shapes, where="ops.where"))


@primitive(
    spec=_where_spec,
    vjp=(
        None,
        lambda g, condition: where(condition, g, 0.0),
        lambda g, condition: where(condition, 0.0, g),
    ),
    tags=("elementwise",),
    name="where",
)
def _where(xp, condition, x1, x2, /):
    return xp.where(condition, x1, x2)


def where(condition, x1=None, x2=None):
    """`x1` where the condition holds, else `x2`, elementwise.

    Args:
        condition: bool tensor; other numbers count as true where they are not 0.
        x1: tensor or scalar; None together with `x2` asks for the positions of true elements.
        x2: tensor or scalar.

    Returns:
        tensor of the broadcast shape and promoted dtype; or what `nonzero(condition)` returns.

    Raises:
        ValueError: only one of `x1` and `x2` is given.

    Example:
        >>> where([True, False], [1.0, 2.0], 0.0).tolist()
        [1.0, 0.0]

    Source: Keras 3 names and defaults.
    """
    if type(condition) is not Tensor:
        condition = as_input(condition)
    if x1 is None or x2 is None:
        if x1 is not None or x2 is not None:
            raise ValueError(explain("ops.where", "x1 and x2 are given together or not at all"))
        return nonzero(condition)
    if condition.dtype != "bool":
        condition = cast(condition, "bool")
    x1, x2 = promote(x1, x2)
    return apply(_where.operation, (condition, x1, x2), {})


def _nonzero_spec(x):
    return (TensorSpec((None,), "int32"),) * max(1, x.ndim)


@primitive(spec=_nonzero_spec, name="nonzero")
def _nonzero(xp, x, /):
    return tuple(i.astype(xp.int32) for i in xp.nonzero(xp.atleast_1d(x)))


def nonzero(x):
    """Positions of the elements that are not zero.

    Args:
        x: tensor.

    Returns:
        tuple with an int32 tensor of indices for each axis.

    Example:
        >>> [i.tolist() for i in nonzero([[0, 5], [7, 0]])]
        [[0, 1], [1, 0]]

    Source: Keras 3 names and defaults.
    """
    return _nonzero(x)


def select(condlist, choicelist, default=0):
    """For each element, the value of the first condition that holds, else `default`.

    Args:
        condlist: list of bool tensors.
        choicelist: list of as many tensors.
        default: tensor or scalar.

    Returns:
        tensor of the broadcast shape.

    Raises:
        ValueError: lists of unequal lengths, or empty ones.

    Example:
        >>> select([[True, False]], [[1.0, 2.0]], 9.0).tolist()
        [1.0, 9.0]

    Source: Keras 3 names and defaults.
    """
    if len(condlist) != len(choicelist) or not condlist:
        raise ValueError(
            explain(
                "ops.select",
                "condlist and choicelist must have the same length, at least 1",
                received=(len(condlist), len(choicelist)),
            )
        )
    result = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = where(condition, choice, result)
    return result


__all__ = [
    "nonzero",
    "select",
    "where",
]
