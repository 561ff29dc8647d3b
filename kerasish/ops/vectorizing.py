"""A function of single elements made one of whole tensors: vectorize."""

import math
import re

from kerasish.core.primitive import as_input
from kerasish.core.spec import broadcast_shapes
from kerasish.errors import ShapeError, explain
from kerasish.ops.items import get_item
from kerasish.ops.joining import stack
from kerasish.ops.sizes import broadcast_to, reshape


def vectorize(pyfunc, *, excluded=None, signature=None):
    """Make a function of single elements (or vectors, matrices) one of tensors of them.

    The function is called once for every element, so it is for convenience, not for speed.

    Args:
        pyfunc: callable of tensors.
        excluded: positions of arguments that are handed over as they are.
        signature: str such as "(m,n),(n)->(m)", the axes that one call takes and gives; scalars
            when None.

    Returns:
        callable of tensors whose leading axes broadcast.

    Raises:
        ShapeError: a signature that does not fit, or unknown sizes.

    Example:
        >>> vectorize(lambda a, b: a * b)([1.0, 2.0], 3.0).tolist()
        [3.0, 6.0]

    Source: Keras 3 names and defaults; NumPy `numpy.vectorize`.
    """
    left_out = frozenset(excluded or ())
    core = None if signature is None else _core_axes(signature)

    def call(*args):
        places = [i for i in range(len(args)) if i not in left_out]
        counts = [0] * len(places) if core is None else core
        if len(counts) != len(places):
            raise ShapeError(
                explain("ops.vectorize", "the signature names another number of arguments",
                        received=len(places), expected=str(len(counts)))
            )  # fmt: skip
        tensors = [as_input(args[i]) for i in places]
        leads = [tuple(t.shape)[: len(t.shape) - n] for t, n in zip(tensors, counts, strict=True)]
        lead = broadcast_shapes(*leads, where="ops.vectorize")
        if None in lead:
            raise ShapeError(explain("ops.vectorize", "sizes must be known", received=lead))
        rows = [_rows(t, n, lead) for t, n in zip(tensors, counts, strict=True)]
        results = []
        for i in range(math.prod(lead)):
            row = list(args)
            for place, r in zip(places, rows, strict=True):
                row[place] = get_item(r, i)
            results.append(pyfunc(*row))
        if not results:
            raise ShapeError(explain("ops.vectorize", "there are no elements", received=lead))
        if isinstance(results[0], (tuple, list)):
            return tuple(_joined(part, lead) for part in zip(*results, strict=True))
        return _joined(results, lead)

    call.__name__ = getattr(pyfunc, "__name__", "vectorized")
    call.__doc__ = pyfunc.__doc__
    return call


def _core_axes(signature):
    """Number of axes that one call takes of each argument."""
    inputs = signature.replace(" ", "").partition("->")[0]
    groups = re.findall(r"\(([^()]*)\)", inputs)
    if ",".join(f"({g})" for g in groups) != inputs:
        raise ShapeError(explain("ops.vectorize", "malformed signature", received=signature))
    return [len([name for name in group.split(",") if name]) for group in groups]


def _rows(x, core, lead):
    inner = tuple(x.shape)[len(x.shape) - core :]
    return reshape(broadcast_to(x, (*lead, *inner)), (math.prod(lead), *inner))


def _joined(results, lead):
    whole = stack([as_input(r) for r in results])
    return reshape(whole, (*lead, *whole.shape[1:]))


__all__ = ["vectorize"]
