"""Splitting a tensor along an axis into several."""

import itertools

from kerasish.core.primitive import as_input, primitive
from kerasish.core.spec import normalize_axis
from kerasish.core.tensor import Tensor
from kerasish.errors import ShapeError, explain
from kerasish.ops.axes import squeeze
from kerasish.ops.joining import concatenate


def _piece_sizes(n, sections):
    """Sizes of the pieces, from an int (equal pieces) or a tuple of cuts."""
    if isinstance(sections, int):
        return [None if n is None else n // sections] * sections
    cuts = [0, *sections, None]
    if n is not None:
        return [len(range(n)[a:b]) for a, b in itertools.pairwise(cuts)]
    return [None] * (len(sections) + 1)  # a cut beyond the end would make a piece shorter


def _split_spec(x, sections, axis):
    n = x.shape[axis]
    if isinstance(sections, int) and n is not None and n % sections:
        raise ValueError(f"size {n} of axis {axis} cannot be split into {sections} equal parts")
    return tuple(
        x.with_shape([*x.shape[:axis], m, *x.shape[axis + 1 :]]) for m in _piece_sizes(n, sections)
    )


def _split_rule(g, axis):
    return [concatenate(g, axis)]


@primitive(spec=_split_spec, joint_vjp=_split_rule, tags=("view",), name="split")
def _split(xp, x, /, sections=1, axis=0):
    n = x.shape[axis]
    if isinstance(sections, int):
        if n % sections:
            raise ValueError(f"size {n} of axis {axis} cannot be split into {sections} equal parts")
        size = n // sections
        cuts = [(i * size, (i + 1) * size) for i in range(sections)]
    else:
        edges = [0, *sections, n]
        cuts = list(itertools.pairwise(edges))
    before = (slice(None),) * axis
    return tuple([x[(*before, slice(a, b))] for a, b in cuts])


def split(x, indices_or_sections, axis=0):
    """Consecutive parts of a tensor along an axis.

    Args:
        x: tensor.
        indices_or_sections: int, the number of equal parts; or ascending indices where to cut.
        axis: int.

    Returns:
        list of tensors.

    Raises:
        ShapeError: the size is not divisible.

    Example:
        >>> [p.tolist() for p in split([1, 2, 3, 4], 2)]
        [[1, 2], [3, 4]]

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    axis = normalize_axis(axis, len(x.shape), "ops.split")
    return list(_split(x, sections=_sections(indices_or_sections), axis=axis))


def _sections(value):
    if isinstance(value, Tensor):
        value = value.numpy()
    if hasattr(value, "__len__") and getattr(value, "ndim", 1):
        return tuple(int(i) for i in value)
    if int(value) < 1:
        raise ShapeError(
            explain("ops.split", "the number of parts must be positive", received=value)
        )
    return int(value)


def array_split(x, indices_or_sections, axis=0):
    """Consecutive parts of a tensor along an axis, the first ones larger by one where needed.

    Args:
        x: tensor.
        indices_or_sections: int, the number of parts; or ascending indices where to cut.
        axis: int.

    Returns:
        list of tensors.

    Raises:
        ShapeError: the size is unknown here.

    Example:
        >>> [p.tolist() for p in array_split([1, 2, 3], 2)]
        [[1, 2], [3]]

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    axis = normalize_axis(axis, len(x.shape), "ops.array_split")
    sections = _sections(indices_or_sections)
    if isinstance(sections, int):
        n = x.shape[axis]
        if n is None:
            raise ShapeError(
                explain("ops.array_split", "the size along the axis is unknown here", received=x)
            )
        size, extra = divmod(n, sections)
        sections = tuple((i + 1) * size + min(i + 1, extra) for i in range(sections - 1))
    return list(_split(x, sections=sections, axis=axis))


def hsplit(x, indices_or_sections):
    """Parts along the second axis (the first of a vector).

    Args:
        x: tensor.
        indices_or_sections: as in `split`.

    Returns:
        list of tensors.

    Example:
        >>> [p.tolist() for p in hsplit([[1, 2]], 2)]
        [[[1]], [[2]]]

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    return split(x, indices_or_sections, axis=0 if len(x.shape) == 1 else 1)


def vsplit(x, indices_or_sections):
    """Parts along the first axis.

    Args:
        x: tensor of two axes or more.
        indices_or_sections: as in `split`.

    Returns:
        list of tensors.

    Example:
        >>> [p.tolist() for p in vsplit([[1], [2]], 2)]
        [[[1]], [[2]]]

    Source: Keras 3 names and defaults.
    """
    return split(x, indices_or_sections, axis=0)


def dsplit(x, indices_or_sections):
    """Parts along the third axis.

    Args:
        x: tensor of three axes or more.
        indices_or_sections: as in `split`.

    Returns:
        list of tensors.

    Example:
        >>> [p.tolist() for p in dsplit([[[1, 2]]], 2)]
        [[[[1]]], [[[2]]]]

    Source: Keras 3 names and defaults.
    """
    return split(x, indices_or_sections, axis=2)


def unstack(x, num=None, axis=0):
    """The slices of a tensor along an axis, without that axis.

    Args:
        x: tensor.
        num: int. Size of the axis, needed where it is unknown.
        axis: int.

    Returns:
        list of tensors.

    Raises:
        ShapeError: the size is unknown and `num` is None.

    Example:
        >>> [p.tolist() for p in unstack([[1, 2], [3, 4]])]
        [[1, 2], [3, 4]]

    Source: Keras 3 names and defaults.
    """
    x = as_input(x)
    axis = normalize_axis(axis, len(x.shape), "ops.unstack")
    num = x.shape[axis] if num is None else num
    if num is None:
        raise ShapeError(
            explain("ops.unstack", "the size along the axis is unknown here", received=x,
                    fix="pass num=")
        )  # fmt: skip
    if num == 0:
        return []
    return [squeeze(part, axis) for part in _split(x, sections=num, axis=axis)]


__all__ = [
    "array_split",
    "dsplit",
    "hsplit",
    "split",
    "unstack",
    "vsplit",
]
