"""One axis as two and two axes as one, where sizes may be known at run time only."""

from kerasish.core.primitive import primitive
from kerasish.core.structural import reshape_like

__all__ = []


def _split_sizes(shape, axis, groups, inner):
    size = shape[axis]
    if groups is None:
        pair = (None if size is None else size // inner, inner)
    else:
        pair = (groups, None if size is None else size // groups)
    return (*shape[:axis], *pair, *shape[axis + 1 :])


@primitive(
    spec=lambda x, axis, groups, inner: x.with_shape(_split_sizes(x.shape, axis, groups, inner)),
    vjp=lambda g, x_like: reshape_like(g, x_like),
    tags=("view",),
)
def split_axis(xp, x, /, axis=0, groups=None, inner=None):
    """One axis as two, of which the first has size `groups` or the second has size `inner`."""
    return x.reshape(_split_sizes(x.shape, axis, groups, inner))


def _merged_sizes(shape, axis):
    a, b = shape[axis : axis + 2]
    return (*shape[:axis], None if None in (a, b) else a * b, *shape[axis + 2 :])


@primitive(
    spec=lambda x, axis: x.with_shape(_merged_sizes(x.shape, axis)),
    vjp=lambda g, x_like: reshape_like(g, x_like),
    tags=("view",),
)
def merge_axes(xp, x, /, axis=0):
    """An axis and the next one as a single axis."""
    return x.reshape(_merged_sizes(x.shape, axis))
