"""Forms: over which rows and columns an elementwise node or a reduction works."""

import dataclasses
import math

from kerasish.core.spec import normalize_axes
from kerasish.core.tensor import Tensor


@dataclasses.dataclass(frozen=True)
class Form:
    """A number of elements, and how they split into rows.

    Attributes:
        size: int.
        columns: int, or None where any split will do.
    """

    size: int
    columns: int | None

    @property
    def rows(self):
        """Number of rows, where the columns are fixed."""
        return self.size // max(self.columns, 1)

    def merged(self, other):
        """The form of two groups together, or None where they do not fit.

        One may hold a single value for each row of the other.
        """
        for a, b in ((self, other), (other, self)):
            if a.size == b.size and (b.columns is None or a.columns == b.columns):
                return a
            if a.columns is not None and b.size == a.rows > 1 and b.columns in (None, 1):
                return a
        return None


def form_of(view):
    """Form of a node that chains support."""
    name, x = view.name, _largest(view)
    axes = _reduced_axes(view)
    if axes is not None:  # of the input
        is_over_rows = 0 < len(axes) < x.ndim and axes == tuple(range(len(axes)))
        columns = math.prod(x.shape[len(axes) :]) if is_over_rows else (*x.shape, 1)[x.ndim - 1]
        return Form(x.size, None if len(axes) == x.ndim else columns)
    y = view.outputs[0]
    columns = y.shape[-1] if y.ndim else 1
    if name in _BY_ROWS:
        return Form(x.size, columns if x is y else x.shape[-1])
    spread = any(
        isinstance(t, Tensor)
        and t.size not in (1, y.size)
        or isinstance(t, Tensor)
        and not view.layout(i).is_contiguous
        for i, t in enumerate(view.inputs)
    )
    return Form(y.size, _repeating(view) or columns if spread else None)


def _repeating(view):
    """Elements after which the smaller operands of an elementwise node repeat, if that is plain.

    A bias of shape (4, 64) repeats after 256 elements of the rows that it is added to.
    """
    y, found = view.outputs[0], set()
    for i, t in enumerate(view.inputs):
        if isinstance(t, Tensor) and t.size not in (1, y.size):
            kept = tuple(t.shape)
            while kept and kept[0] == 1:
                kept = kept[1:]
            if not view.layout(i).is_contiguous or kept != tuple(y.shape)[y.ndim - len(kept) :]:
                return None
            found.add(t.size)
    return found.pop() if len(found) == 1 else None


_BY_ROWS = {"softmax", "log_softmax", "pick", "place"}
_REDUCTIONS = {"sum", "mean", "max", "min", "argmax", "argmin"}


def _largest(view):
    tensors = [t for t in (*view.outputs, *view.inputs) if isinstance(t, Tensor)]
    return max(tensors, key=lambda t: t.size)


def _reduced_axes(view):
    """Axes that a reduction sums over; None for other nodes."""
    if view.name == "sum_to":
        x, kept = view.inputs[0], len(view.params["shape"])
        return tuple(range(x.ndim - kept))
    if view.name == "batch_statistics":
        return tuple(range(view.inputs[0].ndim - 1))
    if view.name in _REDUCTIONS:
        ndim, axis = view.inputs[0].ndim, view.params["axis"]
        if axis is None:
            return tuple(range(ndim))
        return tuple(sorted(normalize_axes(axis, ndim)))
    if view.name == "standardize":
        return tuple(sorted(normalize_axes(view.params["axes"], view.inputs[0].ndim)))
    return None
