"""Axes rearranged by a pattern of names: rearrange."""

import functools
import re

from kerasish.core.primitive import as_input
from kerasish.errors import ShapeError, explain
from kerasish.ops.arithmetic import multiply
from kerasish.ops.axes import transpose
from kerasish.ops.sizes import reshape, shape


@functools.lru_cache(maxsize=256)
def _parse(pattern):
    """Both sides of a pattern as lists of groups, each a tuple of names; "..." is a name too."""
    sides = pattern.split("->")
    if len(sides) != 2:
        raise _bad(pattern, "one arrow '->' is needed")
    return tuple(_groups(pattern, side) for side in sides)


def _groups(pattern, side):
    pieces = re.findall(r"\(([^()]*)\)|(\.\.\.|\w+)", side)
    leftover = re.sub(r"\(([^()]*)\)|(\.\.\.|\w+)", "", side).strip()
    if leftover:
        raise _bad(pattern, f"{leftover!r} has no meaning")
    return tuple((single,) if single else tuple(group.split()) for group, single in pieces)


def _bad(pattern, problem):
    return ShapeError(explain("ops.rearrange", problem, received=pattern))


def rearrange(tensor, pattern, **axes_lengths):
    """Axes split, reordered and merged by a pattern such as "batch (h w) c -> batch h w c".

    Args:
        tensor: tensor.
        pattern: str. Names of the axes before and after "->"; names in parentheses share one axis;
            "..." stands for any axes, and 1 for an axis of size 1.
        **axes_lengths: int. Sizes of names, all but one of each split axis.

    Returns:
        tensor.

    Raises:
        ShapeError: a pattern or sizes that do not fit.

    Example:
        >>> rearrange([[1, 2, 3, 4]], "a (b c) -> b (a c)", b=2).tolist()
        [[1, 2], [3, 4]]

    Source: Keras 3 names and defaults.
    """
    x = as_input(tensor)
    left, right = _parse(pattern)
    extra = len(x.shape) - sum(group != ("...",) for group in left)
    if extra < 0 or (extra and ("...",) not in left):
        raise _bad(pattern, f"the left side does not name {len(x.shape)} axes")
    hidden = tuple(f"...{i}" for i in range(extra))
    left, right = _spelled(left, hidden), _spelled(right, hidden)
    names = [n for group in left for n in group]
    wanted = [n for group in right for n in group if n != "1"]
    if len(set(names)) != len(names) or sorted(n for n in names if n != "1") != sorted(wanted):
        raise _bad(pattern, "both sides must have the same names, each once")
    sizes = _sizes(x, left, axes_lengths, pattern)
    x = reshape(x, [sizes[n] for n in names])
    kept = [n for n in names if n != "1"]
    x = reshape(x, [sizes[n] for n in kept])
    x = transpose(x, tuple(kept.index(n) for n in wanted))
    return reshape(x, [_product(sizes[n] for n in group) for group in right])


def _spelled(groups, hidden):
    found = []
    for group in groups:
        if group == ("...",):
            found.extend((h,) for h in hidden)
        else:
            found.append(tuple(n for name in group for n in (hidden if name == "..." else (name,))))
    return found


def _sizes(x, groups, known, pattern):
    """Size of every name; the one left open in a group is what remains of its axis."""
    sizes = {"1": 1}
    for group, n in zip(groups, shape(x), strict=True):
        given = [known.get(name, 1 if name == "1" else None) for name in group]
        if given.count(None) > 1:
            raise _bad(pattern, f"sizes of {group} are needed, all but one")
        part = _product(m for m in given if m is not None)
        if isinstance(n, int) and (n != part if None not in given else part == 0 or n % part):
            raise _bad(pattern, f"{group} does not divide an axis of size {n}")
        rest = n // part if isinstance(n, int) and part else -1
        for name, m in zip(group, given, strict=True):
            sizes[name] = m if m is not None else (n if len(group) == 1 else rest)
    return sizes


def _product(sizes):
    total = 1
    for n in sizes:
        if isinstance(n, int) and isinstance(total, int):
            total = -1 if -1 in (n, total) else total * n
        else:
            total = multiply(total, n)
    return total


__all__ = ["rearrange"]
