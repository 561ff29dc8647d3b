"""Derivatives in the direction of the inputs: jvp, from two reverse passes."""

from kerasish.core import tree
from kerasish.core.primitive import as_input
from kerasish.core.structural import add, cast, full_like
from kerasish.core.tape import GradientTape
from kerasish.errors import ShapeError, explain
from kerasish.ops.arithmetic import multiply
from kerasish.ops.totals import sum


def jvp(fun, primals, tangents, has_aux=False):
    """Value of a function, and its derivative along given directions.

    Args:
        fun: callable of tensors.
        primals: list or tuple of float tensors: the arguments of `fun`.
        tangents: list or tuple of as many tensors of their shapes: the directions.
        has_aux: bool. `fun` returns a pair of a result and something that is not differentiated.

    Returns:
        tuple (result, derivative), and what else `fun` returned if `has_aux`.

    Raises:
        ShapeError: primals and tangents do not match.

    Example:
        >>> [t.item() for t in jvp(lambda x: x * x, (3.0,), (1.0,))]
        [9.0, 6.0]

    Source: Keras 3 names and defaults.
    """
    primals, tangents = [as_input(p) for p in primals], [as_input(t) for t in tangents]
    if [tuple(p.shape) for p in primals] != [tuple(t.shape) for t in tangents]:
        raise ShapeError(
            explain("ops.jvp", "each primal needs a tangent of its shape",
                    received=([p.shape for p in primals], [t.shape for t in tangents]))
        )  # fmt: skip
    with GradientTape(watch_accessed_variables=False) as outer:
        with GradientTape(watch_accessed_variables=False) as inner:
            inner.watch(primals)
            found = fun(*primals)
            result, aux = found if has_aux else (found, None)
            leaves = tree.flatten(result)
        # The gradient is linear in its cotangents; its own derivative by them, along the tangents,
        # is the derivative that is wanted. Their values do not matter.
        weights = [full_like(leaf, 0) for leaf in leaves]
        outer.watch(weights)
        slopes = inner.gradient(leaves, primals, weights, unconnected_gradients="zero")
        total = None
        for slope, tangent in zip(slopes, tangents, strict=True):
            part = sum(multiply(slope, cast(tangent, slope.dtype)))
            total = part if total is None else add(total, part)
    along = outer.gradient(total, weights, unconnected_gradients="zero")
    along = tree.unflatten(result, along)
    return (result, along, aux) if has_aux else (result, along)


__all__ = ["jvp"]
